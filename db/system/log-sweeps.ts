import { sql } from 'kysely';
import type { Db } from '../kit/database.ts';
import { type DaysKept, defaultKeepDays, firstKeptDay } from '../logs/log-keeping.ts';

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

/** Drops the partitions of days that no workspace keeps any more. @returns their names */
export async function dropDaysNobodyKeeps(system: Db, nowMs: number): Promise<string[]> {
  const { rows: kept } = await sql<DaysKept>`
    select coalesce(s.legal_hold, false) as "isHeld", coalesce(k.keep_days, ${defaultKeepDays}::int) as "keepDays", k.quota_bytes::float8 as "quotaBytes",
      coalesce((select jsonb_agg(jsonb_build_object('day', d.day, 'events', d.events, 'bytes', d.bytes)) from (
        select day, sum(events) as events, sum(bytes) as bytes from log_days
        where workspace_id = w.id and k.quota_bytes is not null and events > 0 group by day) d), '[]') as days
    from workspaces w left join log_keeping k on k.workspace_id = w.id left join settings s on s.workspace_id = w.id`.execute(
    system,
  );
  const [beforeDay] = kept.map((keeping) => firstKeptDay(keeping, nowMs)).sort();
  if (beforeDay === undefined) return [];
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
