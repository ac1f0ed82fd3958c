import { sql } from 'kysely';
import { type LineSeverity, lineSeverities, type LogCounts, type LogLine, type LogPage } from '#contracts/logs/logs.ts';
import type { TenantTx } from '../kit/database.ts';
import { filterOf, type LogFilter, severityWord } from './log-filter.ts';

/** Opens a reading transaction of the workspace. */
export type Read = <T>(work: (tx: TenantTx) => Promise<T>) => Promise<T>;
export interface Window {
  fromMs: number;
  toMs: number;
}

const minuteMs = 60_000;
const firstSpanMs = 5 * minuteMs;
const shortestSpanMs = 200;
const patienceMs = 5_000;

/** Whether the database gave up because the time that it was given was over. */
const isOverTime = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === '57014';

/**
 * Walks a window from its newest end in spans that grow while they are quick, until `look` has enough, the window or
 * the time is over. There is no index on texts: it would cost more than half of what can be taken in. A span of time is
 * what bounds a search.
 * @returns how far back was looked, in ms since 1970, and whether the time was over first
 */
async function walk(
  read: Read,
  { fromMs, toMs }: Window,
  { budgetMs, step, nowMs }: { budgetMs: number; step: number; nowMs: number },
  look: (tx: TenantTx, span: Window) => Promise<boolean>,
): Promise<{ lookedFromMs: number; isPartial: boolean }> {
  const until = performance.now() + budgetMs;
  let hi = toMs;
  let spanMs = firstSpanMs;
  while (hi > fromMs) {
    const leftMs = Math.floor(until - performance.now());
    const isFirst = hi === toMs;
    if (leftMs < 20 && !isFirst) return { lookedFromMs: hi, isPartial: true };
    // Of what lies ahead of now there is next to nothing: the first span begins at now.
    const by = spanMs < step ? 1 : step;
    const lo = Math.max(fromMs, Math.floor((Math.min(hi, nowMs + by) - spanMs) / by) * by);
    const began = performance.now();
    try {
      const isEnough = await read(async (tx) => {
        // A span that holds too much is given up early, so that a shorter one gets its turn. The shortest is waited for
        // where nothing has been looked at yet: the next page would stand where this one stood.
        const limitMs = spanMs > shortestSpanMs ? leftMs / 3 : Math.max(leftMs, isFirst ? patienceMs : 0);
        await sql`select set_config('statement_timeout', ${String(Math.max(20, Math.floor(limitMs)))}, true)`.execute(
          tx,
        );
        return look(tx, { fromMs: lo, toMs: hi });
      });
      hi = lo;
      if (isEnough) break;
    } catch (error) {
      if (!isOverTime(error)) throw error;
      if (spanMs <= shortestSpanMs) return { lookedFromMs: hi, isPartial: true };
      spanMs = Math.max(shortestSpanMs, Math.ceil(spanMs / 8));
      continue;
    }
    const tookMs = performance.now() - began;
    if (tookMs < 60) spanMs *= 6;
    else if (tookMs < 250) spanMs *= 2;
    else if (tookMs > 600) spanMs = Math.ceil(spanMs / 2);
  }
  return { lookedFromMs: hi, isPartial: false };
}

interface Row {
  at: string;
  seq: string;
  severity: LineSeverity;
  sourceId: string | null;
  host: string | null;
  service: string | null;
  text: string;
  attributes: LogLine['attributes'];
  traceId: string | null;
  spanId: string | null;
}
const atText = sql`to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Where a page begins: at what is older than this. */
const readCursor = (cursor: string | undefined): { at: string; seq: string } | null => {
  const found = /^(\d{4}-\d{2}-\d{2}T[\d:.]+Z)_(\d{1,19})$/.exec(cursor ?? '');
  return found ? { at: found[1] ?? '', seq: found[2] ?? '' } : null;
};

/** Lines of a window, newest first, as many as fit the page and the time. */
export async function searchLogs(
  read: Read,
  filter: LogFilter,
  { window, limit, cursor, budgetMs, nowMs }: { window: Window; limit: number; cursor?: string | undefined; budgetMs: number; nowMs: number }, // prettier-ignore
): Promise<LogPage> {
  const after = readCursor(cursor);
  const toMs = after ? Math.min(window.toMs, Date.parse(after.at) + 1) : window.toMs;
  const found: Row[] = [];
  const { lookedFromMs, isPartial } = await walk(read, { ...window, toMs }, { budgetMs, step: 1, nowMs }, async (tx, span) => {
    const { rows } = await sql<Row>`
      select ${atText} as at, seq::text as seq, ${severityWord} as severity, source_id as "sourceId", host, service, text, attributes,
        trace_id as "traceId", span_id as "spanId"
      from log_events
      where at >= ${new Date(span.fromMs)} and at < ${new Date(span.toMs)}
        and ${after ? sql`(at, seq) < (${after.at}::timestamptz, ${after.seq}::bigint)` : sql`true`}
        and ${filterOf(filter)}
      order by workspace_id desc, log_events.at desc, log_events.seq desc limit ${limit + 1 - found.length}`.execute(tx);
    found.push(...rows);
    return found.length > limit;
  }); // prettier-ignore
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const hasMore = found.length > limit;
  const lookedFrom = new Date(lookedFromMs).toISOString();
  return {
    data: page.map(({ seq, ...line }) => ({ id: seq, ...line })),
    nextCursor: hasMore && last ? `${last.at}_${last.seq}` : isPartial ? `${lookedFrom}_0` : null,
    isPartial: isPartial && !hasMore,
    searchedFrom: hasMore && last ? last.at : lookedFrom,
  };
}

const steps = [1, 2, 5, 10, 15, 30].map((s) => s * 1_000).concat([1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440].map((m) => m * minuteMs)); // prettier-ignore
/** A span of time that people count in, of which a window has at most some sixty. */
export const bucketOf = ({ fromMs, toMs }: Window): number =>
  steps.find((step) => (toMs - fromMs) / step <= 72) ?? Math.ceil((toMs - fromMs) / 72 / 86_400_000) * 86_400_000;

/** Lines over time, by severity, counted from the newest on for as long as there is time. */
export async function countLogs(
  read: Read,
  filter: LogFilter,
  { window, budgetMs, nowMs }: { window: Window; budgetMs: number; nowMs: number },
): Promise<LogCounts> {
  const bucketMs = bucketOf(window);
  const counted = new Map<number, Record<LineSeverity, number>>();
  const { lookedFromMs, isPartial } = await walk(read, window, { budgetMs, step: bucketMs, nowMs }, async (tx, span) => {
    const { rows } = await sql<{ bucket: number; severity: LineSeverity; count: number }>`
      select (floor(extract(epoch from at) * 1000 / ${sql.lit(bucketMs)}) * ${sql.lit(bucketMs)})::float8 as bucket, ${severityWord} as severity, count(*)::int as count
      from log_events where at >= ${new Date(span.fromMs)} and at < ${new Date(span.toMs)} and ${filterOf(filter)}
      group by 1, 2`.execute(tx);
    for (const { bucket, severity, count } of rows) {
      const of = counted.get(bucket) ?? emptyCounts();
      of[severity] += count;
      counted.set(bucket, of);
    }
    return false;
  }); // prettier-ignore
  const buckets = [...counted]
    .sort(([a], [b]) => a - b)
    .map(([at, counts]) => ({ at: new Date(at).toISOString(), counts }));
  return {
    from: new Date(window.fromMs).toISOString(),
    to: new Date(window.toMs).toISOString(),
    bucketMs,
    buckets,
    total: buckets.reduce((sum, { counts }) => sum + Object.values(counts).reduce((a, b) => a + b, 0), 0),
    isPartial,
    countedFrom: new Date(lookedFromMs).toISOString(),
  };
}
const emptyCounts = (): Record<LineSeverity, number> =>
  Object.fromEntries(lineSeverities.map((name) => [name, 0])) as Record<LineSeverity, number>;

/** How many lines of a window fit, counted up to `most`. */
export async function countUpTo(
  tx: TenantTx,
  filter: LogFilter,
  { fromMs, toMs }: Window,
  most: number,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from (select 1 from log_events
    where at >= ${new Date(fromMs)} and at < ${new Date(toMs)} and ${filterOf(filter)} limit ${most}) as found`.execute(
    tx,
  );
  return rows[0]?.count ?? 0;
}
