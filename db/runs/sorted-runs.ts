import { sql, type SelectQueryBuilder } from 'kysely';
import type { RunSort } from '#contracts/runs/sorts.ts';
import { isId } from '../kit/is-id.ts';
import type { Database } from '../kit/tables.ts';
import { Refusal } from '../kit/refusal.ts';

type Runs<O> = SelectQueryBuilder<Database, 'runs', O>;
type SortColumn = 'id' | 'endedAt' | 'tookMs' | 'titleKey';
interface Order {
  column: SortColumn;
  isDescending: boolean;
  /** Runs that have not ended come behind those that have, newest or oldest first as the others. */
  hasTail: boolean;
}

const columns = { createdAt: 'id', endedAt: 'endedAt', duration: 'tookMs', title: 'titleKey' } as const;
export function orderOf(sort: RunSort): Order {
  const column = columns[sort.replace('-', '') as keyof typeof columns];
  return { column, isDescending: sort.startsWith('-'), hasTail: column === 'endedAt' || column === 'tookMs' };
}

/** What of a row its place in a list goes by. An instant is text, to the microsecond, for a `Date` would round it. */
export const placeText = ({ column }: Order) =>
  column === 'endedAt'
    ? sql<string | null>`to_char(ended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
    : sql<string | null>`${sql.ref(column)}::text`;

/** A place in a sorted list: behind this row. `value` is null for a row of the tail. */
interface Place {
  value: string | null;
  id: string;
}

const fits: Readonly<Record<SortColumn, (value: string) => boolean>> = {
  id: isId,
  endedAt: (value) => !Number.isNaN(Date.parse(value)),
  tookMs: (value) => /^\d{1,18}$/.test(value),
  titleKey: () => true,
};

/** The cursor of a place. By time the id says it all, as it does in every list by time. */
export const cursorOf = ({ column }: Order, { value, id }: Place): string =>
  column === 'id' ? id : Buffer.from(JSON.stringify([column, value, id])).toString('base64url');

/**
 * Reads a cursor of this order.
 * @throws `contract.broken` where it is none, or of another order
 */
export function placeOf({ column, hasTail }: Order, cursor: string): Place {
  if (column === 'id' && isId(cursor)) return { value: cursor, id: cursor };
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    read = undefined;
  }
  const [named, value, id] = Array.isArray(read) ? (read as unknown[]) : [];
  const isThere = value === null ? hasTail : typeof value === 'string' && fits[column](value);
  if (column === 'id' || named !== column || typeof id !== 'string' || !isId(id) || !isThere)
    throw new Refusal('contract.broken', {}, { cursor: 'This is no cursor of this list.' });
  return { value: value as string | null, id };
}

/**
 * The parts of a sorted list, one after the other, each of them in an index: all of it, or what has ended and then what
 * has not. Behind a place, the parts before it are left out.
 */
export function sortedParts<O>(runs: Runs<O>, order: Order, after?: Place): Runs<O>[] {
  const { column, isDescending, hasTail } = order;
  const direction = isDescending ? 'desc' : 'asc';
  const beyond = sql.raw(isDescending ? '<' : '>');
  const byId = (part: Runs<O>) => part.orderBy('id', direction);
  const parts: Runs<O>[] = [];
  if (column === 'id') return [byId(after ? runs.where('id', isDescending ? '<' : '>', after.id) : runs)];
  if (!after || after.value !== null) {
    let part = hasTail ? runs.where('endedAt', 'is not', null) : runs;
    // One comparison of rows, not a chain of conditions: only that reads on in the index where the page before has ended.
    if (after) part = part.where(sql<boolean>`(${sql.ref(column)}, id) ${beyond} (${after.value}, ${after.id}::uuid)`);
    parts.push(byId(part.orderBy(column, direction)));
  }
  if (hasTail) {
    const part = runs.where('endedAt', 'is', null);
    parts.push(byId(after?.value === null ? part.where('id', isDescending ? '<' : '>', after.id) : part));
  }
  return parts;
}
