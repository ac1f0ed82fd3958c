import type { SchemaElement } from 'hyparquet-writer';
import type { QueryColumn } from '#contracts/queries/engine.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { isWord } from './json.ts';
import { ExportBroken } from './source.ts';
import { daysAt, daysOf, microsOf, readTime, type ReadTime } from './times.ts';

/** Memory of a column that held a few huge values is given back. */
const mostKept = 2 * 1_048_576;
type Bounds = number | bigint;

/** The values of one column in one row group, as Parquet's PLAIN encoding has them. */
export class ParquetColumn {
  readonly name: string;
  readonly values = new ByteBuffer(65_536);
  /** One bit a row: whether there is a value. */
  readonly present = new ByteBuffer(4_096);
  rows = 0;
  nulls = 0;
  min: Bounds | undefined;
  max: Bounds | undefined;
  /** The first value of a column of times had an offset, or its type says so: they are instants then. */
  isInstant: boolean | null = null;
  /** Bits of truth values that are not yet a byte. */
  bits = 0;
  readonly #kind: ColumnKind;

  constructor(column: QueryColumn) {
    this.name = column.name;
    this.#kind = kindOf(column);
  }

  get element(): SchemaElement & { type: NonNullable<SchemaElement['type']> } {
    return { name: this.name, repetition_type: 'OPTIONAL', ...this.#kind.element(this) };
  }

  /** @param from −1: null */
  add(bytes: Buffer, from: number, to: number): void {
    const bit = this.rows & 7;
    if (bit === 0) this.present.byte(0);
    this.rows++;
    if (from < 0) {
      this.nulls++;
      return;
    }
    const at = this.present.at - 1;
    this.present.bytes[at] = (this.present.bytes[at] ?? 0) | (1 << bit);
    this.#kind.write(this, bytes, from, to);
  }

  bound(value: Bounds): void {
    if (this.min === undefined || value < this.min) this.min = value;
    if (this.max === undefined || value > this.max) this.max = value;
  }

  /** Begins the next row group. */
  clear(): void {
    this.rows = this.nulls = this.bits = 0;
    this.min = this.max = undefined;
    this.present.at = 0;
    this.values.reset(mostKept);
  }

  unfit(bytes: Buffer, from: number, to: number, what: string): never {
    const text = bytes.toString('utf8', from, Math.min(to, from + 160)).slice(0, 40);
    throw new ExportBroken(
      'export.value_unfit',
      `The column ${this.name} holds ${text}, which is no ${what} of Parquet. Make it a text in the query.`,
    );
  }
}

interface ColumnKind {
  readonly element: (
    column: ParquetColumn,
  ) => Omit<SchemaElement, 'name' | 'type'> & { type: Required<SchemaElement>['type'] };
  readonly write: (column: ParquetColumn, bytes: Buffer, from: number, to: number) => void;
}

const floatNames = new Set(['double precision', 'real', 'double', 'float']);
const smallNames = new Set(['integer', 'smallint', 'int', 'int2', 'int4']);

function kindOf({ type, nativeType = '', precision, scale }: QueryColumn): ColumnKind {
  const native = nativeType.toLowerCase();
  switch (type) {
    case 'boolean':
      return { element: () => ({ type: 'BOOLEAN' }), write: writeBoolean };
    case 'integer':
      return smallNames.has(native)
        ? { element: () => ({ type: 'INT32' }), write: writeInt32 }
        : {
            element: () => ({ type: 'INT64' }),
            write: (column, bytes, from, to) => writeUnscaled(0, 'whole number', column, bytes, from, to),
          };
    case 'decimal': {
      if (floatNames.has(native)) return { element: () => ({ type: 'DOUBLE' }), write: writeDouble };
      // Of unknown precision it is a text, which keeps its digits.
      if (precision === undefined || precision > 38) return texts;
      const places = scale ?? 0;
      const decimal = { converted_type: 'DECIMAL', precision, scale: places } as const;
      return precision <= 18
        ? {
            element: () => ({ type: 'INT64', ...decimal }),
            write: (column, bytes, from, to) => writeUnscaled(places, 'decimal number', column, bytes, from, to),
          }
        : {
            element: () => ({ type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, ...decimal }),
            write: (column, bytes, from, to) => writeLargeDecimal(places, column, bytes, from, to),
          };
    }
    case 'date':
      return { element: () => ({ type: 'INT32', converted_type: 'DATE' }), write: writeDate };
    case 'timestamp':
      return {
        element: ({ isInstant }) => ({
          type: 'INT64',
          logical_type: {
            type: 'TIMESTAMP',
            isAdjustedToUTC: native === 'timestamp with time zone' || isInstant === true,
            unit: 'MICROS',
          },
        }),
        write: writeTime,
      };
    case 'binary':
      return native === 'bytea' ? { element: () => ({ type: 'BYTE_ARRAY' }), write: writeBinary } : texts;
    default:
      return texts;
  }
}

function writeText({ values }: ParquetColumn, bytes: Buffer, from: number, to: number): void {
  const length = to - from;
  values.need(4 + length);
  values.at = values.bytes.writeUInt32LE(length, values.at);
  if (length < 64) values.range(bytes, from, to);
  else values.copy(bytes, from, to);
}
const texts: ColumnKind = {
  element: () => ({ type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } }),
  write: writeText,
};

function writeBinary({ values }: ParquetColumn, bytes: Buffer, from: number, to: number): void {
  const content = Buffer.from(bytes.toString('latin1', from + 2, to), 'hex'); // after \x
  values.need(4 + content.length);
  values.at = values.bytes.writeUInt32LE(content.length, values.at);
  values.copy(content, 0, content.length);
}

const yes = Buffer.from('true');
function writeBoolean(column: ParquetColumn, bytes: Buffer, from: number, to: number): void {
  const { values } = column;
  const bit = column.bits++ & 7;
  if (bit === 0) values.byte(0);
  if (isWord(yes, bytes, from, to)) values.bytes[values.at - 1] = (values.bytes[values.at - 1] ?? 0) | (1 << bit);
}

/** A whole number of so few digits that a double holds it, moved by so many places; NaN for what is none. */
function quickNumber(bytes: Buffer, from: number, to: number, places: number): number {
  let at = from;
  const isNegative = bytes[at] === 0x2d;
  if (isNegative) at++;
  if (to - at + places > 15) return Number.NaN;
  let number = 0;
  let left = places;
  let digits = 0;
  let isAfter = false;
  for (; at < to; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit >= 0 && digit <= 9) {
      number = number * 10 + digit;
      digits++;
      if (isAfter && --left < 0) return Number.NaN;
    } else if (digit === -2 && !isAfter && places > 0) isAfter = true;
    else return Number.NaN;
  }
  if (digits === 0) return Number.NaN;
  for (; left > 0; left--) number *= 10;
  return isNegative ? -number : number;
}

/** `-12.5` with two places is −1250. */
export function unscaled(text: string, places: number): bigint | undefined {
  const match = /^(-?)(\d*)(?:\.(\d*))?$/.exec(text);
  if (!match) return undefined;
  const [, sign = '', whole = '', part = ''] = match;
  if (whole + part === '' || part.length > places) return undefined;
  return BigInt(`${sign}${whole}${part.padEnd(places, '0')}`);
}

const mostCellBytes = 200;
const textOf = (bytes: Buffer, from: number, to: number): string =>
  to - from > mostCellBytes ? '' : bytes.toString('latin1', from, to);

function putInt64(column: ParquetColumn, number: number): void {
  const { values } = column;
  values.need(8);
  const high = Math.floor(number / 0x1_0000_0000);
  values.at = values.bytes.writeInt32LE((number - high * 0x1_0000_0000) | 0, values.at);
  values.at = values.bytes.writeInt32LE(high, values.at);
  column.bound(number);
}
function putBig(column: ParquetColumn, number: bigint): void {
  column.values.need(8);
  column.values.at = column.values.bytes.writeBigInt64LE(number, column.values.at);
  column.bound(number);
}

function writeUnscaled(
  places: number,
  what: string,
  column: ParquetColumn,
  bytes: Buffer,
  from: number,
  to: number,
): void {
  const quick = quickNumber(bytes, from, to, places);
  if (!Number.isNaN(quick)) return putInt64(column, quick);
  const number = unscaled(textOf(bytes, from, to), places);
  if (number === undefined || BigInt.asIntN(64, number) !== number) return column.unfit(bytes, from, to, what);
  putBig(column, number);
}

function writeInt32(column: ParquetColumn, bytes: Buffer, from: number, to: number): void {
  const number = quickNumber(bytes, from, to, 0);
  if ((number | 0) !== number) return column.unfit(bytes, from, to, 'whole number');
  putInt32(column, number);
}
function putInt32(column: ParquetColumn, number: number): void {
  column.values.need(4);
  column.values.at = column.values.bytes.writeInt32LE(number, column.values.at);
  column.bound(number);
}

function writeLargeDecimal(places: number, column: ParquetColumn, bytes: Buffer, from: number, to: number): void {
  const number = unscaled(textOf(bytes, from, to), places);
  if (number === undefined || BigInt.asIntN(128, number) !== number)
    return column.unfit(bytes, from, to, 'decimal number');
  const { values } = column;
  values.need(16);
  values.at = values.bytes.writeBigInt64BE(number >> 64n, values.at);
  values.at = values.bytes.writeBigUInt64BE(BigInt.asUintN(64, number), values.at);
}

function writeDouble(column: ParquetColumn, bytes: Buffer, from: number, to: number): void {
  const { values } = column;
  const number = Number(textOf(bytes, from, to));
  values.need(8);
  values.at = values.bytes.writeDoubleLE(number, values.at);
  if (!Number.isNaN(number)) column.bound(number);
}

function writeDate(column: ParquetColumn, bytes: Buffer, from: number, to: number): void {
  const days = to - from === 10 ? daysAt(bytes, from) : (daysOf(textOf(bytes, from, to)) ?? Number.NaN);
  if (Number.isNaN(days)) return column.unfit(bytes, from, to, 'date');
  putInt32(column, days);
}

const time: ReadTime = { days: 0, micros: 0, offsetMinutes: 0, hasOffset: false };
const offsetForm = /(?:Z|[+-]\d\d(?::?\d\d)*)$/i;
function writeTime(column: ParquetColumn, bytes: Buffer, from: number, to: number): void {
  if (readTime(bytes, from, to, time) && to - from > 10) {
    column.isInstant ??= time.hasOffset;
    return putInt64(column, time.days * 86_400_000_000 + time.micros - time.offsetMinutes * 60_000_000);
  }
  const text = textOf(bytes, from, to);
  const micros = microsOf(text);
  if (micros === undefined) return column.unfit(bytes, from, to, 'time');
  column.isInstant ??= offsetForm.test(text.slice(10));
  putBig(column, micros);
}
