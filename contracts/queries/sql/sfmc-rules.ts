import { nearestName } from '../../playbooks/nearest.ts';
import type { Analyser, Output } from './analyser.ts';
import { functionsOf, newerFunctions, quietFunctions, unsupportedFunctions } from './functions.ts';
import { blockedWords } from './keywords.ts';
import type { QuickFix, Span } from './language.ts';
import type { Parsed } from './parse.ts';
import type { Relation, Scope } from './scope.ts';
import { type Call, childrenOf, type Expr, type Problem, type Select } from './syntax.ts';
import type { Token } from './tokens.ts';

/** Longest name of a field of a data extension. */
const longestName = 50;
/** Dates by which a system data view is narrowed, most telling first. */
const eventDates = ['eventdate', 'transactiontime', 'logdate', 'createdatetime', 'unsubdateutc', 'automationinstancestarttime_utc', 'activityinstancestarttime_utc']; // prettier-ignore

/** What is seen in the words alone: what never runs, whatever it stands in. */
export function checkSfmcWords(text: string, { tokens, semicolon }: Parsed, isLast: boolean): Problem[] {
  const found: Problem[] = [];
  const add = (
    severity: Problem['severity'],
    code: string,
    message: string,
    { from, to }: Span,
    fixes: QuickFix[] = [],
  ): void => void found.push({ severity, code, message, from, to, fixes });
  const variables = new Set<string>();
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'word' && blockedWords.has(token.key) && isCommand(text, tokens, index))
      add('error', 'sql.blocked_word', `${token.key} does not run here: a query activity takes one SELECT.`, token);
    if (token.kind === 'variable' && !variables.has(token.text)) {
      variables.add(token.text);
      const isTable = token.text.startsWith('#');
      const word = token.text.replace(/^[@#]+/, '');
      add(
        'error',
        isTable ? 'sql.temp_table' : 'sql.variable',
        isTable
          ? `${token.text} is a temporary table, which Marketing Cloud has none of: use a subquery.`
          : `${token.text} is a variable, which Marketing Cloud has none of: use a parameter.`,
        token,
        isTable ? [] : [{ title: `Use the parameter {{ ${word} }}`, edits: [{ from: token.from, to: token.to, text: `{{ ${word} }}` }] }], // prettier-ignore
      );
    }
    if (token.key === '!=')
      add('warning', 'sql.not_equal_style', '!= runs, but <> is what standard SQL says.', token, [
        { title: 'Write <>', edits: [{ from: token.from, to: token.to, text: '<>' }] },
      ]);
  }
  if (semicolon && isLast)
    add('error', 'sql.semicolon', 'A query ends without a semicolon: it becomes a part of a larger one.', semicolon, [
      { title: 'Take the semicolon away', edits: [{ from: semicolon.from, to: semicolon.to, text: '' }] },
    ]);
  return found;
}

const softWords = new Set(['GO', 'TRY', 'CATCH', 'THROW', 'SAVEPOINT']);
/** Whether a blocked word is meant as one, and is not the name of a column. */
function isCommand(text: string, tokens: readonly Token[], index: number): boolean {
  const [before, token, after] = [tokens[index - 1], tokens[index], tokens[index + 1]];
  if (!token || before?.key === '.' || before?.key === 'AS' || after?.key === '.') return false;
  if (!softWords.has(token.key)) return true;
  const startsLine = !before || /[\r\n]/.test(text.slice(before.to, token.from));
  return startsLine && (!after || /[\r\n]/.test(text.slice(token.to, after.from)) || token.key !== 'GO');
}

/** A function that the service does not have, or not everywhere. */
export function checkSfmcCall(analyser: Analyser, call: Call): void {
  const { name, nameAt } = call;
  const known = functionsOf.sfmc.get(name);
  if (Object.hasOwn(unsupportedFunctions, name)) {
    const instead = unsupportedFunctions[name] ?? null;
    analyser.error('sql.unknown_function', `${name} does not run here${instead ? `: use ${instead}` : ''}.`, nameAt, instead ? [
      { title: `Use ${instead}`, edits: [{ from: nameAt.from, to: nameAt.to, text: instead }] },
    ] : []); // prettier-ignore
  } else if (newerFunctions.has(name)) {
    const fix: QuickFix[] =
      name === 'TRIM' && call.args.length === 1 && call.args[0]
        ? [{ title: 'Use LTRIM and RTRIM', edits: [{ from: call.from, to: call.to, text: `LTRIM(RTRIM(${analyser.slice(call.args[0])}))` }] }] // prettier-ignore
        : [];
    analyser.report(
      'warning',
      'sql.newer_function',
      `${name} is of SQL Server 2017: not every stack has it.`,
      nameAt,
      fix,
    );
  } else if (!known && !quietFunctions.has(name)) {
    const near = nearestName(name, functionsOf.sfmc.keys());
    analyser.report('warning', 'sql.unknown_function', `${name} is no function of which the service is known to have it.${near ? ` Did you mean ${near}?` : ''}`, nameAt, near ? [
      { title: `Change to ${near}`, edits: [{ from: nameAt.from, to: nameAt.to, text: near }] },
    ] : []); // prettier-ignore
  } else if (known?.kind === 'window' && call.over === null && !name.startsWith('PERCENTILE'))
    analyser.error('sql.needs_over', `${name} needs OVER (ORDER BY …).`, nameAt);
}

export function checkSfmcSelect(
  analyser: Analyser,
  select: Select,
  scope: Scope,
  outputs: readonly Output[],
  isTop: boolean,
): void {
  if (isTop) checkNames(analyser, select, outputs);
  checkStar(analyser, select, scope);
  const conditions = [select.where, ...joinConditions(select)].filter((expr) => expr !== null);
  const bounded = new Set<Relation>();
  for (const condition of conditions) walk(analyser, condition, bounded, null);
  for (const relation of scope.relations) {
    if (relation.object?.details['isSystem'] !== true || bounded.has(relation)) continue;
    const field = dateOf(relation);
    if (field === undefined) continue;
    const isNamed = relation.label !== relation.object.name;
    const column = isNamed ? `${analyser.quoted(relation.label)}.${field}` : field;
    const condition = `${column} >= DATEADD(day, -30, GETDATE())`;
    const fixes = boundFix(select, condition);
    analyser.report('warning', 'sql.no_date_bound', `${relation.object.name} keeps about six months, and all of it is read: give ${field} a bound.`, { from: relation.from, to: relation.to }, fixes); // prettier-ignore
  }
}
const joinConditions = (select: Select): (Expr | null)[] => select.sources.map(({ on }) => on);
const dateOf = (relation: Relation): string | undefined => {
  const key = eventDates.find((name) => relation.fields?.has(name));
  return key === undefined ? undefined : relation.fields?.get(key)?.name;
};
function boundFix(select: Select, condition: string): QuickFix[] {
  const title = 'Read the last 30 days';
  const last = select.sources.at(-1);
  if (!last) return [];
  if (!select.where) return [{ title, edits: [{ from: last.to, to: last.to, text: ` WHERE ${condition}` }] }];
  const hasOr = select.where.kind === 'chain' && select.where.ops.includes('OR');
  return [
    {
      title,
      edits: [
        ...(hasOr ? [{ from: select.where.from, to: select.where.from, text: '(' }] : []),
        { from: select.where.to, to: select.where.to, text: `${hasOr ? ')' : ''} AND ${condition}` },
      ],
    },
  ];
}

/** The service makes a field of each column, so each needs a name of its own (SFMC §6.1). */
export function checkNames(analyser: Analyser, select: Select, outputs: readonly Output[]): void {
  const seen = new Set<string>();
  const stars = new Set(select.items.filter(({ expr }) => expr.kind === 'star').map(({ expr }) => expr.from));
  for (const item of select.items) {
    if (analyser.isFull) return;
    if (item.alias || item.expr.kind === 'star' || item.expr.kind === 'column' || item.expr.kind === 'missing')
      continue;
    const name = suggestedName(item.expr, outputs);
    analyser.error('sql.unnamed_column', 'This column has no name: a result needs one for each.', item, [
      { title: `Name it ${name}`, edits: [{ from: item.to, to: item.to, text: ` AS ${analyser.quoted(name)}` }] },
    ]);
  }
  for (const output of outputs) {
    const { name } = output;
    if (name === null) continue;
    const key = name.toLowerCase();
    if (seen.has(key) && !analyser.isFull) {
      const item = select.items.find(({ from, to }) => from === output.from && to === output.to);
      const next = freeName(name, outputs);
      const edit = item?.alias
        ? { from: item.alias.from, to: item.alias.to, text: analyser.quoted(next) }
        : { from: output.to, to: output.to, text: ` AS ${analyser.quoted(next)}` };
      if (!stars.has(output.from) || select.sources.length < 2)
        analyser.error('sql.duplicate_name', `Two columns are named ${name}: each needs a name of its own.`, output, item ? [
          { title: `Name it ${next}`, edits: [edit] },
        ] : []); // prettier-ignore
    }
    seen.add(key);
    if (name.length > longestName)
      analyser.report(
        'warning',
        'sql.long_name',
        `A column's name has at most ${longestName} characters: this one is cut.`,
        output,
      );
  }
}
const freeName = (name: string, outputs: readonly Output[]): string => {
  for (let number = 2; ; number++) {
    const next = `${name}_${number}`;
    if (!outputs.some((output) => output.name?.toLowerCase() === next.toLowerCase())) return next;
  }
};
function suggestedName(expr: Expr, outputs: readonly Output[]): string {
  const column = firstColumn(expr);
  const base =
    expr.kind === 'call'
      ? [expr.name.toLowerCase(), column].filter(Boolean).join('_')
      : (column ?? `column_${outputs.length}`);
  const name = base.replaceAll(/\W+/g, '_').slice(0, 40);
  return outputs.some((output) => output.name?.toLowerCase() === name.toLowerCase()) ? freeName(name, outputs) : name;
}
function firstColumn(expr: Expr): string | undefined {
  if (expr.kind === 'column') return expr.parts.at(-1)?.text;
  for (const child of childrenOf(expr)) {
    const found = firstColumn(child);
    if (found) return found;
  }
  return undefined;
}

function checkStar(analyser: Analyser, select: Select, scope: Scope): void {
  // What EXISTS selects is of no account.
  if (/EXISTS\s*\(\s*$/i.test(analyser.text.slice(Math.max(0, select.from - 30), select.from))) return;
  for (const { expr } of select.items) {
    if (expr.kind !== 'star') continue;
    const last = expr.parts.at(-1);
    const relations = last ? [scope.relation(analyser.key(last))] : scope.relations;
    const fixes = expandStar(analyser, expr, relations, scope.relations.length > 1);
    if (scope.relations.length > 1 && !last)
      analyser.error(
        'sql.star_with_join',
        'SELECT * of joined tables brings the same name twice: name the columns.',
        expr,
        fixes,
      );
    else
      analyser.report(
        'warning',
        'sql.select_star',
        'SELECT * changes with the data extension: name the columns.',
        expr,
        fixes,
      );
  }
}
function expandStar(
  analyser: Analyser,
  star: Span,
  relations: readonly (Relation | undefined)[],
  isJoined: boolean,
): QuickFix[] {
  const names = new Set<string>();
  const columns = relations.flatMap((relation) =>
    [...(relation?.fields?.values() ?? [])].flatMap(({ name }) => {
      if (names.has(name.toLowerCase())) return [];
      names.add(name.toLowerCase());
      return `${isJoined && relation ? `${analyser.quoted(relation.label)}.` : ''}${analyser.quoted(name)}`;
    }),
  );
  if (columns.length === 0 || relations.some((relation) => !relation?.fields)) return [];
  const text = columns.join(columns.length > 6 ? ',\n  ' : ', ');
  return [{ title: `Name the ${columns.length} columns`, edits: [{ from: star.from, to: star.to, text }] }];
}

/** Looks at conditions: which views are bounded by a date, and what makes a condition slow or wrong. */
function walk(analyser: Analyser, expr: Expr, bounded: Set<Relation>, wrapped: Expr | null): void {
  if (expr.kind === 'column') {
    const found = analyser.resolved.get(expr);
    if (!found || dateOf(found.relation) !== found.field.name) return;
    bounded.add(found.relation);
    if (wrapped && found.relation.object?.details['isSystem'] === true)
      analyser.report('warning', 'sql.date_in_function', `A function around ${found.field.name} makes the service compute it for every row: compare the column itself with a computed date.`, wrapped); // prettier-ignore
    return;
  }
  if (expr.kind === 'in' && expr.isNot && expr.query) {
    const { body } = expr.query;
    const isGuarded =
      body.kind === 'select' && body.where !== null && /\bIS\s+NOT\s+NULL\b/i.test(analyser.slice(body.where));
    const column = body.kind === 'select' ? body.items[0]?.expr : undefined;
    const field = column && analyser.resolved.get(column)?.field.column;
    if (!isGuarded && !field?.isRequired && !field?.isKey) {
      const span = { from: expr.expr.to, to: expr.query.from };
      const written = column?.kind === 'column' ? analyser.slice(column) : null;
      const isPlain =
        body.kind === 'select' && body.groupBy.length === 0 && !body.having && expr.query.orderBy.length === 0;
      const at = body.kind === 'select' ? (body.where?.to ?? body.sources.at(-1)?.to) : undefined;
      analyser.report(
        'warning',
        'sql.not_in_nulls',
        'One null in the subquery and NOT IN finds no row at all: leave nulls out there, or use NOT EXISTS.',
        { from: span.from, to: Math.max(span.to, span.from + 1) },
        written !== null && isPlain && at !== undefined && body.kind === 'select'
          ? [{ title: `Leave out where ${written} is null`, edits: [{ from: at, to: at, text: ` ${body.where ? 'AND' : 'WHERE'} ${written} IS NOT NULL` }] }] // prettier-ignore
          : [],
      );
    }
  }
  const isWrapper = expr.kind === 'call' || expr.kind === 'cast';
  for (const child of childrenOf(expr)) walk(analyser, child, bounded, isWrapper ? (wrapped ?? expr) : wrapped);
}
