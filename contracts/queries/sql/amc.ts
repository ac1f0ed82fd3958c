import type { AmcCatalog } from '../amc/catalog.ts';
import { columnTypeOf } from '../amc/column-type.ts';
import { lintAmc } from '../amc/lint.ts';
import { analyseQuery } from '../amc/sql/analyse.ts';
import { parseQuery } from '../amc/sql/parse.ts';
import type { Problem as AmcProblem } from '../amc/sql/problems.ts';
import { isWarning } from '../amc/sql/problems.ts';
import { SqlSyntaxError } from '../amc/sql/syntax.ts';
import { sensitivityRules } from '../amc/sensitivity.ts';
import { type AmcColumn, type AmcTable, sensitivityOf } from '../amc/catalog.ts';
import { sensitivities } from '../amc/sensitivity.ts';
import { nearestName } from '../../playbooks/nearest.ts';
import type { QueryColumn, SchemaColumn, SchemaObject } from '../engine.ts';
import type { Analysis, AnalyseOptions, Diagnostic, QuickFix, Span } from './language.ts';
import type { Parsed } from './parse.ts';
import { foldName, type SchemaIndex } from './schema-index.ts';
import type { Token } from './tokens.ts';

const catalogs = new WeakMap<SchemaIndex, { readonly version: number; readonly catalog: AmcCatalog }>();

/** The instance's tables as Amazon's analyser knows them, those whose columns are loaded. */
export function catalogOfIndex(schema: SchemaIndex): AmcCatalog {
  const known = catalogs.get(schema);
  if (known?.version === schema.version) return known.catalog;
  const catalog = new Map<string, AmcTable>();
  for (const object of schema.objects())
    if (object.sqlName !== null)
      catalog.set(object.sqlName.toLowerCase(), amcTableOf(object, schema.columnsOf(object.id) ?? []));
  catalogs.set(schema, { version: schema.version, catalog });
  return catalog;
}
/** A table of the service as Amazon's analyser knows it, with the columns that are kept of it. */
export function amcTableOf(object: SchemaObject, known: readonly SchemaColumn[]): AmcTable {
  const columns = known.map((column): AmcColumn => {
    const told = sensitivities.find((level) => level === column.details?.['sensitivity']) ?? null;
    return {
      name: column.name,
      dataType: column.nativeType ?? null,
      kind: column.details?.['kind'] === 'METRIC' ? 'METRIC' : 'DIMENSION',
      sensitivity: told,
      description: column.description ?? '',
    };
  });
  return { name: object.sqlName ?? object.name, description: object.description ?? '', owner: '', isPremium: false, tags: [], columns }; // prettier-ignore
}

/** The same text, place for place, as Amazon's reader takes it: without clause marks, types of parameters and dots in names. */
export function plainAmcText(tokens: readonly Token[]): string {
  let plain = '';
  for (const token of tokens) {
    if (token.kind === 'open' || token.kind === 'close') plain += '  ';
    else if (token.kind === 'parameter') {
      const name = (/^[\w.]*/.exec(token.value)?.[0] ?? '').replaceAll('.', '_');
      plain += name === '' ? token.text : `{{${name.padEnd(token.text.length - 4)}}}`;
    } else plain += token.text;
  }
  return plain;
}

export function analyseAmc(
  text: string,
  tokens: readonly Token[],
  parsed: readonly Parsed[],
  schema: SchemaIndex,
  options: AnalyseOptions,
): Pick<Analysis, 'diagnostics' | 'columns' | 'columnsUnknownBecause'> {
  const diagnostics: Diagnostic[] = [];
  const catalog = catalogOfIndex(schema);
  const add = (
    severity: Diagnostic['severity'],
    code: string,
    message: string,
    { from, to }: Span,
    fixes: readonly QuickFix[] = [],
  ) => diagnostics.push({ severity, code, message, from, to: Math.max(to, Math.min(text.length, from + 1)), fixes });
  if (parsed.length === 0) return { diagnostics, columns: null, columnsUnknownBecause: 'There is no query.' };
  try {
    const query = parseQuery(plainAmcText(tokens));
    const analysis = analyseQuery(query, catalog, { ...(options.isAudience && { isAudience: true }) });
    for (const problem of analysis.problems) {
      // Columns that are not loaded yet, and a schema that is not, are no mistakes of the text.
      if (isWarning(problem) || isUnloaded(problem, schema, analysis.tables)) continue;
      const { message, fixes } = wordsOf(problem, text, schema, catalog, analysis.tables);
      add('error', problem.code, message, problem, fixes);
    }
    diagnostics.push(...lintAmc(text, analysis, catalog));
    const isLoaded = analysis.tables.every((table) => catalog.get(table)?.columns.length);
    const columns = analysis.outputs.map(({ name, dataType }): QueryColumn => ({
      name,
      type: columnTypeOf(dataType),
      ...(dataType && { nativeType: dataType }),
    }));
    return isLoaded
      ? { diagnostics, columns, columnsUnknownBecause: null }
      : { diagnostics, columns: null, columnsUnknownBecause: 'The columns of its tables are not loaded yet.' };
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    const { fixes } = wordsOf({ code: error.code, ...error.span, facts: {} }, text, schema, catalog, []);
    add('error', error.code, error.message, error.span, fixes);
    return { diagnostics, columns: null, columnsUnknownBecause: 'The query cannot be read.' };
  }
}

function isUnloaded({ code }: AmcProblem, schema: SchemaIndex, tables: readonly string[]): boolean {
  if (code === 'sql.unknown_table') return schema.size === 0;
  if (code !== 'sql.unknown_column' && code !== 'sql.unknown_alias') return false;
  return tables.some((table) => {
    const object = schema.find([foldName('amc', table, false)]);
    return object !== undefined && !schema.hasColumns(object.id);
  });
}

const replace = (title: string, { from, to }: Span, text: string): QuickFix => ({ title, edits: [{ from, to, text }] });

function wordsOf(
  { code, facts, from, to }: AmcProblem,
  text: string,
  schema: SchemaIndex,
  catalog: AmcCatalog,
  tables: readonly string[],
): { message: string; fixes: readonly QuickFix[] } {
  const fact = (name: string): string => String(facts[name] ?? '');
  const span = { from, to };
  const none = (message: string) => ({ message, fixes: [] });
  switch (code) {
    case 'sql.semicolon':
      return { message: 'A query ends without a semicolon.', fixes: [replace('Take the semicolon away', span, '')] };
    case 'sql.select_star': {
      const columns = tables.length === 1 ? (catalog.get(tables[0] ?? '')?.columns ?? []) : [];
      const open = columns
        .filter((column) => sensitivityRules[sensitivityOf(column)].mayBeOutput)
        .map(({ name }) => name);
      return {
        message: 'Amazon runs no SELECT *: name the columns.',
        fixes: open.length > 0 && text.slice(from, to) === '*' ? [replace(`Name the ${open.length} columns`, span, open.join(',\n  '))] : [],
      }; // prettier-ignore
    }
    case 'sql.unknown_table': {
      const near = schema.nearestTable(fact('table'));
      return { message: `There is no table ${fact('table')}.${near ? ` Did you mean ${near}?` : ''}`, fixes: near ? [replace(`Change to ${near}`, span, near)] : [] }; // prettier-ignore
    }
    case 'sql.unknown_column': {
      const names = tables.flatMap((table) => catalog.get(table)?.columns.map(({ name }) => name) ?? []);
      const near = nearestName(fact('column'), names);
      const at = { from: to - fact('column').length, to };
      return {
        message: `There is no column ${fact('column')}${facts['table'] === undefined ? '' : ` in ${fact('table')}`}.${near ? ` Did you mean ${near}?` : ''}`,
        fixes: near ? [replace(`Change to ${near}`, at, near)] : [],
      };
    }
    case 'sql.unknown_alias':
      return none(`No table here is named ${fact('alias')}.`);
    case 'sql.ambiguous_column':
      return none(`${fact('column')} is a column of several tables: say which is meant.`);
    case 'sql.unknown_function': {
      const isDate = fact('name') === 'GETDATE' || fact('name') === 'NOW';
      return {
        message: `${fact('name')} is no function of Amazon's SQL${facts['instead'] === undefined ? '' : `: use ${fact('instead')}`}.`,
        fixes: isDate && text.slice(from, to).endsWith(')') ? [replace('Use CURRENT_TIMESTAMP', span, 'CURRENT_TIMESTAMP')] : [],
      }; // prettier-ignore
    }
    case 'sql.sensitive_output':
      return none(
        `${fact('column') || text.slice(from, to)} may never be output: count it, join on it or group by it within a WITH.`,
      );
    case 'sql.literal_filter':
      return none(
        `${fact('column')} (${fact('sensitivity')}) may not be compared with a fixed value: single people could be picked out.`,
      );
    case 'sql.no_aggregate':
      return none('A query needs an aggregate such as COUNT or SUM.');
    case 'sql.not_grouped':
      return none(`${fact('column')} differs between the rows of a group: put it into GROUP BY or into an aggregate.`);
    case 'sql.aggregate_in_where':
      return none(`${fact('name')} cannot stand in WHERE: use HAVING.`);
    case 'sql.aggregate_in_group':
      return none('An aggregate cannot stand in GROUP BY.');
    case 'sql.count_star_over':
      return none('COUNT(*) OVER () does not run: count a column.');
    case 'sql.collect_expression':
      return none('COLLECT takes a column, not an expression: compute it in a WITH before.');
    case 'sql.column_count':
      return none(`It has ${fact('found')} columns where ${fact('expected')} are needed.`);
    case 'sql.ordinal_out_of_range':
      return none('The SELECT has no column of that number.');
    case 'sql.window_in_having':
      return none(`${fact('alias')} is a window function: HAVING cannot name it. Wrap the query and filter outside.`);
    case 'sql.unknown_built_in':
      return none(`There is no built-in parameter ${fact('name')}: there are TIME_WINDOW_START and TIME_WINDOW_END.`);
    case 'sql.undeclared_parameter':
      return none(`The parameter ${fact('parameter')} is not declared.`);
    case 'sql.not_for_audiences':
      return { message: `An audience reads tables that end in _for_audiences: ${fact('table')} does not.`, fixes: catalog.has(`${fact('table').toLowerCase()}_for_audiences`) ? [replace('Use its audience copy', { from, to: from + fact('table').length }, `${fact('table')}_for_audiences`)] : [] }; // prettier-ignore
    case 'sql.interval_in_audience':
      return none("An audience knows no INTERVAL: use SECONDS_BETWEEN(x, BUILT_IN_PARAMETER('TIME_WINDOW_END')).");
    case 'sql.limit':
      return none('LIMIT is not supported: number the rows by RANK in a subquery and filter by it.');
    default:
      return none('Amazon does not take this.');
  }
}
