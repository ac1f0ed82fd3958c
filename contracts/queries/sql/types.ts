import type { ColumnType, QueryColumn } from '../engine.ts';
import type { QueryParameter } from '../parameters.ts';
import type { Dialect } from './language.ts';
import type { TypeName } from './syntax.ts';

/** What is known of a value. */
export interface SqlType {
  readonly type: ColumnType;
  readonly nativeType?: string | undefined;
  readonly length?: number | undefined;
  readonly precision?: number | undefined;
  readonly scale?: number | undefined;
}

export const typeOfColumn = ({ type, nativeType, length, precision, scale }: QueryColumn): SqlType => ({
  type,
  ...(nativeType !== undefined && { nativeType }),
  ...(length !== undefined && { length }),
  ...(precision !== undefined && { precision }),
  ...(scale !== undefined && { scale }),
});

export const longestText = 4_000;
export const integer: SqlType = { type: 'integer' };
export const decimal: SqlType = { type: 'decimal', precision: 18, scale: 2 };
/** Numbers past 32 bits: field type Number of a data extension cannot hold them (SFMC §8.4). */
export const bigNumber: SqlType = { type: 'decimal', precision: 18, scale: 0 };
export const boolean: SqlType = { type: 'boolean' };
export const date: SqlType = { type: 'date' };
export const timestamp: SqlType = { type: 'timestamp' };
export const text = (length?: number): SqlType => ({
  type: 'text',
  ...(length !== undefined && { length: Math.max(1, Math.min(length, longestText)) }),
});

const byName: Readonly<Record<string, ColumnType>> = {
  bigint: 'integer', int: 'integer', integer: 'integer', smallint: 'integer', tinyint: 'integer', int2: 'integer', int4: 'integer',
  int8: 'integer', long: 'integer', serial: 'integer', bigserial: 'integer', oid: 'integer', bit: 'boolean', boolean: 'boolean', bool: 'boolean',
  decimal: 'decimal', numeric: 'decimal', money: 'decimal', smallmoney: 'decimal', float: 'decimal', real: 'decimal', double: 'decimal',
  'double precision': 'decimal', float4: 'decimal', float8: 'decimal', date: 'date', datetime: 'timestamp', datetime2: 'timestamp',
  smalldatetime: 'timestamp', datetimeoffset: 'timestamp', timestamp: 'timestamp', timestamptz: 'timestamp',
  'timestamp with time zone': 'timestamp', time: 'time', timetz: 'time', 'time with time zone': 'time', char: 'text', character: 'text',
  varchar: 'text', 'character varying': 'text', text: 'text', nchar: 'text', nvarchar: 'text', ntext: 'text', string: 'text', name: 'text', citext: 'text',
  uniqueidentifier: 'uuid', uuid: 'uuid', json: 'json', jsonb: 'json', binary: 'binary', varbinary: 'binary', image: 'binary', bytea: 'binary',
  xml: 'text', sql_variant: 'text',
}; // prettier-ignore

/** A type by the name that a CAST gives; null where nobody knows it. */
export function typeByName(dialect: Dialect, { name, size, isArray }: TypeName): SqlType | null {
  const type = Object.hasOwn(byName, name) ? byName[name] : undefined;
  if (isArray) return { type: 'other', nativeType: `${name}[]` };
  if (!type || (dialect !== 'sfmc' && name === 'bit')) return name === '' ? null : { type: 'other', nativeType: name };
  const [first, second] = size;
  if (dialect === 'sfmc') {
    // Fields of a data extension know a date with its time alone, and numbers of 32 bits.
    if (name === 'bigint') return bigNumber;
    if (name === 'uniqueidentifier') return text(36);
    if (name === 'money' || name === 'smallmoney') return { type: 'decimal', precision: 19, scale: 4 };
    if (name === 'float' || name === 'real') return { type: 'decimal', precision: 38, scale: 8 };
    // `CAST(x AS VARCHAR)` has room for 30 characters.
    if (type === 'text') return text(first ?? (/char/.test(name) ? 30 : longestText));
    if (type === 'decimal') return { type, precision: first ?? 18, scale: second ?? 0 };
    return { type };
  }
  if (type === 'text' && first !== undefined) return { type, nativeType: name, length: first };
  if (type === 'decimal' && first !== undefined)
    return { type, nativeType: name, precision: first, scale: second ?? 0 };
  return { type, nativeType: name };
}

export function typeOfParameter({ type }: QueryParameter): SqlType | null {
  switch (type) {
    case 'text':
      return text(longestText);
    case 'number':
      return decimal;
    case 'boolean':
      return boolean;
    case 'date':
      return date;
    case 'timestamp':
      return timestamp;
    case 'list':
      return null;
  }
}

const isTextual = ({ type }: SqlType): boolean => ['text', 'email', 'phone', 'locale', 'uuid', 'json'].includes(type);
const lengthOf = ({ type, length }: SqlType): number | undefined =>
  length ?? { email: 254, phone: 50, locale: 5, uuid: 36, integer: 11, decimal: 40, boolean: 5, date: 10, timestamp: 30, time: 16 }[type as string]; // prettier-ignore

/** The type that holds values of all of these: of branches, of UNION's parts. Unknown ones do not count. */
export function widest(types: readonly (SqlType | null)[]): SqlType | null {
  const known = types.filter((one) => one !== null);
  const [first] = known;
  if (!first) return null;
  const kinds = new Set(known.map(({ type }) => type));
  if (kinds.size === 1) {
    const most = (of: 'length' | 'precision' | 'scale'): number | undefined =>
      known.every((one) => one[of] !== undefined) ? Math.max(...known.map((one) => one[of] ?? 0)) : undefined;
    const natives = new Set(known.map(({ nativeType }) => nativeType));
    return {
      type: first.type,
      nativeType: natives.size === 1 ? first.nativeType : undefined,
      length: most('length'),
      precision: most('precision'),
      scale: most('scale'),
    };
  }
  const numbers = new Set<ColumnType>(['integer', 'decimal', 'boolean']);
  if (known.every(({ type }) => numbers.has(type)))
    return kinds.has('decimal')
      ? { type: 'decimal', precision: 18, scale: Math.max(...known.map(({ scale }) => scale ?? 0)) }
      : integer;
  if ([...kinds].every((kind) => kind === 'date' || kind === 'timestamp')) return timestamp;
  if (known.some((one) => isTextual(one))) {
    const lengths = known.map(lengthOf);
    return text(
      lengths.every((length) => length !== undefined) ? Math.max(...lengths.map((one) => one ?? 0)) : longestText,
    );
  }
  return text(longestText);
}
export { isTextual };
