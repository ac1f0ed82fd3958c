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

/** Walks over the tokens that matter: spaces and comments are gone. */
export class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

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
