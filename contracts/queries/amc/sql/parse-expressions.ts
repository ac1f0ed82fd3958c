import type { Reader } from './reader.ts';
import type { Call, Expr, OrderItem, Over, Query } from './syntax.ts';

export interface ExprReader {
  expr(): Expr;
  orderItems(): OrderItem[];
}

const comparisons = ['=', '<>', '!=', '<=', '>=', '<', '>'];
const units = /^(YEAR|QUARTER|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?$/;
const bareFunctions = new Set(['CURRENT_DATE', 'CURRENT_TIMESTAMP', 'LOCALTIME', 'LOCALTIMESTAMP']);

/** Reads expressions by precedence: OR, AND, NOT, comparison, `||` and sums, products, sign, the rest. */
export function expressions(reader: Reader, readQuery: () => Query): ExprReader {
  const binary = (left: Expr, op: string, right: Expr): Expr => ({
    kind: 'binary',
    op,
    left,
    right,
    from: left.from,
    to: right.to,
  });
  const isQuery = (ahead = 0): boolean => reader.is('SELECT', ahead) || reader.is('WITH', ahead);

  /** Operands of one precedence, joined from the left. */
  const chain = (operand: () => Expr, ...symbols: string[]): Expr => {
    let left = operand();
    for (let parts = 2; ; parts++) {
      const op = symbols.find((symbol) => reader.take(symbol));
      if (!op) return left;
      reader.checkLength(parts);
      left = binary(left, op, operand());
    }
  };
  const or = (): Expr => reader.within(() => chain(and, 'OR'));
  const and = (): Expr => chain(not, 'AND');
  const not = (): Expr => {
    const { from } = reader.peek();
    if (!reader.is('NOT') || reader.is('EXISTS', 1)) return comparison();
    reader.next();
    const expr = reader.within(not);
    return { kind: 'unary', op: 'NOT', expr, from, to: expr.to };
  };

  const comparison = (): Expr => {
    let left = sum();
    for (let parts = 2; ; parts++) {
      reader.checkLength(parts);
      const op = comparisons.find((symbol) => reader.take(symbol));
      if (op) {
        left = binary(left, op === '!=' ? '<>' : op, sum());
        continue;
      }
      const next = predicate(left);
      if (!next) return left;
      left = next;
    }
  };
  const predicate = (expr: Expr): Expr | undefined => {
    const { from } = expr;
    if (reader.take('IS')) {
      const isNot = reader.take('NOT');
      if (reader.take('DISTINCT', 'FROM')) {
        const right = sum();
        return { kind: 'distinctFrom', left: expr, right, isNot, from, to: right.to };
      }
      for (const what of ['NULL', 'TRUE', 'FALSE'] as const)
        if (reader.take(what)) return { kind: 'is', expr, isNot, what, from, to: reader.lastTo };
      return reader.fail('Expected NULL, TRUE, FALSE or DISTINCT FROM');
    }
    const isNot = ['IN', 'LIKE', 'SIMILAR', 'BETWEEN'].some((word) => reader.is(word, 1)) && reader.take('NOT');
    if (reader.take('IN')) {
      reader.expect('(');
      if (isQuery()) {
        const query = readQuery();
        reader.expect(')');
        return { kind: 'inQuery', expr, isNot, query, from, to: reader.lastTo };
      }
      const list = listOf(or);
      reader.expect(')');
      return { kind: 'in', expr, isNot, list, from, to: reader.lastTo };
    }
    if (reader.take('BETWEEN')) {
      const low = sum();
      reader.expect('AND');
      const high = sum();
      return { kind: 'between', expr, isNot, low, high, from, to: high.to };
    }
    const op = reader.take('LIKE') ? 'LIKE' : reader.take('SIMILAR', 'TO') ? 'SIMILAR TO' : undefined;
    if (!op) return undefined;
    const pattern = sum();
    const escape = reader.take('ESCAPE') ? sum() : undefined;
    return { kind: 'match', op, expr, isNot, pattern, ...(escape && { escape }), from, to: reader.lastTo };
  };

  const sum = (): Expr => chain(product, '+', '-', '||');
  const product = (): Expr => chain(signed, '*', '/', '%');
  const operator = (...symbols: string[]): string | undefined => symbols.find((symbol) => reader.take(symbol));
  const signed = (): Expr => {
    const { from } = reader.peek();
    const op = operator('-', '+');
    if (!op) return primary();
    const expr = reader.within(signed);
    return { kind: 'unary', op: op === '-' ? '-' : '+', expr, from, to: expr.to };
  };
  const listOf = <T>(read: () => T): T[] => {
    const items = [read()];
    while (reader.take(',')) items.push(read());
    return items;
  };

  const orderItems = (): OrderItem[] =>
    listOf(() => {
      const expr = or();
      const isDescending = !reader.take('ASC') && reader.take('DESC');
      const nulls = reader.take('NULLS', 'FIRST') ? 'FIRST' : reader.take('NULLS', 'LAST') ? 'LAST' : undefined;
      return { expr, isDescending, ...(nulls && { nulls }), from: expr.from, to: reader.lastTo } as const;
    });

  const primary = (): Expr => {
    const token = reader.peek();
    const { from, to } = token;
    switch (token.kind) {
      case 'string':
        reader.next();
        return { kind: 'literal', type: 'string', value: token.value, from, to };
      case 'number':
        reader.next();
        return { kind: 'literal', type: 'number', value: token.text, from, to };
      case 'parameter':
        reader.next();
        return { kind: 'parameter', name: token.value, from, to };
      case 'quoted':
        return named();
      case 'word':
        return word(token.text.toUpperCase());
      case 'symbol':
        if (reader.take('*')) return { kind: 'star', from, to };
        if (reader.take('(')) {
          if (isQuery()) {
            const query = readQuery();
            reader.expect(')');
            return { kind: 'subquery', query, from, to: reader.lastTo };
          }
          const expr = or();
          reader.expect(')');
          return expr;
        }
    }
    return reader.fail('Expected an expression');
  };

  const word = (upper: string): Expr => {
    const { from, to } = reader.peek();
    const follows = reader.peek(1);
    if (upper === 'NULL' && reader.next()) return { kind: 'literal', type: 'null', value: null, from, to };
    if ((upper === 'TRUE' || upper === 'FALSE') && reader.next())
      return { kind: 'literal', type: 'boolean', value: upper === 'TRUE', from, to };
    if ((upper === 'DATE' || upper === 'TIMESTAMP') && follows.kind === 'string') {
      reader.next();
      const { value, to } = reader.next();
      return { kind: 'literal', type: upper === 'DATE' ? 'date' : 'timestamp', value, from, to };
    }
    if (upper === 'INTERVAL') return interval();
    if (upper === 'CASE') return caseOf();
    if (upper === 'CAST' && reader.is('(', 1)) return castOf();
    if (upper === 'ARRAY' && reader.is('[', 1)) return arrayOf();
    if ((upper === 'EXISTS' || (upper === 'NOT' && reader.is('EXISTS', 1))) && from >= 0) return existsOf();
    if (bareFunctions.has(upper) && !reader.is('(', 1)) {
      reader.next();
      return call(upper, [], from);
    }
    if (reader.is('(', 1) && !['IN', 'AND', 'OR', 'ON', 'USING', 'VALUES'].includes(upper)) return callOf(upper);
    return named();
  };

  const named = (): Expr => {
    const first = reader.expectName('an expression');
    if (!reader.take('.')) return { kind: 'column', name: first, from: first.from, to: first.to };
    if (reader.take('*')) return { kind: 'star', table: first, from: first.from, to: reader.lastTo };
    const name = reader.expectName('a column');
    return { kind: 'column', table: first, name, from: first.from, to: name.to };
  };

  const interval = (): Expr => {
    const { from } = reader.next();
    const sign = reader.take('-') ? '-' : '';
    const amount = reader.next();
    if (amount.kind !== 'string' && amount.kind !== 'number') reader.fail('Expected an amount');
    const unit = reader.next().text.toUpperCase();
    if (!units.test(unit)) reader.fail('Expected a unit such as DAY');
    if (reader.take('(')) {
      reader.next();
      reader.expect(')');
    }
    return { kind: 'interval', value: sign + amount.value, unit: unit.replace(/S$/, ''), from, to: reader.lastTo };
  };
  const caseOf = (): Expr => {
    const { from } = reader.next();
    const operand = reader.is('WHEN') ? undefined : or();
    const whens: { when: Expr; result: Expr }[] = [];
    while (reader.take('WHEN')) {
      const when = or();
      reader.expect('THEN');
      whens.push({ when, result: or() });
    }
    if (whens.length === 0) reader.fail('Expected WHEN');
    const otherwise = reader.take('ELSE') ? or() : undefined;
    reader.expect('END');
    return {
      kind: 'case',
      ...(operand && { operand }),
      whens,
      ...(otherwise && { otherwise }),
      from,
      to: reader.lastTo,
    };
  };
  const castOf = (): Expr => {
    const { from } = reader.next();
    reader.expect('(');
    const expr = or();
    reader.expect('AS');
    return { kind: 'cast', expr, type: typeName(), from, to: (reader.expect(')'), reader.lastTo) };
  };
  const typeName = (): string => {
    let type = reader.next().text.toUpperCase();
    for (let depth = 0; !reader.is(')') || depth > 0;) {
      const token = reader.next();
      if (token.kind === 'end') reader.fail('Expected )');
      depth += token.text === '(' ? 1 : token.text === ')' ? -1 : 0;
      type += ['(', ')', ','].includes(token.text)
        ? token.text
        : token.kind === 'word'
          ? ` ${token.text.toUpperCase()}`
          : token.text;
    }
    return type;
  };
  const arrayOf = (): Expr => {
    const { from } = reader.next();
    reader.expect('[');
    const items = reader.is(']') ? [] : listOf(or);
    reader.expect(']');
    return { kind: 'array', items, from, to: reader.lastTo };
  };
  const existsOf = (): Expr => {
    const { from } = reader.peek();
    const isNot = reader.take('NOT');
    reader.expect('EXISTS', '(');
    const query = readQuery();
    reader.expect(')');
    const exists: Expr = { kind: 'exists', query, from, to: reader.lastTo };
    return isNot ? { kind: 'unary', op: 'NOT', expr: exists, from, to: exists.to } : exists;
  };

  const call = (name: string, args: readonly Expr[], from: number, more: Partial<Call> = {}): Expr => ({
    kind: 'call',
    name,
    args,
    isDistinct: false,
    isStar: false,
    ...more,
    from,
    to: reader.lastTo,
  });
  const callOf = (name: string): Expr => {
    const { from } = reader.next();
    reader.expect('(');
    const isStar = reader.is('*') && reader.is(')', 1) && reader.take('*');
    const isDistinct = !isStar && (reader.take('DISTINCT') || (reader.take('ALL') && false));
    const args = isStar || reader.is(')') ? [] : argsOf(name);
    reader.expect(')');
    let within: OrderItem[] | undefined;
    if (reader.take('WITHIN', 'GROUP')) {
      reader.expect('(', 'ORDER', 'BY');
      within = orderItems();
      reader.expect(')');
    }
    let filter: Expr | undefined;
    if (reader.is('FILTER') && reader.is('(', 1)) {
      reader.expect('FILTER', '(', 'WHERE');
      filter = or();
      reader.expect(')');
    }
    const over = reader.is('OVER') ? overOf() : undefined;
    return call(name, args, from, {
      isStar,
      isDistinct,
      ...(within && { within }),
      ...(filter && { filter }),
      ...(over && { over }),
    });
  };
  /** Arguments, those with words between them included: `SUBSTRING(s FROM a FOR b)`, `TRIM(BOTH x FROM s)`, `EXTRACT(DAY FROM d)`. */
  const argsOf = (name: string): Expr[] => {
    const unit = reader.peek();
    const asText = (): Expr => {
      reader.next();
      return { kind: 'literal', type: 'string', value: unit.text.toUpperCase(), from: unit.from, to: unit.to };
    };
    if (name === 'EXTRACT') {
      const field = asText();
      reader.expect('FROM');
      return [field, or()];
    }
    if (name === 'TRIM' && ['BOTH', 'LEADING', 'TRAILING'].some((side) => reader.is(side))) {
      const side = asText();
      const what: Expr = reader.is('FROM')
        ? { kind: 'literal', type: 'string', value: ' ', from: unit.to, to: unit.to }
        : or();
      reader.expect('FROM');
      return [side, what, or()];
    }
    const isUnit = name === 'DATE_TRUNC' && units.test(unit.text.toUpperCase()) && reader.is(',', 1);
    // `POSITION(a IN b)`: that IN is no comparison.
    const first = isUnit ? asText() : name === 'POSITION' ? sum() : or();
    if (name === 'SUBSTRING' && reader.take('FROM')) {
      const start = or();
      return reader.take('FOR') ? [first, start, or()] : [first, start];
    }
    if (name === 'POSITION' && reader.take('IN')) return [first, or()];
    if (name === 'TRIM' && reader.take('FROM'))
      return [{ kind: 'literal', type: 'string', value: 'BOTH', from: unit.from, to: unit.from }, first, or()];
    return reader.take(',') ? [first, ...listOf(or)] : [first];
  };
  const overOf = (): Over => {
    const { from } = reader.next();
    reader.expect('(');
    const partitionBy = reader.take('PARTITION', 'BY') ? listOf(or) : [];
    const orderBy = reader.take('ORDER', 'BY') ? orderItems() : [];
    const frame: string[] = [];
    while (!reader.is(')')) {
      const token = reader.next();
      if (token.kind === 'end') reader.fail('Expected )');
      frame.push(token.text.toUpperCase());
    }
    reader.expect(')');
    return { partitionBy, orderBy, frame: frame.join(' '), from, to: reader.lastTo };
  };
  return { expr: or, orderItems };
}
