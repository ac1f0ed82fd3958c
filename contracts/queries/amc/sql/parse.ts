import { expressions } from './parse-expressions.ts';
import { Reader } from './reader.ts';
import {
  type Body,
  type Cte,
  type Extended,
  type Name,
  type Query,
  type Select,
  type Source,
  SqlSyntaxError,
  type Values,
} from './syntax.ts';

const forbidden =
  /^(INSERT|UPDATE|DELETE|MERGE|CREATE|DROP|ALTER|TRUNCATE|GRANT|REVOKE|SET|CALL|EXECUTE|EXPLAIN|USE|BEGIN|COMMIT)$/i;

/**
 * Reads one query of the AMC dialect (a part of Calcite's SQL). `{{ name }}` stands for a value.
 * @throws SqlSyntaxError with the place, also for what the dialect leaves out: LIMIT, RIGHT JOIN, several statements
 */
export function parseQuery(sql: string): Query {
  const reader = new Reader(sql);
  const first = reader.peek();
  if (first.kind === 'end') reader.fail('There is no query.', first, 'sql.empty');
  if (forbidden.test(first.text))
    reader.fail(`Only queries run here: ${first.text.toUpperCase()} is not one.`, first, 'sql.not_a_query');
  const query = readQuery(reader);
  const rest = reader.peek();
  if (reader.take(';')) {
    const after = reader.peek();
    if (after.kind === 'end') throw new SqlSyntaxError('sql.semicolon', 'A query ends without a semicolon.', rest);
    reader.fail('Only one statement runs at a time.', after, 'sql.several_statements');
  }
  if (rest.kind !== 'end') reader.fail('Expected the end of the query');
  return query;
}

function readQuery(reader: Reader): Query {
  const { expr, orderItems } = expressions(reader, () => reader.within(() => readQuery(reader)));
  const { from } = reader.peek();

  const names = (): Name[] => {
    if (!reader.take('(')) return [];
    const list = [reader.expectName('a column name')];
    while (reader.take(',')) list.push(reader.expectName('a column name'));
    reader.expect(')');
    return list;
  };
  const cte = (): Cte => {
    const name = reader.expectName('a name');
    const columns = names();
    reader.expect('AS', '(');
    const query = reader.within(() => readQuery(reader));
    reader.expect(')');
    return { name, columns, query, from: name.from, to: reader.lastTo };
  };
  const values = (): Values => {
    const { from } = reader.next();
    const row = () => {
      if (!reader.take('(')) return [expr()];
      const cells = [expr()];
      while (reader.take(',')) cells.push(expr());
      reader.expect(')');
      return cells;
    };
    const rows = [row()];
    while (reader.take(',')) rows.push(row());
    return { kind: 'values', rows, from, to: reader.lastTo };
  };

  const alias = (): { alias?: Name; columns: Name[] } => {
    const given = reader.take('AS') ? reader.expectName('an alias') : reader.takeName();
    return { ...(given && { alias: given }), columns: given ? names() : [] };
  };
  const single = (): Source => {
    const { from } = reader.peek();
    if (reader.is('(')) {
      reader.next();
      if (!reader.is('SELECT') && !reader.is('WITH') && !reader.is('VALUES') && !reader.is('(')) {
        const inner = reader.within(source);
        reader.expect(')');
        return inner;
      }
      const query = reader.within(() => readQuery(reader));
      reader.expect(')');
      return { kind: 'derived', query, ...alias(), from, to: reader.lastTo };
    }
    if (reader.take('TABLE', '(')) {
      const { name, extended } = extendedTable();
      const named = alias().alias;
      return { kind: 'table', name, extended, ...(named && { alias: named }), from, to: reader.lastTo };
    }
    if (reader.is('UNNEST') && reader.is('(', 1)) {
      reader.expect('UNNEST', '(');
      const inner = expr();
      reader.expect(')');
      return { kind: 'unnest', expr: inner, ...alias(), from, to: reader.lastTo };
    }
    const name = reader.expectName('a table');
    const { alias: given } = alias();
    return { kind: 'table', name, ...(given && { alias: given }), from, to: reader.lastTo };
  };
  const extendedTable = (): { name: Name; extended: Extended } => {
    reader.expect('EXTEND_TIME_WINDOW', '(');
    const read = (what: string) => {
      const token = reader.next();
      if (token.kind !== 'string') reader.fail(`Expected ${what} as a string`, token);
      return token;
    };
    const table = read('a table');
    reader.expect(',');
    const before = read('a duration').value;
    reader.expect(',');
    const after = read('a duration').value;
    reader.expect(')', ')');
    return { name: { text: table.value, from: table.from, to: table.to }, extended: { before, after } };
  };
  const source = (): Source => {
    let left = single();
    for (let parts = 1; ; parts++) {
      reader.checkLength(parts);
      const { from: at } = reader.peek();
      if (reader.take(',')) {
        const right = single();
        left = { kind: 'join', join: 'CROSS', left, right, using: [], from: left.from, to: right.to };
        continue;
      }
      if (reader.is('RIGHT'))
        reader.fail(
          'RIGHT JOIN is not supported: turn the tables around and use LEFT JOIN.',
          reader.peek(),
          'sql.right_join',
        );
      const join =
        reader.take('JOIN') || reader.take('INNER', 'JOIN')
          ? 'INNER'
          : reader.take('LEFT', 'JOIN') || reader.take('LEFT', 'OUTER', 'JOIN')
            ? 'LEFT'
            : reader.take('FULL', 'JOIN') || reader.take('FULL', 'OUTER', 'JOIN')
              ? 'FULL'
              : reader.take('CROSS', 'JOIN')
                ? 'CROSS'
                : undefined;
      if (!join) return left;
      const right = single();
      const on = join !== 'CROSS' && reader.take('ON') ? expr() : undefined;
      const using = !on && reader.take('USING') ? names() : [];
      if (join !== 'CROSS' && !on && using.length === 0) reader.fail('Expected ON', { from: at, to: right.to });
      left = { kind: 'join', join, left, right, ...(on && { on }), using, from: left.from, to: reader.lastTo };
    }
  };

  const select = (): Select => {
    const { from } = reader.peek();
    reader.expect('SELECT');
    const isDistinct = reader.take('DISTINCT');
    if (!isDistinct) reader.take('ALL');
    const items = [item()];
    while (reader.take(',')) items.push(item());
    const tables = reader.take('FROM') ? source() : undefined;
    const where = reader.take('WHERE') ? expr() : undefined;
    const groupBy = reader.take('GROUP', 'BY') ? [expr()] : [];
    while (groupBy.length > 0 && reader.take(',')) groupBy.push(expr());
    const having = reader.take('HAVING') ? expr() : undefined;
    return {
      kind: 'select',
      isDistinct,
      items,
      ...(tables && { source: tables }),
      ...(where && { where }),
      groupBy,
      ...(having && { having }),
      from,
      to: reader.lastTo,
    };
  };
  const item = () => {
    const value = expr();
    const given = reader.take('AS') ? reader.expectName('an alias') : reader.takeName();
    return { expr: value, ...(given && { alias: given }), from: value.from, to: reader.lastTo };
  };
  const part = (): Body => {
    if (reader.is('VALUES')) return values();
    if (!reader.take('(')) return select();
    const inner = reader.within(() => readQuery(reader));
    reader.expect(')');
    return inner;
  };

  const ctes: Cte[] = [];
  if (reader.take('WITH'))
    do ctes.push(cte());
    while (reader.take(','));
  let body = part();
  for (let parts = 2; reader.take('UNION'); parts++) {
    reader.checkLength(parts);
    const isAll = reader.take('ALL') || (reader.take('DISTINCT') && false);
    const right = part();
    body = { kind: 'union', isAll, left: body, right, from: body.from, to: right.to };
  }
  const orderBy = reader.take('ORDER', 'BY') ? orderItems() : [];
  if (reader.is('LIMIT') || reader.is('FETCH') || reader.is('OFFSET'))
    reader.fail(
      'LIMIT is not supported: number the rows by RANK in a subquery and filter by it.',
      reader.peek(),
      'sql.limit',
    );
  return { kind: 'query', ctes, body, orderBy, from, to: reader.lastTo };
}
