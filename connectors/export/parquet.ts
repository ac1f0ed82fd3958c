import { createHash } from 'node:crypto';
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import type { Cell, QueryColumn } from '#contracts/queries/engine.ts';
import type { Part } from './csv.ts';
import { checkCount, ExportBroken, type ExportWork, pagesOf } from './source.ts';

/** A row group is written when it has so many rows or characters: that is what is held at a time. */
const mostRows = 10_000;
const mostChars = 4 * 1_048_576;

type Value = string | number | bigint | boolean | Uint8Array | undefined;
interface ParquetColumn {
  readonly element: SchemaElement;
  readonly read: (text: string) => Value;
}

/**
 * Parquet with typed columns, all nullable. A decimal of known precision is one; of unknown precision it is text, which
 * keeps its digits. The query and what is known of it stand in the key-value metadata, which comes last with the footer:
 * a file that broke off has none and is no Parquet file.
 */
export async function* parquetOf({ columns, source, about, tell }: ExportWork): AsyncGenerator<Part> {
  const writer = new ByteWriter();
  const hash = createHash('sha256');
  let file: { parquet: ParquetWriter; typed: readonly ParquetColumn[] } | undefined;
  let rows = 0;
  let group: (readonly Cell[])[] = [];
  let chars = 0;
  const begin = (): NonNullable<typeof file> => {
    const typed = columns.map((column, at) => typedColumn(column, () => firstOf(group, at)));
    const schema: SchemaElement[] = [
      { name: 'root', num_children: columns.length },
      ...typed.map(({ element }) => element),
    ];
    return { parquet: new ParquetWriter({ writer, schema, kvMetadata: [], createdBy: 'windlass' }), typed };
  };
  const flush = async (): Promise<Part> => {
    file ??= begin();
    const { parquet, typed } = file;
    if (group.length > 0)
      await parquet.write({
        rowGroupSize: group.length,
        columnData: typed.map(({ element, read }, at) => ({
          name: element.name,
          // Bounds of texts cost a tenth of the time and help no reader of a whole file.
          statistics: element.converted_type !== 'UTF8',
          data: group.map((row) => {
            const cell = row[at];
            return cell === null || cell === undefined ? undefined : read(cell);
          }),
        })),
      });
    group = [];
    chars = 0;
    return taken(writer);
  };
  for await (const page of pagesOf(source)) {
    let lines = '';
    for (const row of page) {
      const line = JSON.stringify(row);
      lines += `${line}\n`;
      chars += line.length;
      group.push(row);
    }
    hash.update(lines);
    rows += page.length;
    if (group.length >= mostRows || chars >= mostChars) yield await flush();
  }
  const last = await flush();
  if (last.bytes.length > 0) yield last;
  checkCount(about, rows);
  tell({ rows });
  if (!file) return;
  file.parquet.kvMetadata = Object.entries({
    'windlass.title': about.title,
    'windlass.connection': about.connection,
    'windlass.run': about.runId,
    'windlass.query': about.sql,
    'windlass.parameters': JSON.stringify(about.parameters),
    'windlass.executedAt': about.executedAt,
    'windlass.rows': String(rows),
    'windlass.rowsSha256': hash.digest('hex'),
  }).map(([key, value]) => ({ key, value }));
  await file.parquet.finish();
  yield taken(writer);
}

/** What was written since the last time; the writer begins anew in the same memory and goes on counting. */
function taken(writer: ByteWriter): Part {
  const bytes = Buffer.from(writer.getBytes());
  writer.index = 0;
  return { bytes, isSent: true };
}

function firstOf(rows: readonly (readonly Cell[])[], at: number): string | null {
  for (const row of rows) {
    const cell = row[at];
    if (typeof cell === 'string') return cell;
  }
  return null;
}

const floatNames = new Set(['double precision', 'real', 'double', 'float']);
const smallNames = new Set(['integer', 'smallint', 'int', 'int2', 'int4']);
const offsetForm = /(?:Z|[+-]\d\d(?::?\d\d)?)$/i;

function typedColumn(column: QueryColumn, first: () => string | null): ParquetColumn {
  const { name, type, nativeType = '', precision, scale } = column;
  const optional = { name, repetition_type: 'OPTIONAL' } as const;
  const unfit = (text: string, what: string): never => {
    throw new ExportBroken(
      'export.value_unfit',
      `The column ${name} holds ${text.slice(0, 40)}, which is no ${what} of Parquet. Make it a text in the query.`,
    );
  };
  const text: ParquetColumn = {
    element: { ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
    read: (cell) => cell,
  };
  switch (type) {
    case 'boolean':
      return { element: { ...optional, type: 'BOOLEAN' }, read: (cell) => cell === 'true' };
    case 'integer':
      if (smallNames.has(nativeType.toLowerCase()))
        return {
          element: { ...optional, type: 'INT32' },
          read: (cell) => exactInteger(cell) ?? unfit(cell, 'whole number'),
        };
      return { element: { ...optional, type: 'INT64' }, read: (cell) => bigOf(cell) ?? unfit(cell, 'whole number') };
    case 'decimal': {
      if (floatNames.has(nativeType.toLowerCase())) return { element: { ...optional, type: 'DOUBLE' }, read: Number };
      if (precision === undefined || precision > 38) return text;
      const places = scale ?? 0;
      const isSmall = precision <= 18;
      return {
        element: {
          ...optional,
          type: isSmall ? 'INT64' : 'FIXED_LEN_BYTE_ARRAY',
          ...(!isSmall && { type_length: 16 }),
          converted_type: 'DECIMAL',
          precision,
          scale: places,
        },
        read: (cell) => unscaled(cell, places) ?? unfit(cell, 'decimal number'),
      };
    }
    case 'date':
      return {
        element: { ...optional, type: 'INT32', converted_type: 'DATE' },
        read: (cell) => dayOf(cell) ?? unfit(cell, 'date'),
      };
    case 'timestamp': {
      const isInstant = nativeType === 'timestamp with time zone' || offsetForm.test((first() ?? '').slice(10));
      return {
        element: {
          ...optional,
          type: 'INT64',
          logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: isInstant, unit: 'MICROS' },
        },
        read: (cell) => microsOf(cell) ?? unfit(cell, 'time'),
      };
    }
    case 'binary':
      if (nativeType !== 'bytea') return text;
      return { element: { ...optional, type: 'BYTE_ARRAY' }, read: (cell) => Buffer.from(cell.slice(2), 'hex') };
    default:
      return text;
  }
}

const wholeForm = /^-?\d{1,19}$/;
const exactInteger = (text: string): number | undefined => (wholeForm.test(text) ? Number(text) : undefined);
const bigOf = (text: string): bigint | undefined => (wholeForm.test(text) ? BigInt(text) : undefined);

/** `-12.5` with two places is −1250. */
export function unscaled(text: string, places: number): bigint | undefined {
  const match = /^(-?)(\d*)(?:\.(\d*))?$/.exec(text);
  if (!match) return undefined;
  const [, sign = '', whole = '', part = ''] = match;
  if (whole + part === '' || part.length > places) return undefined;
  return BigInt(`${sign}${whole}${part.padEnd(places, '0')}`);
}

const dateForm = /^(\d{4,6})-(\d\d)-(\d\d)$/;
const dayMs = 86_400_000;
let lastDate = '';
let lastDay: number | undefined;
/** Days since 1970. Rows beside each other are often of one day. */
function dayOf(text: string): number | undefined {
  if (text === lastDate) return lastDay;
  lastDate = text;
  lastDay = readDay(text);
  return lastDay;
}
function readDay(text: string): number | undefined {
  const match = dateForm.exec(text);
  if (!match) return undefined;
  const ms = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  return Number.isNaN(ms) ? undefined : ms / dayMs;
}

const timeForm =
  /^(\d{4,6})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:(Z)|([+-])(\d\d):?(\d\d)?(?::?(\d\d))?)?$/i;
const quickForm = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d/;
const zeroOffsets = new Set(['Z', '+00', '+00:00']);
const digit = (text: string, at: number): number => text.charCodeAt(at) - 48;
const secondsIn = (text: string): number =>
  (digit(text, 11) * 10 + digit(text, 12)) * 3_600 +
  (digit(text, 14) * 10 + digit(text, 15)) * 60 +
  digit(text, 17) * 10 +
  digit(text, 18);

/** Microseconds since 1970: of the instant where an offset is told, else of what the clock showed. */
export function microsOf(text: string): bigint | undefined {
  if (text.length >= 19 && (text.length === 19 || zeroOffsets.has(text.slice(19)))) {
    // Most times are so written, and there are millions of them.
    const day = quickForm.test(text) ? dayOf(text.slice(0, 10)) : undefined;
    if (day !== undefined) return BigInt(day * dayMs + secondsIn(text) * 1_000) * 1_000n;
  }
  const match = timeForm.exec(text);
  if (!match) return undefined;
  const [
    ,
    year,
    month,
    day,
    hour,
    minute,
    second = '0',
    fraction = '',
    ,
    sign,
    offHour = '0',
    offMinute = '0',
    offSecond = '0',
  ] = match;
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  if (Number.isNaN(ms)) return undefined;
  const offsetMs = sign
    ? (sign === '-' ? -1 : 1) * (Number(offHour) * 3_600 + Number(offMinute) * 60 + Number(offSecond)) * 1_000
    : 0;
  const micros = Number(fraction.slice(0, 6).padEnd(6, '0'));
  return BigInt(ms - offsetMs) * 1_000n + BigInt(micros);
}
