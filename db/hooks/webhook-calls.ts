import { sql } from 'kysely';
import type { WebhookCall } from '#contracts/hooks/webhooks.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';

/** Calls of one webhook that are kept. */
const mostCalls = 500;

export interface NewWebhookCall {
  id: string;
  webhookId: string;
  tokenId: string | null;
  method: string;
  address: string;
  status: number;
  outcome: string;
  message: string | null;
  details: Json | null;
  runId: string | null;
  dedupKey: string | null;
  bytes: number;
  headers: Record<string, string>;
  query: Record<string, string>;
  sealedBody: string | null;
  replayOf: string | null;
}

/** What the body of a kept call is sealed for. */
export const callSeal = (workspaceId: string, callId: string) => ({
  workspaceId,
  purpose: 'secret' as const,
  subject: `webhook-call/${callId}`,
});

/** Records a call, good or refused, and lets the oldest ones go. */
export async function recordCall(
  tx: TenantTx,
  { tokenId, details, headers, query, ...call }: NewWebhookCall,
): Promise<void> {
  await tx
    .insertInto('webhookCalls')
    .values({
      ...call,
      details: details === null ? null : JSON.stringify(details),
      headers: JSON.stringify(headers),
      query: JSON.stringify(query),
    })
    .execute();
  await tx.updateTable('webhooks').set({ lastCallAt: new Date() }).where('id', '=', call.webhookId).execute();
  if (tokenId !== null)
    await tx.updateTable('webhookTokens').set({ lastUsedAt: new Date() }).where('id', '=', tokenId).execute();
  await appendEvent(tx, {
    type: 'webhook.called',
    subject: `webhook:${call.webhookId}`,
    runId: call.runId,
    data: { call: call.id, status: call.status, outcome: call.outcome },
  });
  await sql`delete from webhook_calls where webhook_id = ${call.webhookId}
    and id <= (select id from webhook_calls where webhook_id = ${call.webhookId} order by id desc offset ${mostCalls} limit 1)`.execute(
    tx,
  );
}

/**
 * Claims a deduplication key for a run. Who comes at the same time waits here for the first one's commit.
 * @returns null where the key is ours, else the run that the first call started
 */
export async function claimKey(
  tx: TenantTx,
  webhookId: string,
  keyHash: string,
  runId: string,
  windowMs: number,
): Promise<string | null> {
  const { rows } = await sql<{ runId: string }>`
    insert into webhook_keys as k (webhook_id, key_hash, run_id, expires_at)
    values (${webhookId}, ${keyHash}, ${runId}, now() + make_interval(secs => ${windowMs / 1_000}))
    on conflict (workspace_id, webhook_id, key_hash) do update set
      run_id = case when k.expires_at <= now() then excluded.run_id else k.run_id end,
      expires_at = case when k.expires_at <= now() then excluded.expires_at else k.expires_at end
    returning run_id as "runId"`.execute(tx);
  const holder = rows[0]?.runId;
  if (holder !== runId) return holder ?? null;
  await sql`delete from webhook_keys where webhook_id = ${webhookId} and expires_at < now() - interval '1 minute'`.execute(
    tx,
  );
  return null;
}

const columns = [
  'id',
  'at',
  'address',
  'status',
  'outcome',
  'message',
  'runId',
  'dedupKey',
  'bytes',
  'sealedBody',
  'replayOf',
] as const;
type Row = {
  id: string;
  at: Date;
  address: string;
  status: number;
  outcome: string;
  message: string | null;
  runId: string | null;
  dedupKey: string | null;
  bytes: number;
  sealedBody: string | null;
  replayOf: string | null;
};
const show = ({ at, sealedBody, ...row }: Row): WebhookCall => ({
  ...row,
  at: at.toISOString(),
  isReplayable: sealedBody !== null,
});

export async function listCalls(
  tx: TenantTx,
  webhookId: string,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
) {
  let query = tx.selectFrom('webhookCalls').select(columns).where('webhookId', '=', webhookId);
  if (cursor !== undefined) query = query.where('id', '<', cursor);
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const data = rows.slice(0, limit).map(show);
  return { data, pagination: { limit, nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null } };
}

/** One call with all that was kept of it; the body is still sealed. */
export async function readCall(tx: TenantTx, webhookId: string, callId: string) {
  const row = await tx
    .selectFrom('webhookCalls')
    .select([...columns, 'method', 'headers', 'query', 'details'])
    .where('webhookId', '=', webhookId)
    .where('id', '=', callId)
    .executeTakeFirst();
  if (!row) return undefined;
  const { method, headers, query, details, ...call } = row;
  return { call: show(call), method, headers, query, details, sealedBody: row.sealedBody };
}
