import { sql } from 'kysely';
import type { TenantTx } from '../kit/database.ts';

/** One chunk is a short transaction: an open one holds back every reader of the event stream. */
const chunk = 100;

/**
 * Deletes a chunk of runs that ended more than so many days ago, each with its children, steps, hosts, secrets and
 * approvals. A child goes with its parent and never before.
 * @returns how many runs went; 0: nothing is left to go
 */
export async function trimRuns(tx: TenantTx, days: number): Promise<number> {
  const isOld = sql`parent_run_id is null and ended_at < now() - make_interval(days => ${days}::int)`;
  const { numAffectedRows } = await sql`
    with recursive gone(workspace_id, id) as (
      select workspace_id, id from (
        (select workspace_id, id from runs where shape = 'job' and ${isOld} order by ended_at limit ${chunk}::int)
        union all
        -- Parts of no other run: messages.
        (select workspace_id, id from runs where shape = 'part' and ${isOld} order by ended_at limit ${chunk}::int)) old
      union all
      select child.workspace_id, child.id from runs child
        join gone on child.workspace_id = gone.workspace_id and child.parent_run_id = gone.id)
    delete from runs where (workspace_id, id) in (select workspace_id, id from gone)`.execute(tx);
  return Number(numAffectedRows ?? 0);
}
