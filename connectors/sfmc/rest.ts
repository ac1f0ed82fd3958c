import { z } from 'zod';
import type { Cell, QueryColumn, Remark } from '#contracts/queries/engine.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { type SfmcCalls, rowsTimeoutMs } from './calls.ts';
import { plainWords, queryWords, unreadable } from './failures.ts';

interface Signalled {
  readonly signal?: AbortSignal | undefined;
}

const Validated = z.object({
  queryValid: z.boolean(),
  errors: z.array(z.object({ message: z.string() })).default([]),
  warnings: z.array(z.object({ message: z.string() })).default([]),
});

/** What the service thinks of a text. The route is not documented: whatever it does not answer plainly is no verdict. */
export async function validateText(
  calls: SfmcCalls,
  sql: string,
  { signal }: Signalled = {},
): Promise<{ isValid: boolean | null; remarks: Remark[] }> {
  const nothing = { isValid: null, remarks: [] };
  try {
    const options = { isRepeatable: true, timeoutMs: 7_000, signal, body: { Text: sql } };
    const read = Validated.safeParse(await calls.rest('POST', 'automation/v1/queries/actions/validate/', options));
    if (!read.success) return nothing;
    const remark = (severity: Remark['severity'], words: (text: string) => string[]) => (entry: { message: string }) =>
      words(entry.message).map((message): Remark => ({ severity, message, position: null }));
    return {
      isValid: read.data.queryValid,
      remarks: [
        ...read.data.errors.flatMap(remark('error', queryWords)),
        ...read.data.warnings.flatMap(remark('warning', plainWords)),
      ],
    };
  } catch (error) {
    // A sign-in that is gone concerns the run as well; all else is a verdict that did not come.
    if (error instanceof QueryFailure && error.facts.kind !== 'auth') return nothing;
    throw error;
  }
}

const Values = z.record(z.string(), z.unknown());
const Rowset = z.object({
  links: z.object({ next: z.string().optional() }).default({}),
  requestToken: z.string().optional(),
  tokenExpireDateUtc: z.string().optional(),
  pageSize: z.number().optional(),
  page: z.number().optional(),
  count: z.number(),
  items: z.array(z.object({ keys: Values.default({}), values: Values.default({}) })).default([]),
});

export interface RowsetPage {
  readonly rows: readonly (readonly Cell[])[];
  /** Of all pages. */
  readonly count: number;
  /** The service's link to the next page, below its REST base; null after the last. */
  readonly next: string | null;
  readonly expiresAt: string | null;
}

/** A page of 2,500 rows is the largest. */
export const mostPageRows = 2_500;

/** The path of a first page by key; `page` counts from 1. */
export const rowsetPath = (key: string, pageSize: number, page = 1): string =>
  `data/v1/customobjectdata/key/${encodeURIComponent(key)}/rowset?$page=${page}&$pageSize=${Math.min(pageSize, mostPageRows)}`;

/**
 * One page of rows in the order, case and types of our own columns; keys and values are one row, and a page without
 * `items` is one without rows.
 */
export async function readRowset(
  calls: SfmcCalls,
  path: string,
  columns: readonly QueryColumn[],
  { signal }: Signalled = {},
): Promise<RowsetPage> {
  const read = Rowset.safeParse(
    await calls.rest('GET', path, { isRepeatable: true, timeoutMs: rowsTimeoutMs, signal }),
  );
  if (!read.success) throw unreadable('The page of rows is not as it should be.');
  const { links, count, items, tokenExpireDateUtc } = read.data;
  const places = new Map(columns.map(({ name }, index) => [name.toLowerCase(), index]));
  const rows = items.map(({ keys, values }) => {
    const row: Cell[] = columns.map(() => null);
    for (const part of [keys, values]) {
      for (const [name, value] of Object.entries(part)) {
        const place = places.get(name.toLowerCase());
        const column = place === undefined ? undefined : columns[place];
        if (place !== undefined && column) row[place] = readCell(value, column);
      }
    }
    return row;
  });
  const expires =
    tokenExpireDateUtc === undefined
      ? Number.NaN
      : Date.parse(/[zZ]|[+-]\d\d:\d\d$/.test(tokenExpireDateUtc) ? tokenExpireDateUtc : `${tokenExpireDateUtc}Z`);
  return {
    rows,
    count,
    next:
      links.next === undefined || links.next === ''
        ? null
        : `data${links.next.startsWith('/') ? '' : '/'}${links.next}`,
    expiresAt: Number.isNaN(expires) ? null : new Date(expires).toISOString(),
  };
}

/** A value of the wire, always a text there, as a cell. The service writes nothing as an empty text: in a text it stays one. */
export function readCell(value: unknown, { type }: Pick<QueryColumn, 'type'>): Cell {
  if (value === null || value === undefined) return null;
  const text =
    typeof value === 'string'
      ? value
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value as number | boolean);
  switch (type) {
    case 'integer':
    case 'decimal':
      return text.trim() === '' ? null : text.trim();
    case 'boolean':
      return text === ''
        ? null
        : /^(?:true|1|yes)$/i.test(text)
          ? 'true'
          : /^(?:false|0|no)$/i.test(text)
            ? 'false'
            : text;
    case 'date':
    case 'timestamp':
      return text === '' ? null : readInstant(text, type);
    default:
      return text;
  }
}

/** Dates come as Americans write them, or in ISO's form. The service's own time zone is not told, so none is made up. */
function readInstant(text: string, type: 'date' | 'timestamp'): string {
  const us = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?: (\d{1,2}):(\d\d)(?::(\d\d))? ?([AP]M)?)?$/i.exec(text);
  if (!us) return type === 'date' ? text.slice(0, 10) : text.replace(' ', 'T');
  const two = (part: string | undefined) => (part ?? '0').padStart(2, '0');
  const [, month, day, year, hour, minute, second, half] = us;
  const date = `${year}-${two(month)}-${two(day)}`;
  if (type === 'date') return date;
  const hours =
    half === undefined ? Number(hour ?? 0) : (Number(hour ?? 0) % 12) + (half.toUpperCase() === 'PM' ? 12 : 0);
  return `${date}T${two(String(hours))}:${two(minute)}:${two(second)}`;
}

/** How many rows a data extension has; null while REST does not know it yet. */
export async function countRows(calls: SfmcCalls, key: string, { signal }: Signalled = {}): Promise<number | null> {
  try {
    return (await readRowset(calls, rowsetPath(key, 1), [], { signal })).count;
  } catch (error) {
    if (error instanceof QueryFailure && error.facts.status === 404) return null;
    throw error;
  }
}

const Running = z.object({ isRunning: z.boolean() });
/** Whether a run of this query is going on; null where the service does not say. */
export async function isRunning(
  calls: SfmcCalls,
  queryId: string,
  { signal }: Signalled = {},
): Promise<boolean | null> {
  return optional(
    calls,
    `automation/v1/queries/${encodeURIComponent(queryId)}/actions/isrunning/`,
    signal,
    (answer) => {
      const read = Running.safeParse(answer);
      return read.success ? read.data.isRunning : null;
    },
  );
}

const Log = z.object({ items: z.array(z.unknown()) });
/** Whether the service's log tells of a run of this query; null where it does not say. */
export async function hasRun(calls: SfmcCalls, queryId: string, { signal }: Signalled = {}): Promise<boolean | null> {
  return optional(calls, `automation/v1/queries/${encodeURIComponent(queryId)}/log`, signal, (answer) => {
    const read = Log.safeParse(answer);
    return read.success ? read.data.items.length > 0 : null;
  });
}

/** Asks a witness that not every tenant has. */
async function optional<T>(
  calls: SfmcCalls,
  path: string,
  signal: AbortSignal | undefined,
  read: (answer: unknown) => T | null,
): Promise<T | null> {
  try {
    return read(await calls.rest('GET', path, { isRepeatable: true, signal }));
  } catch (error) {
    if (error instanceof QueryFailure && (error.facts.status === 404 || error.facts.status === 403)) return null;
    throw error;
  }
}
