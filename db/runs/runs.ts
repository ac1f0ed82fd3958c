import { sql } from 'kysely';
import type { RunFilter, RunSummary } from '#contracts/runs/runs.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { seeingAll } from '../kit/in-tenant.ts';
import { type InLine, type SummaryRow, summaryColumns, toSummary } from './run-columns.ts';
import { narrowRuns } from './run-filter.ts';
import { cursorOf, orderOf, placeOf, placeText, sortedParts } from './sorted-runs.ts';

export interface RunPage {
  data: RunSummary[];
  pagination: { limit: number; nextCursor: string | null };
}

/** Runs by pages, newest first or as asked; top-level jobs where nothing else is asked for. */
export async function listRuns(tx: TenantTx, filter: RunFilter): Promise<RunPage> {
  const order = orderOf(filter.sort);
  const narrowed = narrowRuns(tx.selectFrom('runs').select([...summaryColumns, placeText(order).as('place')]), filter);
  const after = filter.cursor === undefined ? undefined : placeOf(order, filter.cursor);
  const rows: Awaited<ReturnType<typeof narrowed.execute>> = [];
  for (const part of sortedParts(narrowed, order, after)) {
    // One more tells if more follow.
    rows.push(...(await part.limit(filter.limit + 1 - rows.length).execute()));
    if (rows.length > filter.limit) break;
  }
  const page = rows.slice(0, filter.limit);
  const line = await queueLine(tx, page);
  const last = rows.length > filter.limit ? page.at(-1) : undefined;
  return {
    data: page.map((row) => toSummary(row, line.get(row.id))),
    pagination: {
      limit: filter.limit,
      nextCursor: last ? cursorOf(order, { value: last.place, id: last.id }) : null,
    },
  };
}

/** Where those of these runs stand that wait in the workspace's queue. */
export async function queueLine(
  tx: TenantTx,
  runs: readonly Pick<SummaryRow, 'id' | 'status' | 'admittedAt'>[],
): Promise<Map<string, InLine>> {
  const ids = runs.filter(({ status, admittedAt }) => status === 'queued' && admittedAt === null).map(({ id }) => id);
  if (ids.length === 0) return new Map();
  // Places count everybody's runs, also those that are hidden from the caller.
  const { rows } = await seeingAll(tx, () =>
    sql<{ id: string } & InLine>`
    select id, place::int as place, (exists (select from queue_drains d where d.queue = task_queue)
        or exists (select from instance_drains d where d.queue = task_queue)
        or (kind = 'query' and exists (select from queue_drains d where d.queue = 'connection:' || subject_id))) as "isDrained"
    from (
      select id, task_queue, kind, subject_id, row_number() over (order by id) as place from runs
      where status = 'queued' and ended_at is null and admitted_at is null and shape = 'job' and parent_run_id is null
    ) queue where id = any(${ids}::uuid[])`.execute(tx),
  );
  return new Map(rows.map(({ id, ...inLine }) => [id, inLine]));
}

/** How many top-level jobs are in each living state, and the workspace's limit of running ones. */
export async function countLivingRuns(tx: TenantTx): Promise<{ counts: Record<string, number>; limit: number }> {
  const { rows } = await sql<{ status: string; count: number }>`
    select status, count(*)::int as count from runs
    where ended_at is null and shape = 'job' and parent_run_id is null group by status`.execute(tx);
  const limit = await sql<{
    concurrency: number;
  }>`select coalesce((select concurrency from settings), 100) as concurrency`.execute(tx);
  return {
    counts: {
      queued: 0,
      running: 0,
      waiting: 0,
      ...Object.fromEntries(rows.map(({ status, count }) => [status, count])),
    },
    limit: limit.rows[0]?.concurrency ?? 100,
  };
}

/** Changes what people may change of a run. @returns whether there is such a run */
export async function labelRun(
  tx: TenantTx,
  id: string,
  { tags, title }: { tags?: string[] | undefined; title?: string | undefined },
): Promise<boolean> {
  if (tags === undefined && title === undefined)
    return (await tx.selectFrom('runs').select('id').where('id', '=', id).executeTakeFirst()) !== undefined;
  const { numUpdatedRows } = await tx
    .updateTable('runs')
    .set({ ...(tags && { tags }), ...(title !== undefined && { title }) })
    .where('id', '=', id)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  const data = { ...(tags && { tags }), ...(title !== undefined && { title }) };
  await appendEvent(tx, { type: 'run.changed', subject: `run:${id}`, runId: id, data });
  return true;
}
