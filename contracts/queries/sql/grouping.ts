import type { Analyser } from './analyser.ts';
import { functionsOf } from './functions.ts';
import type { Dialect } from './language.ts';
import type { Scope } from './scope.ts';
import { type Call, childrenOf, type Expr, queryOf, type Select } from './syntax.ts';

/** A call that makes one value of many rows, and is no window over them. */
export const isAggregate = (dialect: Dialect, expr: Expr): expr is Call =>
  expr.kind === 'call' && expr.over === null && functionsOf[dialect].get(expr.name.toUpperCase())?.kind === 'aggregate';

/** The first such call in an expression, not in its subqueries. */
export function findAggregate(dialect: Dialect, expr: Expr): Call | null {
  if (isAggregate(dialect, expr)) return expr;
  for (const child of childrenOf(expr)) {
    const found = findAggregate(dialect, child);
    if (found) return found;
  }
  return null;
}

/** Each item must be made of what the rows of a group have in common. */
export function checkGrouping(analyser: Analyser, select: Select, scope: Scope): void {
  const { dialect } = analyser;
  const items = select.items.map(({ expr }) => expr);
  const isGrouped =
    select.groupBy.length > 0 ||
    [...items, ...(select.having ? [select.having] : [])].some((expr) => findAggregate(dialect, expr));
  if (!isGrouped) return;
  const nameOf = namer(analyser);
  const grouped = new Set<string>();
  const addKey = (key: Expr): void => {
    if (key.kind === 'row' || (key.kind === 'call' && /^(ROLLUP|CUBE)$/i.test(key.name))) {
      for (const part of childrenOf(key)) addKey(part);
      return;
    }
    if (key.kind === 'literal' && key.type === 'number') {
      const item = select.items[Number(key.value) - 1];
      if (dialect === 'sfmc')
        analyser.error('sql.group_by_number', 'GROUP BY takes no numbers of columns here: repeat the expression.', key, item ? [
          { title: 'Write the expression', edits: [{ from: key.from, to: key.to, text: analyser.slice(item.expr) }] },
        ] : []); // prettier-ignore
      if (item) grouped.add(nameOf(item.expr));
      return;
    }
    const meant = analyser.resolved.get(key)?.relation;
    const isColumn = meant !== undefined && scope.relations.includes(meant);
    const [name] = key.kind === 'column' && key.parts.length === 1 && !isColumn ? key.parts : [];
    const alias = name && dialect !== 'sfmc' ? analyser.aliased(select, analyser.key(name)) : undefined;
    grouped.add(nameOf(alias?.expr ?? key));
    const aggregate = findAggregate(dialect, key);
    if (aggregate) analyser.error('sql.aggregate_in_group', `${aggregate.name} cannot stand in GROUP BY.`, aggregate);
  };
  select.groupBy.forEach(addKey);
  // Grouped by the key of a table, PostgreSQL takes its other columns as well.
  const whole = new Set(
    dialect === 'postgres'
      ? scope.relations.filter(({ key, fields }) => {
          const keys = [...(fields?.values() ?? [])].filter(({ column }) => column?.isKey);
          return keys.length > 0 && keys.every(({ name }) => grouped.has(`column ${key} ${name.toLowerCase()}`));
        })
      : [],
  );
  const check = (expr: Expr): void => {
    if (grouped.has(nameOf(expr)) || isAggregate(dialect, expr) || queryOf(expr)) return;
    const found = expr.kind === 'column' ? analyser.resolved.get(expr) : undefined;
    if (found && scope.relations.includes(found.relation) && !whole.has(found.relation)) {
      const last = select.groupBy.at(-1);
      const written = analyser.slice(expr);
      analyser.error(
        'sql.not_grouped',
        `${found.field.name} differs between the rows of a group: put it into GROUP BY, or into MIN, MAX or another aggregate.`,
        expr,
        [
          ...(last ? [{ title: `Group by ${written} as well`, edits: [{ from: last.to, to: last.to, text: `, ${written}` }] }] : []),
          { title: `Take MAX(${written})`, edits: [{ from: expr.from, to: expr.to, text: `MAX(${written})${isItem(select, expr) ? ` AS ${analyser.quoted(found.field.name)}` : ''}` }] },
        ],
      ); // prettier-ignore
    } else childrenOf(expr).forEach(check);
  };
  items.filter(({ kind }) => kind !== 'star').forEach(check);
  if (select.having) check(select.having);
}

const isItem = (select: Select, expr: Expr): boolean => select.items.some((item) => item.expr === expr && !item.alias);

/** Gives expressions that mean the same one name, whatever their letter case, aliases and spaces. */
function namer(analyser: Analyser): (expr: Expr) => string {
  const known = new WeakMap<Expr, string>();
  const short = new Map<string, string>();
  const nameOf = (expr: Expr): string => {
    const found = known.get(expr);
    if (found !== undefined) return found;
    const long = textOf(expr);
    const name = expr.kind === 'column' ? long : (short.get(long) ?? `#${short.size}`);
    short.set(long, name);
    known.set(expr, name);
    return name;
  };
  const textOf = (expr: Expr): string => {
    if (expr.kind === 'column') {
      const field = analyser.resolved.get(expr);
      if (field) return `column ${field.relation.key} ${field.field.name.toLowerCase()}`;
      return `column ${expr.parts.map((part) => analyser.key(part)).join('.')}`;
    }
    if (queryOf(expr)) return `query ${expr.from}`;
    let parts = '';
    for (const child of childrenOf(expr)) parts += ` ${nameOf(child)}`;
    return `${expr.kind} ${detailOf(expr)}(${parts})`;
  };
  return nameOf;
}

/** What tells an expression from another of its kind with the same parts. */
function detailOf(expr: Expr): string {
  switch (expr.kind) {
    case 'literal':
      return `${expr.type} ${expr.as?.name ?? ''} ${expr.value}`;
    case 'call':
      return `${expr.name} ${expr.isDistinct} ${expr.isStar} ${expr.args.length} ${expr.over?.length ?? 'none'}`;
    case 'chain':
      return expr.ops.join(' ');
    case 'cast':
      return `${expr.type.name} ${expr.type.size.join(' ')} ${expr.type.isArray}`;
    case 'test':
      return expr.what;
    case 'in':
      return String(expr.isNot);
    case 'case':
      return `${expr.operand !== null} ${expr.whens.length}`;
    case 'parameter':
      return expr.name;
    case 'variable':
      return expr.text;
    default:
      return '';
  }
}
