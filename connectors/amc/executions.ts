import { z } from 'zod';
import type { AmcTimeWindow } from '#contracts/queries/amc/options.ts';
import type { ParameterValue } from '#contracts/queries/amc/parameters.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { type AdsClient, allPages, part, queryOf } from './ads-client.ts';
import { accountHeaders, type AmcInstance } from './accounts.ts';
import type { AmcWorkflow } from './workflows.ts';

const text = z.string().nullish();
const Fields = z.looseObject({
  workflowExecutionId: z.string().min(1).max(200),
  workflowId: text,
  status: z.string().min(1).max(100),
  createTime: text,
  lastUpdatedTime: text,
  expireTime: text,
  statusReason: z.unknown().optional(),
  message: z.unknown().optional(),
  details: z.unknown().optional(),
  messageSubject: z.unknown().optional(),
  sqlQuery: text,
});
/** Flat, or wrapped in `workflowExecution`: documents and the live service differ (AMC §4.3). */
const ExecutionAnswer = z.union([
  z.object({ workflowExecution: Fields }).transform(({ workflowExecution }) => workflowExecution),
  Fields,
]);

/** Where an execution stands, in the service's words and ours. `unknown` is a word that nobody has written down: look again. */
export interface AmcExecution {
  readonly id: string;
  readonly workflowId: string | null;
  readonly state: 'pending' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'rejected' | 'unknown';
  readonly status: string;
  /** The first that is told of `statusReason`, `message`, `details`, `messageSubject`. */
  readonly reason: string;
  readonly createdAt: string | null;
  readonly expiresAt: string | null;
}
const states: Readonly<Record<string, AmcExecution['state']>> = {
  PENDING: 'pending',
  RUNNING: 'running',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  CANCELED: 'cancelled',
  REJECTED: 'rejected',
};
export const isFinal = ({ state }: AmcExecution): boolean => !['pending', 'running', 'unknown'].includes(state);

function executionOf(fields: z.infer<typeof Fields>): AmcExecution {
  const reason = [fields.statusReason, fields.message, fields.details, fields.messageSubject].find(
    (value): value is string => typeof value === 'string' && value !== '',
  );
  return {
    id: fields.workflowExecutionId,
    workflowId: fields.workflowId ?? null,
    state: states[fields.status.toUpperCase()] ?? 'unknown',
    status: fields.status,
    reason: reason?.slice(0, 4_000) ?? '',
    createdAt: instantOf(fields.createTime),
    expiresAt: instantOf(fields.expireTime),
  };
}
function instantOf(written: string | null | undefined): string | null {
  const ms = written ? Date.parse(/Z|[+-]\d\d:?\d\d$/.test(written) ? written : `${written}Z`) : Number.NaN;
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

export interface StartExecution {
  /** Saved under an id, or sent along for this one time. */
  readonly query: { readonly workflowId: string } | { readonly workflow: AmcWorkflow };
  readonly window: AmcTimeWindow;
  readonly parameterValues?: Readonly<Record<string, ParameterValue>>;
  readonly isDryRun?: boolean;
  readonly timeoutSeconds?: number;
  readonly skipPublish?: boolean;
  readonly advertisers?: readonly string[];
  readonly disableAggregationControls?: boolean;
}
const pathOf = ({ instanceId }: AmcInstance): string => `/amc/reporting/${part(instanceId)}/workflowExecutions`;

/**
 * Starts once. The service has no key by which it knows a request again, so after a lost answer (`mayHaveActed`) look with
 * `findExecutions` before anything else; this never sends it again by itself unless the service surely did nothing.
 */
export async function startExecution(
  client: AdsClient,
  instance: AmcInstance,
  asked: StartExecution,
  signal?: AbortSignal,
): Promise<AmcExecution> {
  const { window } = asked;
  const body = {
    ...asked.query,
    timeWindowType: window.type,
    ...(window.type === 'EXPLICIT' && { timeWindowStart: window.start, timeWindowEnd: window.end }),
    timeWindowTimeZone: window.timeZone,
    parameterValues: asked.parameterValues ?? {},
    ...(asked.isDryRun && { dryRun: true }),
    ...(asked.timeoutSeconds !== undefined && { workflowExecutionTimeoutSeconds: asked.timeoutSeconds }),
    ...(asked.skipPublish && { skipPublish: true }),
    ...(asked.advertisers && asked.advertisers.length > 0 && { advertisers: asked.advertisers }),
    ...(instance.isSandbox && {
      requireSyntheticData: true,
      ...(asked.disableAggregationControls && { disableAggregationControls: true }),
    }),
  };
  const answer = await client.send({
    method: 'POST',
    path: pathOf(instance),
    headers: accountHeaders(instance.account),
    body,
    answer: ExecutionAnswer,
    signal,
  });
  return executionOf(answer);
}

export async function readExecution(
  client: AdsClient,
  instance: AmcInstance,
  id: string,
  signal?: AbortSignal,
): Promise<AmcExecution> {
  return executionOf(
    await client.send({
      method: 'GET',
      path: `${pathOf(instance)}/${part(id)}`,
      headers: accountHeaders(instance.account),
      answer: ExecutionAnswer,
      signal,
    }),
  );
}

/** Executions, newest first. With a time: those created then or later, by the service's clock in UTC. */
export const findExecutions = (
  client: AdsClient,
  instance: AmcInstance,
  { workflowId, createdFrom, mostPages = 20 }: { workflowId?: string; createdFrom?: string; mostPages?: number },
  signal?: AbortSignal,
): Promise<AmcExecution[]> =>
  allPages(async (token) => {
    const query = queryOf({
      limit: 100,
      nextToken: token,
      workflowId,
      includeCancelled: true,
      sortAscending: false,
      ...(createdFrom !== undefined && { minCreationTime: createdFrom.slice(0, 19), timeZone: 'UTC' }),
    });
    const answer = await client.send({
      method: 'GET',
      path: `${pathOf(instance)}${query}`,
      headers: accountHeaders(instance.account),
      answer: z.object({ executions: z.array(Fields), nextToken: text }),
      signal,
    });
    return { items: answer.executions.map(executionOf), nextToken: answer.nextToken };
  }, mostPages);

export interface Cancelled {
  readonly outcome: 'stopped' | 'ended_before' | 'unknown';
  /** As it stands now; null where it is not there. */
  readonly execution: AmcExecution | null;
}
/** Asks the service to stop, then looks: what it says it is, is what is told. */
export async function cancelExecution(
  client: AdsClient,
  instance: AmcInstance,
  id: string,
  signal?: AbortSignal,
): Promise<Cancelled> {
  try {
    await client.send({
      method: 'PUT',
      path: `${pathOf(instance)}/${part(id)}`,
      headers: accountHeaders(instance.account),
      body: { status: 'CANCELLED' },
      answer: z.unknown(),
      signal,
    });
  } catch (error) {
    // Refused is what has ended already, or is not there: looking tells which.
    const isRefused = error instanceof QueryFailure && (error.facts.kind === 'syntax' || error.facts.status === 404);
    if (!isRefused) throw error;
  }
  try {
    const execution = await readExecution(client, instance, id, signal);
    return {
      outcome: execution.state === 'cancelled' ? 'stopped' : isFinal(execution) ? 'ended_before' : 'unknown',
      execution,
    };
  } catch (error) {
    if (error instanceof QueryFailure && error.facts.status === 404)
      return { outcome: 'ended_before', execution: null };
    throw error;
  }
}

/** Takes an execution off the list; what is not there counts as taken. */
export async function clearExecution(
  client: AdsClient,
  instance: AmcInstance,
  id: string,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await client.send({
      method: 'DELETE',
      path: `${pathOf(instance)}/${part(id)}`,
      headers: accountHeaders(instance.account),
      answer: z.unknown(),
      signal,
    });
  } catch (error) {
    if (!(error instanceof QueryFailure && error.facts.status === 404)) throw error;
  }
}

/** Addresses of a result's files, in order. Good for ten minutes, for whoever has them: never to be logged or stored. */
export async function readDownloadUrls(
  client: AdsClient,
  instance: AmcInstance,
  id: string,
  signal?: AbortSignal,
): Promise<string[]> {
  return allPages(async (token) => {
    const answer = await client.send({
      method: 'GET',
      path: `${pathOf(instance)}/${part(id)}/downloadUrls${queryOf({ nextToken: token })}`,
      headers: accountHeaders(instance.account),
      answer: z.object({ downloadUrls: z.array(z.string().url()), nextToken: text }),
      signal,
    });
    return { items: answer.downloadUrls, nextToken: answer.nextToken };
  });
}
