import { mostSensitive, type Sensitivity, sensitivityRules } from '../sensitivity.ts';
import {
  aggregates,
  builtInParameters,
  counting,
  scalarFunctions,
  summable,
  unsupported,
  windowFunctions,
} from './functions.ts';
import type { Problem } from './problems.ts';
import type { Field, Relation } from './scope.ts';
import { type Call, childrenOf, type Expr } from './syntax.ts';
import type { Span } from './tokens.ts';

export type ExprFacts = Omit<Field, 'name'>;
export interface FactsTools {
  column(name: string, table: string | undefined, span: Span): Field | undefined;
  parameter(name: string, span: Span): void;
  report(code: Problem['code'], span: Span, facts: Problem['facts']): void;
}

/** A call that makes one value of many rows (and is no window over them). */
export const isAggregate = (expr: Expr): expr is Call =>
  expr.kind === 'call' && !expr.over && aggregates.has(expr.name);

/** The first such call in an expression, not in its subqueries. */
export function findAggregate(expr: Expr): Call | undefined {
  if (isAggregate(expr)) return expr;
  for (const child of childrenOf(expr)) {
    const found = findAggregate(child);
    if (found) return found;
  }
  return undefined;
}

const harmless: ExprFacts = { dataType: null, sensitivity: 'NONE', origins: [], isMetric: false };
const yesOrNo = (children: readonly ExprFacts[]): ExprFacts => ({
  ...joined(children, 'BOOLEAN'),
  sensitivity: 'NONE',
});

function joined(children: readonly ExprFacts[], dataType: string | null): ExprFacts {
  return {
    dataType,
    sensitivity: mostSensitive(children.map(({ sensitivity }) => sensitivity)),
    origins: [...new Set(children.flatMap(({ origins }) => origins))],
    isMetric:
      children.some(({ isMetric }) => isMetric) &&
      children.every(({ isMetric, origins }) => isMetric || origins.length === 0),
  };
}

/** What an expression's value is and how much it tells, from what its parts are. */
export function factsOf(
  expr: Expr,
  children: readonly ExprFacts[],
  nested: Omit<Relation, 'alias'> | undefined,
  tools: FactsTools,
): ExprFacts {
  switch (expr.kind) {
    case 'literal':
      return {
        ...harmless,
        dataType: {
          string: 'STRING',
          number: /[.eE]/.test(String(expr.value)) ? 'DECIMAL' : 'LONG',
          boolean: 'BOOLEAN',
          date: 'DATE',
          timestamp: 'TIMESTAMP',
          null: null,
        }[expr.type],
      };
    case 'parameter':
      tools.parameter(expr.name, expr);
      return harmless;
    case 'star':
      tools.report('sql.select_star', expr, {});
      return harmless;
    case 'column':
      return tools.column(expr.name.text, expr.table?.text, expr) ?? harmless;
    case 'call':
      return factsOfCall(expr, children, tools);
    case 'cast':
      return joined(children, expr.type.replace(/\(.*/, '').trim());
    case 'binary':
      if (['AND', 'OR'].includes(expr.op)) return yesOrNo(children);
      if (['=', '<>', '<', '>', '<=', '>='].includes(expr.op)) return filtered(expr, children, tools);
      return { ...joined(children, expr.op === '||' ? 'STRING' : numeric(children)), isMetric: false };
    case 'in':
    case 'between':
    case 'match':
    case 'distinctFrom':
      return filtered(expr, children, tools);
    case 'is':
    case 'exists':
    case 'inQuery':
      return yesOrNo(children);
    case 'unary':
      return expr.op === 'NOT' ? yesOrNo(children) : joined(children, children[0]?.dataType ?? null);
    case 'case': {
      const skipped = expr.operand ? 1 : 0;
      const results = children
        .slice(skipped)
        .filter((_, index, list) => index % 2 === 1 || (expr.otherwise && index === list.length - 1));
      return {
        ...joined(results, results.find(({ dataType }) => dataType)?.dataType ?? null),
        origins: joined(children, null).origins,
      };
    }
    case 'subquery':
      return nested?.fields[0] ?? harmless;
    case 'array':
      return joined(children, 'ARRAY');
    case 'interval':
      return harmless;
  }
}

const isFixed = (expr: Expr): boolean =>
  (expr.kind === 'literal' && expr.type !== 'null') ||
  expr.kind === 'parameter' ||
  (expr.kind === 'call' && (expr.name === 'CUSTOM_PARAMETER' || (expr.args.length > 0 && expr.args.every(isFixed)))) ||
  ((expr.kind === 'cast' || expr.kind === 'unary') && isFixed(expr.expr)) ||
  (expr.kind === 'array' && expr.items.every(isFixed));

/** A comparison. Where one side is fixed, no side may be a column by which single persons could be picked. */
function filtered(expr: Expr, children: readonly ExprFacts[], tools: FactsTools): ExprFacts {
  const parts = childrenOf(expr);
  if (parts.some(isFixed)) {
    const index = children.findIndex(({ sensitivity }) => !sensitivityRules[sensitivity].mayBeFiltered);
    const told = children[index];
    const part = parts[index];
    if (told && part)
      tools.report('sql.literal_filter', part, {
        column: told.origins[0]?.split('.')[1] ?? '',
        sensitivity: told.sensitivity,
      });
  }
  return yesOrNo(children);
}

const numeric = (children: readonly ExprFacts[]): string =>
  children.some(({ dataType }) => dataType && /DECIMAL|DOUBLE|FLOAT/.test(dataType)) ? 'DECIMAL' : 'LONG';

const resultTypes: Readonly<Record<string, string>> = {
  STRING: `CONCAT UPPER LOWER SUBSTRING TRIM LTRIM RTRIM REPLACE LEFT RIGHT REGEXP_REPLACE REGEXP_SUBSTR FORMAT MD5 SHA1 UUID
    ARRAY_TO_STRING JSON_EXTRACT JSON_SERIALIZE`,
  LONG: `COUNT APPROX_COUNT_DISTINCT LENGTH CHAR_LENGTH CHARACTER_LENGTH POSITION CHARINDEX LOCATE INSTR STRPOS YEAR MONTH WEEK HOUR
    MINUTE SECOND DAYOFMONTH DAYOFWEEK EXTRACT SECONDS_BETWEEN CARDINALITY HASH64`,
  DECIMAL: `AVG SQRT LN LOG LOG10 EXP E POWER RANDOM STDDEV STDDEV_POP STDDEV_SAMP VARIANCE VAR_POP VAR_SAMP SKEWNESS MEDIAN
    PERCENTILE PERCENTILE_CONT PERCENTILE_DISC APPROX_PERCENTILE`,
  DATE: 'CURRENT_DATE',
  TIMESTAMP: 'CURRENT_TIMESTAMP EPOCH_TO_UTC_TIMESTAMP CONVERT_TIME_ZONE_FROM_UTC DATE_TRUNC',
  BOOLEAN: 'ARRAY_CONTAINS CONTAINED_IN',
  ARRAY: `COLLECT REGEXP_SPLIT FLATTEN ARRAY_CAT ARRAY_COMPLEMENT ARRAY_DISTINCT ARRAY_INTERSECT ARRAY_REMOVE ARRAY_SORT
    ARRAY_UNION`,
};
const typeByName = new Map(
  Object.entries(resultTypes).flatMap(([type, names]) =>
    names.split(/\s+/).map((name): [string, string] => [name, type]),
  ),
);
/** Functions whose value is of the type of one of their arguments, and which. */
const typeOfArgument: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    'ABS ROUND CEIL CEILING FLOOR TRUNC SIGN MOD COALESCE IFNULL NVL NULLIF GREATEST LEAST MIN MAX SUM LAG LEAD FIRST_VALUE LAST_VALUE'
      .split(' ')
      .map((name) => [name, 0]),
  ),
  IF: 1,
  NVL2: 1,
};
const typeOfCall = (name: string, children: readonly ExprFacts[]): string | null =>
  typeByName.get(name) ?? children[typeOfArgument[name] ?? -1]?.dataType ?? null;

function factsOfCall(call: Call, children: readonly ExprFacts[], tools: FactsTools): ExprFacts {
  const { name } = call;
  const [first] = call.args;
  const instead = unsupported[name];
  if (instead) tools.report('sql.unknown_function', call, { name, instead });
  else if (!aggregates.has(name) && !windowFunctions.has(name) && !scalarFunctions.has(name))
    tools.report('sql.unknown_function', call, { name });
  if (name === 'COUNT' && call.isStar && call.over) tools.report('sql.count_star_over', call, {});
  if (name === 'COLLECT' && first && first.kind !== 'column') tools.report('sql.collect_expression', first, {});
  if (name === 'CUSTOM_PARAMETER' && first?.kind === 'literal') {
    tools.parameter(String(first.value), first);
    return harmless;
  }
  if (name === 'BUILT_IN_PARAMETER') {
    const asked = first?.kind === 'literal' ? String(first.value) : '';
    if (!builtInParameters.includes(asked)) tools.report('sql.unknown_built_in', call, { name: asked });
    return { ...harmless, dataType: 'TIMESTAMP' };
  }
  const all = joined(children, typeOfCall(name, children));
  if (windowFunctions.has(name))
    return {
      ...all,
      dataType: /^(LAG|LEAD|FIRST_VALUE|LAST_VALUE)$/.test(name) ? all.dataType : 'LONG',
      sensitivity: /^(LAG|LEAD|FIRST_VALUE|LAST_VALUE)$/.test(name) ? all.sensitivity : 'NONE',
      isMetric: false,
    };
  if (!aggregates.has(name)) return all;
  const sensitivity: Sensitivity = counting.has(name) ? 'NONE' : all.sensitivity;
  return { ...all, sensitivity, isMetric: summable.has(name) && !call.isDistinct && !call.over };
}
