import { type AmcCatalog, type AmcTable, catalogOf } from '#contracts/queries/amc/catalog.ts';
import type { ParameterValue } from '#contracts/queries/amc/parameters.ts';
import { analyseQuery } from '#contracts/queries/amc/sql/analyse.ts';
import { parseQuery } from '#contracts/queries/amc/sql/parse.ts';
import { isWarning, type Problem } from '#contracts/queries/amc/sql/problems.ts';
import { type Query, SqlSyntaxError } from '#contracts/queries/amc/sql/syntax.ts';
import type { Span } from '#contracts/queries/amc/sql/tokens.ts';
import { simTables } from './catalog/tables.ts';
import type { EngineTask } from './engine/engine.ts';
import type { OutputFormat } from './engine/csv.ts';
import { type RunWindow, translateQuery } from './engine/translate.ts';

export interface Compiled {
  readonly query: Query;
  readonly outputs: ReturnType<typeof analyseQuery>['outputs'];
  readonly tables: readonly string[];
}
export type CompileResult =
  | { readonly ok: true; readonly compiled: Compiled }
  | { readonly ok: false; readonly details: string };

const catalog: AmcCatalog = catalogOf(
  simTables.map((table): AmcTable => ({
    ...table,
    tags: [],
    columns: table.columns.map((column) => ({ ...column, description: '' })),
  })),
);

/** Columns count from 1 and the end is included, as the service's parser does. The text has one line. */
const at = ({ from, to }: Span): string =>
  `From line 1, column ${from + 1} to line 1, column ${Math.max(from + 1, to)}`;

/** Reads and judges a flattened query. Refuses in the service's words (AMC §2.3, §6.1), the first problem alone. */
export function compile(sql: string, parameters: readonly string[], isAudience = false): CompileResult {
  const refuse = (details: string): CompileResult => ({ ok: false, details });
  if (/[\n\r\t]/.test(sql)) return refuse('The SQL query must be on one line: it contains a newline or tab character.');
  let query: Query;
  try {
    query = parseQuery(sql);
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    const { span } = error;
    if (error.code === 'sql.unterminated')
      return refuse(`Lexical error at line 1, column ${span.from + 1}. Encountered: <EOF>`);
    if (error.code === 'sql.empty') return refuse('sqlQuery must not be empty.');
    const token = sql.slice(span.from, span.to) || '<EOF>';
    return refuse(`Encountered "${token}" at line 1, column ${span.from + 1}. ${error.message}`);
  }
  const analysis = analyseQuery(query, catalog, { parameters, isAudience });
  const problems = analysis.problems.filter(
    (problem) => !isWarning(problem) && !(isAudience && isOnlyForPeople(problem)),
  );
  const foreign = problems.find(({ code }) => code === 'sql.not_for_audiences');
  const [problem] = foreign ? [foreign] : problems;
  if (problem) return refuse(wordsOf(problem));
  return { ok: true, compiled: { query, outputs: analysis.outputs, tables: analysis.tables } };
}

/** An audience is a list of people: it outputs their ids and aggregates nothing. */
const isOnlyForPeople = ({ code, facts }: Problem): boolean =>
  code === 'sql.no_aggregate' || (code === 'sql.sensitive_output' && facts['column'] === 'user_id');

function wordsOf(problem: Problem): string {
  const { code, facts } = problem;
  const fact = (name: string): string => String(facts[name] ?? '');
  const place = at(problem);
  switch (code) {
    case 'sql.unknown_table':
      return `${place}: Object '${fact('table')}' not found`;
    case 'sql.unknown_alias':
      return `${place}: Table '${fact('alias')}' not found`;
    case 'sql.unknown_column':
      return `${place}: Column '${fact('column')}' not found in ${facts['table'] === undefined ? 'any table' : `table '${fact('table')}'`}`;
    case 'sql.ambiguous_column':
      return `${place}: Column '${fact('column')}' is ambiguous`;
    case 'sql.not_grouped':
      return `${place}: Expression '${fact('column')}' is not being grouped`;
    case 'sql.aggregate_in_where':
      return `${place}: Aggregate expression is illegal in WHERE clause`;
    case 'sql.aggregate_in_group':
      return `${place}: Aggregate expression is illegal in GROUP BY clause`;
    case 'sql.ordinal_out_of_range':
      return `${place}: Ordinal out of range`;
    case 'sql.unknown_function':
      return `${place}: No match found for function signature ${fact('name')}`;
    case 'sql.column_count':
      return `${place}: Number of columns must match: expected ${fact('expected')}, found ${fact('found')}`;
    case 'sql.select_star':
      return `${place}: SELECT * is not supported`;
    case 'sql.sensitive_output':
      return `${place}: Column '${fact('column')}' has aggregation threshold ${fact('sensitivity')} and cannot be part of the final SELECT`;
    case 'sql.literal_filter':
      return `${place}: Column '${fact('column')}' has aggregation threshold ${fact('sensitivity')} and cannot be compared with a literal`;
    case 'sql.undeclared_parameter':
      return `${place}: Custom parameter '${fact('parameter')}' is not defined`;
    case 'sql.unknown_built_in':
      return `${place}: Built-in parameter '${fact('name')}' is not defined`;
    case 'sql.window_in_having':
      return `${place}: Column '${fact('alias')}' not found in any table`;
    case 'sql.count_star_over':
      return `${place}: COUNT(*) OVER is not supported`;
    case 'sql.collect_expression':
      return `${place}: COLLECT takes a column`;
    case 'sql.interval_in_audience':
      return `${place}: INTERVAL is not allowed in an audience query`;
    case 'sql.not_for_audiences':
      return 'Invalid tables in the SQL query: Use audience-specific tables in the query.';
    case 'sql.no_aggregate':
      return 'The query must contain at least one aggregate function.';
    default:
      return `${place}: ${code}`;
  }
}

export interface RunOptions {
  readonly window: RunWindow;
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly advertisers?: readonly number[];
  readonly removesValues: boolean;
  readonly discriminator: string;
  readonly distinctUsers: string;
  readonly reason: string;
  readonly format: OutputFormat;
  readonly rowsPerPart: number;
  readonly isPrivacyOn: boolean;
  readonly countsPeople: boolean;
}

/** What the embedded database is to do for one execution. */
export function taskOf({ query, outputs, tables }: Compiled, run: RunOptions): Omit<EngineTask, 'id'> {
  const readsPeople = tables.some((name) => simTables.find((table) => table.name === name)?.base !== 'none');
  return {
    sql: translateQuery(query, run),
    tables,
    booleans: outputs.map(({ dataType }) => dataType === 'BOOLEAN'),
    format: run.format,
    rowsPerPart: run.rowsPerPart,
    countsPeople: run.countsPeople,
    privacy: {
      columns: outputs.map(({ name, sensitivity, isMetric }) => ({ name, sensitivity, isMetric })),
      discriminator: run.discriminator,
      distinctUsers: run.distinctUsers,
      reason: run.reason,
      isKeepingTotals: run.removesValues || run.discriminator !== '',
      isOn: run.isPrivacyOn && readsPeople,
      table: tables[0] ?? '',
    },
  };
}
