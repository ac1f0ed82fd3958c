import { sql, type RawBuilder } from 'kysely';
import { Refusal } from '../kit/refusal.ts';

/** The cursor of a list by name: where the last one sorts, and its id, since names may sort alike. */
export const nameCursor = (row: { nameKey: string; id: string } | undefined): string | null =>
  row ? Buffer.from(JSON.stringify([row.nameKey, row.id])).toString('base64url') : null;

/** What comes after a cursor, in either direction. `table` is the name or alias whose rows are listed. */
export function afterName(table: string, cursor: string, isDescending: boolean): RawBuilder<boolean> {
  const [nameKey, id] = readCursor(cursor);
  const row = sql`(${sql.ref(`${table}.nameKey`)}, ${sql.ref(`${table}.id`)})`;
  return isDescending
    ? sql<boolean>`${row} < (${nameKey}, ${id}::uuid)`
    : sql<boolean>`${row} > (${nameKey}, ${id}::uuid)`;
}

function readCursor(cursor: string): [nameKey: string, id: string] {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw noCursor();
  }
  if (!Array.isArray(value) || typeof value[0] !== 'string' || typeof value[1] !== 'string') throw noCursor();
  return [value[0], idCursor(value[1])];
}

const noCursor = () => new Refusal('contract.broken', {}, { cursor: 'This is no cursor of this list.' });

/** An id as the cursor of a list by time: ids are UUIDv7. */
export function idCursor(cursor: string): string {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(cursor)) throw noCursor();
  return cursor;
}

/** A text anywhere in a column, whatever it holds of `%` and `_`. */
export const contains = (text: string): string => `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
