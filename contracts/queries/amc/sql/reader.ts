import { SqlSyntaxError, type Name, type SyntaxProblemCode } from './syntax.ts';
import { type Span, type Token, tokenize } from './tokens.ts';

/** Words that end what stands before them, so they are no alias and no column name unless quoted. */
const reserved = new Set(
  (
    'SELECT FROM WHERE GROUP BY HAVING ORDER UNION ALL DISTINCT JOIN LEFT RIGHT FULL OUTER CROSS INNER ON USING AS WITH CASE ' +
    'WHEN THEN ELSE END AND OR NOT IN IS NULL LIKE SIMILAR BETWEEN EXISTS CAST VALUES LIMIT OFFSET FETCH INTERSECT EXCEPT OVER ' +
    'PARTITION TRUE FALSE INTERVAL NATURAL QUALIFY WINDOW'
  ).split(' '),
);

const mostNested = 100;
const mostChained = 1_000;

/** Walks over the tokens that matter: spaces and comments are gone. */
export class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(sql: string) {
    this.#tokens = tokenize(sql).filter(({ kind }) => kind !== 'space' && kind !== 'comment');
    const broken = this.#tokens.find(({ kind }) => kind === 'broken');
    if (broken) {
      const what = broken.text.startsWith('/*') ? 'comment' : broken.text.startsWith("'") ? 'string' : 'quoted name';
      throw new SqlSyntaxError('sql.unterminated', `The ${what} has no end.`, {
        from: broken.from,
        to: broken.from + 1,
      });
    }
  }

  /** Reads what lies within: brackets, subqueries, signs. Refuses what nobody writes and no stack can hold. */
  within<T>(read: () => T): T {
    if (++this.#depth > mostNested) this.fail(`A query nests at most ${mostNested} deep.`, this.peek(), 'sql.too_deep');
    const made = read();
    this.#depth--;
    return made;
  }
  /** Of a chain such as `a + b + c`, whose tree is as deep as it is long. */
  checkLength(parts: number): void {
    if (parts > mostChained) this.fail(`An expression has at most ${mostChained} parts.`, this.peek(), 'sql.too_deep');
  }

  peek(ahead = 0): Token {
    const token = this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)];
    if (!token) throw new Error('No tokens.');
    return token;
  }
  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#at++;
    return token;
  }
  /** Where the last taken token ended. */
  get lastTo(): number {
    return this.#tokens[this.#at - 1]?.to ?? 0;
  }
  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return (token.kind === 'word' || token.kind === 'symbol') && token.text.toUpperCase() === text;
  }
  /** Takes these words or symbols if all of them come next. */
  take(...texts: string[]): boolean {
    if (!texts.every((text, ahead) => this.is(text, ahead))) return false;
    for (const _ of texts) this.next();
    return true;
  }
  expect(...texts: string[]): void {
    for (const text of texts) if (!this.take(text)) this.fail(`Expected ${text}`);
  }
  /** A column, table or alias name, if one comes next. */
  takeName(): Name | undefined {
    const token = this.peek();
    const isName = token.kind === 'quoted' || (token.kind === 'word' && !reserved.has(token.text.toUpperCase()));
    if (!isName) return undefined;
    this.next();
    return { text: token.value, from: token.from, to: token.to };
  }
  expectName(what: string): Name {
    return this.takeName() ?? this.fail(`Expected ${what}`);
  }
  fail(message: string, span?: Span, code: SyntaxProblemCode = 'sql.unexpected'): never {
    const token = this.peek();
    const found = token.kind === 'end' ? 'the end of the query' : `"${token.text}"`;
    throw new SqlSyntaxError(code, code === 'sql.unexpected' ? `${message}, found ${found}.` : message, span ?? token);
  }
}
