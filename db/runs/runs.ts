import { sql } from 'kysely';
import type { RunFilter, RunSummary } from '#contracts/runs/runs.ts';
import { runStatuses, type RunStatus } from '#contracts/runs/status.ts';
import type { TenantTx } from '../kit/database.ts';
import { summaryColumns, toSummary } from './run-columns.ts';

export interface RunPage {
  data: RunSummary[];
  pagination: { limit: number; nextCursor: string | null };
}

/** Ids are UUIDv7, ordered by time, so an id is a cursor and a span of time is a span of ids. */
const firstIdAt = (instant: string): string => {
  const ms = Math.max(0, Date.parse(instant)).toString(16).padStart(12, '0');
  return `${ms.slice(0, 8)}-${ms.slice(8)}-0000-0000-000000000000`;
};

/** Runs by pages, newest first; top-level jobs where nothing else is asked for. */
export async function listRuns(tx: TenantTx, filter: RunFilter): Promise<RunPage> {
  const isAscending = filter.sort === 'createdAt';
  let runs = tx.selectFrom('runs').select(summaryColumns).where('shape', '=', filter.shape);
  if (filter.parent) runs = runs.where('parentRunId', '=', filter.parent);
  else if (!filter.children) runs = runs.where('parentRunId', 'is', null);
  const statuses = filter.status?.filter((status): status is RunStatus =>
    (runStatuses as readonly string[]).includes(status),
  );
  if (statuses?.length) runs = runs.where('status', 'in', statuses);
  if (filter.kind?.length) runs = runs.where('kind', 'in', filter.kind);
  if (filter.trigger?.length) runs = runs.where('trigger', 'in', filter.trigger as never[]);
  if (filter.actor) runs = runs.where('actorId', '=', filter.actor);
  if (filter.tag) runs = runs.where(sql<boolean>`${filter.tag} = any(tags)`);
  if (filter.subject) {
    const [kind = '', id = ''] = filter.subject.split(/:(.*)/s);
    if (kind === 'server') {
      runs = runs.where(
        sql<boolean>`exists (select from run_hosts h where h.workspace_id = runs.workspace_id and h.run_id = runs.id and h.server_id = ${id}::uuid)`,
      );
    } else if (kind === 'schedule') runs = runs.where('triggerId', '=', id);
    else runs = runs.where('subjectKind', '=', kind).where('subjectId', '=', id);
  }
  if (filter.q) {
    const like = `%${filter.q.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    runs = runs.where((eb) => eb.or([eb('title', 'ilike', like), sql<boolean>`id::text like ${`${filter.q}%`}`]));
  }
  if (filter.from) runs = runs.where('id', '>=', firstIdAt(filter.from));
  if (filter.to) runs = runs.where('id', '<', firstIdAt(filter.to));
  if (filter.cursor) runs = runs.where('id', isAscending ? '>' : '<', filter.cursor);
  const rows = await runs
    .orderBy('id', isAscending ? 'asc' : 'desc')
    .limit(filter.limit + 1)
    .execute(); // one more tells if more follow
  const page = rows.slice(0, filter.limit);
  const places = await queuePlaces(
    tx,
    page.filter((row) => row.status === 'queued' && row.admittedAt === null).map(({ id }) => id),
  );
  const data = page.map((row) => toSummary(row, places.get(row.id) ?? null));
  return {
    data,
    pagination: { limit: filter.limit, nextCursor: rows.length > filter.limit ? (data.at(-1)?.id ?? null) : null },
  };
}

/** Places in the workspace's queue, 1 for the next, of those runs that wait in it. */
export async function queuePlaces(tx: TenantTx, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; place: number }>`
    select id, place::int as place from (
      select id, row_number() over (order by id) as place from runs
      where status = 'queued' and ended_at is null and admitted_at is null and shape = 'job' and parent_run_id is null
    ) queue where id = any(${[...ids]}::uuid[])`.execute(tx);
  return new Map(rows.map(({ id, place }) => [id, place]));
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

/** Runs that ended, in equal buckets of time. */
export async function runHistogram(tx: TenantTx, from: Date, to: Date, buckets: number) {
  const bucketMs = Math.max(1_000, Math.ceil((to.getTime() - from.getTime()) / buckets));
  const { rows } = await sql<{ bucket: number; succeeded: number; failed: number; canceled: number }>`
    select floor(extract(epoch from (ended_at - ${from}::timestamptz)) * 1000 / ${bucketMs})::int as bucket,
      count(*) filter (where status = 'succeeded')::int as succeeded,
      count(*) filter (where status in ('failed', 'timed_out'))::int as failed,
      count(*) filter (where status = 'canceled')::int as canceled
    from runs where shape = 'job' and ended_at >= ${from} and ended_at < ${to} and parent_run_id is null
    group by 1`.execute(tx);
  const filled = new Map(rows.map((row) => [row.bucket, row]));
  return {
    bucketMs,
    buckets: Array.from({ length: buckets }, (_, index) => ({
      at: new Date(from.getTime() + index * bucketMs).toISOString(),
      succeeded: filled.get(index)?.succeeded ?? 0,
      failed: filled.get(index)?.failed ?? 0,
      canceled: filled.get(index)?.canceled ?? 0,
    })),
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
  return numUpdatedRows > 0n;
}
