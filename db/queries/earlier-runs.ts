import { sql } from 'kysely';
import type { TenantTx } from '../kit/database.ts';

/** Runs of the schedule that started this one, of before it. */
const earlier = (runId: string) => sql`query_runs q join runs r on r.workspace_id = q.workspace_id and r.id = q.run_id
  join runs own on own.workspace_id = r.workspace_id and own.trigger = r.trigger and own.trigger_id = r.trigger_id
  where own.id = ${runId} and own.trigger = 'schedule' and r.id <> own.id and r.created_at < own.created_at`;

/** How many rows the run of the same schedule had that was the last to have any count; null where there was none. */
export async function lastRowCount(tx: TenantTx, runId: string): Promise<number | null> {
  const { rows } = await sql<{ rowCount: string }>`select q.row_count from ${earlier(runId)} and q.row_count is not null
    and (r.status = 'succeeded' or q.failure->>'code' = 'undelivered')
    order by r.created_at desc limit 1`.execute(tx);
  const [last] = rows;
  return last ? Number(last.rowCount) : null;
}

/** How many rows the same schedule wrote last into a data extension; null where it never did. */
export async function lastWritten(tx: TenantTx, runId: string, key: string): Promise<number | null> {
  const wanted = JSON.stringify([{ kind: 'data_extension', target: key, state: 'delivered' }]);
  const { rows } = await sql<{
    count: string | null;
  }>`select (select d->>'rows' from jsonb_array_elements(q.deliveries) d
      where d->>'kind' = 'data_extension' and d->>'target' = ${key} and d->>'state' = 'delivered' limit 1) as count
    from ${earlier(runId)} and q.deliveries @> ${wanted}::jsonb
    order by r.created_at desc limit 1`.execute(tx);
  const count = rows[0]?.count ?? null;
  return count === null ? null : Number(count);
}
