import { sql } from 'kysely';
import type { Db } from '../kit/database.ts';
import { keptDays } from './retention.ts';

/** Workspaces with runs that queue: the sweep looks into each. */
export async function workspacesWithQueue(system: Db): Promise<string[]> {
  const rows = await system
    .selectFrom('runs')
    .select('workspaceId')
    .distinct()
    .where('status', '=', 'queued')
    .where('endedAt', 'is', null)
    .where('createdAt', '<', sql<Date>`now() - interval '3 seconds'`)
    .execute();
  return rows.map(({ workspaceId }) => workspaceId);
}

/** Which of these runs are still alive in our record, and in which workspace. */
export async function aliveRuns(system: Db, ids: readonly string[]): Promise<{ workspaceId: string; id: string }[]> {
  if (ids.length === 0) return [];
  return system
    .selectFrom('runs')
    .select(['workspaceId', 'id'])
    .where('id', 'in', [...ids])
    .where('endedAt', 'is', null)
    .execute();
}

/** Which of these runs have ended in our record, when, and in which workspace. */
export async function endedRuns(
  system: Db,
  ids: readonly string[],
): Promise<{ workspaceId: string; id: string; endedAt: Date }[]> {
  if (ids.length === 0) return [];
  return system
    .selectFrom('runs')
    .select(['workspaceId', 'id', 'endedAt'])
    .where('id', 'in', [...ids])
    .where('endedAt', 'is not', null)
    .$narrowType<{ endedAt: Date }>()
    .execute();
}

/** Runs whose cancel was asked some time ago and that have not ended. */
export async function slowCancels(
  system: Db,
  olderThanMs: number,
): Promise<{ workspaceId: string; id: string; askedMsAgo: number }[]> {
  const { rows } = await sql<{ workspaceId: string; id: string; askedMsAgo: number }>`
    select workspace_id as "workspaceId", id, (extract(epoch from now() - cancel_requested_at) * 1000)::float8 as "askedMsAgo"
    from runs where ended_at is null and cancel_requested_at < now() - make_interval(secs => ${olderThanMs / 1000}) limit 200`.execute(
    system,
  );
  return rows;
}

/** Runs that have been `running` for long in our record: the sweep asks Temporal whether it still knows them. */
export async function longAliveRuns(
  system: Db,
  olderThanMs: number,
  after: string,
  limit: number,
): Promise<{ workspaceId: string; id: string }[]> {
  const { rows } = await sql<{ workspaceId: string; id: string }>`
    select workspace_id as "workspaceId", id from runs
    where ended_at is null and status in ('running', 'waiting') and started_at < now() - make_interval(secs => ${olderThanMs / 1000}) and id > ${after}::uuid
    order by id limit ${limit}`.execute(system);
  return rows;
}

/** Makes partitions a week ahead, drops those beyond the longest retention any workspace asks for, clears old keys. */
export async function keepHouse(
  system: Db,
): Promise<{ dropped: string[]; keysRemoved: number; strayRows: Record<string, number> }> {
  await sql`select windlass_make_partitions(7)`.execute(system);
  const { rows: days } = await sql<{
    days: number;
  }>`select coalesce(max(${keptDays}), 30)::int as days from settings`.execute(system);
  const dropped: string[] = [];
  for (const parent of ['events', 'run_logs']) {
    const { rows } = await sql<{
      name: string;
    }>`select windlass_drop_partitions(${parent}, current_date - ${days[0]?.days ?? 30}::int) as name`.execute(system);
    dropped.push(...rows.map(({ name }) => name));
  }
  const { numAffectedRows } =
    await sql`delete from idempotency_keys where created_at < now() - interval '24 hours'`.execute(system);
  return { dropped, keysRemoved: Number(numAffectedRows ?? 0), strayRows: await strayRows(system) };
}

/** Rows that fell into a default partition: partitions were missing when they came, which is worth an alarm. */
async function strayRows(system: Db): Promise<Record<string, number>> {
  const { rows } = await sql<{ events: number; logs: number }>`
    select (select reltuples from pg_class where relname = 'events_default')::float8 as events,
      (select reltuples from pg_class where relname = 'run_logs_default')::float8 as logs`.execute(system);
  return { events: Math.max(0, rows[0]?.events ?? 0), run_logs: Math.max(0, rows[0]?.logs ?? 0) };
}

export async function readNote<T>(system: Db, name: string): Promise<T | null> {
  const row = await system.selectFrom('systemNotes').select('value').where('name', '=', name).executeTakeFirst();
  return (row?.value as T | undefined) ?? null;
}
export async function writeNote(system: Db, name: string, value: unknown): Promise<void> {
  const json = JSON.stringify(value);
  await system
    .insertInto('systemNotes')
    .values({ name, value: json })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: json, at: sql<Date>`now()` }))
    .execute();
}

/** Does a pass of machinery in one process at a time; the others skip it. */
export async function alone(system: Db, name: string, work: () => Promise<void>): Promise<boolean> {
  return system.connection().execute(async (connection) => {
    const { rows } = await sql<{
      got: boolean;
    }>`select pg_try_advisory_lock(hashtextextended(${`sweep:${name}`}, 0)) as got`.execute(connection);
    if (!rows[0]?.got) return false;
    try {
      await work();
      return true;
    } finally {
      await sql`select pg_advisory_unlock(hashtextextended(${`sweep:${name}`}, 0))`.execute(connection);
    }
  });
}

/** Open runs of the whole installation, by status. */
export async function countOpenRuns(system: Db): Promise<Record<string, number>> {
  const { rows } = await sql<{
    status: string;
    count: number;
  }>`select status, count(*)::int as count from runs where ended_at is null group by status`.execute(system);
  return { queued: 0, running: 0, waiting: 0, ...Object.fromEntries(rows.map(({ status, count }) => [status, count])) };
}

/** Every workspace of the installation. */
export async function listWorkspaceIds(system: Db): Promise<string[]> {
  const rows = await system.selectFrom('workspaces').select('id').execute();
  return rows.map(({ id }) => id);
}
