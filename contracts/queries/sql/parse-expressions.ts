// Longer than most: expressions hold each other at every turn, so that they are read by functions of one closure.
import { words } from './keywords.ts';
import type { Span } from './language.ts';
import type { Reader } from './reader.ts';
import type { Expr, Name, OrderItem, Query, TypeName } from './syntax.ts';

/** How tightly an operator of two sides binds. What is not here binds as PostgreSQL's "any other operator" does. */
const levels: Readonly<Record<string, number>> = {
  OR: 1, AND: 2, '=': 4, '<': 4, '>': 4, '<=': 4, '>=': 4, '<>': 4, '!=': 4, '!<': 4, '!>': 4, '+': 7, '-': 7, '||': 6, '&': 7, '|': 7, '^': 9,
  '*': 8, '/': 8, '%': 8,
}; // prettier-ignore
const otherLevel = 6;
/** Casts and comparisons one after the other: each makes the tree one deeper. */
const mostInARow = 50;
const testLevel = 5;
const tests = words('IS IN BETWEEN LIKE ILIKE SIMILAR ISNULL NOTNULL');
const afterNot = words('IN BETWEEN LIKE ILIKE SIMILAR');
const operatorForm = /^[-+*/<>=~!@#%^&|`?]+$/;
const withoutBrackets = words(
  'CURRENT_DATE CURRENT_TIMESTAMP CURRENT_TIME CURRENT_USER SESSION_USER SYSTEM_USER LOCALTIME LOCALTIMESTAMP CURRENT_ROLE CURRENT_CATALOG USER',
);
/** Reserved words that are functions before a bracket. */
const functionWords = words('LEFT RIGHT COALESCE CONVERT NULLIF CONTAINS IF FORMAT ANY ALL SOME USER');
const typedLiterals = words('DATE TIME TIMESTAMP TIMESTAMPTZ INTERVAL');
const dateParts = words('DATEADD DATEDIFF DATEDIFF_BIG DATEPART DATENAME DATEFROM');

export interface Expressions {
  expr(): Expr;
  orderItems(): OrderItem[];
  list(): Expr[];
  over(): Expr[];
}

/** Reads expressions; subqueries are read by what is given. */
export function expressions(reader: Reader, query: () => Query): Expressions {
  const missing = (): Expr => ({ kind: 'missing', from: reader.peek().from, to: reader.peek().from });
  const spanFrom = (from: number): Span => ({ from, to: reader.lastTo });
  const startsQuery = (ahead = 0): boolean =>
    reader.is('SELECT', ahead) || reader.is('WITH', ahead) || (reader.is('VALUES', ahead) && reader.dialect !== 'sfmc');

  const list = (): Expr[] => {
    const items = [expr()];
    while (reader.take(',')) items.push(expr());
    return items;
  };
  const orderItems = (): OrderItem[] => {
    const item = (): OrderItem => {
      const value = expr();
      if (!reader.take('ASC')) reader.take('DESC');
      if (reader.take('USING')) reader.next();
      if (reader.take('NULLS') && !reader.take('FIRST')) reader.take('LAST');
      return { expr: value, ...spanFrom(value.from) };
    };
    const items = [item()];
    while (reader.take(',')) items.push(item());
    return items;
  };
  const over = (): Expr[] => {
    const parts: Expr[] = [];
    if (!reader.take('(')) {
      reader.takeName();
      return parts;
    }
    if (reader.isName() && !reader.is('PARTITION') && !reader.is('ROWS') && !reader.is('RANGE') && !reader.is('GROUPS'))
      reader.next();
    if (reader.take('PARTITION', 'BY')) parts.push(...list());
    if (reader.take('ORDER', 'BY')) parts.push(...orderItems().map((item) => item.expr));
    if (reader.is('ROWS') || reader.is('RANGE') || reader.is('GROUPS')) reader.skipTo(new Set());
    reader.expect(')');
    return parts;
  };

  const expr = (): Expr => reader.within(() => binary(1));

  const binary = (least: number): Expr => {
    const { from } = reader.peek();
    let left = least <= 3 && reader.is('NOT') && !reader.is('EXISTS', 1) ? negated() : unary();
    for (let tested = 0; ;) {
      const level = levelOf();
      if (level === null || level < least) return left;
      if (level === testLevel) {
        if (++tested > mostInARow) reader.tooDeep();
        const made = test(left, from);
        if (!made) return left;
        left = made;
        continue;
      }
      const ops: string[] = [];
      const parts = [left];
      while (levelOf() === level) {
        ops.push(operator());
        parts.push(operand(level));
      }
      left = { kind: 'chain', ops, parts, ...spanFrom(from) };
    }
  };
  const operand = (level: number): Expr => {
    if (reader.is('ANY') || reader.is('ALL') || reader.is('SOME')) return quantified();
    return reader.within(() => binary(level + 1));
  };
  const quantified = (): Expr => {
    const { from } = reader.next();
    if (!reader.expect('(')) return missing();
    const made: Expr = startsQuery()
      ? { kind: 'subquery', query: query(), ...spanFrom(from) }
      : { kind: 'test', what: 'ANY', parts: [expr()], ...spanFrom(from) };
    reader.expect(')');
    return made;
  };
  const negated = (): Expr => {
    const { from } = reader.next();
    while (reader.take('NOT'));
    const inner = reader.within(() => binary(3));
    return { kind: 'not', expr: inner, ...spanFrom(from) };
  };
  const levelOf = (): number | null => {
    const { key } = reader.peek();
    if (tests.has(key) || (key === 'NOT' && reader.isAny(afterNot, 1))) return testLevel;
    const known = levels[key];
    if (known !== undefined && Object.hasOwn(levels, key)) {
      // `a - > b` is nobody's; `a <-> b` and `a @@ b` are operators of PostgreSQL that come in several tokens.
      return known > 2 && isLongOperator() ? otherLevel : known;
    }
    return reader.dialect !== 'sfmc' && reader.peek().kind === 'symbol' && operatorForm.test(key) ? otherLevel : null;
  };
  const isLongOperator = (): boolean => {
    const [one, two] = [reader.peek(), reader.peek(1)];
    return (
      reader.dialect === 'postgres' &&
      two.kind === 'symbol' &&
      two.from === one.to &&
      operatorForm.test(two.key) &&
      !['-', '+', '*'].includes(two.key)
    );
  };
  const operator = (): string => {
    let { key, to } = reader.next();
    while (
      reader.dialect === 'postgres' &&
      reader.peek().from === to &&
      levelOfSymbol() &&
      !['+', '-', '*'].includes(reader.peek().key)
    ) {
      const more = reader.next();
      key += more.key;
      to = more.to;
    }
    return key;
  };
  const levelOfSymbol = (): boolean => reader.peek().kind === 'symbol' && operatorForm.test(reader.peek().key);

  const test = (left: Expr, from: number): Expr | null => {
    const isNot = reader.take('NOT');
    if (reader.take('ISNULL') || reader.take('NOTNULL'))
      return { kind: 'test', what: 'IS', parts: [left], ...spanFrom(from) };
    if (reader.take('IS')) {
      reader.take('NOT');
      if (reader.take('DISTINCT', 'FROM')) {
        const right = reader.within(() => binary(testLevel + 1));
        return { kind: 'test', what: 'DISTINCT', parts: [left, right], ...spanFrom(from) };
      }
      if (!['NULL', 'TRUE', 'FALSE', 'UNKNOWN'].some((word) => reader.take(word)) && !reader.take('JSON'))
        reader.unexpected('Expected NULL');
      return { kind: 'test', what: 'IS', parts: [left], ...spanFrom(from) };
    }
    if (reader.take('IN')) return inList(left, isNot, from);
    if (reader.take('BETWEEN')) {
      if (!reader.take('SYMMETRIC')) reader.take('ASYMMETRIC');
      const low = reader.within(() => binary(testLevel + 1));
      reader.expect('AND');
      const high = reader.within(() => binary(testLevel + 1));
      return { kind: 'test', what: 'BETWEEN', parts: [left, low, high], ...spanFrom(from) };
    }
    const what = reader.next().key;
    if (what === 'SIMILAR') reader.expect('TO');
    const pattern = operand(testLevel);
    const escape = reader.take('ESCAPE') ? [reader.within(() => binary(testLevel + 1))] : [];
    return { kind: 'test', what, parts: [left, pattern, ...escape], ...spanFrom(from) };
  };
  const inList = (left: Expr, isNot: boolean, from: number): Expr => {
    // `IN {{ ids }}`: brackets come with the value.
    if (reader.peek().kind === 'parameter')
      return { kind: 'in', expr: left, isNot, list: [primary()], query: null, ...spanFrom(from) };
    const open = reader.peek();
    if (!reader.expect('(')) return { kind: 'in', expr: left, isNot, list: [], query: null, ...spanFrom(from) };
    if (startsQuery()) {
      const inner = query();
      reader.expect(')');
      return { kind: 'in', expr: left, isNot, list: [], query: inner, ...spanFrom(from) };
    }
    if (reader.is(')'))
      reader.report('sql.empty_in', 'IN () holds nothing to compare with: list at least one value.', {
        from: open.from,
        to: reader.peek().to,
      });
    const items = reader.is(')') ? [] : list();
    reader.expect(')');
    return { kind: 'in', expr: left, isNot, list: items, query: null, ...spanFrom(from) };
  };

  const unary = (): Expr => {
    const { from } = reader.peek();
    let signs = 0;
    while (reader.is('-') || reader.is('+') || (reader.is('~') && signs >= 0)) {
      reader.next();
      signs++;
    }
    const inner = postfix(primary());
    return signs > 0 ? { kind: 'sign', expr: inner, ...spanFrom(from) } : inner;
  };
  const postfix = (start: Expr): Expr => {
    let left = start;
    for (let count = 0; ; count++) {
      if (count > mostInARow) reader.tooDeep();
      if (reader.take('::')) left = { kind: 'cast', expr: left, type: typeName(), others: [], ...spanFrom(start.from) };
      else if (reader.take('COLLATE')) {
        reader.takeLabel();
        while (reader.take('.')) reader.takeLabel();
      } else if (reader.is('AT') && reader.is('TIME', 1)) {
        reader.take('AT', 'TIME');
        reader.expect('ZONE');
        left = { kind: 'zone', expr: left, zone: primary(), ...spanFrom(start.from) };
      } else if (reader.dialect !== 'sfmc' && reader.take('[')) {
        const others: Expr[] = [];
        if (!reader.is(':')) others.push(expr());
        if (reader.take(':') && !reader.is(']')) others.push(expr());
        reader.expect(']');
        left = { kind: 'item', expr: left, others, ...spanFrom(start.from) };
      } else if (reader.is('.') && left.kind !== 'column' && left.kind !== 'literal') {
        reader.next();
        if (!reader.take('*')) reader.takeLabel();
        left = { kind: 'item', expr: left, others: [], ...spanFrom(start.from) };
      } else return left;
    }
  };

  const typeName = (): TypeName => {
    const { from } = reader.peek();
    const first = reader.takeLabel();
    if (!first) {
      reader.unexpected('Expected a type');
      return { name: '', size: [], isArray: false, from, to: from };
    }
    let name = first.text.toLowerCase();
    while (reader.take('.')) name = reader.takeLabel()?.text.toLowerCase() ?? name;
    if (name === 'double' && reader.take('PRECISION')) name = 'double precision';
    if ((name === 'character' || name === 'char' || name === 'bit' || name === 'national') && reader.take('VARYING'))
      name = `${name} varying`;
    const size: number[] = [];
    const readSize = (): void => {
      if (!reader.take('(')) return;
      while (!reader.is(')') && !reader.isAtEnd) {
        const part = reader.next();
        if (part.kind === 'number') size.push(Number(part.text));
        else if (part.key === 'MAX') size.push(Number.POSITIVE_INFINITY);
        if (!reader.take(',')) break;
      }
      reader.expect(')');
    };
    readSize();
    if (reader.take('WITH', 'TIME', 'ZONE')) name = `${name} with time zone`;
    else reader.take('WITHOUT', 'TIME', 'ZONE');
    if (name === 'interval')
      while (['YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND', 'TO'].some((word) => reader.take(word)));
    let isArray = false;
    while (reader.dialect !== 'sfmc' && reader.is('[') && (reader.is(']', 1) || reader.is(']', 2))) {
      reader.skipTo(new Set([']']));
      reader.take(']');
      isArray = true;
    }
    return { name, size, isArray, ...spanFrom(from) };
  };

  const primary = (): Expr => {
    const token = reader.peek();
    const { from } = token;
    switch (token.kind) {
      case 'string': {
        reader.next();
        // PostgreSQL joins strings over lines.
        while (reader.dialect !== 'sfmc' && reader.peek().kind === 'string') reader.next();
        return { kind: 'literal', type: 'string', value: token.value, ...spanFrom(from) };
      }
      case 'number':
        reader.next();
        return { kind: 'literal', type: 'number', value: token.text, ...spanFrom(from) };
      case 'parameter':
        reader.next();
        return { kind: 'parameter', name: /^[\w.]*/.exec(token.value)?.[0] ?? '', ...spanFrom(from) };
      case 'variable':
        reader.next();
        return { kind: 'variable', text: token.text, ...spanFrom(from) };
      case 'quoted':
        return named();
      case 'word':
        return wordly();
      default:
        if (reader.is('(')) return bracketed();
        if (reader.take('*')) return { kind: 'star', parts: [], ...spanFrom(from) };
        if (reader.dialect !== 'sfmc' && reader.take('[')) {
          const items = reader.is(']') ? [] : list();
          reader.expect(']');
          return { kind: 'array', items, ...spanFrom(from) };
        }
        reader.unexpected('Expected an expression');
        return missing();
    }
  };
  const bracketed = (): Expr => {
    const { from } = reader.next();
    if (startsQuery()) {
      const inner = query();
      reader.expect(')');
      return { kind: 'subquery', query: inner, ...spanFrom(from) };
    }
    if (reader.take(')')) return { kind: 'row', items: [], ...spanFrom(from) };
    const items = list();
    if (!reader.expect(')')) {
      reader.skipTo(new Set(['FROM', 'WHERE', 'GROUP', 'ORDER', 'UNION']));
      reader.take(')');
    }
    const [only] = items;
    return items.length === 1 && only ? { ...only, ...spanFrom(from) } : { kind: 'row', items, ...spanFrom(from) };
  };

  const wordly = (): Expr => {
    const token = reader.peek();
    const { from, key } = token;
    if (reader.take('NULL')) return { kind: 'literal', type: 'null', value: '', ...spanFrom(from) };
    if (reader.dialect !== 'sfmc' && (reader.take('TRUE') || reader.take('FALSE')))
      return { kind: 'literal', type: 'boolean', value: key.toLowerCase(), ...spanFrom(from) };
    if (reader.take('CASE')) return choice(from);
    if (reader.is('NOT') && reader.is('EXISTS', 1)) reader.next();
    if (reader.take('EXISTS')) {
      reader.expect('(');
      const inner = query();
      reader.expect(')');
      return { kind: 'exists', query: inner, ...spanFrom(from) };
    }
    if ((key === 'CAST' || key === 'TRY_CAST') && reader.is('(', 1)) return cast(from, key);
    if ((key === 'CONVERT' || key === 'TRY_CONVERT') && reader.is('(', 1) && reader.dialect === 'sfmc')
      return convert(from, key);
    if (typedLiterals.has(key) && reader.peek(1).kind === 'string' && reader.dialect !== 'sfmc') {
      reader.next();
      const { value } = reader.next();
      const unit =
        key === 'INTERVAL'
          ? ['YEAR', 'MONTH', 'WEEK', 'DAY', 'HOUR', 'MINUTE', 'SECOND'].some((word) => reader.take(word))
          : false;
      void unit;
      return {
        kind: 'literal',
        type: 'string',
        value,
        as: { name: key.toLowerCase(), size: [], isArray: false, ...token },
        ...spanFrom(from),
      };
    }
    if (key === 'ARRAY' && reader.dialect !== 'sfmc') {
      if (reader.is('[', 1)) {
        reader.next();
        return { ...primary(), from };
      }
      if (reader.is('(', 1)) {
        reader.take('ARRAY', '(');
        const inner = query();
        reader.expect(')');
        return { kind: 'arrayQuery', query: inner, ...spanFrom(from) };
      }
    }
    if (key === 'ROW' && reader.is('(', 1) && reader.dialect !== 'sfmc') {
      reader.take('ROW', '(');
      const items = reader.is(')') ? [] : list();
      reader.expect(')');
      return { kind: 'row', items, ...spanFrom(from) };
    }
    if (withoutBrackets.has(key) && !reader.is('(', 1)) {
      reader.next();
      return {
        kind: 'call',
        name: key,
        nameAt: token,
        args: [],
        isDistinct: false,
        isStar: false,
        over: null,
        others: [],
        ...spanFrom(from),
      };
    }
    if (reader.isReserved(token) && !(functionWords.has(key) && reader.is('(', 1))) return reservedName();
    return named();
  };
  /** A reserved word where a name belongs: taken for one that lacks its quotes, unless it begins the next clause. */
  const reservedName = (): Expr => {
    const token = reader.peek();
    const begins = [
      'FROM',
      'WHERE',
      'HAVING',
      'UNION',
      'INTERSECT',
      'EXCEPT',
      'SELECT',
      'ON',
      'AND',
      'OR',
      'JOIN',
      'INNER',
      'LEFT',
      'RIGHT',
      'FULL',
      'CROSS',
      'THEN',
      'WHEN',
      'ELSE',
      'END',
      'AS',
      'BY',
      'LIMIT',
      'IN',
      'LIKE',
      'IS',
      'BETWEEN',
      'WITH',
      'DESC',
      'ASC',
      'WINDOW',
    ];
    if (begins.includes(token.key) || ((token.key === 'ORDER' || token.key === 'GROUP') && reader.is('BY', 1))) {
      reader.unexpected('Expected an expression');
      return missing();
    }
    const quoted = reader.dialect === 'sfmc' ? `[${token.text}]` : `"${token.text.toLowerCase()}"`;
    reader.report(
      'sql.reserved_name',
      `${token.text} is a word of the language: as a name it is written ${quoted}.`,
      token,
      [{ title: `Write ${quoted}`, edits: [{ from: token.from, to: token.to, text: quoted }] }],
    );
    return named();
  };

  const choice = (from: number): Expr => {
    const operandOf = reader.is('WHEN') ? null : expr();
    const whens: Expr[] = [];
    const results: Expr[] = [];
    while (reader.take('WHEN')) {
      whens.push(expr());
      reader.expect('THEN');
      results.push(expr());
    }
    if (whens.length === 0) reader.unexpected('Expected WHEN');
    if (reader.take('ELSE')) results.push(expr());
    reader.expect('END');
    return { kind: 'case', operand: operandOf, whens, results, ...spanFrom(from) };
  };
  const cast = (from: number, key: string): Expr => {
    const nameAt = reader.next();
    reader.expect('(');
    const inner = expr();
    reader.expect('AS');
    const type = typeName();
    if (reader.take('FORMAT')) reader.next();
    reader.expect(')');
    if (key !== 'CAST') notThere(key, nameAt, 'CAST');
    return { kind: 'cast', expr: inner, type, others: [], ...spanFrom(from) };
  };
  const convert = (from: number, key: string): Expr => {
    const nameAt = reader.next();
    reader.expect('(');
    const type = typeName();
    reader.expect(',');
    const inner = expr();
    const others = reader.take(',') ? [expr()] : [];
    reader.expect(')');
    if (key !== 'CONVERT') notThere(key, nameAt, 'CONVERT');
    return { kind: 'cast', expr: inner, type, others, ...spanFrom(from) };
  };
  const notThere = (key: string, at: Span, instead: string): void => {
    if (reader.dialect === 'sfmc')
      reader.report('sql.unknown_function', `${key} does not run here: use ${instead}.`, at, [
        { title: `Use ${instead}`, edits: [{ from: at.from, to: at.to, text: instead }] },
      ]);
  };

  /** A column, or a function's call. */
  const named = (): Expr => {
    const { from } = reader.peek();
    const parts: Name[] = [reader.name(reader.next())];
    while (reader.is('.')) {
      const dot = reader.next();
      if (reader.take('*')) return { kind: 'star', parts, ...spanFrom(from) };
      const token = reader.peek();
      const begins =
        token.key === 'FROM' || (reader.isReserved(token) && reader.dialect !== 'sfmc' && token.key !== 'USER');
      const label = begins || token.from > dot.to + 200 ? null : reader.takeLabel();
      if (!label) {
        reader.unexpected('Expected a column');
        parts.push({ text: '', isQuoted: false, from: dot.to, to: dot.to });
        break;
      }
      parts.push(label);
    }
    return reader.is('(') ? call(parts, from) : { kind: 'column', parts, ...spanFrom(from) };
  };
  const call = (parts: readonly Name[], from: number): Expr => {
    const last = parts.at(-1);
    const nameAt = { from, to: reader.lastTo };
    const name = last && !last.isQuoted ? last.text.toUpperCase() : (last?.text ?? '');
    reader.expect('(');
    const isDistinct = reader.take('DISTINCT') || (reader.take('ALL') && false);
    reader.take('VARIADIC');
    const others: Expr[] = [];
    let args: Expr[] = [];
    let isStar = false;
    if (reader.is('*') && reader.is(')', 1)) {
      reader.next();
      isStar = true;
    } else if (startsQuery()) args = [{ kind: 'subquery', query: query(), ...spanFrom(reader.peek().from) }];
    else if (!reader.is(')')) args = reader.within(() => args_(name));
    if (reader.take('ORDER', 'BY')) others.push(...orderItems().map((item) => item.expr));
    if (!reader.expect(')')) {
      reader.skipTo(new Set(['FROM', 'WHERE', 'GROUP', 'ORDER', 'UNION']));
      reader.take(')');
    }
    if (reader.take('WITHIN', 'GROUP', '(')) {
      if (reader.take('ORDER', 'BY')) others.push(...orderItems().map((item) => item.expr));
      reader.expect(')');
    }
    if (reader.take('FILTER', '(')) {
      reader.take('WHERE');
      others.push(expr());
      reader.expect(')');
    }
    if (reader.take('IGNORE', 'NULLS')) void 0;
    const overParts = reader.take('OVER') ? over() : null;
    return { kind: 'call', name, nameAt, args, isDistinct, isStar, over: overParts, others, ...spanFrom(from) };
  };
  /** Arguments, with the words that some functions have between them in place of commas. */
  const args_ = (name: string): Expr[] => {
    const args: Expr[] = [];
    if (dateParts.has(name) && reader.peek().kind === 'word') {
      const part = reader.next();
      args.push({ kind: 'literal', type: 'string', value: part.text.toLowerCase(), from: part.from, to: part.to });
      if (!reader.take(',')) return args;
    }
    if (name === 'EXTRACT' && reader.peek().kind === 'word' && reader.is('FROM', 1)) {
      const part = reader.next();
      reader.next();
      args.push({ kind: 'literal', type: 'string', value: part.text.toLowerCase(), from: part.from, to: part.to });
    }
    if (name === 'TRIM') {
      if (!reader.take('BOTH') && !reader.take('LEADING')) reader.take('TRAILING');
      if (reader.take('FROM')) return [expr()];
    }
    for (;;) {
      if (reader.isName() && (reader.is('=>', 1) || reader.is(':=', 1))) {
        reader.next();
        reader.next();
      }
      args.push(name === 'POSITION' ? binary(testLevel + 1) : expr());
      if (reader.dialect !== 'sfmc' && ['FROM', 'FOR', 'PLACING', 'IN'].some((word) => reader.take(word))) continue;
      if (!reader.take(',')) return args;
    }
  };
  return { expr, orderItems, list, over };
}
