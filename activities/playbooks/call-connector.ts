import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { Json, JsonObject } from '#contracts/playbooks/document.ts';
import type { ConnectorRequest, Reply } from '#contracts/playbooks/engine/effects.ts';
import type { SecretRef } from '#contracts/playbooks/expressions/scope.ts';
import { fillSecrets, secretRefsIn } from '#contracts/playbooks/expressions/scope.ts';
import { createMasker, maskJson } from '#contracts/playbooks/masking.ts';
import { whileBeating } from '../kit/while-beating.ts';

/** One operation of a connector: parameters in, output or a failure by its code out. */
export type Operation = (call: {
  workspaceId: string;
  runId: string;
  connection: string | null;
  params: JsonObject;
  timeoutMs: number;
  signal: AbortSignal;
}) => Promise<Reply>;
/** By `<connector>.<operation>`. A room that brings an outside system adds its operations at the worker's door. */
export type Operations = Readonly<Record<string, Operation>>;

export interface ConnectorCall {
  workspaceId: string;
  runId: string;
  actor: ActorRef;
  request: ConnectorRequest;
}
export interface ConnectorTools {
  operations: Operations;
  openSecrets: (
    call: Pick<ConnectorCall, 'workspaceId' | 'runId' | 'actor'>,
    refs: readonly SecretRef[],
  ) => Promise<{ reveal: (ref: SecretRef) => Json; values: readonly string[] }>;
  keepSealed: (call: Pick<ConnectorCall, 'workspaceId' | 'runId'>, name: string, value: Json) => Promise<void>;
}

const defaultTimeoutMs = 120_000;

/** The `connector` step (playbook-language §6). */
export const connectorActivities = ({ operations, openSecrets, keepSealed }: ConnectorTools) => ({
  /** Repeatable as far as the operation is: the workflow gives one attempt to what may not be repeated. */
  callConnector: (call: ConnectorCall): Promise<Reply> =>
    whileBeating(async (signal): Promise<Reply> => {
      const { request, workspaceId, runId } = call;
      const name = `${request.connector}.${request.operation}`;
      const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
      if (!operation) {
        const known = Object.keys(operations).sort().join(', ');
        return {
          kind: 'error',
          error: {
            code: 'connector.rejected',
            message: `There is no operation ${name}. Known: ${known}.`,
            retryable: false,
          },
        };
      }
      const { reveal, values } = await openSecrets(call, secretRefsIn(request.params));
      const masker = createMasker(values);
      const reply = await operation({
        workspaceId,
        runId,
        connection: request.connection,
        signal,
        params: fillSecrets(request.params, reveal) as JsonObject,
        timeoutMs: request.timeoutMs ?? defaultTimeoutMs,
      });
      if (reply.kind === 'error')
        return { kind: 'error', error: { ...reply.error, message: masker.mask(reply.error.message) } };
      if (reply.kind !== 'ok') return reply;
      if (request.sealed === undefined) return { kind: 'ok', output: maskJson(masker, reply.output as never) };
      await keepSealed(call, `${request.sealed}.output`, reply.output);
      return { kind: 'ok', output: null };
    }),
});
