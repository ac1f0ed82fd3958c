import type { FieldDef } from 'pg';
import type { Cell, ColumnType, QueryColumn } from '#contracts/queries/engine.ts';
import type { Session } from './session.ts';
import type { CellPlace, RewriteCell } from './wire-rows.ts';

/** Built-in types by their numbers, which never change. */
const typeByOid: Readonly<Record<number, ColumnType>> = {
  16: 'boolean',
  17: 'binary',
  18: 'text',
  19: 'text',
  20: 'integer',
  21: 'integer',
  23: 'integer',
  25: 'text',
  26: 'integer',
  114: 'json',
  700: 'decimal',
  701: 'decimal',
  1042: 'text',
  1043: 'text',
  1082: 'date',
  1083: 'time',
  1114: 'timestamp',
  1184: 'timestamp',
  1266: 'time',
  1700: 'decimal',
  2950: 'uuid',
  3802: 'json',
};
const numericOid = 1700;
const lengthOids = new Set([1042, 1043]);

/** A type as the catalog has it. */
export interface NativeType {
  readonly oid: number;
  /** −1: none. */
  readonly modifier: number;
  /** As `format_type` writes it: `numeric(10,2)`. */
  readonly name: string;
  /** `pg_type.typtype` and `typcategory`. */
  readonly typtype: string;
  readonly category: string;
}

/** A column's type in our words. An enum is text, an array and whatever else is unknown `other`. */
export function typeOf({ oid, modifier, name, typtype, category }: NativeType): Omit<QueryColumn, 'name'> {
  const type = typeByOid[oid] ?? (typtype === 'e' || category === 'S' ? 'text' : 'other');
  const inner = modifier - 4; // VARHDRSZ
  const scale = ((inner & 0x7ff) ^ 1_024) - 1_024;
  return {
    type,
    nativeType: name.slice(0, 100),
    ...(lengthOids.has(oid) && inner > 0 && { length: inner }),
    ...(oid === numericOid && inner > 0 && { precision: (inner >> 16) & 0xffff, ...(scale >= 0 && { scale }) }),
  };
}

const typesSql = `select pg_catalog.format_type(f.oid, f.modifier), t.typtype, t.typcategory
  from unnest($1::oid[], $2::int4[]) with ordinality as f(oid, modifier, place)
  left join pg_catalog.pg_type t on t.oid = f.oid order by f.place`;

/** What the server says of a result's columns. Names become unique without regard to case: a second `id` is `id_2`. */
export async function readColumns(session: Session, fields: readonly FieldDef[]): Promise<QueryColumn[]> {
  if (fields.length === 0) return [];
  const oids = fields.map(({ dataTypeID }) => dataTypeID);
  const modifiers = fields.map(({ dataTypeModifier }) => dataTypeModifier);
  const { rows } = await session.query(typesSql, [oids, modifiers]);
  const names = uniqueNames(fields.map(({ name }) => name));
  return fields.map(({ dataTypeID, dataTypeModifier }, at) => {
    const [name, typtype, category] = rows[at] ?? [];
    return {
      name: names[at] ?? '',
      ...typeOf({
        oid: dataTypeID,
        modifier: dataTypeModifier,
        name: name ?? 'unknown',
        typtype: typtype ?? '',
        category: category ?? '',
      }),
    };
  });
}

export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set(names.map((name) => name.toLowerCase()));
  const seen = new Set<string>();
  const next = new Map<string, number>();
  return names.map((name) => {
    const key = name.toLowerCase();
    if (!seen.has(key)) {
      seen.add(key);
      return name;
    }
    for (let number = next.get(key) ?? 2; ; number++) {
      const other = `${name}_${number}`;
      if (taken.has(other.toLowerCase())) continue;
      taken.add(other.toLowerCase());
      next.set(key, number + 1);
      return other;
    }
  });
}

/** Turns a cell as the server prints it to what the column's type promises; undefined where that is the same. */
export type ReadCell = ((text: string) => string) | undefined;

/** How the cells of each column are read. */
export const cellReaders = (columns: readonly QueryColumn[]): ReadCell[] =>
  columns.map(({ type }) => (type === 'boolean' ? readBoolean : type === 'timestamp' ? readTimestamp : undefined));

const readBoolean = (text: string): string => (text === 't' ? 'true' : text === 'f' ? 'false' : text);

/** `2026-01-31 08:00:00.5+02` to `2026-01-31T08:00:00.5+02:00`. What ISO 8601 has no form for (`infinity`, BC) stays. */
function readTimestamp(text: string): string {
  if (text[10] !== ' ' || text.endsWith('BC')) return text;
  const joined = `${text.slice(0, 10)}T${text.slice(11)}`;
  const sign = joined.charCodeAt(joined.length - 3);
  return sign === 0x2b || sign === 0x2d ? `${joined}:00` : joined;
}

/** The same for cells as bytes where they lie on the wire, before which their length stood: that room is free. */
export const cellRewriters = (columns: readonly QueryColumn[]): (RewriteCell | undefined)[] =>
  columns.map(({ type }) =>
    type === 'boolean' ? rewriteBoolean : type === 'timestamp' ? rewriteTimestamp : undefined,
  );

function rewriteBoolean(bytes: Buffer, from: number, to: number, found: CellPlace): void {
  if (to - from !== 1) return;
  found.from = from - 4;
  if (bytes[from] === 0x74) found.to = found.from + bytes.write('true', found.from, 'latin1');
  else if (bytes[from] === 0x66) found.to = found.from + bytes.write('false', found.from, 'latin1');
  else found.from = from;
}

function rewriteTimestamp(bytes: Buffer, from: number, to: number, found: CellPlace): void {
  if (bytes[from + 10] !== 0x20 || to - from < 19 || bytes[to - 1] === 0x43) return;
  bytes[from + 10] = 0x54; // T
  const sign = bytes[to - 3];
  if (sign !== 0x2b && sign !== 0x2d) return;
  for (let at = from; at < to; at++) bytes[at - 3] = bytes[at] ?? 0;
  bytes[to - 3] = 0x3a;
  bytes[to - 2] = bytes[to - 1] = 0x30;
  found.from = from - 3;
}

/** Reads a page's cells in place: rows are the caller's own. */
export function readCells(rows: Cell[][], readers: readonly ReadCell[]): Cell[][] {
  for (const [at, read] of readers.entries()) {
    if (!read) continue;
    for (const row of rows) {
      const cell = row[at];
      if (typeof cell === 'string') row[at] = read(cell);
    }
  }
  return rows;
}
