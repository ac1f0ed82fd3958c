import { sql } from 'kysely';
import type { TenantTx } from '../kit/database.ts';
import { firstIdAt, narrowRuns, type RunNarrowing } from './run-filter.ts';

interface Span {
  from: Date;
  to: Date;
  buckets: number;
}
const widthOf = ({ from, to, buckets }: Span): number =>
  Math.max(1_000, Math.ceil((to.getTime() - from.getTime()) / buckets));
const instants = (span: Span): string[] =>
  Array.from({ length: span.buckets }, (_, index) =>
    new Date(span.from.getTime() + index * widthOf(span)).toISOString(),
  );

/** How many runs a filter shows. @returns counted to `most`, one more where there are more */
export async function countRuns(tx: TenantTx, filter: RunNarrowing, most: number): Promise<number> {
  const found = narrowRuns(tx.selectFrom('runs').select('id'), filter).limit(most + 1);
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from (${found}) found`.execute(tx);
  return rows[0]?.count ?? 0;
}

/** The ids of all runs that a filter shows, newest first, `most` and one more at most. */
export async function findRunIds(tx: TenantTx, filter: RunNarrowing, most: number): Promise<string[]> {
  const rows = await narrowRuns(tx.selectFrom('runs').select('id'), filter)
    .orderBy('id', 'desc')
    .limit(most + 1)
    .execute();
  return rows.map(({ id }) => id);
}

/** How many children each of these runs has; those without any are left out. */
export async function countChildren(tx: TenantTx, parents: readonly string[]): Promise<Map<string, number>> {
  if (parents.length === 0) return new Map();
  const rows = await tx
    .selectFrom('runs')
    .select(['parentRunId', (eb) => eb.fn.countAll<string>().as('count')])
    .where('parentRunId', 'in', [...parents])
    .where('shape', '=', 'job')
    .groupBy('parentRunId')
    .execute();
  return new Map(rows.map(({ parentRunId, count }) => [parentRunId ?? '', Number(count)]));
}

/** Runs that a filter shows, in equal buckets of time: by their end, or by when they were asked for. */
export async function runHistogram(tx: TenantTx, span: Span, filter: RunNarrowing, by: 'ended' | 'created') {
  const bucketMs = widthOf(span);
  const { from: _from, to: _to, ...narrowing } = filter;
  let runs = narrowRuns(tx.selectFrom('runs').select(['status', 'createdAt', 'endedAt']), narrowing);
  if (by === 'ended') runs = runs.where('endedAt', '>=', span.from).where('endedAt', '<', span.to);
  else runs = runs.where('id', '>=', firstIdAt(span.from.getTime())).where('id', '<', firstIdAt(span.to.getTime()));
  const at = by === 'ended' ? sql`ended_at` : sql`created_at`;
  const { rows } = await sql<{ bucket: number; succeeded: number; failed: number; canceled: number; alive: number }>`
    select floor(extract(epoch from (${at} - ${span.from}::timestamptz)) * 1000 / ${bucketMs})::int as bucket,
      count(*) filter (where status = 'succeeded')::int as succeeded,
      count(*) filter (where status in ('failed', 'timed_out'))::int as failed,
      count(*) filter (where status = 'canceled')::int as canceled,
      count(*) filter (where ended_at is null)::int as alive
    from (${runs}) found group by 1`.execute(tx);
  const filled = new Map(rows.map(({ bucket, ...counts }) => [bucket, counts]));
  const none = { succeeded: 0, failed: 0, canceled: 0, alive: 0 };
  return {
    bucketMs,
    buckets: instants(span).map((instant, index) => ({ at: instant, ...none, ...filled.get(index) })),
  };
}

interface Ended {
  bucket: number;
  succeeded: number;
  failed: number;
  canceled: number;
  durationP50Ms: number | null;
  durationP95Ms: number | null;
}

/** Throughput, durations and start delay of top-level jobs in equal buckets of time. */
export async function runTrends(tx: TenantTx, span: Span, actorId: string | undefined) {
  const bucketMs = widthOf(span);
  const byActor = actorId === undefined ? sql`` : sql`and actor_id = ${actorId}`;
  const bucketOf = (column: 'created_at' | 'ended_at') =>
    sql`floor(extract(epoch from (${sql.ref(column)} - ${span.from}::timestamptz)) * 1000 / ${bucketMs})::int`;
  const took = sql`extract(epoch from ended_at - started_at) * 1000`;
  const ended = await sql<Ended>`
    select ${bucketOf('ended_at')} as bucket,
      count(*) filter (where status = 'succeeded')::int as succeeded,
      count(*) filter (where status in ('failed', 'timed_out'))::int as failed,
      count(*) filter (where status = 'canceled')::int as canceled,
      (percentile_cont(0.5) within group (order by ${took}))::float8 as "durationP50Ms",
      (percentile_cont(0.95) within group (order by ${took}))::float8 as "durationP95Ms"
    from runs where shape = 'job' and parent_run_id is null and ended_at >= ${span.from} and ended_at < ${span.to} ${byActor}
    group by 1`.execute(tx);
  const begun = await sql<{ bucket: number; started: number; startDelayP95Ms: number | null }>`
    select ${bucketOf('created_at')} as bucket, count(*)::int as started,
      (percentile_cont(0.95) within group (order by extract(epoch from started_at - created_at) * 1000))::float8 as "startDelayP95Ms"
    from runs where shape = 'job' and parent_run_id is null
      and id >= ${firstIdAt(span.from.getTime())}::uuid and id < ${firstIdAt(span.to.getTime())}::uuid ${byActor}
    group by 1`.execute(tx);
  const ends = new Map(ended.rows.map(({ bucket, ...figures }) => [bucket, figures]));
  const starts = new Map(begun.rows.map(({ bucket, ...figures }) => [bucket, figures]));
  const none = {
    started: 0,
    succeeded: 0,
    failed: 0,
    canceled: 0,
    durationP50Ms: null,
    durationP95Ms: null,
    startDelayP95Ms: null,
  };
  return {
    bucketMs,
    buckets: instants(span).map((at, index) => ({ at, ...none, ...ends.get(index), ...starts.get(index) })),
  };
}
