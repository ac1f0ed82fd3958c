import { type Selectable, sql } from 'kysely';
import type { AlertSource, SourceFields } from '#contracts/alerts/alert-sources.ts';
import { formatDuration, parseDuration } from '#contracts/kit/duration.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';
import type { AlertSourcesTable } from './tables.ts';

export type AlertSourceRow = Selectable<AlertSourcesTable>;

const columnsOf = ({ mapping, defaults, heartbeat, ...values }: SourceFields) => ({
  ...values,
  mapping: mapping && JSON.stringify(mapping),
  defaults: JSON.stringify(defaults),
  heartbeatMs: heartbeat === null ? null : (parseDuration(heartbeat) ?? null),
});

const taken =
  (name: string) =>
  (error: unknown): never => {
    throw violates(error, 'alert_sources_name') ? new Refusal('alert_source.name_taken', { name }) : error;
  };

/** @throws Refusal `alert_source.name_taken` */
export async function insertAlertSource(tx: TenantTx, id: string, values: SourceFields, by: ActorRef): Promise<void> {
  await tx
    .insertInto('alertSources')
    .values({
      id,
      ...columnsOf(values),
      createdBy: JSON.stringify(by),
      lastReceivedAt: null,
      lastRefusedAt: null,
      lastRefusal: null,
    })
    .execute()
    .catch(taken(values.name));
}

/** @throws Refusal `alert_source.name_taken` */
export async function updateAlertSource(tx: TenantTx, id: string, values: SourceFields): Promise<void> {
  await tx
    .updateTable('alertSources')
    .set({ ...columnsOf(values), version: sql<number>`version + 1`, updatedAt: new Date() })
    .where('id', '=', id)
    .execute()
    .catch(taken(values.name));
}

/** Removes a source. Nobody will say any more that its alerts are over: those that fire end now. */
export async function deleteAlertSource(tx: TenantTx, id: string): Promise<void> {
  await tx
    .updateTable('alerts')
    .set({ status: 'resolved', resolvedAt: new Date(), lookAt: new Date() })
    .where('sourceId', '=', id)
    .where('status', '<>', 'resolved')
    .execute();
  await tx.deleteFrom('alertSources').where('id', '=', id).execute();
}

export const readAlertSourceRow = (
  tx: TenantTx,
  id: string,
  { lock = false } = {},
): Promise<AlertSourceRow | undefined> => {
  const query = tx.selectFrom('alertSources').selectAll().where('id', '=', id);
  return (lock ? query.forUpdate() : query).executeTakeFirst();
};

/**
 * Counts what a request came to. It is the last statement of its transaction, for the row is everybody's who sends to
 * this source: it is held for the commit alone.
 */
export async function countRequest(
  tx: TenantTx,
  { sourceId, tokenId }: { sourceId: string; tokenId: string | null },
  { accepted = 0, leftOut = 0 }: { accepted?: number; leftOut?: number },
): Promise<void> {
  await sql`update alert_sources set requests = requests + 1, accepted = accepted + ${accepted},
    left_out = left_out + ${leftOut}, last_received_at = now() where id = ${sourceId}`.execute(tx);
  if (tokenId !== null)
    await sql`update alert_source_tokens set last_used_at = now()
      where id = ${tokenId} and (last_used_at is null or last_used_at < now() - interval '1 minute')`.execute(tx);
}

/** Counts a request that was not taken, with what was wrong. */
export const countRefusal = (
  tx: TenantTx,
  sourceId: string,
  { refused = 0, limited = 0, reason }: { refused?: number; limited?: number; reason: string },
): Promise<unknown> =>
  sql`update alert_sources set requests = requests + ${refused + limited}, refused = refused + ${refused},
    limited = limited + ${limited}, last_refused_at = now(), last_refusal = ${reason.slice(0, 1_000)}
    where id = ${sourceId}`.execute(tx);

/** Sources by name, with their tokens and counters. */
export async function listAlertSources(tx: TenantTx, id?: string): Promise<AlertSource[]> {
  let query = tx.selectFrom('alertSources').selectAll();
  if (id !== undefined) query = query.where('id', '=', id);
  const rows = await query.orderBy('name').limit(1_000).execute();
  const tokens = await tx
    .selectFrom('alertSourceTokens')
    .select(['id', 'sourceId', 'hint', 'createdAt', 'lastUsedAt'])
    .orderBy('id')
    .execute();
  const live = await sql<{ sourceId: string; n: number }>`select source_id as "sourceId", count(*)::int as n from alerts
    where status <> 'resolved' and source_id is not null group by 1`.execute(tx);
  const firing = new Map(live.rows.map(({ sourceId, n }) => [sourceId, n]));
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    format: row.format,
    mapping: row.mapping,
    defaults: row.defaults,
    enabled: row.enabled,
    rateLimit: row.rateLimit,
    heartbeat: row.heartbeatMs === null ? null : formatDuration(row.heartbeatMs),
    isQuiet: row.isQuiet,
    tokens: tokens
      .filter(({ sourceId }) => sourceId === row.id)
      .map(({ id: tokenId, hint, createdAt, lastUsedAt }) => ({
        id: tokenId,
        hint,
        createdAt: createdAt.toISOString(),
        lastUsedAt: lastUsedAt?.toISOString() ?? null,
      })),
    counters: {
      requests: row.requests,
      accepted: row.accepted,
      refused: row.refused,
      limited: row.limited,
      leftOut: row.leftOut,
      firing: firing.get(row.id) ?? 0,
    },
    lastReceivedAt: row.lastReceivedAt?.toISOString() ?? null,
    lastRefusedAt: row.lastRefusedAt?.toISOString() ?? null,
    lastRefusal: row.lastRefusal,
    version: row.version,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }));
}

/** Remembers whether a source has gone silent. */
export const setQuiet = async (tx: TenantTx, id: string, isQuiet: boolean): Promise<void> =>
  void (await tx.updateTable('alertSources').set({ isQuiet }).where('id', '=', id).execute());
