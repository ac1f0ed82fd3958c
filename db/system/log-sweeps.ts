import { sql } from 'kysely';
import type { Db } from '../kit/database.ts';

/** Saved searches whose look is due, the longest due first. */
export async function dueLogSearches(system: Db, now: Date): Promise<{ workspaceId: string; id: string }[]> {
  return system
    .selectFrom('logSearches')
    .select(['workspaceId', 'id'])
    .where('dueAt', '<=', now)
    .orderBy('dueAt')
    .limit(500)
    .execute();
}

/** Drops the partitions of all days before this one. @returns their names */
export async function dropLogDays(system: Db, beforeDay: string): Promise<string[]> {
  const { rows } = await sql<{
    name: string;
  }>`select windlass_drop_partitions('log_events', ${beforeDay}::date) as name`.execute(system);
  return rows.map(({ name }) => name);
}

/** Deletes a chunk of one workspace's lines before a day. @returns how many */
export async function trimLogChunk(system: Db, workspaceId: string, beforeDay: string): Promise<number> {
  const { rows } = await sql<{ removed: number }>`
    select windlass_trim('log_events', ${workspaceId}::uuid, ${`${beforeDay}T00:00:00Z`}::timestamptz, 5000) as removed`.execute(
    system,
  );
  return rows[0]?.removed ?? 0;
}

/** Forgets keys of events, of logs and alerts, that senders no longer send again. */
export async function forgetEventKeys(system: Db): Promise<void> {
  for (const table of ['log_keys', 'alert_keys'])
    await sql`delete from ${sql.table(table)} where at < now() - interval '3 days'`.execute(system);
}
