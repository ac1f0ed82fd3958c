import { sql } from 'kysely';
import type { TenantTx } from '../kit/database.ts';
import { seeingAll } from '../kit/in-tenant.ts';
import type { RunRef } from './insert-run.ts';

/** The column list of a `RunRef`, as SQL gives it. */
const refColumns = sql`r.workspace_id as "workspaceId", r.id, r.workflow_type as "workflowType", r.task_queue as "taskQueue",
  r.kind, case when r.subject_kind is null then null else r.subject_kind || ':' || r.subject_id end as "subject",
  r.actor_id as "actorId", case when r.trigger in ('user', 'api', 'webhook') then 2 else 4 end as "priority"`;

/** Slots of a workspace are given under this lock, held to the end of the transaction. */
export const admissionLock = sql<null>`pg_advisory_xact_lock(hashtextextended('admit:' || current_setting('app.tenant_id'), 0))`;

/** The connection of this query takes nothing new. */
export const isConnectionDrained = (run: string) => sql`(${sql.ref(run)}.kind = 'query'
  and exists (select from queue_drains d where d.queue = 'connection:' || ${sql.ref(run)}.subject_id))`;
/** The queue of this run takes nothing new: its workspace drained it, or an administrator did for all. */
const isDrained = (run: string) => sql`(exists (select from queue_drains d where d.queue = ${sql.ref(run)}.task_queue)
  or exists (select from instance_drains d where d.queue = ${sql.ref(run)}.task_queue) or ${isConnectionDrained(run)})`;
/** Runs that wait for a slot; those of a drained queue wait for its resuming. */
const isWaiting = sql`q.status = 'queued' and q.ended_at is null and q.admitted_at is null and q.shape = 'job'
  and q.parent_run_id is null and q.cancel_requested_at is null and not ${isDrained('q')}`;
/** A child that waits for its key alone (a query for its connection): its parent is at work and holds the workspace's slot. */
const isChildWaiting = sql`q.status = 'queued' and q.ended_at is null and q.admitted_at is null and q.shape = 'job'
  and q.parent_run_id is not null and q.concurrency_key is not null and q.cancel_requested_at is null
  and not ${isConnectionDrained('q')}`;
const slotsHeld = sql`(select count(*) from runs where ended_at is null and admitted_at is not null and status <> 'waiting'
  and shape = 'job' and parent_run_id is null)`;
const slotsAtAll = sql`coalesce((select concurrency from settings), 100)`;

/** A run has given its slot back: lets in who waits, if anybody does. */
export async function admitNext(tx: TenantTx): Promise<RunRef[]> {
  // Nearly always nobody waits, and that is quickly seen. The second statement looks when the first has the lock.
  const [, { rows }] = await seeingAll(tx, () =>
    Promise.all([
      sql`select ${admissionLock}`.execute(tx),
      sql`select from runs q where (${isWaiting}) or (${isChildWaiting}) limit 1`.execute(tx),
    ]),
  );
  return rows.length > 0 ? admitRuns(tx) : [];
}

/**
 * Lets a run in that this transaction has just written under the admission lock, where a slot is free and nobody waits
 * before it. One that was there before stays as it is. It may be sent together with the insert.
 */
export async function admitAtOnce(tx: TenantTx, id: string): Promise<RunRef[]> {
  const { rows } = await seeingAll(tx, () =>
    sql<RunRef>`
    update runs r set admitted_at = now()
    where r.id = ${id} and r.xmin = pg_current_xact_id()::xid and r.concurrency_key is null and r.cancel_requested_at is null
      and not ${isDrained('r')}
      and ${slotsHeld} < ${slotsAtAll}
      and not exists (select from runs q where ${isWaiting} and q.id <> r.id)
    returning ${refColumns}`.execute(tx),
  );
  return rows;
}

/**
 * Gives free slots to the runs that have waited longest. A slot is the state of a row, not a counter: the runs
 * admitted and not ended are counted under the workspace's advisory lock, so a crash leaks none. Runs of one
 * concurrency key wait for each other first come, first served.
 * @returns the runs admitted now, to be started after the commit
 */
export const admitRuns = (tx: TenantTx, most = 50): Promise<RunRef[]> => seeingAll(tx, () => admitWaiting(tx, most));

async function admitWaiting(tx: TenantTx, most: number): Promise<RunRef[]> {
  const locked = sql`select ${admissionLock}`.execute(tx);
  const admitting = sql<RunRef>`
    with slots as (
      select ${slotsAtAll} - ${slotsHeld} as free
    ), in_line as (
      select q.id, q.subject_id, q.concurrency_key, q.parent_run_id is null as needs_slot,
        row_number() over (partition by q.subject_id, q.concurrency_key order by q.id) as place,
        coalesce(q.concurrency_limit, 1) as key_limit
      from runs q
      where (${isWaiting}) or (${isChildWaiting})
    ), waiting as (
      select q.*, (select count(*) from runs a where a.ended_at is null and a.admitted_at is not null
         and a.concurrency_key = q.concurrency_key and a.subject_id = q.subject_id) as key_held
      from in_line q
      -- Only the heads of lines: hundreds that wait for one key must not hide those behind them.
      where q.concurrency_key is null or q.place <= q.key_limit
      order by q.id
      limit 500
    ), fitting as (
      select id, needs_slot from waiting where concurrency_key is null or place + key_held <= key_limit
    ), chosen as (
      (select id from fitting where not needs_slot order by id limit ${most})
      union all
      (select id from fitting where needs_slot order by id limit greatest(0, least(${most}, (select free from slots))))
    )
    update runs r set admitted_at = now(), waiting_for = null
    from chosen where r.id = chosen.id
    returning ${refColumns}`.execute(tx);
  const [, admitted] = await Promise.all([locked, admitting]);
  return admitted.rows;
}

/** The runs of this workspace that hold a slot and have not begun: what the sweep starts again. */
export async function admittedNotBegun(tx: TenantTx, olderThanMs: number, limit: number): Promise<RunRef[]> {
  const { rows } = await sql<RunRef>`
    select ${refColumns} from runs r
    where r.ended_at is null and r.status = 'queued' and (r.parent_run_id is null or r.concurrency_key is not null)
      and r.admitted_at < now() - make_interval(secs => ${olderThanMs / 1000})
    order by r.id limit ${limit}`.execute(tx);
  return rows;
}
