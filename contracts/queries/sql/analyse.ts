import type { QueryColumn, SchemaObject } from '../engine.ts';
import { type QueryParameter, windowParameters } from '../parameters.ts';
import { checkPlaceholders, readMarks } from '../placeholders.ts';
import { analyseAmc } from './amc.ts';
import { Analyser, type Output } from './analyser.ts';
import { checkSfmcWords } from './sfmc-rules.ts';
import { deprecatedTables } from './deprecated-tables.ts';
import type { Analysis, AnalyseOptions, Diagnostic, Dialect, Statement } from './language.ts';
import { type Parsed, parseStatements } from './parse.ts';
import { SchemaIndex } from './schema-index.ts';
import type { ScopeAt } from './scope.ts';
import type { Problem } from './syntax.ts';
import { type Token, tokenize } from './tokens.ts';
import { type SqlType, text as textType } from './types.ts';

/** Most statements of a text that are looked at in full. */
const mostStatements = 100;

/** What completion and hover need besides. */
export interface Deep {
  readonly analysis: Analysis;
  readonly tokens: readonly Token[];
  readonly parsed: readonly Parsed[];
  readonly analysers: readonly (Analyser | null)[];
  readonly scopes: readonly ScopeAt[];
}

/**
 * Reads a text of one of the dialects and says all there is to say of it: where its statements are, what the engine will
 * refuse, with fixes where there is one, and which columns the result has. Pure; takes any text, whole or half-written, in
 * time that grows with its length.
 */
export function analyse(
  dialect: Dialect,
  text: string,
  schema: SchemaIndex | readonly SchemaObject[],
  options: AnalyseOptions = {},
): Analysis {
  return analyseDeeply(dialect, text, schema, options).analysis;
}

/**
 * The columns of a text's result, as SFMC needs them before it runs: names that are unique and no longer than 50 characters,
 * each with a type and a length. Null, with the reason, where they cannot be told.
 */
export function inferColumns(
  dialect: Dialect,
  text: string,
  schema: SchemaIndex | readonly SchemaObject[],
  options: AnalyseOptions = {},
):
  | { readonly columns: readonly QueryColumn[]; readonly reason: null }
  | { readonly columns: null; readonly reason: string } {
  // prettier-ignore
  const { columns, columnsUnknownBecause } = analyse(dialect, text, schema, options);
  return columns ? { columns, reason: null } : { columns: null, reason: columnsUnknownBecause ?? 'The query cannot be read.' }; // prettier-ignore
}

interface Remembered {
  readonly key: string;
  readonly text: string;
  readonly deep: Deep;
}
const last = new WeakMap<SchemaIndex, Remembered>();

/** The same with all that was found on the way. The last text of each schema is remembered: completion and hover follow it. */
export function analyseDeeply(
  dialect: Dialect,
  text: string,
  given: SchemaIndex | readonly SchemaObject[],
  options: AnalyseOptions,
): Deep {
  if (!(given instanceof SchemaIndex)) return readDeeply(dialect, text, new SchemaIndex(dialect, given), options);
  const key = `${dialect} ${given.version} ${JSON.stringify(options)}`;
  const known = last.get(given);
  if (known?.key === key && known.text === text) return known.deep;
  const deep = readDeeply(dialect, text, given, options);
  last.set(given, { key, text, deep });
  return deep;
}

function readDeeply(dialect: Dialect, text: string, schema: SchemaIndex, options: AnalyseOptions): Deep {
  const tokens = tokenize(dialect, text);
  const parsed = parseStatements(dialect, tokens);
  const found: Diagnostic[] = [...checkPlaceholders(dialect, tokens), ...checkDeclared(tokens, options.parameters)];
  let first: First | undefined;
  const analysers = parsed.slice(0, mostStatements).map((one, index): Analyser | null => {
    const analyser = new Analyser(text, one, schema, options);
    const outputs = one.query ? analyser.query(one.query, new Map(), null, true) : null;
    if (index === 0) first = { analyser, outputs };
    if (dialect !== 'amc') found.push(...problemsOf(dialect, text, one, analyser, index === parsed.length - 1));
    return analyser;
  });
  const statements = parsed.map(({ kind, from, to }): Statement => ({ kind, from, to }));
  const [, second] = statements;
  if (second && dialect !== 'amc')
    found.push({ severity: 'error', code: 'sql.several_statements', message: 'Only one statement runs at a time: run the one at the cursor, or select it.', ...spanOf(second), fixes: [] }); // prettier-ignore
  const tables = analysers.flatMap((analyser) => analyser?.tables ?? []);
  found.push(...deprecatedTables(tables, schema));
  const wanted = new Set(analysers.flatMap((analyser) => [...(analyser?.columnsWanted ?? [])]));
  const names = readMarks(tokens).placeholders.flatMap(({ name }) => name ?? []);
  const common = { statements, parameters: [...new Set(names)], tables, columnsWanted: [...wanted] };
  const scopes = analysers.flatMap((analyser) => analyser?.scopes ?? []);
  if (dialect === 'amc') {
    const amc = analyseAmc(text, tokens, parsed, schema, options);
    const all = { ...common, ...amc, diagnostics: inOrder([...found, ...amc.diagnostics]) };
    return { analysis: all, tokens, parsed, analysers, scopes };
  }
  return {
    analysis: { ...common, diagnostics: inOrder(found), ...columnsOf(dialect, parsed[0], first) },
    tokens,
    parsed,
    analysers,
    scopes,
  };
}
interface First {
  readonly analyser: Analyser;
  readonly outputs: readonly Output[] | null;
}

const spanOf = ({ from, to }: Statement) => ({ from, to });
const inOrder = (diagnostics: readonly Diagnostic[]): Diagnostic[] =>
  diagnostics.toSorted((a, b) => a.from - b.from || a.to - b.to);

function checkDeclared(tokens: readonly Token[], declared: readonly QueryParameter[] | undefined): Diagnostic[] {
  if (!declared) return [];
  const known = new Set([...declared, ...windowParameters].map(({ name }) => name));
  return readMarks(tokens)
    .placeholders.filter(({ name, type }) => name !== null && type === null && !known.has(name))
    .map(({ name, from, to }) => ({ severity: 'info', code: 'parameter.undeclared', message: `The parameter ${name ?? ''} is not declared: it is taken for a text.`, from, to, fixes: [] })); // prettier-ignore
}

function problemsOf(dialect: Dialect, text: string, parsed: Parsed, analyser: Analyser, isLast: boolean): Problem[] {
  const words = dialect === 'sfmc' ? checkSfmcWords(text, parsed, isLast) : postgresWords(parsed);
  const lexical = parsed.problems.filter(({ code }) => code === 'sql.unterminated' || code === 'sql.too_deep');
  // A word that never runs is all there is to say: what stands around it is of another language.
  const never = [...words, ...parsed.problems].filter(
    ({ code }) => code === 'sql.blocked_word' || code === 'sql.not_read_only',
  );
  if (never.length > 0) return [...never, ...lexical];
  if (parsed.kind === 'other')
    return [...words, { severity: 'error', code: 'sql.not_a_query', message: `Only queries run here: ${parsed.verb || 'this'} is not one.`, from: parsed.from, to: parsed.from + Math.max(1, parsed.verb.length), fixes: [] }]; // prettier-ignore
  const named = analyser.problems.filter(({ code }) => code === 'sql.needs_brackets');
  const isExplained = ({ code, from }: Problem): boolean =>
    code === 'sql.unexpected' && (lexical.length > 0 || named.some((one) => one.from <= from && from <= one.to));
  return [...words, ...parsed.problems.filter((problem) => !isExplained(problem)), ...analyser.problems];
}

const changing = new Set('INSERT UPDATE DELETE MERGE TRUNCATE CREATE ALTER DROP GRANT REVOKE COPY CALL DO VACUUM ANALYZE REINDEX CLUSTER LOCK SET RESET BEGIN COMMIT ROLLBACK START SAVEPOINT RELEASE PREPARE EXECUTE DEALLOCATE DECLARE FETCH MOVE CLOSE LISTEN NOTIFY UNLISTEN LOAD REFRESH IMPORT SECURITY COMMENT REASSIGN DISCARD CHECKPOINT SHOW'.split(' ')); // prettier-ignore
function postgresWords({ tokens, kind, verb, from }: Parsed): Problem[] {
  const found: Problem[] = [];
  if (kind === 'other' && changing.has(verb))
    found.push({ severity: 'error', code: 'sql.not_read_only', message: `Only queries run here: ${verb} is refused, as all that is not read-only.`, from: tokens.find(({ key }) => key === verb)?.from ?? from, to: tokens.find(({ key }) => key === verb)?.to ?? from, fixes: [] }); // prettier-ignore
  for (const token of tokens)
    if (token.kind === 'variable')
      found.push({ severity: 'error', code: 'sql.positional_parameter', message: `${token.text} has no value here: a parameter is written as {{ name }}.`, from: token.from, to: token.to, fixes: [{ title: `Use {{ p${token.text.slice(1)} }}`, edits: [{ from: token.from, to: token.to, text: `{{ p${token.text.slice(1)} }}` }] }] }); // prettier-ignore
  return found;
}

function columnsOf(
  dialect: Dialect,
  parsed: Parsed | undefined,
  made: First | undefined,
): Pick<Analysis, 'columns' | 'columnsUnknownBecause'> {
  const none = (why: string) => ({ columns: null, columnsUnknownBecause: why });
  if (!parsed || !made) return none('There is no query.');
  if (parsed.kind === 'explain')
    return { columns: [{ name: 'QUERY PLAN', type: 'text' }], columnsUnknownBecause: null };
  if (!parsed.query) return none('The query cannot be read.');
  if (Number.isFinite(parsed.brokenAt)) return none('A part of the query cannot be read.');
  const { analyser, outputs } = made;
  // Types are made of the tables' columns: without them a text would be cut to some length.
  const missing = analyser.tables.find(({ objectId }) => objectId === null || analyser.columnsWanted.has(objectId));
  if (missing)
    return none(
      missing.objectId === null
        ? `There is no table ${missing.name}.`
        : `The columns of ${missing.name} are not loaded yet.`,
    );
  if (!outputs) return none(analyser.unknownBecause ?? 'It is not known which columns * stands for.');
  return { columns: namedColumns(dialect, outputs), columnsUnknownBecause: null };
}

/** Names that can be those of fields: none empty, none twice, none too long (SFMC §8.4). */
function namedColumns(dialect: Dialect, outputs: readonly Output[]): QueryColumn[] {
  const longest = dialect === 'sfmc' ? 50 : 256;
  const taken = new Set<string>();
  const numbers = new Map<string, number>();
  return outputs.map(({ name, type }, index): QueryColumn => {
    const wanted = name === null || name === '' ? `Column${index + 1}` : name;
    let unique = wanted.slice(0, longest);
    const key = unique.toLowerCase();
    for (
      let number = numbers.get(key) ?? (wanted.length > longest ? 1 : 2);
      taken.has(unique.toLowerCase());
      number++
    ) {
      const end = `_${number}`;
      unique = `${wanted.slice(0, longest - end.length)}${end}`;
      numbers.set(key, number + 1);
    }
    taken.add(unique.toLowerCase());
    return { name: unique, ...columnType(dialect, type) };
  });
}
function columnType(dialect: Dialect, type: SqlType | null): Omit<QueryColumn, 'name'> {
  const known = type ?? (dialect === 'sfmc' ? textType(254) : textType());
  const { length, precision, scale, nativeType } = known;
  return {
    type: known.type,
    ...(nativeType !== undefined && { nativeType }),
    ...(length !== undefined && { length }),
    ...(precision !== undefined && Number.isFinite(precision) && { precision }),
    ...(scale !== undefined && { scale }),
  };
}
