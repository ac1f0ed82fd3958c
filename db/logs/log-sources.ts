import { type Selectable, sql } from 'kysely';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { CreateLogSource, ShownLogSource } from '#contracts/logs/logs.ts';
import type { TenantTx } from '../kit/database.ts';
import { listLiveTokens } from '../kit/live-tokens.ts';
import { Refusal, violates } from '../kit/refusal.ts';
import { noSource } from './copy-rows.ts';
import type { LogSourcesTable } from './tables.ts';

type Row = Selectable<LogSourcesTable>;
const taken =
  (name: string) =>
  (error: unknown): never => {
    throw violates(error, 'log_sources_name') ? new Refusal('log_source.name_taken', { name }) : error;
  };

/** @throws Refusal `log_source.name_taken` */
export async function insertLogSource(tx: TenantTx, id: string, values: CreateLogSource, by: ActorRef): Promise<void> {
  await tx
    .insertInto('logSources')
    .values({ id, ...values, createdBy: JSON.stringify(by) })
    .execute()
    .catch(taken(values.name));
}

/** @throws Refusal `log_source.name_taken` */
export async function updateLogSource(tx: TenantTx, id: string, values: CreateLogSource): Promise<void> {
  await tx
    .updateTable('logSources')
    .set({ ...values, version: sql<number>`version + 1`, updatedAt: new Date() })
    .where('id', '=', id)
    .execute()
    .catch(taken(values.name));
}

export const deleteLogSource = async (tx: TenantTx, id: string): Promise<void> =>
  void (await tx.deleteFrom('logSources').where('id', '=', id).execute());

export const lockLogSource = (tx: TenantTx, id: string): Promise<Row | undefined> =>
  tx.selectFrom('logSources').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();

interface Figures {
  sourceId: string;
  events: number;
  bytes: number;
  duplicates: number;
  rejected: number;
  lost: number;
  lastAt: Date | null;
}

/** Sources by name, with their tokens and what came today and yesterday. */
export async function listLogSources(tx: TenantTx, id?: string): Promise<ShownLogSource[]> {
  let query = tx.selectFrom('logSources').selectAll().orderBy('name');
  if (id !== undefined) query = query.where('id', '=', id);
  const [rows, tokens, { rows: figures }] = await Promise.all([
    query.execute(),
    listLiveTokens(tx, 'log_source_tokens'),
    sql<Figures>`select source_id as "sourceId", sum(events)::float8 as events, sum(bytes)::float8 as bytes,
      sum(duplicates)::float8 as duplicates, sum(rejected)::float8 as rejected, sum(lost)::float8 as lost, max(last_at) as "lastAt"
      from log_days where day >= current_date - 1 group by source_id`.execute(tx),
  ]);
  return rows.map((row): ShownLogSource => {
    const of = figures.find(({ sourceId }) => sourceId === row.id);
    return {
      id: row.id,
      name: row.name,
      description: row.description,
      sender: row.sender,
      timeZone: row.timeZone,
      enabled: row.enabled,
      tokens: tokens
        .filter(({ sourceId }) => sourceId === row.id)
        .map(({ id: tokenId, hint, createdAt }) => ({ id: tokenId, hint, createdAt: createdAt.toISOString() })),
      figures: {
        events: of?.events ?? 0,
        bytes: of?.bytes ?? 0,
        duplicates: of?.duplicates ?? 0,
        rejected: of?.rejected ?? 0,
        lost: of?.lost ?? 0,
        lastAt: of?.lastAt?.toISOString() ?? null,
      },
      version: row.version,
      createdBy: row.createdBy,
      createdAt: row.createdAt.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
    };
  });
}

/** Counts what came and was not written: `rejected` was told to its sender, `lost` could not be. */
export async function countNotWritten(
  tx: TenantTx,
  sourceId: string | null,
  { rejected = 0, lost = 0 }: { rejected?: number; lost?: number },
): Promise<void> {
  await sql`insert into log_days as d (day, source_id, rejected, lost) values (current_date, ${sourceId ?? noSource}, ${rejected}, ${lost})
    on conflict (workspace_id, day, source_id) do update set rejected = d.rejected + excluded.rejected, lost = d.lost + excluded.lost`.execute(
    tx,
  );
}
