import { reservedWords } from './keywords.ts';
import type { Dialect, QuickFix, Span } from './language.ts';
import type { Name, Problem } from './syntax.ts';
import type { Token } from './tokens.ts';

const mostNested = 200;

/** Ends the reading of a statement that nests deeper than anybody writes and a stack can hold. */
export class TooDeep extends Error {
  override name = 'TooDeep';
}

/** Walks over the tokens of one statement; spaces, comments and clause marks are gone. It notes what is wrong and goes on. */
export class Reader {
  readonly dialect: Dialect;
  readonly problems: Problem[] = [];
  /** From here on the text was not understood, so nothing more is to be said of its names. */
  brokenAt = Number.POSITIVE_INFINITY;
  readonly #tokens: readonly Token[];
  readonly #reserved: ReadonlySet<string>;
  #at = 0;
  #depth = 0;

  /** @param tokens the last one is `end` */
  constructor(dialect: Dialect, tokens: readonly Token[]) {
    this.dialect = dialect;
    this.#tokens = tokens;
    this.#reserved = reservedWords[dialect];
  }

  within<T>(read: () => T): T {
    if (++this.#depth > mostNested) this.tooDeep();
    const made = read();
    this.#depth--;
    return made;
  }
  /** Gives up on the statement. */
  tooDeep(): never {
    this.report('sql.too_deep', `A query nests at most ${mostNested} deep.`, this.peek());
    throw new TooDeep();
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
  get lastTo(): number {
    return this.#tokens[this.#at - 1]?.to ?? this.peek().from;
  }
  /** What is written between two offsets, spaces as one. */
  textOf(from: number, to: number): string {
    return this.#tokens
      .filter((token) => token.from >= from && token.to <= to)
      .map(({ text }) => text)
      .join(' ');
  }
  get isAtEnd(): boolean {
    return this.peek().kind === 'end';
  }
  is(key: string, ahead = 0): boolean {
    return this.peek(ahead).key === key;
  }
  isAny(keys: ReadonlySet<string>, ahead = 0): boolean {
    return keys.has(this.peek(ahead).key);
  }
  /** Takes these words or symbols if all of them come next. */
  take(...keys: string[]): boolean {
    for (let ahead = 0; ahead < keys.length; ahead++) if (this.peek(ahead).key !== keys[ahead]) return false;
    this.#at += keys.length;
    return true;
  }
  /** Takes it, or says that it is missing. */
  expect(key: string): boolean {
    return this.take(key) || this.unexpected(`Expected ${key}`);
  }
  isReserved(token: Token): boolean {
    return token.kind === 'word' && this.#reserved.has(token.key);
  }
  isName(ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'quoted' || (token.kind === 'word' && !this.isReserved(token));
  }
  /** `OFFSET 10`: no reserved word of T-SQL, and yet no alias. */
  startsOffset(): boolean {
    return this.is('OFFSET') && ['number', 'parameter', 'variable'].includes(this.peek(1).kind);
  }
  name(token: Token): Name {
    return { text: token.value, isQuoted: token.kind === 'quoted', from: token.from, to: token.to };
  }
  takeName(): Name | null {
    return this.isName() ? this.name(this.next()) : null;
  }
  /** Any word, reserved or not: after a dot or AS there can be nothing else. */
  takeLabel(): Name | null {
    const { kind } = this.peek();
    return kind === 'quoted' || kind === 'word' ? this.name(this.next()) : null;
  }

  report(code: string, message: string, { from, to }: Span, fixes: readonly QuickFix[] = []): void {
    this.problems.push({ severity: 'error', code, message, from, to: Math.max(to, from), fixes });
  }
  /** What stands here was not expected. Told once for one place, and once for one statement. Always false. */
  unexpected(message: string): false {
    const token = this.peek();
    const found = token.kind === 'end' ? 'the end of the query' : `"${token.text.slice(0, 40)}"`;
    if (!this.problems.some(({ code }) => code === 'sql.unexpected'))
      this.report('sql.unexpected', `${message}, found ${found}.`, token);
    this.brokenAt = Math.min(this.brokenAt, token.from);
    return false;
  }
  /** Passes over tokens, brackets as a whole, until one of these comes next, or the bracket around ends. */
  skipTo(keys: ReadonlySet<string>): void {
    let depth = 0;
    while (!this.isAtEnd && !(depth === 0 && (this.is(')') || this.isAny(keys)))) {
      if (this.is('(')) depth++;
      if (this.is(')')) depth--;
      this.next();
    }
  }
}
