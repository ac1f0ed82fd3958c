import type { LogEvent } from '#contracts/ingest/log-event.ts';

const dayMs = 86_400_000;
/** The columns that COPY fills, in this order; the workspace comes from the transaction, `seq` from its sequence. */
export const copyColumns = 'at, source_id, severity, host, service, text, attributes, trace_id, span_id';
/** Stands for an API key in place of a log source. */
export const noSource = '00000000-0000-0000-0000-000000000000';

const special = /[\\\t\n\r]/;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const escaped = (text: string): string =>
  special.test(text) ? text.replaceAll(/[\\\t\n\r]/g, (one) => escapes[one] ?? one) : text;
const bare = (text: string): string => (text.includes('\0') ? text.replaceAll('\0', '') : text);
const field = (text: string | null, most = 1_000): string =>
  text === null ? '\\N' : escaped(bare(text.slice(0, most)));

/** What JSON can write and `jsonb` cannot hold: NUL, and halves of characters. */
function jsonOf(attributes: LogEvent['attributes']): string {
  const json = JSON.stringify(attributes);
  if (!json.includes('\\u')) return json;
  return JSON.stringify(attributes, (_key, value: unknown) =>
    typeof value === 'string' ? bare(value).toWellFormed() : isPlainObject(value) ? wellNamed(value) : value,
  );
}
const isPlainObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const wellNamed = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).map(([name, inner]) => [bare(name).toWellFormed(), inner]));

/** The second written last: lines come by the thousand out of the same one. */
let written = { second: Number.NaN, text: '' };

/** An instant as PostgreSQL reads it, with the microseconds that it keeps. */
function instant(ms: number): string {
  const second = Math.floor(ms / 1_000);
  if (second !== written.second) written = { second, text: new Date(second * 1_000).toISOString().slice(0, 20) };
  const micros = Math.floor((ms - second * 1_000) * 1_000);
  return `${written.text}${String(micros).padStart(6, '0')}Z`;
}

export interface CopyRow {
  /** Days since 1970, UTC: which partition it belongs to. */
  day: number;
  line: string;
}

/**
 * An event as a line of COPY's text form. A time more than a day ahead is a clock that is wrong: the line is kept under
 * the time of its receipt, and what was claimed stays as the attribute `claimed.time`.
 */
export function copyRow(event: LogEvent, sourceId: string | null, nowMs: number): CopyRow {
  const isSound = event.at > 0 && event.at <= nowMs + dayMs;
  const at = isSound ? event.at : nowMs;
  const attributes =
    isSound || !(Math.abs(event.at) <= 8.64e15)
      ? event.attributes
      : { ...event.attributes, 'claimed.time': new Date(event.at).toISOString() };
  const { severity, host, service, text, traceId, spanId } = event;
  return {
    day: Math.floor(at / dayMs),
    line: `${instant(at)}\t${sourceId ?? '\\N'}\t${severity}\t${field(host)}\t${field(service)}\t${escaped(bare(text))}\t${escaped(jsonOf(attributes))}\t${field(traceId, 64)}\t${field(spanId, 32)}\n`,
  };
}

/** Lines of one day as COPY takes them. */
export interface DayLines {
  day: number;
  events: number;
  bytes: Buffer;
}

/** Puts lines together by day. As bytes, which wait for the database outside of the heap that is swept all the time. */
export function packRows(rows: Iterable<CopyRow>): DayLines[] {
  const days = new Map<number, { events: number; text: string }>();
  for (const { day, line } of rows) {
    const of = days.get(day);
    if (of) {
      of.events += 1;
      of.text += line;
    } else days.set(day, { events: 1, text: line });
  }
  return Array.from(days, ([day, { events, text }]) => ({ day, events, bytes: Buffer.from(text) }));
}

/** A day's number as PostgreSQL writes dates. */
export const dateOfDay = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);
/** The partition of a day. */
export const partitionOfDay = (day: number): string => `log_events_${dateOfDay(day).replaceAll('-', '')}`;
