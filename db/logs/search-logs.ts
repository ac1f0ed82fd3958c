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
/** Lines looked at in one statement: as many as take about `statementMs`. */
const [firstLines, fewestLines, mostLines] = [20_000, 1_000, 1_000_000];
const statementMs = 300;

/** A place in the order of lines, newest first. */
interface Place {
  at: string;
  seq: string;
}
const atText = sql<string>`to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
const newestFirst = sql`order by workspace_id desc, log_events.at desc, log_events.seq desc`;

/** The next so many lines of a window that are older than a place, whatever they say. */
const linesFrom = ({ fromMs, toMs }: Window, after: Place | null, lines: number) => {
  // A comparison of pairs alone is not where the index begins to read: it would walk there from the newest line.
  const older = after
    ? sql`at <= ${after.at}::timestamptz and (at, seq) < (${after.at}::timestamptz, ${after.seq}::bigint)`
    : sql`at < ${new Date(toMs)}`;
  return sql`from (select * from log_events where at >= ${new Date(fromMs)} and ${older}
    ${newestFirst} limit ${lines}) as log_events`;
};

/** The last of so many lines; null where there are not so many. */
async function placeAfter(tx: TenantTx, window: Window, after: Place | null, lines: number): Promise<Place | null> {
  const { rows } = await sql<Place>`select ${atText} as at, seq::text as seq ${linesFrom(window, after, lines)}
    offset ${lines - 1} limit 1`.execute(tx);
  return rows[0] ?? null;
}

/**
 * Walks a window from its newest line, so many lines at a time, until `look` has enough, or the window or the time is
 * over. There is no index on texts: it would cost more than half of what can be taken in. What bounds a search is the
 * number of lines that are looked at, however dense they are.
 * @returns behind which place nothing was looked at, null where all was, and whether the time was over first
 */
async function walk(
  read: Read,
  window: Window,
  { budgetMs, after }: { budgetMs: number; after: Place | null },
  look: (tx: TenantTx, after: Place | null, lines: number) => Promise<boolean>,
): Promise<{ lookedTo: Place | null; isPartial: boolean }> {
  const until = performance.now() + budgetMs;
  let lookedTo = after;
  for (let lines = firstLines; ;) {
    const began = performance.now();
    const step = await read(async (tx) => {
      const isEnough = await look(tx, lookedTo, lines);
      return { isEnough, place: isEnough ? null : await placeAfter(tx, window, lookedTo, lines) };
    });
    if (step.isEnough || step.place === null) return { lookedTo: null, isPartial: false };
    lookedTo = step.place;
    if (performance.now() >= until) return { lookedTo, isPartial: true };
    const share = statementMs / Math.max(1, performance.now() - began);
    lines = Math.min(mostLines, Math.max(fewestLines, Math.round(lines * Math.min(share, 8))));
  }
}

interface Row extends Place {
  severity: LineSeverity;
  sourceId: string | null;
  host: string | null;
  service: string | null;
  text: string;
  attributes: LogLine['attributes'];
  traceId: string | null;
  spanId: string | null;
}

/** Where a page begins: at what is older than this; null at the newest line of the window. */
const readCursor = (cursor: string | undefined, { toMs }: Window): Place | null => {
  const found = /^(\d{4}-\d{2}-\d{2}T[\d:.]+Z)_(\d{1,19})$/.exec(cursor ?? '');
  return found && Date.parse(found[1] ?? '') < toMs ? { at: found[1] ?? '', seq: found[2] ?? '' } : null;
};

/** Lines of a window, newest first, as many as fit the page and the time. */
export async function searchLogs(
  read: Read,
  filter: LogFilter,
  { window, limit, cursor, budgetMs }: { window: Window; limit: number; cursor?: string | undefined; budgetMs: number },
): Promise<LogPage> {
  const found: Row[] = [];
  const { lookedTo, isPartial } = await walk(read, window, { budgetMs, after: readCursor(cursor, window) }, async (tx, after, lines) => {
    const { rows } = await sql<Row>`
      select ${atText} as at, seq::text as seq, ${severityWord} as severity, source_id as "sourceId", host, service, text, attributes,
        trace_id as "traceId", span_id as "spanId"
      ${linesFrom(window, after, lines)} where ${filterOf(filter)} limit ${limit + 1 - found.length}`.execute(tx);
    found.push(...rows);
    return found.length > limit;
  }); // prettier-ignore
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : lookedTo;
  return {
    data: page.map(({ seq, ...line }) => ({ id: seq, ...line })),
    nextCursor: last ? `${last.at}_${last.seq}` : null,
    isPartial,
    searchedFrom: last?.at ?? new Date(window.fromMs).toISOString(),
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
  { window, budgetMs }: { window: Window; budgetMs: number },
): Promise<LogCounts> {
  const bucketMs = bucketOf(window);
  const counted = new Map<number, Record<LineSeverity, number>>();
  const { lookedTo, isPartial } = await walk(read, window, { budgetMs, after: null }, async (tx, after, lines) => {
    const { rows } = await sql<{ bucket: number; severity: LineSeverity; count: number }>`
      select (floor(extract(epoch from at) * 1000 / ${sql.lit(bucketMs)}) * ${sql.lit(bucketMs)})::float8 as bucket, ${severityWord} as severity, count(*)::int as count
      ${linesFrom(window, after, lines)} where ${filterOf(filter)} group by 1, 2`.execute(tx);
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
    countedFrom: lookedTo?.at ?? new Date(window.fromMs).toISOString(),
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
