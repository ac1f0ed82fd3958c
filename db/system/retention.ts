import { sql } from 'kysely';
import type { Db } from '../kit/database.ts';

/** One chunk is a short transaction: an open one holds back every reader of the event stream. */
const chunk = 2_000;

/** The days of a workspace that lets nothing go: longer than anything is old. */
const forEver = 36_500;

/** The days of one row of `settings` that runs, events and logs are kept. */
export const keptDays = sql<number>`case when legal_hold then ${forEver}::int else retention_days end`;

/** How long a workspace keeps what, in days; of one that is held nothing is to go. */
export interface Retention {
  workspaceId: string;
  retentionDays: number;
  auditRetentionDays: number;
  isHeld: boolean;
}

/** Every workspace with what its settings say. */
export async function listRetentions(system: Db): Promise<Retention[]> {
  const { rows } = await sql<Retention>`
    select w.id as "workspaceId", coalesce(s.legal_hold, false) as "isHeld",
      coalesce(${keptDays}, 30) as "retentionDays", coalesce(s.audit_retention_days, 365) as "auditRetentionDays"
    from workspaces w left join settings s on s.workspace_id = w.id`.execute(system);
  return rows;
}

/**
 * Deletes what one workspace keeps no longer: its audit entries, and events and logs where it keeps them for less than the
 * days by which whole partitions are dropped. In small chunks, since readers of the stream wait for open writes.
 * @param partitionDays the longest retention of all workspaces
 * @returns how many rows went
 */
export async function trimWorkspace(
  system: Db,
  { workspaceId, retentionDays, auditRetentionDays }: Retention,
  partitionDays: number,
): Promise<number> {
  let gone = await trim(system, 'audit_entries', workspaceId, auditRetentionDays);
  if (retentionDays >= partitionDays) return gone;
  for (const table of ['events', 'run_logs']) gone += await trim(system, table, workspaceId, retentionDays);
  return gone;
}

async function trim(system: Db, table: string, workspaceId: string, days: number): Promise<number> {
  let gone = 0;
  for (;;) {
    const { rows } = await sql<{ removed: number }>`
      select windlass_trim(${table}, ${workspaceId}::uuid, now() - make_interval(days => ${days}::int), ${chunk}::int) as removed`.execute(
      system,
    );
    const removed = rows[0]?.removed ?? 0;
    gone += removed;
    if (removed === 0) return gone;
  }
}
