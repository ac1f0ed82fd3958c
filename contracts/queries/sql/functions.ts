import { aggregates, scalarFunctions, windowFunctions } from '../amc/sql/functions.ts';
import type { Dialect } from './language.ts';
import * as types from './types.ts';
import type { SqlType } from './types.ts';

export interface SqlFunction {
  /** As it is written in this dialect. */
  readonly name: string;
  readonly signature: string;
  readonly kind: 'scalar' | 'aggregate' | 'window';
  readonly returns: Returns;
  readonly about: string;
}
/** The type of the value, from those of the arguments. */
type Returns = (args: readonly (SqlType | null)[]) => SqlType | null;

const nth =
  (at: number): Returns =>
  (args) =>
    args[at] ?? null;
const rules: Readonly<Record<string, Returns>> = {
  int: () => types.integer,
  big: () => types.bigNumber,
  dec: () => types.decimal,
  bool: () => types.boolean,
  text: () => types.text(types.longestText),
  string: () => types.text(),
  date: () => types.date,
  time: () => types.timestamp,
  uuid: () => ({ type: 'uuid' }),
  id: () => types.text(36),
  json: () => ({ type: 'json' }),
  array: () => ({ type: 'other' }),
  first: nth(0),
  second: nth(1),
  widest: (args) => types.widest(args),
  branches: (args) => types.widest(args.slice(1)),
  sum: ([first]) =>
    first?.type === 'decimal' ? { type: 'decimal', precision: 18, scale: first.scale ?? 2 } : (first ?? null),
  unknown: () => null,
};

/** `name(arguments) rule about` a line. A name with * is an aggregate, with ~ one that only stands with OVER. */
function read(lines: string): Map<string, SqlFunction> {
  const found = new Map<string, SqlFunction>();
  for (const line of lines.split('\n')) {
    const match = /^\s*([\w]+)([*~]?)(\([^)]*\)|-) (\w+)(?: (.*))?$/.exec(line);
    if (!match) continue;
    const [, name = '', mark, given = '', rule = '', about = ''] = match;
    found.set(name.toUpperCase(), {
      name,
      signature: given === '-' ? name : `${name}${given}`,
      kind: mark === '*' ? 'aggregate' : mark === '~' ? 'window' : 'scalar',
      returns: rules[rule] ?? nth(-1),
      about,
    });
  }
  return found;
}

const tsql = read(`
  SELECTED() unknown
  LEFT(text, count) text The first characters.
  RIGHT(text, count) text The last characters.
  LEN(text) int Characters, those spaces left out that end it.
  CHARINDEX(part, text, start) int Where a part begins, from 1; 0 where it is not.
  PATINDEX(pattern, text) int Where a LIKE pattern first fits, from 1.
  CONCAT(value, …) text Joined as text; null counts as empty.
  LTRIM(text) text
  RTRIM(text) text
  TRIM(text) text Of SQL Server 2017: not every stack has it.
  LOWER(text) text
  UPPER(text) text
  NEWID() id A new unique id for each row.
  FORMAT(value, format, culture) text As .NET formats it. Slow on many rows.
  SUBSTRING(text, start, length) text From a place, counted from 1.
  REPLACE(text, from, to) text
  STUFF(text, start, length, insert) text
  REVERSE(text) text
  REPLICATE(text, times) text
  SPACE(count) text
  STR(number, length, decimals) text
  CHAR(code) text
  ASCII(text) int
  NCHAR(code) text
  UNICODE(text) int
  GETDATE() time The server's clock: Central Standard Time without daylight saving (UTC-6).
  GETUTCDATE() time Now, in UTC.
  SYSDATETIME() time The server's clock: UTC-6 without daylight saving.
  SYSUTCDATETIME() time Now, in UTC.
  SYSDATETIMEOFFSET() time
  DATEPART(part, date) int
  DATENAME(part, date) text
  YEAR(date) int
  MONTH(date) int
  DAY(date) int
  DATEFROMPARTS(year, month, day) time
  DATETIMEFROMPARTS(year, month, day, hour, minute, second, ms) time
  DATEADD(part, count, date) time A date some days, hours … later, or earlier by a negative count.
  DATEDIFF(part, from, to) int How many boundaries of a day, hour … lie between.
  EOMONTH(date, months) time The last day of its month.
  ISDATE(text) int 1 where it is a date.
  SWITCHOFFSET(time, offset) time
  TODATETIMEOFFSET(time, offset) time
  MIN*(value) first
  MAX*(value) first
  AVG*(number) dec Of whole numbers it is one as well: cast them to DECIMAL first.
  SUM*(number) sum
  COUNT*(value) int Rows where it is not null; of * all rows.
  COUNT_BIG*(value) big
  STRING_AGG*(text, separator) text Of SQL Server 2017: not every stack has it.
  STDEV*(number) dec
  STDEVP*(number) dec
  VAR*(number) dec
  VARP*(number) dec
  ABS(number) first
  CEILING(number) first
  FLOOR(number) first
  ROUND(number, digits) first
  SIGN(number) int
  SQRT(number) dec
  SQUARE(number) dec
  POWER(number, exponent) first
  EXP(number) dec
  LOG(number, base) dec
  LOG10(number) dec
  RAND(seed) dec One value for the whole query.
  PI() dec
  SIN(angle) dec
  COS(angle) dec
  TAN(angle) dec
  ASIN(number) dec
  ACOS(number) dec
  ATAN(number) dec
  ATAN2(y, x) dec
  ATN2(y, x) dec
  COT(angle) dec
  DEGREES(angle) dec
  RADIANS(angle) dec
  ISNULL(value, otherwise) widest The value, or the other where it is null.
  COALESCE(value, …) widest The first that is not null.
  NULLIF(value, other) first Null where the two are equal.
  IIF(condition, then, otherwise) branches
  JSON_VALUE(text, path) text
  JSON_QUERY(text, path) text
  CHECKSUM(value, …) int
  ROW_NUMBER~() int
  RANK~() int
  DENSE_RANK~() int
  NTILE~(groups) int
  LEAD~(value, offset, default) first
  LAG~(value, offset, default) first
  FIRST_VALUE~(value) first
  LAST_VALUE~(value) first
  PERCENT_RANK~() dec
  CUME_DIST~() dec
  PERCENTILE_CONT~(share) dec
  PERCENTILE_DISC~(share) first
  CURRENT_TIMESTAMP- time The server's clock: UTC-6 without daylight saving.
`);
tsql.delete('SELECTED');

const postgres = read(`
  count*(value) int Rows where it is not null; of * all rows.
  sum*(number) sum
  avg*(number) dec
  min*(value) first
  max*(value) first
  array_agg*(value) array
  string_agg*(text, separator) string
  json_agg*(value) json
  jsonb_agg*(value) json
  json_object_agg*(key, value) json
  jsonb_object_agg*(key, value) json
  bool_and*(condition) bool
  bool_or*(condition) bool
  every*(condition) bool
  any_value*(value) first
  stddev*(number) dec
  stddev_pop*(number) dec
  stddev_samp*(number) dec
  variance*(number) dec
  var_pop*(number) dec
  var_samp*(number) dec
  corr*(y, x) dec
  mode*() unknown
  percentile_cont*(share) dec With WITHIN GROUP (ORDER BY …).
  percentile_disc*(share) unknown With WITHIN GROUP (ORDER BY …).
  row_number~() int
  rank~() int
  dense_rank~() int
  percent_rank~() dec
  cume_dist~() dec
  ntile~(groups) int
  lag~(value, offset, default) first
  lead~(value, offset, default) first
  first_value~(value) first
  last_value~(value) first
  nth_value~(value, n) first
  abs(number) first
  ceil(number) first
  ceiling(number) first
  floor(number) first
  round(number, digits) first
  trunc(number, digits) first
  sign(number) first
  sqrt(number) dec
  power(number, exponent) dec
  exp(number) dec
  ln(number) dec
  log(number) dec
  mod(number, by) first
  random() dec
  pi() dec
  greatest(value, …) widest
  least(value, …) widest
  coalesce(value, …) widest The first that is not null.
  nullif(value, other) first Null where the two are equal.
  length(text) int
  char_length(text) int
  octet_length(text) int
  lower(text) string
  upper(text) string
  initcap(text) string
  trim(text) string
  btrim(text, characters) string
  ltrim(text, characters) string
  rtrim(text, characters) string
  lpad(text, length, fill) string
  rpad(text, length, fill) string
  left(text, count) string
  right(text, count) string
  substring(text, start, count) string
  substr(text, start, count) string
  replace(text, from, to) string
  regexp_replace(text, pattern, to, flags) string
  regexp_match(text, pattern) array
  regexp_matches(text, pattern, flags) array
  split_part(text, separator, n) string
  string_to_array(text, separator) array
  array_to_string(array, separator) string
  concat(value, …) string
  concat_ws(separator, value, …) string
  format(format, value, …) string
  position(part) int
  strpos(text, part) int
  reverse(text) string
  repeat(text, times) string
  translate(text, from, to) string
  md5(text) string
  encode(bytes, format) string
  quote_literal(text) string
  to_char(value, format) string
  to_date(text, format) date
  to_timestamp(text, format) time
  to_number(text, format) dec
  now() time When this transaction began.
  clock_timestamp() time
  current_date- date
  current_timestamp- time
  localtimestamp- time
  age(to, from) unknown
  date_trunc(part, time, zone) second The time cut to a day, hour …
  date_part(part, time) dec
  date_bin(stride, time, origin) second
  extract(value) dec EXTRACT(part FROM time)
  make_date(year, month, day) date
  make_timestamp(year, month, day, hour, minute, second) time
  make_interval(years, months, weeks, days) unknown
  justify_days(interval) unknown
  generate_series(from, to, step) first
  unnest(array) unknown
  array_length(array, dimension) int
  cardinality(array) int
  array_position(array, value) int
  json_build_object(key, value, …) json
  jsonb_build_object(key, value, …) json
  json_build_array(value, …) json
  jsonb_build_array(value, …) json
  to_json(value) json
  to_jsonb(value) json
  row_to_json(row) json
  jsonb_path_query(json, path) json
  jsonb_array_elements(json) json
  jsonb_array_elements_text(json) string
  jsonb_each(json) unknown
  jsonb_typeof(json) string
  jsonb_extract_path_text(json, key, …) string
  gen_random_uuid() uuid
  pg_size_pretty(bytes) string
  pg_total_relation_size(table) int
  pg_relation_size(table) int
  current_setting(name) string
  version() string
  txid_current() int
  width_bucket(value, low, high, count) int
`);

const amc = new Map<string, SqlFunction>(
  [...aggregates, ...windowFunctions, ...scalarFunctions].map((name) => [
    name,
    {
      name,
      signature: name.startsWith('CURRENT_') ? name : `${name}(${amcArguments(name)})`,
      kind: aggregates.has(name) ? 'aggregate' : windowFunctions.has(name) ? 'window' : 'scalar',
      returns: () => null,
      about: '',
    },
  ]),
);
function amcArguments(name: string): string {
  const known: Readonly<Record<string, string>> = {
    BUILT_IN_PARAMETER: "'TIME_WINDOW_START'",
    CUSTOM_PARAMETER: "'name'",
    DATE_TRUNC: "'day', time",
    SECONDS_BETWEEN: 'from, to',
    CONTAINED_IN: 'value, array',
    ARRAY_CONTAINS: 'array, value',
    EXTRACT: 'part FROM time',
    IF: 'condition, then, otherwise',
    COALESCE: 'value, …',
    NAMED_ROW: "'name', value, …",
  };
  return known[name] ?? (/^(ROW_NUMBER|RANK|DENSE_RANK|UUID|RANDOM|E)$/.test(name) ? '' : 'value');
}

export const functionsOf: Readonly<Record<Dialect, ReadonlyMap<string, SqlFunction>>> = { sfmc: tsql, postgres, amc };

/** What people try in Marketing Cloud and the service does not run (SFMC §8.2), with what to write instead. */
export const unsupportedFunctions: Readonly<Record<string, string | null>> = {
  STRING_SPLIT: null,
  OPENJSON: null,
  JSON_MODIFY: null,
  ISJSON: null,
  TRY_PARSE: null,
  TRY_CAST: 'CAST',
  TRY_CONVERT: 'CONVERT',
  NOW: 'GETDATE',
  LENGTH: 'LEN',
  SUBSTR: 'SUBSTRING',
  IFNULL: 'ISNULL',
  NVL: 'ISNULL',
  CURRENT_DATE: null,
};
/** Of a newer server than every stack has. */
export const newerFunctions: ReadonlySet<string> = new Set([
  'TRIM',
  'STRING_AGG',
  'CONCAT_WS',
  'TRANSLATE',
  'GREATEST',
  'LEAST',
]);
/** Known to SQL Server 2016, though no list of the service names them. */
export const quietFunctions: ReadonlySet<string> = new Set('CHOOSE PARSENAME QUOTENAME SOUNDEX DIFFERENCE DATALENGTH DATETIME2FROMPARTS DATETIMEOFFSETFROMPARTS SMALLDATETIMEFROMPARTS TIMEFROMPARTS HASHBYTES ISNUMERIC GROUPING GROUPING_ID CHECKSUM_AGG COUNT_BIG NEWSEQUENTIALID STRING_ESCAPE ROLLUP CUBE ANY ALL SOME DATEDIFF_BIG BINARY_CHECKSUM COMPRESS DECOMPRESS VALUE NODES EXIST QUERY'.split(' ')); // prettier-ignore
