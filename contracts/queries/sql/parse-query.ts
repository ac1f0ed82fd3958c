import { words } from './keywords.ts';
import type { Span } from './language.ts';
import { expressions } from './parse-expressions.ts';
import { parseSources } from './parse-sources.ts';
import type { Reader } from './reader.ts';
import type { Body, Cte, Expr, Name, OrderItem, Query, Select, SelectItem, Values } from './syntax.ts';

const itemEnds = words(', FROM WHERE GROUP HAVING ORDER UNION INTERSECT EXCEPT LIMIT OFFSET FETCH WINDOW INTO');
const sourceEnds = words('WHERE GROUP HAVING ORDER UNION INTERSECT EXCEPT LIMIT OFFSET FETCH WINDOW');
const afterWhere = words('GROUP HAVING ORDER UNION INTERSECT EXCEPT LIMIT OFFSET FETCH WINDOW');
const changes = words('INSERT UPDATE DELETE MERGE');

/** Reads a query to its end; what cannot be read is noted and passed over. */
export function parseQuery(reader: Reader): Query {
  const nested = (): Query => reader.within(() => parseQuery(reader));
  const { expr, orderItems, list, over } = expressions(reader, nested);
  const start = reader.peek();

  const names = (): Name[] => {
    if (!reader.take('(')) return [];
    const found: Name[] = [];
    do {
      const name = reader.takeLabel();
      if (name) found.push(name);
    } while (reader.take(','));
    reader.expect(')');
    return found;
  };

  const cte = (isRecursive: boolean): Cte | null => {
    const name = reader.takeName();
    if (!name) {
      reader.unexpected('Expected a name');
      return null;
    }
    const columns = names();
    reader.expect('AS');
    if (reader.take('NOT', 'MATERIALIZED') || reader.take('MATERIALIZED')) void 0;
    reader.expect('(');
    if (reader.isAny(changes)) {
      reader.report('sql.not_read_only', `Only queries run here: ${reader.peek().key} changes data.`, reader.peek());
      reader.skipTo(new Set());
      reader.take(')');
      return null;
    }
    const query = nested();
    closed();
    if (reader.take('SEARCH') || reader.take('CYCLE')) reader.skipTo(words('SELECT ,'));
    return { name, columns, query, isRecursive, from: name.from, to: reader.lastTo };
  };
  /** The end of a subquery's bracket. */
  const closed = (): void => {
    if (reader.take(')')) return;
    reader.unexpected('Expected )');
    reader.skipTo(new Set());
    reader.take(')');
  };
  const values = (): Values => {
    const { from } = reader.next();
    const row = (): Expr[] => {
      if (!reader.take('(')) return [expr()];
      const cells = list();
      closed();
      return cells;
    };
    const rows = [row()];
    while (reader.take(',')) rows.push(row());
    return { kind: 'values', rows, from, to: reader.lastTo };
  };

  const item = (): SelectItem => {
    const before = reader.peek();
    // `name = expression` names a column in T-SQL.
    if (reader.dialect === 'sfmc' && reader.isName() && reader.is('=', 1)) {
      const alias = reader.takeLabel();
      reader.next();
      const value = expr();
      return { expr: value, alias, from: before.from, to: reader.lastTo };
    }
    const value = expr();
    let alias: Name | null = null;
    if (reader.take('AS')) {
      const text = reader.peek();
      if (text.kind === 'string' && reader.dialect === 'sfmc')
        alias = { ...reader.name(reader.next()), isQuoted: true };
      else alias = reader.takeLabel();
      if (!alias) reader.unexpected('Expected a name');
    } else {
      alias = reader.startsOffset() ? null : reader.takeName();
      if (!alias && reader.dialect === 'sfmc' && reader.peek().kind === 'string')
        alias = { ...reader.name(reader.next()), isQuoted: true };
    }
    if (
      !reader.isAny(itemEnds) &&
      !reader.is(')') &&
      !reader.isAtEnd &&
      !reader.is('FOR') &&
      !reader.is('OPTION') &&
      !reader.is('SELECT')
    ) {
      reader.unexpected('Expected a comma or FROM');
      reader.skipTo(itemEnds);
    }
    return { expr: value, alias, from: before.from, to: reader.lastTo };
  };

  const select = (): Select => {
    const { from, to: selectTo } = reader.peek();
    if (!reader.expect('SELECT')) reader.skipTo(words('SELECT UNION ORDER'));
    let isDistinct = false;
    if (reader.take('DISTINCT')) {
      isDistinct = true;
      if (reader.dialect === 'postgres' && reader.take('ON', '(')) {
        list();
        closed();
      }
    } else if (reader.is('ALL')) reader.next();
    const hasTop = top();
    const items: SelectItem[] = [];
    const isBare = reader.is('FROM') || reader.isAtEnd || reader.is(')');
    if (isBare) {
      // PostgreSQL knows a SELECT without columns; nobody means it.
      reader.unexpected('Expected a column');
      items.push({
        expr: { kind: 'missing', from: selectTo, to: selectTo },
        alias: null,
        from: selectTo,
        to: selectTo,
      });
    } else {
      do items.push(item());
      while (reader.take(','));
    }
    if (reader.is('INTO')) {
      reader.report('sql.not_a_query', 'SELECT INTO makes a table: only queries run here.', reader.peek());
      reader.skipTo(words('FROM WHERE GROUP ORDER UNION'));
    }
    const sources = reader.take('FROM') ? parseSources(reader, { expr, names, query: nested, closed }) : [];
    recover(sourceEnds);
    const where = reader.take('WHERE') ? expr() : null;
    recover(afterWhere);
    const groupBy = reader.take('GROUP', 'BY') ? groups() : [];
    const having = reader.take('HAVING') ? expr() : null;
    const others: Expr[] = [];
    if (reader.take('WINDOW'))
      do {
        reader.takeName();
        reader.expect('AS');
        others.push(...over());
      } while (reader.take(','));
    return {
      kind: 'select',
      isDistinct,
      hasTop,
      items,
      sources,
      where,
      groupBy,
      having,
      others,
      from,
      to: reader.peek().from,
    };
  };
  /** Passes over what stands before the next clause and belongs to none. */
  const recover = (ends: ReadonlySet<string>): void => {
    const stops = ['FOR', 'OPTION', 'SELECT'];
    if (reader.isAtEnd || reader.is(')') || reader.isAny(ends) || stops.some((stop) => reader.is(stop))) return;
    reader.unexpected('Expected the next part of the query');
    reader.skipTo(new Set([...ends, 'SELECT']));
  };
  const top = (): boolean => {
    if (reader.dialect !== 'sfmc' || !reader.take('TOP')) return false;
    if (reader.take('(')) {
      expr();
      closed();
    } else if (reader.peek().kind === 'number' || reader.peek().kind === 'parameter') reader.next();
    else reader.unexpected('Expected a number');
    reader.take('PERCENT');
    reader.take('WITH', 'TIES');
    return true;
  };
  const groups = (): Expr[] => {
    if (!reader.take('ALL')) reader.take('DISTINCT');
    const keys: Expr[] = [];
    do {
      if (reader.take('GROUPING', 'SETS')) keys.push(expr());
      else keys.push(expr());
    } while (reader.take(','));
    if (reader.is('WITH') && (reader.is('ROLLUP', 1) || reader.is('CUBE', 1))) {
      reader.next();
      reader.next();
    }
    return keys;
  };

  const part = (): Body => {
    if (reader.is('VALUES') && reader.dialect !== 'sfmc') return values();
    if (reader.is('TABLE') && reader.dialect === 'postgres') return wholeTable();
    if (!reader.is('(')) return select();
    reader.next();
    const inner = nested();
    closed();
    return inner;
  };
  const wholeTable = (): Select => {
    const { from, to } = reader.next();
    const name = [reader.takeLabel()].flatMap((one) => one ?? []);
    while (reader.take('.')) name.push(...[reader.takeLabel()].flatMap((one) => one ?? []));
    const span = { from, to: reader.lastTo };
    const source = { kind: 'table' as const, name, alias: null, columns: [], hint: null, ...span };
    return {
      kind: 'select', isDistinct: false, hasTop: false, items: [{ expr: { kind: 'star', parts: [], ...span }, alias: null, ...span }],
      sources: [{ join: 'FROM', joinAt: { from, to }, source, on: null, using: [], isNatural: false, ...span }],
      where: null, groupBy: [], having: null, others: [], ...span,
    }; // prettier-ignore
  };

  const withToken = reader.peek();
  let withAt: Span | null = null;
  const ctes: Cte[] = [];
  if (reader.take('WITH')) {
    const isRecursive = reader.take('RECURSIVE');
    do ctes.push(...[cte(isRecursive)].flatMap((one) => one ?? []));
    while (reader.take(','));
    withAt = { from: withToken.from, to: reader.lastTo };
  }
  if (reader.isAny(changes)) {
    reader.report('sql.not_read_only', `Only queries run here: ${reader.peek().key} changes data.`, reader.peek());
    reader.skipTo(new Set());
  }
  const parts = [part()];
  while (reader.is('UNION') || reader.is('INTERSECT') || reader.is('EXCEPT')) {
    reader.next();
    if (!reader.take('ALL')) reader.take('DISTINCT');
    parts.push(part());
  }
  const [first = parts[0]] = parts;
  const body: Body =
    parts.length === 1 && first ? first : { kind: 'set', parts, from: start.from, to: reader.peek().from };

  const orderFrom = reader.peek();
  const orderBy: OrderItem[] = reader.take('ORDER', 'BY') ? orderItems() : [];
  const orderAt = orderBy.length > 0 ? { from: orderFrom.from, to: reader.lastTo } : null;
  let hasOffset = false;
  let hasLimit = false;
  for (;;) {
    if (reader.is('LIMIT')) {
      const limit = reader.next();
      if (!reader.take('ALL')) expr();
      hasLimit = true;
      if (reader.dialect === 'sfmc') limitFix(limit, reader.lastTo);
    } else if (reader.take('OFFSET')) {
      expr();
      if (!reader.take('ROWS')) reader.take('ROW');
      hasOffset = true;
    } else if (reader.take('FETCH')) {
      if (!reader.take('NEXT')) reader.take('FIRST');
      if (!reader.is('ROW') && !reader.is('ROWS')) expr();
      if (!reader.take('ROWS')) reader.take('ROW');
      if (!reader.take('ONLY')) reader.take('WITH', 'TIES');
      hasLimit = true;
    } else if (reader.dialect === 'postgres' && reader.is('FOR')) {
      reader.report('sql.not_read_only', 'Only queries run here: FOR UPDATE and FOR SHARE lock rows.', reader.peek());
      reader.skipTo(new Set());
    } else break;
  }
  const isForXml = reader.dialect === 'sfmc' && reader.is('FOR') && (reader.is('XML', 1) || reader.is('JSON', 1));
  if (isForXml) reader.skipTo(new Set());
  if (reader.dialect === 'sfmc' && reader.is('OPTION')) {
    reader.report(
      'sql.unexpected',
      'OPTION does not run here: the query becomes a part of a larger one.',
      reader.peek(),
    );
    reader.skipTo(new Set());
  }
  return {
    kind: 'query', ctes, withAt, body, orderBy, orderAt, hasOffset, hasLimit, isForXml, from: start.from, to: reader.peek().from,
  }; // prettier-ignore

  function limitFix(limit: Span, to: number): void {
    const one = first?.kind === 'select' && !first.hasTop ? first : undefined;
    const span = { from: limit.from, to };
    const count = reader.textOf(limit.to, to).trim();
    const isPlain = /^\d+$|^\{\{[^}]*\}\}$/.test(count);
    const fixes =
      one && isPlain && !one.isDistinct && parts.length === 1
        ? [
            {
              title: `Use TOP ${count}`,
              edits: [
                { from: one.from + 6, to: one.from + 6, text: ` TOP ${count}` },
                { ...span, text: '' },
              ],
            },
          ]
        : [];
    reader.report('sql.limit', 'LIMIT does not run here: use SELECT TOP.', span, fixes);
  }
}
