import type { Expr, Item, Order, Over, Query, TypeName } from './ast.ts';
import type { Reader } from './reader.ts';
import { SqlError } from './tokens.ts';

/** How tightly signs bind, loosest first; T-SQL's own order. */
const levels: readonly (readonly string[])[] = [
  ['+', '-', '&', '|', '^'],
  ['*', '/', '%'],
];
const comparisons = new Set(['=', '<>', '!=', '<', '>', '<=', '>=', '!<', '!>']);
const plainWords = new Set(['and', 'or', 'not', 'between', 'in', 'like', 'is', 'exists', 'case', 'cast', 'convert']);

/** Reads expressions; queries inside them are read by whoever made it. */
export class ExpressionParser {
  readonly #reader: Reader;
  readonly #query: () => Query;

  constructor(reader: Reader, query: () => Query) {
    this.#reader = reader;
    this.#query = query;
  }

  read(): Expr {
    let left = this.#and();
    while (this.#reader.takeWord('or')) left = { kind: 'binary', sign: 'or', left, right: this.#and() };
    return left;
  }

  /** One item of a select list; `a.*` is only legal there. */
  readItem(takeStar: () => boolean): Extract<Item, { kind: 'star' }> | { kind: 'value'; value: Expr } {
    const reader = this.#reader;
    if (reader.isName() && !reader.isCall() && reader.isStarAfterName()) {
      const of = reader.name();
      reader.expectSign('.');
      takeStar();
      return { kind: 'star', of };
    }
    return { kind: 'value', value: this.read() };
  }

  #and(): Expr {
    let left = this.#not();
    while (this.#reader.takeWord('and')) left = { kind: 'binary', sign: 'and', left, right: this.#not() };
    return left;
  }

  #not(): Expr {
    if (this.#reader.takeWord('not')) return { kind: 'unary', sign: 'not', of: this.#not() };
    return this.#predicate();
  }

  #predicate(): Expr {
    const reader = this.#reader;
    let left = this.#level(0);
    for (;;) {
      if (reader.current.kind === 'sign' && comparisons.has(reader.current.text)) {
        const written = reader.next().text;
        const sign = written === '!=' ? '<>' : written === '!<' ? '>=' : written === '!>' ? '<=' : written;
        left = { kind: 'binary', sign, left, right: this.#level(0) };
        continue;
      }
      if (reader.takeWord('is')) {
        const isNot = reader.takeWord('not');
        reader.expectWord('null');
        left = { kind: 'isNull', of: left, isNot };
        continue;
      }
      const isNot = reader.isWord('not') && reader.takeWord('not');
      if (reader.takeWord('between')) {
        const low = this.#level(0);
        reader.expectWord('and');
        left = { kind: 'between', of: left, isNot, low, high: this.#level(0) };
      } else if (reader.takeWord('like')) {
        const pattern = this.#level(0);
        left = { kind: 'like', of: left, isNot, pattern, ...(reader.takeWord('escape') && { escape: this.#level(0) }) };
      } else if (reader.takeWord('in')) {
        reader.expectSign('(');
        const list = reader.isWord('select') ? this.#query() : this.#list();
        reader.expectSign(')');
        left = { kind: 'in', of: left, isNot, list };
      } else if (isNot) throw reader.unexpected();
      else return left;
    }
  }

  #level(index: number): Expr {
    const signs = levels[index];
    if (!signs) return this.#unary();
    let left = this.#level(index + 1);
    while (this.#reader.current.kind === 'sign' && signs.includes(this.#reader.current.text)) {
      left = { kind: 'binary', sign: this.#reader.next().text, left, right: this.#level(index + 1) };
    }
    return left;
  }

  #unary(): Expr {
    for (const sign of ['-', '+', '~'] as const) {
      if (this.#reader.takeSign(sign)) return { kind: 'unary', sign, of: this.#unary() };
    }
    let value = this.#primary();
    while (this.#reader.isWords('at', 'time', 'zone')) {
      this.#reader.skip(3);
      value = { kind: 'zone', of: value, zone: this.#primary() };
    }
    return value;
  }

  #primary(): Expr {
    const reader = this.#reader;
    const { kind, value, text } = reader.current;
    if (kind === 'variable') throw new SqlError(`Must declare the scalar variable "${text}".`);
    if (kind === 'string' || kind === 'number') return (reader.next(), { kind, value });
    if (reader.takeSign('(')) {
      if (reader.isWord('select')) {
        const query = this.#query();
        reader.expectSign(')');
        return { kind: 'scalar', query };
      }
      const inner = this.read();
      reader.expectSign(')');
      return inner;
    }
    if (kind === 'word') {
      if (reader.takeWord('null')) return { kind: 'null' };
      if (reader.takeWord('exists')) return this.#exists();
      if (reader.takeWord('case')) return this.#case();
      if (reader.isCall() && !plainWords.has(value)) return this.#call();
      if (reader.isCall() && (value === 'cast' || value === 'convert')) return this.#cast();
      if (value === 'current_timestamp') return (reader.next(), this.#plainCall('getdate'));
    }
    const path = reader.path();
    return { kind: 'column', path };
  }

  #exists(): Expr {
    this.#reader.expectSign('(');
    const query = this.#query();
    this.#reader.expectSign(')');
    return { kind: 'exists', query };
  }

  #case(): Expr {
    const reader = this.#reader;
    const of = reader.isWord('when') ? undefined : this.read();
    const branches: { when: Expr; result: Expr }[] = [];
    while (reader.takeWord('when')) {
      const when = this.read();
      reader.expectWord('then');
      branches.push({ when, result: this.read() });
    }
    if (branches.length === 0) throw reader.unexpected();
    const otherwise = reader.takeWord('else') ? this.read() : undefined;
    reader.expectWord('end');
    return { kind: 'case', branches, ...(of && { of }), ...(otherwise && { otherwise }) };
  }

  #cast(): Expr {
    const reader = this.#reader;
    const isConvert = reader.next().value === 'convert';
    reader.expectSign('(');
    if (isConvert) {
      const type = this.#type();
      reader.expectSign(',');
      const of = this.read();
      const style = reader.takeSign(',') ? this.read() : undefined;
      reader.expectSign(')');
      return { kind: 'cast', of, type, ...(style && { style }) };
    }
    const of = this.read();
    reader.expectWord('as');
    const type = this.#type();
    reader.expectSign(')');
    return { kind: 'cast', of, type };
  }

  #type(): TypeName {
    const reader = this.#reader;
    const name = reader.name().toLowerCase();
    const sizes: TypeName['sizes'] = [];
    if (reader.takeSign('(')) {
      do sizes.push(reader.takeWord('max') ? 'max' : Number(reader.expect('number').value));
      while (reader.takeSign(','));
      reader.expectSign(')');
    }
    return { name, sizes };
  }

  #call(): Expr {
    const reader = this.#reader;
    const name = reader.next().value;
    reader.expectSign('(');
    const call = this.#plainCall(name);
    if (reader.takeSign('*')) call.isStar = true;
    else {
      call.isDistinct = reader.takeWord('distinct');
      if (!reader.isSign(')')) call.args = this.#list();
    }
    reader.expectSign(')');
    if (reader.isWords('within', 'group')) {
      reader.skip(2);
      reader.expectSign('(');
      call.within = this.order();
      reader.expectSign(')');
    }
    if (reader.takeWord('over')) call.over = this.#over();
    return call;
  }

  #plainCall = (name: string): Extract<Expr, { kind: 'call' }> => ({
    kind: 'call',
    name,
    args: [],
    isDistinct: false,
    isStar: false,
  });

  #over(): Over {
    const reader = this.#reader;
    reader.expectSign('(');
    const over: Over = { partition: [], order: [] };
    if (reader.isWords('partition', 'by')) {
      reader.skip(2);
      over.partition = this.#list();
    }
    if (reader.isWord('order')) over.order = this.order();
    if (reader.isWord('rows') || reader.isWord('range')) {
      const words: string[] = [];
      while (!reader.isSign(')')) words.push(reader.next().value);
      over.frame = words.join(' ');
    }
    reader.expectSign(')');
    return over;
  }

  /** `order by a, b desc`. */
  order(): Order[] {
    this.#reader.expectWord('order');
    this.#reader.expectWord('by');
    const order: Order[] = [];
    do {
      const by = this.read();
      const isDescending = this.#reader.takeWord('desc');
      if (!isDescending) this.#reader.takeWord('asc');
      order.push({ by, isDescending });
    } while (this.#reader.takeSign(','));
    return order;
  }

  #list(): Expr[] {
    const list = [this.read()];
    while (this.#reader.takeSign(',')) list.push(this.read());
    return list;
  }
}
