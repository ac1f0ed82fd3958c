import { type Selectable, sql } from 'kysely';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { LogAlert, SavedLogSearch } from '#contracts/logs/logs.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';
import type { LogSearchesTable } from './tables.ts';

export type LogSearchRow = Selectable<LogSearchesTable>;
export interface LogSearchValues {
  name: string;
  search: string;
  alert: LogAlert | null;
}
const taken =
  (name: string) =>
  (error: unknown): never => {
    throw violates(error, 'log_searches_name') ? new Refusal('log_search.name_taken', { name }) : error;
  };
const columnsOf = ({ name, search, alert }: LogSearchValues) => ({
  name,
  search,
  alert: alert && JSON.stringify(alert),
  // What has just been saved is looked at at once.
  dueAt: alert && new Date(),
});

/** @throws Refusal `log_search.name_taken` */
export async function insertLogSearch(tx: TenantTx, id: string, values: LogSearchValues, by: ActorRef): Promise<void> {
  await tx
    .insertInto('logSearches')
    .values({ id, ...columnsOf(values), createdBy: JSON.stringify(by) })
    .execute()
    .catch(taken(values.name));
}

/** @throws Refusal `log_search.name_taken` */
export async function updateLogSearch(tx: TenantTx, id: string, values: LogSearchValues): Promise<void> {
  await tx
    .updateTable('logSearches')
    .set({ ...columnsOf(values), version: sql<number>`version + 1`, updatedAt: new Date() })
    .where('id', '=', id)
    .execute()
    .catch(taken(values.name));
}

export const deleteLogSearch = async (tx: TenantTx, id: string): Promise<void> =>
  void (await tx.deleteFrom('logSearches').where('id', '=', id).execute());

export const lockLogSearch = (tx: TenantTx, id: string): Promise<LogSearchRow | undefined> =>
  tx.selectFrom('logSearches').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();

/** One that is due, for whoever looks first; undefined where another process looks, or has looked. */
export const lockDueSearch = (tx: TenantTx, id: string, now: Date): Promise<LogSearchRow | undefined> =>
  tx
    .selectFrom('logSearches')
    .selectAll()
    .where('id', '=', id)
    .where('dueAt', '<=', now)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();

/** Notes what a look found, and when the next one is due. */
export async function noteLook(
  tx: TenantTx,
  { id, state }: LogSearchRow,
  { count, isFiring, now, nextMs }: { count: number; isFiring: boolean; now: Date; nextMs: number },
): Promise<void> {
  const next = isFiring ? 'firing' : 'quiet';
  await tx
    .updateTable('logSearches')
    .set({
      lastCount: count,
      dueAt: new Date(now.getTime() + nextMs),
      ...(next !== state && { state: next, stateAt: now }),
    })
    .where('id', '=', id)
    .execute();
}

/** Puts off the look of one that could not be counted. */
export const postponeLook = async (tx: TenantTx, id: string, until: Date): Promise<void> =>
  void (await tx
    .updateTable('logSearches')
    .set({ dueAt: until })
    .where('id', '=', id)
    .where('dueAt', 'is not', null)
    .execute());

/** Saved searches by name. */
export async function listLogSearches(tx: TenantTx, id?: string): Promise<SavedLogSearch[]> {
  let query = tx.selectFrom('logSearches').selectAll().orderBy('name');
  if (id !== undefined) query = query.where('id', '=', id);
  const rows = await query.execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    search: row.search,
    alert: row.alert,
    state: row.state,
    stateAt: row.stateAt?.toISOString() ?? null,
    lastCount: row.lastCount,
    version: row.version,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }));
}
