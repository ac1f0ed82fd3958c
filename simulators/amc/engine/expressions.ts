import type { Call, Expr, OrderItem, Over, Query } from '#contracts/queries/amc/sql/syntax.ts';

export interface ExpressionTools {
  /** Of a subquery: with its one column alone. */
  query(query: Query): string;
  parameter(name: string): string;
  /** What an unfolded array's column is called in the database; undefined for all other columns. */
  column(table: string | undefined, name: string): string | undefined;
  builtIn(name: string): string;
}

export const quoteText = (value: string): string => `'${value.replaceAll("'", "''")}'`;
export const quoteName = (value: string): string => `"${value.replaceAll('"', '""')}"`;

const literalOf = (value: string | boolean | null): string =>
  value === null ? 'null' : typeof value === 'boolean' ? (value ? '1' : '0') : value;
const not = (isNot: boolean): string => (isNot ? 'not ' : '');

/** Writes an AMC expression in the embedded database's words. Dates and times are text, truth is 1 and 0, arrays are JSON. */
export function writeExpression(expr: Expr, tools: ExpressionTools): string {
  const write = (one: Expr): string => writeExpression(one, tools);
  switch (expr.kind) {
    case 'literal':
      if (expr.type === 'string') return quoteText(expr.value);
      if (expr.type === 'date') return `to_date(${quoteText(expr.value)})`;
      if (expr.type === 'timestamp') return `to_stamp(${quoteText(expr.value)})`;
      return literalOf(expr.value);
    case 'column': {
      const unfolded = tools.column(expr.table?.text, expr.name.text);
      if (unfolded) return unfolded;
      return `${expr.table ? `${quoteName(expr.table.text)}.` : ''}${quoteName(expr.name.text)}`;
    }
    case 'call':
      return writeCall(expr, tools);
    case 'parameter':
      return tools.parameter(expr.name);
    case 'unary':
      return `(${expr.op === 'NOT' ? 'not ' : expr.op}${write(expr.expr)})`;
    case 'binary':
      return writeBinary(expr, write);
    case 'case': {
      const whens = expr.whens.map(({ when, result }) => `when ${write(when)} then ${write(result)}`);
      return `(case ${expr.operand ? write(expr.operand) : ''} ${whens.join(' ')} ${expr.otherwise ? `else ${write(expr.otherwise)}` : ''} end)`;
    }
    case 'cast':
      return writeCast(write(expr.expr), expr.type);
    case 'in':
      return `(${write(expr.expr)} ${not(expr.isNot)}in (${expr.list.map(write).join(', ')}))`;
    case 'inQuery':
      return `(${write(expr.expr)} ${not(expr.isNot)}in (${tools.query(expr.query)}))`;
    case 'between':
      return `(${write(expr.expr)} ${not(expr.isNot)}between ${write(expr.low)} and ${write(expr.high)})`;
    case 'match':
      if (expr.op === 'SIMILAR TO')
        return `(${not(expr.isNot)}similar_to(${write(expr.expr)}, ${write(expr.pattern)}))`;
      return `(${write(expr.expr)} ${not(expr.isNot)}like ${write(expr.pattern)}${expr.escape ? ` escape ${write(expr.escape)}` : ''})`;
    case 'is':
      return `(${write(expr.expr)} is ${not(expr.isNot)}${expr.what.toLowerCase()})`;
    case 'distinctFrom':
      return `(${write(expr.left)} is ${expr.isNot ? '' : 'not '}${write(expr.right)})`;
    case 'array':
      return `json_array(${expr.items.map(write).join(', ')})`;
    case 'subquery':
      return `(${tools.query(expr.query)})`;
    case 'exists':
      return `exists (${tools.query(expr.query)})`;
    case 'interval':
    case 'star':
      throw new Error(`Nothing to write for ${expr.kind}.`);
  }
}

function writeBinary(expr: Extract<Expr, { kind: 'binary' }>, write: (expr: Expr) => string): string {
  const { op, left, right } = expr;
  if ((op === '+' || op === '-') && right.kind === 'interval') {
    const amount = Number(right.value) * (op === '-' ? -1 : 1);
    return `add_time(${write(left)}, ${amount}, '${right.unit}')`;
  }
  if (op === '+' && left.kind === 'interval') return `add_time(${write(right)}, ${Number(left.value)}, '${left.unit}')`;
  return `(${write(left)} ${op.toLowerCase()} ${write(right)})`;
}

function writeCast(value: string, type: string): string {
  const plain = type.replace(/\(.*/, '').trim();
  if (plain === 'DATE') return `to_date(${value})`;
  if (plain === 'TIMESTAMP') return `to_stamp(${value})`;
  if (plain === 'BOOLEAN')
    return `(case lower(${value}) when 'true' then 1 when '1' then 1 when 'false' then 0 when '0' then 0 end)`;
  if (/CHAR|STRING/.test(plain)) return `cast(${value} as text)`;
  if (/INT|LONG|SHORT|BYTE/.test(plain)) return `cast(${value} as integer)`;
  return `cast(${value} as real)`;
}

/** Names that differ; those that are the same in both are not listed. */
const renamed: Readonly<Record<string, string>> = {
  CEILING: 'ceil',
  CHAR_LENGTH: 'length',
  CHARACTER_LENGTH: 'length',
  LEFT: 'left_of',
  RIGHT: 'right_of',
  LOG: 'ln',
  NVL: 'ifnull',
  MEDIAN: 'quantile',
  PERCENTILE: 'quantile',
  APPROX_PERCENTILE: 'quantile',
  SUBSTRING: 'substr',
  TRUNC: 'trunc_to',
  RANDOM: 'random_double',
  CURRENT_DATE: 'to_date',
  CURRENT_TIMESTAMP: 'to_stamp',
  DATE_TRUNC: 'date_trunc_to',
  EXTRACT: 'field_of',
  CONVERT_TIME_ZONE_FROM_UTC: 'from_utc',
  EPOCH_TO_UTC_TIMESTAMP: 'epoch_stamp',
  FLATTEN: 'array_flatten',
  COLLECT: 'collect_list',
  STDDEV: 'stddev_samp',
  VARIANCE: 'var_samp',
  JSON_SERIALIZE: 'json_quote',
  TO_VARBINARY: 'hex',
  FROM_VARBINARY: 'unhex',
  NAMED_ROW: 'json_object',
};

function writeCall(call: Call, tools: ExpressionTools): string {
  const { name } = call;
  const write = (one: Expr): string => writeExpression(one, tools);
  const args = call.args.map(write);
  const [first = 'null', second = 'null', third = 'null'] = args;
  const [named] = call.args;
  const constant = named?.kind === 'literal' ? String(named.value) : '';
  switch (name) {
    case 'CUSTOM_PARAMETER':
      return tools.parameter(constant);
    case 'BUILT_IN_PARAMETER':
      return tools.builtIn(constant);
    case 'E':
      return 'exp(1)';
    case 'CURRENT_DATE':
      return "to_date('today')";
    case 'CURRENT_TIMESTAMP':
      return "to_stamp('now')";
    case 'IF':
      return `(case when ${first} then ${second} else ${third} end)`;
    case 'NVL2':
      return `(case when ${first} is not null then ${second} else ${third} end)`;
    case 'POSITION':
    case 'CHARINDEX':
    case 'LOCATE':
      return `position_in(${first}, ${second})`;
    case 'INSTR':
    case 'STRPOS':
      return `position_in(${second}, ${first})`;
    case 'TRIM':
      return args.length === 3 ? `trim_side(${args.join(', ')})` : `trim(${first})`;
    case 'CONCAT':
      return `(${args.join(' || ')})`;
    case 'YEAR':
    case 'MONTH':
    case 'WEEK':
    case 'HOUR':
    case 'MINUTE':
    case 'SECOND':
    case 'DAYOFMONTH':
    case 'DAYOFWEEK':
      return `field_of('${name}', ${first})`;
    case 'MEDIAN':
      return aggregateOf('quantile', [first, '0.5'], call, write);
    case 'PERCENTILE_CONT':
    case 'PERCENTILE_DISC':
      return aggregateOf('quantile', [...(call.within ?? []).map(({ expr }) => write(expr)), first], call, write);
    case 'APPROX_COUNT_DISTINCT':
      return aggregateOf('count', args, { ...call, isDistinct: true }, write);
    case 'TRUNC':
    case 'REGEXP_REPLACE':
      return `${renamed[name] ?? name.toLowerCase()}(${[...args, ...(name === 'TRUNC' && args.length === 1 ? ['0'] : name === 'REGEXP_REPLACE' && args.length === 2 ? ["''"] : [])].join(', ')})`;
  }
  return aggregateOf(renamed[name] ?? name.toLowerCase(), args, call, write);
}

function aggregateOf(name: string, args: readonly string[], call: Call, write: (expr: Expr) => string): string {
  const inner = call.isStar ? '*' : `${call.isDistinct ? 'distinct ' : ''}${args.join(', ')}`;
  const filter = call.filter ? ` filter (where ${write(call.filter)})` : '';
  return `${name}(${inner})${filter}${call.over ? ` over (${writeOver(call.over, write)})` : ''}`;
}

const writeOver = ({ partitionBy, orderBy, frame }: Over, write: (expr: Expr) => string): string =>
  [
    partitionBy.length > 0 ? `partition by ${partitionBy.map(write).join(', ')}` : '',
    orderBy.length > 0 ? `order by ${writeOrder(orderBy, write)}` : '',
    frame.toLowerCase(),
  ]
    .filter(Boolean)
    .join(' ');

export const writeOrder = (items: readonly OrderItem[], write: (expr: Expr) => string): string =>
  items
    .map(
      ({ expr, isDescending, nulls }) =>
        `${write(expr)}${isDescending ? ' desc' : ''}${nulls ? ` nulls ${nulls}` : ''}`,
    )
    .join(', ');
