import type { Expr, TypeName } from './ast.ts';
import type { Emitted, ValueType } from './calls.ts';
import { SqlError } from './tokens.ts';

/** A name as the embedded database reads it. */
export const name = (value: string): string => `"${value.replaceAll('"', '""')}"`;
/** A text as the embedded database reads it. */
export const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

const isNumber = ({ type }: Emitted): boolean => type === 'integer' || type === 'decimal' || type === 'boolean';
const isDate = ({ type }: Emitted): boolean => type === 'date' || type === 'day';
const literal = /^'(?:[^']|'')*'$/;

interface Made {
  sql: string;
  type: ValueType;
}

/** A comparison as the service makes it: texts without regard to case, texts beside dates read as dates. */
export function compare(sign: string, left: Emitted, right: Emitted): Made {
  const made = (a: string, b: string): Made => ({ sql: `(${a} ${sign} ${b})`, type: 'boolean' });
  if (isDate(left) || isDate(right)) {
    const read = (side: Emitted) => (isDate(side) || side.sql === 'null' ? side.sql : `t_date(${side.sql})`);
    return made(read(left), read(right));
  }
  if (left.type === 'boolean' || right.type === 'boolean') {
    const read = (side: Emitted) => (side.type === 'text' && literal.test(side.sql) ? `t_bit(${side.sql})` : side.sql);
    return made(read(left), read(right));
  }
  if (isNumber(left) || isNumber(right)) {
    const read = (side: Emitted) => (side.type === 'text' ? `t_number(${side.sql})` : side.sql);
    return made(read(left), read(right));
  }
  return made(`${left.sql} collate nocase`, right.sql);
}

/** `+ - * / % & | ^`, with `+` also for texts. */
export function arithmetic(sign: string, left: Emitted, right: Emitted): Made {
  const areNumbers = isNumber(left) && isNumber(right);
  const type: ValueType =
    isDate(left) || isDate(right)
      ? 'date'
      : areNumbers
        ? left.type === 'decimal' || right.type === 'decimal'
          ? 'decimal'
          : 'integer'
        : sign === '+' && left.type === 'text' && right.type === 'text'
          ? 'text'
          : 'unknown';
  if (sign === '+' && type === 'text') return { sql: `(${left.sql} || ${right.sql})`, type };
  if (sign === '+' && !areNumbers) return { sql: `t_add(${left.sql}, ${right.sql})`, type };
  if (sign === '-' && type === 'date') return { sql: `t_add(${left.sql}, -(${right.sql}))`, type };
  const read = (side: Emitted) => (isNumber(side) ? side.sql : `t_number(${side.sql})`);
  if ((sign === '/' || sign === '%') && !/^[1-9][\d.]*$/.test(right.sql)) {
    return { sql: `t_${sign === '/' ? 'divide' : 'modulo'}(${read(left)}, ${read(right)})`, type };
  }
  if (sign === '^') return { sql: `t_xor(${read(left)}, ${read(right)})`, type };
  return { sql: `(${read(left)} ${sign} ${read(right)})`, type };
}

const castTypes: Record<string, ValueType> = {
  ...Object.fromEntries(['bigint', 'int', 'integer', 'smallint', 'tinyint'].map((type) => [type, 'integer' as const])),
  bit: 'boolean',
  ...Object.fromEntries(
    ['decimal', 'numeric', 'money', 'smallmoney', 'float', 'real'].map((type) => [type, 'decimal' as const]),
  ),
  date: 'day',
  ...Object.fromEntries(
    ['datetime', 'datetime2', 'smalldatetime', 'datetimeoffset'].map((type) => [type, 'date' as const]),
  ),
  ...Object.fromEntries(
    [
      'char',
      'varchar',
      'text',
      'nchar',
      'nvarchar',
      'ntext',
      'uniqueidentifier',
      'xml',
      'time',
      'binary',
      'varbinary',
      'image',
      'sql_variant',
    ].map((type) => [type, 'text' as const]),
  ),
};

/** CAST and CONVERT. */
export function castTo(of: Emitted, { name: type, sizes }: TypeName, style: string | undefined): Made {
  const to = Object.hasOwn(castTypes, type) ? castTypes[type] : undefined;
  if (!to) throw new SqlError(`Type ${type} is not a defined system type.`);
  if (to === 'integer') return { sql: `t_int(${of.sql}, ${text(type)})`, type: to };
  if (to === 'boolean') return { sql: `t_bit(${of.sql})`, type: to };
  if (to === 'decimal') {
    const scale = ['decimal', 'numeric'].includes(type) ? Number(sizes[1] ?? 0) : type.includes('money') ? 4 : 15;
    return { sql: `t_decimal(${of.sql}, ${scale})`, type: to };
  }
  if (to === 'day' || to === 'date') return { sql: `t_${to === 'day' ? 'day' : 'date'}(${of.sql})`, type: to };
  const [size = type.includes('char') ? 30 : 'max'] = sizes;
  const how = style ?? (of.type === 'day' ? '23' : 'null');
  const isDated = of.type === 'date' || of.type === 'day' ? 1 : 0;
  return { sql: `t_text(${of.sql}, ${size === 'max' ? 2_147_483_647 : size}, ${how}, ${isDated})`, type: 'text' };
}

/** LIKE; a pattern with `[a-z]` is not known to the embedded database. */
export function likePattern(
  of: string,
  pattern: Expr,
  patternSql: string,
  escape: string | undefined,
  isNot: boolean,
): string {
  const isPlain = pattern.kind === 'string' && !pattern.value.includes('[');
  const not = isNot ? 'not ' : '';
  if (isPlain) return `(${of} ${not}like ${patternSql}${escape ? ` escape ${escape}` : ''})`;
  return `(${not}t_like(${of}, ${patternSql}, ${escape ?? 'null'}))`;
}
