import type { Body, Compound, Group, Item, Query, Select, Source } from './ast.ts';
import { ExpressionParser } from './parse-expression.ts';
import { Reader } from './reader.ts';
import { readTokens, SqlError } from './tokens.ts';

/**
 * Reads one SELECT as the service takes it: no CTE, no variables, no second statement, not even a semicolon at the end.
 * @throws SqlError in the service's words
 */
export function parseQuery(sql: string): Query {
  const parser = new QueryParser(new Reader(readTokens(sql)));
  return parser.whole();
}

class QueryParser {
  readonly #reader: Reader;
  readonly #expressions: ExpressionParser;

  constructor(reader: Reader) {
    this.#reader = reader;
    this.#expressions = new ExpressionParser(reader, () => this.#query());
  }

  whole(): Query {
    if (!this.#reader.isWord('select') && !this.#reader.isSign('(')) throw this.#reader.unexpected();
    const query = this.#query();
    if (this.#reader.current.kind !== 'end') throw this.#reader.unexpected();
    return query;
  }

  #query(): Query {
    const body = this.#union();
    const query: Query = { body, order: this.#reader.isWord('order') ? this.#expressions.order() : [] };
    if (this.#reader.takeWord('offset')) {
      if (query.order.length === 0) throw new SqlError("Incorrect syntax near 'offset'.");
      query.offset = this.#expressions.read();
      this.#rows();
      if (this.#reader.takeWord('fetch')) {
        if (!this.#reader.takeWord('next')) this.#reader.expectWord('first');
        query.fetch = this.#expressions.read();
        this.#rows();
        this.#reader.expectWord('only');
      }
    }
    return query;
  }

  #rows(): void {
    if (!this.#reader.takeWord('rows')) this.#reader.expectWord('row');
  }

  #union(): Body {
    let left = this.#intersect();
    for (;;) {
      const how = this.#reader.takeWord('union')
        ? this.#reader.takeWord('all')
          ? 'union all'
          : 'union'
        : this.#reader.takeWord('except')
          ? 'except'
          : undefined;
      if (!how) return left;
      left = { kind: 'compound', how, left, right: this.#intersect() } satisfies Compound;
    }
  }

  #intersect(): Body {
    let left = this.#term();
    while (this.#reader.takeWord('intersect')) {
      left = { kind: 'compound', how: 'intersect', left, right: this.#term() };
    }
    return left;
  }

  #term(): Body {
    if (!this.#reader.takeSign('(')) return this.#select();
    const query = this.#query();
    this.#reader.expectSign(')');
    return { kind: 'nested', query };
  }

  #select(): Select {
    const reader = this.#reader;
    reader.expectWord('select');
    const isDistinct = reader.takeWord('distinct');
    if (!isDistinct) reader.takeWord('all');
    const top = reader.takeWord('top') ? this.#top() : undefined;
    const items = [this.#item()];
    while (reader.takeSign(',')) items.push(this.#item());
    const from = reader.takeWord('from') ? this.#from() : undefined;
    const where = reader.takeWord('where') ? this.#expressions.read() : undefined;
    const group: Group[] = [];
    if (reader.isWords('group', 'by')) {
      reader.skip(2);
      do group.push(this.#group());
      while (reader.takeSign(','));
    }
    const having = reader.takeWord('having') ? this.#expressions.read() : undefined;
    return {
      kind: 'select',
      isDistinct,
      items,
      group,
      ...(top && { top }),
      ...(from && { from }),
      ...(where && { where }),
      ...(having && { having }),
    };
  }

  #top(): NonNullable<Select['top']> {
    const isOpen = this.#reader.takeSign('(');
    const count = isOpen
      ? this.#expressions.read()
      : ({ kind: 'number', value: this.#reader.expect('number').value } as const);
    if (isOpen) this.#reader.expectSign(')');
    return { count, isPercent: this.#reader.takeWord('percent') };
  }

  #item(): Item {
    const reader = this.#reader;
    if (reader.takeSign('*')) return { kind: 'star' };
    const value = this.#expressions.readItem(() => reader.takeSign('*'));
    if (value.kind === 'star') return value;
    const isNamed = reader.takeWord('as');
    if (isNamed && reader.current.kind === 'string') return { ...value, name: reader.next().value };
    if (isNamed || reader.isName()) return { ...value, name: reader.name() };
    return value;
  }

  #group(): Group {
    const kind =
      this.#reader.isCall() && this.#reader.isWord('rollup')
        ? 'rollup'
        : this.#reader.isWord('cube') && this.#reader.isCall()
          ? 'cube'
          : 'plain';
    if (kind === 'plain') {
      const by = [this.#expressions.read()];
      if (!this.#reader.isWords('with', 'rollup') && !this.#reader.isWords('with', 'cube')) return { kind, by };
      throw this.#reader.unexpected();
    }
    this.#reader.skip(2);
    const by = [this.#expressions.read()];
    while (this.#reader.takeSign(',')) by.push(this.#expressions.read());
    this.#reader.expectSign(')');
    return { kind, by };
  }

  #from(): Source {
    let left = this.#joined();
    while (this.#reader.takeSign(',')) left = { kind: 'join', how: 'cross', left, right: this.#joined() };
    return left;
  }

  #joined(): Source {
    const reader = this.#reader;
    let left = this.#source();
    for (;;) {
      if (reader.isWords('cross', 'join')) {
        reader.skip(2);
        left = { kind: 'join', how: 'cross', left, right: this.#source() };
        continue;
      }
      const how = this.#joinWord();
      if (!how) return left;
      const right = this.#source();
      reader.expectWord('on');
      left = { kind: 'join', how, left, right, on: this.#expressions.read() };
    }
  }

  #joinWord(): 'inner' | 'left' | 'right' | 'full' | undefined {
    const reader = this.#reader;
    if (reader.takeWord('join')) return 'inner';
    for (const how of ['inner', 'left', 'right', 'full'] as const) {
      if (!reader.takeWord(how)) continue;
      if (how !== 'inner') reader.takeWord('outer');
      reader.expectWord('join');
      return how;
    }
    return undefined;
  }

  #source(): Source {
    const reader = this.#reader;
    if (reader.takeSign('(')) {
      if (!reader.isWord('select')) {
        const inner = this.#from();
        reader.expectSign(')');
        return inner;
      }
      const query = this.#query();
      reader.expectSign(')');
      const alias = this.#alias();
      if (alias === undefined) throw reader.unexpected();
      return { kind: 'query', query, alias };
    }
    const path = reader.path();
    const alias = this.#alias();
    if (reader.isWord('with')) {
      reader.next();
      reader.expectSign('(');
      if (!reader.takeWord('nolock')) throw reader.unexpected();
      reader.expectSign(')');
    }
    return { kind: 'table', path, ...(alias !== undefined && { alias }) };
  }

  #alias(): string | undefined {
    const isNamed = this.#reader.takeWord('as');
    return isNamed || this.#reader.isName() ? this.#reader.name() : undefined;
  }
}
