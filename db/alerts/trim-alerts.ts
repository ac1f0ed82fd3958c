import { sql } from 'kysely';
import type { TenantTx } from '../kit/database.ts';

/** One chunk is a short transaction: an open one holds back every reader of the event stream. */
const chunk = 1_000;

/** What may go: over since before then, nobody waits for its turn, and no incident on which somebody is at work names it. */
const isOld = (before: Date) => sql<boolean>`a.status = 'resolved' and a.resolved_at < ${before} and a.look_at is null
  and not exists (select from incidents i where i.id = a.incident_id and i.is_active)`;

/** Whether alerts or marks are there that are kept no longer. */
export async function hasOldAlerts(tx: TenantTx, before: Date): Promise<boolean> {
  const { rows } = await sql<{ any: boolean }>`select exists (select from alerts a where ${isOld(before)})
    or exists (select from alert_marks where at < ${before}) as any`.execute(tx);
  return rows[0]?.any ?? false;
}

/**
 * Deletes a chunk of old alerts with their hours, of marks, and of groups that nothing is left of; noted with the run that
 * does it, in the same transaction.
 * @returns how many alerts and marks went; 0: nothing is left to go
 */
export async function trimAlerts(tx: TenantTx, runId: string, before: Date): Promise<number> {
  const { rows } = await sql<{ alerts: number; marks: number }>`
    with old as (delete from alerts where id = any (array(
        select a.id from alerts a where ${isOld(before)} order by a.resolved_at limit ${chunk} for update of a skip locked))
        returning id),
      past as (delete from alert_marks where id = any (array(
        select id from alert_marks where at < ${before} order by at limit ${chunk})) returning id)
    select (select count(*) from old)::int as alerts, (select count(*) from past)::int as marks`.execute(tx);
  const { alerts, marks } = rows[0] ?? { alerts: 0, marks: 0 };
  if (alerts + marks === 0) return 0;
  await sql`insert into alert_trims as t (run_id, before, alerts, marks) values (${runId}, ${before}, ${alerts}, ${marks})
    on conflict (workspace_id, run_id) do update set alerts = t.alerts + excluded.alerts, marks = t.marks + excluded.marks,
      before = greatest(t.before, excluded.before)`.execute(tx);
  await sql`delete from alert_groups g where g.last_alert_at < ${before}
    and not exists (select from alerts a where a.group_id = g.id)
    and not exists (select from incidents i where i.id = g.incident_id and i.is_active)`.execute(tx);
  return alerts + marks;
}

/** Since when alerts are whole: what was over before then may have been let go. Null: nothing ever was. */
export async function alertsKeptSince(tx: TenantTx): Promise<Date | null> {
  const { rows } = await sql<{ since: Date | null }>`select max(before) as since from alert_trims`.execute(tx);
  return rows[0]?.since ?? null;
}
