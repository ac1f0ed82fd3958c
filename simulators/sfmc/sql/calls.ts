import { SqlError } from './tokens.ts';

/** What a value is, as far as the text shows; decides how it is compared, added and stored. `day` is a date without time. */
export type ValueType = 'integer' | 'decimal' | 'text' | 'date' | 'day' | 'boolean' | 'unknown';

/** An expression in the embedded database's words. */
export interface Emitted {
  readonly sql: string;
  readonly type: ValueType;
  /** Columns that a GROUP BY would have to name. */
  readonly ungrouped: readonly string[];
  readonly hasAggregate: boolean;
}

type Make = (args: readonly string[]) => string;
interface Call {
  readonly counts: readonly [least: number, most: number];
  readonly type: ValueType | 'first';
  readonly make: Make;
}

const native =
  (name: string): Make =>
  (args) =>
    `${name}(${args.join(', ')})`;
const call = (least: number, most: number, type: Call['type'], make: Make | string): Call => ({
  counts: [least, most],
  type,
  make: typeof make === 'string' ? native(make) : make,
});

/** The service's functions of one row. Names that begin with `t_` are defined in functions.ts. */
const scalars: Record<string, Call> = {
  len: call(1, 1, 'integer', ([text]) => `length(rtrim(${text}))`),
  left: call(2, 2, 'text', ([text, count]) => `substr(${text}, 1, ${count})`),
  right: call(2, 2, 'text', 't_right'),
  charindex: call(2, 3, 'integer', 't_charindex'),
  patindex: call(2, 2, 'integer', 't_patindex'),
  concat: call(2, 250, 'text', 'concat'),
  ltrim: call(1, 1, 'text', 'ltrim'),
  rtrim: call(1, 1, 'text', 'rtrim'),
  trim: call(1, 1, 'text', 'trim'),
  lower: call(1, 1, 'text', 'lower'),
  upper: call(1, 1, 'text', 'upper'),
  newid: call(0, 0, 'text', 't_newid'),
  format: call(2, 3, 'text', 't_format'),
  substring: call(3, 3, 'text', 't_substring'),
  replace: call(3, 3, 'text', 't_replace'),
  stuff: call(4, 4, 'text', 't_stuff'),
  reverse: call(1, 1, 'text', 't_reverse'),
  replicate: call(2, 2, 'text', 't_replicate'),
  space: call(1, 1, 'text', ([count]) => `t_replicate(' ', ${count})`),
  str: call(1, 3, 'text', 't_str'),
  char: call(1, 1, 'text', 'char'),
  nchar: call(1, 1, 'text', 'char'),
  ascii: call(1, 1, 'integer', 'unicode'),
  unicode: call(1, 1, 'integer', 'unicode'),
  getdate: call(0, 0, 'date', 't_getdate'),
  getutcdate: call(0, 0, 'date', 't_getutcdate'),
  sysdatetime: call(0, 0, 'date', 't_getdate'),
  sysutcdatetime: call(0, 0, 'date', 't_getutcdate'),
  sysdatetimeoffset: call(0, 0, 'date', 't_getdate'),
  year: call(1, 1, 'integer', ([date]) => `t_datepart('year', ${date})`),
  month: call(1, 1, 'integer', ([date]) => `t_datepart('month', ${date})`),
  day: call(1, 1, 'integer', ([date]) => `t_datepart('day', ${date})`),
  datefromparts: call(3, 3, 'day', 't_datefromparts'),
  datetimefromparts: call(7, 7, 'date', 't_datefromparts'),
  eomonth: call(1, 2, 'day', 't_eomonth'),
  isdate: call(1, 1, 'integer', 't_isdate'),
  switchoffset: call(2, 2, 'date', ([date]) => `t_date(${date})`),
  todatetimeoffset: call(2, 2, 'date', ([date]) => `t_date(${date})`),
  dateadd: call(3, 3, 'date', 't_dateadd'),
  datediff: call(3, 3, 'integer', 't_datediff'),
  datepart: call(2, 2, 'integer', 't_datepart'),
  datename: call(2, 2, 'text', 't_datename'),
  abs: call(1, 1, 'first', 'abs'),
  ceiling: call(1, 1, 'integer', ([number]) => `cast(ceil(${number}) as integer)`),
  floor: call(1, 1, 'integer', ([number]) => `cast(floor(${number}) as integer)`),
  round: call(2, 3, 'first', 't_round'),
  sign: call(1, 1, 'integer', 'sign'),
  sqrt: call(1, 1, 'decimal', 'sqrt'),
  square: call(1, 1, 'decimal', ([number]) => `((${number}) * (${number}))`),
  power: call(2, 2, 'first', 'power'),
  exp: call(1, 1, 'decimal', 'exp'),
  log: call(1, 2, 'decimal', ([number, base]) => (base ? `log(${base}, ${number})` : `ln(${number})`)),
  log10: call(1, 1, 'decimal', 'log10'),
  rand: call(0, 1, 'decimal', () => 't_rand()'),
  pi: call(0, 0, 'decimal', 'pi'),
  ...Object.fromEntries(
    ['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'degrees', 'radians'].map((name) => [
      name,
      call(1, 1, 'decimal', name),
    ]),
  ),
  atan2: call(2, 2, 'decimal', 'atan2'),
  cot: call(1, 1, 'decimal', ([number]) => `(1.0 / tan(${number}))`),
  isnull: call(2, 2, 'first', 'ifnull'),
  coalesce: call(2, 250, 'first', 'coalesce'),
  nullif: call(2, 2, 'first', 'nullif'),
  iif: call(3, 3, 'unknown', 'iif'),
  json_value: call(2, 2, 'text', 't_json_value'),
  json_query: call(1, 2, 'text', 't_json_query'),
  checksum: call(1, 250, 'integer', 't_checksum'),
};

const aggregates: Record<string, { type: ValueType | 'first'; name: string }> = {
  min: { type: 'first', name: 'min' },
  max: { type: 'first', name: 'max' },
  sum: { type: 'first', name: 'sum' },
  avg: { type: 'first', name: 'avg' },
  count: { type: 'integer', name: 'count' },
  count_big: { type: 'integer', name: 'count' },
  string_agg: { type: 'text', name: 'group_concat' },
  stdev: { type: 'decimal', name: 't_stdev' },
  stdevp: { type: 'decimal', name: 't_stdevp' },
  var: { type: 'decimal', name: 't_var' },
  varp: { type: 'decimal', name: 't_varp' },
};

const windows: Record<string, ValueType | 'first'> = {
  row_number: 'integer',
  rank: 'integer',
  dense_rank: 'integer',
  ntile: 'integer',
  lead: 'first',
  lag: 'first',
  first_value: 'first',
  last_value: 'first',
  percent_rank: 'decimal',
  cume_dist: 'decimal',
  percentile_cont: 'decimal',
  percentile_disc: 'first',
};

/** Functions whose first argument is a part of a date, not a column. */
export const takesDatePart = new Set(['dateadd', 'datediff', 'datepart', 'datename']);

const partNames: Record<string, string> = Object.fromEntries(
  Object.entries({
    year: ['year', 'yy', 'yyyy'],
    quarter: ['quarter', 'qq', 'q'],
    month: ['month', 'mm', 'm'],
    dayofyear: ['dayofyear', 'dy', 'y'],
    day: ['day', 'dd', 'd'],
    week: ['week', 'wk', 'ww'],
    weekday: ['weekday', 'dw'],
    hour: ['hour', 'hh'],
    minute: ['minute', 'mi', 'n'],
    second: ['second', 'ss', 's'],
    millisecond: ['millisecond', 'ms'],
  }).flatMap(([part, names]) => names.map((name) => [name, part])),
);

/** The part of a date by any of its names. */
export function readDatePart(name: string, call: string): string {
  const part = partNames[name.toLowerCase()];
  if (!part) throw new SqlError(`'${name}' is not a recognized ${call} option.`);
  return part;
}

export const isAggregate = (name: string): boolean => Object.hasOwn(aggregates, name);
export const isWindowFunction = (name: string): boolean => Object.hasOwn(windows, name);

const settle = (type: ValueType | 'first', args: readonly Emitted[]): ValueType =>
  type === 'first' ? (args[0]?.type ?? 'unknown') : type;

/** One call of a function of a row. */
export function emitScalar(name: string, args: readonly Emitted[]): { sql: string; type: ValueType } {
  const known = Object.hasOwn(scalars, name) ? scalars[name] : undefined;
  if (!known) throw new SqlError(`'${name}' is not a recognized built-in function name.`);
  const [least, most] = known.counts;
  if (args.length < least || args.length > most) {
    throw new SqlError(
      least === most
        ? `The ${name} function requires ${least} argument(s).`
        : `The ${name} function requires ${least} to ${most} arguments.`,
    );
  }
  const type = name === 'iif' ? (args[1]?.type ?? 'unknown') : settle(known.type, args);
  return { sql: known.make(args.map(({ sql }) => sql)), type };
}

/** An aggregate or window function, without its OVER. `order`: of WITHIN GROUP. */
export function emitAggregate(
  name: string,
  args: readonly Emitted[],
  { isDistinct, isStar, order }: { isDistinct: boolean; isStar: boolean; order: string },
): { sql: string; type: ValueType } {
  const list = args.map(({ sql }) => sql).join(', ');
  const known = aggregates[name];
  if (!known) return { sql: `${name}(${list})`, type: settle(windows[name] ?? 'unknown', args) };
  if (isStar) return { sql: 'count(*)', type: 'integer' };
  if (args.length === 0) throw new SqlError(`The ${name} function requires 1 argument(s).`);
  // STRING_AGG keeps its separator; DISTINCT with a separator is unknown to the service as well.
  const sql = `${known.name}(${isDistinct ? 'distinct ' : ''}${list}${order === '' ? '' : ` ${order}`})`;
  return { sql, type: settle(known.type, args) };
}
