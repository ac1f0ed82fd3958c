import { sql, type RawBuilder } from 'kysely';
import { isId } from '../kit/is-id.ts';
import { Refusal } from '../kit/refusal.ts';

/** What a column of an order can hold in a cursor. The last column is always the id, since the rest may be alike. */
const fits: Readonly<Record<string, (value: unknown) => boolean>> = {
  id: (value) => typeof value === 'string' && isId(value),
  nameKey: (value) => typeof value === 'string',
  objectId: (value) => typeof value === 'string',
  healthRank: Number.isInteger,
  cpuPercent: Number.isFinite,
  memoryPercent: Number.isFinite,
  updatedAt: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
  checkedAt: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
};

/** The cursor of a sorted list: what the last row of a page holds in the columns of the order. */
export const cursorOf = (values: readonly unknown[]): string =>
  Buffer.from(JSON.stringify(values)).toString('base64url');

/** What comes after a cursor, in either direction. `table` is the name or alias whose rows are listed. */
export function afterCursor(
  table: string,
  columns: readonly string[],
  cursor: string,
  isDescending: boolean,
): RawBuilder<boolean> {
  const values = readCursor(cursor, columns);
  const row = sql.join(columns.map((column) => sql.ref(`${table}.${column}`)));
  // One comparison of rows, not a chain of conditions: only that reads on in the index where the page before has ended.
  return isDescending ? sql<boolean>`(${row}) < (${sql.join(values)})` : sql<boolean>`(${row}) > (${sql.join(values)})`;
}

const byName = ['nameKey', 'id'] as const;
/** The cursor of a list by name, and what comes after it. */
export const nameCursor = (row: { nameKey: string; id: string } | undefined): string | null =>
  row ? cursorOf([row.nameKey, row.id]) : null;
export const afterName = (table: string, cursor: string, isDescending: boolean): RawBuilder<boolean> =>
  afterCursor(table, byName, cursor, isDescending);

/** A cursor of another order is refused like one that never was. */
function readCursor(cursor: string, columns: readonly string[]): unknown[] {
  let values: unknown;
  try {
    values = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw noCursor();
  }
  if (!Array.isArray(values) || values.length !== columns.length) throw noCursor();
  if (!columns.every((column, place) => fits[column]?.(values[place]))) throw noCursor();
  return values;
}

const noCursor = () => new Refusal('contract.broken', {}, { cursor: 'This is no cursor of this list.' });

/** An id as the cursor of a list by time: ids are UUIDv7. */
export function idCursor(cursor: string): string {
  if (!isId(cursor)) throw noCursor();
  return cursor;
}
