import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { errorDef } from '#contracts/errors.ts';
import { evaluateOver, mapValues } from '#contracts/hooks/map-values.ts';
import { parseDuration } from '#contracts/kit/duration.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import type { JsonObject } from '#contracts/playbooks/document.ts';
import { isLanguageFailure } from '#contracts/playbooks/expressions/failure.ts';
import { Refusal } from '#db/kit/refusal.ts';
import { InputsRefused, startPlaybookRun } from '#db/playbooks/start-playbook-run.ts';
import type { RunRef } from '#db/runs/insert-run.ts';
import { newRunId } from '#db/runs/insert-run.ts';
import { callSeal, claimKey, recordCall } from '#db/hooks/webhook-calls.ts';
import { type WebhookRow, webhookSeal } from '#db/hooks/webhooks.ts';
import { Problem, problem } from '../kit/problem.ts';
import type { ApiTools } from '../kit/tools.ts';
import { type ReceivedCall, keptHeaders, namesOf } from './read-call.ts';
import { verifySignature } from './verify-call.ts';

/** Bodies up to this are kept, sealed, so that a call can be looked at and made again. */
const keptBytes = 65_536;

export interface WebhookAttempt {
  webhook: WebhookRow;
  tokenId: string | null;
  call: ReceivedCall;
  /** A call made again by a person: its signature and key were looked at the first time. */
  replayOf?: string;
}
export interface StartedByCall {
  runId: string;
  isDuplicate: boolean;
}

/**
 * Turns a call into a run: signature, body, key, inputs, start. Whatever comes of it is one row of the webhook's calls,
 * a refusal with its code; run, key and row are one transaction.
 * @throws Problem
 */
export async function startByCall(tools: ApiTools, attempt: WebhookAttempt): Promise<StartedByCall> {
  const { webhook, call } = attempt;
  try {
    await checkCall(tools, attempt);
    const names = namesOf(call);
    const key = attempt.replayOf === undefined ? keyOf(webhook, names) : null;
    const mapped = mapValues(webhook.inputs, names, Date.now());
    if (!mapped.ok)
      throw problem(
        'webhook.mapping_failed',
        {},
        mapped.issues.map((issue) => ({ ...issue })),
      );
    const { admitted, ...started } = await start(tools, attempt, mapped.values, key);
    tools.startRuns(admitted);
    return started;
  } catch (error) {
    const refusal = refusalOf(error);
    if (!refusal) throw error;
    await recordRefusal(tools, attempt, refusal);
    throw refusal;
  }
}

async function checkCall(tools: ApiTools, { webhook, call, replayOf }: WebhookAttempt): Promise<void> {
  if (call.body.length > webhook.sizeLimit) throw problem('webhook.too_large', { limit: webhook.sizeLimit });
  if (!webhook.signature || replayOf !== undefined) return;
  if (webhook.sealedSecret === null) throw problem('webhook.signature_invalid');
  const secret = await tools.vault.open(webhook.sealedSecret, webhookSeal(webhook.workspaceId, webhook.id));
  verifySignature(webhook.signature, secret.reveal(), call.body, call.headers, Date.now());
}

interface Key {
  shown: string;
  hash: string;
  windowMs: number;
}
/** The deduplication key of a call; null where the webhook has none, or the call does not carry it. */
function keyOf({ dedup }: WebhookRow, names: JsonObject): Key | null {
  if (!dedup) return null;
  const value = dedup.expression
    ? evaluateKey(dedup.expression, names)
    : ((names['headers'] as JsonObject)[dedup.header ?? ''] ?? null);
  if (value === null || value === '') return null;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return {
    shown: text.slice(0, 200),
    hash: createHash('sha256').update(text).digest('base64url'),
    windowMs: parseDuration(dedup.window) ?? 86_400_000,
  };
}
function evaluateKey(expression: string, names: JsonObject): JsonObject[string] {
  try {
    return evaluateOver(expression, names, Date.now());
  } catch (error) {
    if (isLanguageFailure(error)) throw problem('webhook.dedup_failed', { why: error.message });
    throw error;
  }
}

async function start(
  tools: ApiTools,
  { webhook, tokenId, call, replayOf }: WebhookAttempt,
  inputs: JsonObject,
  key: Key | null,
): Promise<StartedByCall & { admitted: RunRef[] }> {
  const { workspaceId } = webhook;
  const runId = newRunId();
  const row = await rowOf(tools, webhook, call);
  return tools.inTenant({ workspaceId, mids: '*' }, async (tx) => {
    const first = key && (await claimKey(tx, webhook.id, key.hash, runId, key.windowMs));
    const common = {
      ...row,
      webhookId: webhook.id,
      tokenId,
      message: null,
      details: null,
      dedupKey: key?.shown ?? null,
      replayOf: replayOf ?? null,
    };
    if (first !== null) {
      await recordCall(tx, { ...common, status: 200, outcome: 'duplicate', runId: first });
      return { runId: first, isDuplicate: true, admitted: [] };
    }
    const { admitted } = await startPlaybookRun(tx, tools.vault, {
      workspaceId,
      id: runId,
      playbook: { id: webhook.targetId },
      ...(webhook.targetVersion !== null && { version: webhook.targetVersion }),
      inputs,
      trigger: 'webhook',
      triggerId: webhook.id,
      actor: { kind: 'system', id: null, name: webhook.name },
    });
    await recordCall(tx, { ...common, status: 202, outcome: 'started', runId });
    return { runId, isDuplicate: false, admitted };
  });
}

/** What is kept of a call, its body sealed. */
async function rowOf(
  tools: ApiTools,
  { workspaceId }: WebhookRow,
  { method, address, headers, query, body }: ReceivedCall,
) {
  const id = uuidv7();
  const sealedBody =
    body.length > keptBytes ? null : await tools.vault.seal(body.toString('base64'), callSeal(workspaceId, id));
  return { id, method, address, headers: keptHeaders(headers), query, bytes: body.length, sealedBody };
}

/** What the caller is told, where it is a refusal and no fault of ours. */
function refusalOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof InputsRefused)
    return problem(
      'webhook.mapping_failed',
      {},
      error.details.map((detail) => ({ ...detail })),
    );
  if (error instanceof Refusal) {
    // The playbook is gone: the sender can do nothing about it and learns no more than that.
    if (error.code === 'request.not_found' || error.code === 'playbook.version_unknown')
      return problem('schedule.target_unknown');
    const retryAfter = typeof error.facts['retryAfter'] === 'number' ? error.facts['retryAfter'] : undefined;
    return new Problem(error.code, errorDef(error.code)?.status ?? 422, error.message, undefined, retryAfter);
  }
  return undefined;
}

export async function recordRefusal(
  tools: ApiTools,
  { webhook, tokenId, call, replayOf }: WebhookAttempt,
  refusal: Problem,
): Promise<void> {
  const row = await rowOf(
    tools,
    webhook,
    call.body.length > webhook.sizeLimit ? { ...call, body: Buffer.alloc(0) } : call,
  );
  await tools.inTenant({ workspaceId: webhook.workspaceId, mids: '*' }, (tx) =>
    recordCall(tx, {
      ...row,
      bytes: call.body.length,
      webhookId: webhook.id,
      tokenId,
      status: refusal.statusCode,
      outcome: refusal.code,
      message: refusal.message,
      details: (refusal.details ?? null) as Json,
      runId: null,
      dedupKey: null,
      replayOf: replayOf ?? null,
    }),
  );
}
