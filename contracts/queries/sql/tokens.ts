import type { Span } from '../amc/sql/tokens.ts';
import type { Dialect } from './language.ts';

/**
 * `variable`: `@x`, `#temp` and `$1`, which belong to the engine, not to us · `parameter`: a whole `{{ … }}` · `open`,
 * `close`: `[[` and `]]` around a clause that may drop out · `broken`: a literal, comment or name that never ends.
 */
export type TokenKind =
  | 'word'
  | 'quoted'
  | 'string'
  | 'number'
  | 'symbol'
  | 'parameter'
  | 'variable'
  | 'open'
  | 'close'
  | 'space'
  | 'comment'
  | 'broken'
  | 'end';

export interface Token extends Span {
  readonly kind: TokenKind;
  readonly text: string;
  /** Of a name or string without its quotes; of `{{ since: date }}` what is between the braces; else as written. */
  readonly value: string;
  /** Upper case of a word or symbol; empty otherwise, so that no quoted name is taken for a keyword. */
  readonly key: string;
}

const space = /[\s\u00a0\ufeff]+/y;
const word = /[\p{L}_][\p{L}\p{N}\p{M}_$#@]*/uy;
const number = /(?:0[xX][0-9A-Fa-f]+|(?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][+-]?\d+)?)/y;
const variable = /(?:@@?[\p{L}_][\p{L}\p{N}_]*|##?[\p{L}_][\p{L}\p{N}_]*)/uy;
const dollarNumber = /\$\d+/y;
const dollarTag = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;
const symbols = new Set([
  '<>',
  '!=',
  '<=',
  '>=',
  '||',
  '::',
  '=>',
  '!<',
  '!>',
  '->',
  '#>',
  '@>',
  '<@',
  '~*',
  '!~',
  '..',
  ':=',
  '+=',
]);
const longSymbols = new Set(['->>', '#>>', '!~*', '<=>']);
/** Longest that may stand between the braces of a parameter. */
const longestParameter = 300;

/** Cuts a text into tokens that join to the very text again; the last is `end`. Never throws, and takes linear time. */
export function tokenize(dialect: Dialect, sql: string): Token[] {
  return new Lexer(dialect, sql).all();
}

const isPlain = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || (code >= 48 && code <= 57);
/** Where a word of ASCII letters ends, which nearly all words are; -1 where it is none, or goes on with other signs. */
function plainWordEnd(sql: string, at: number): number {
  const first = sql.charCodeAt(at);
  if (!isPlain(first) || (first >= 48 && first <= 57)) return -1;
  let to = at + 1;
  while (to < sql.length && isPlain(sql.charCodeAt(to))) to++;
  const after = sql.charCodeAt(to);
  // `$`, `#`, `@` and letters of other scripts belong to the word.
  return after === 36 || after === 35 || after === 64 || after >= 128 ? -1 : to;
}
function spaceEnd(sql: string, at: number): number {
  let to = at;
  for (let code = sql.charCodeAt(to); code === 32 || (code >= 9 && code <= 13); code = sql.charCodeAt(to)) to++;
  if (sql.charCodeAt(to) < 128 || to === sql.length) return to;
  space.lastIndex = to;
  return space.test(sql) ? spaceEnd(sql, space.lastIndex) : to;
}

class Lexer {
  readonly #dialect: Dialect;
  readonly #sql: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #isInClause = false;
  /** Open `[` of arrays within a clause. */
  #brackets = 0;
  readonly #next = new Map<string, number>();

  constructor(dialect: Dialect, sql: string) {
    this.#dialect = dialect;
    this.#sql = sql;
  }

  all(): Token[] {
    while (this.#at < this.#sql.length) this.#read();
    this.#tokens.push({ kind: 'end', from: this.#at, to: this.#at, text: '', value: '', key: '' });
    return this.#tokens;
  }

  #push(kind: TokenKind, to: number, value?: string): void {
    const text = this.#sql.slice(this.#at, to);
    const key = kind === 'word' ? text.toUpperCase() : kind === 'symbol' ? text : '';
    this.#tokens.push({ kind, from: this.#at, to, text, value: value ?? text, key });
    this.#at = to;
  }
  #match(form: RegExp): number {
    form.lastIndex = this.#at;
    return form.test(this.#sql) ? form.lastIndex : -1;
  }
  /** Where this comes next. Remembered, so that a text full of beginnings without ends is not searched for each. */
  #find(text: string, from: number): number {
    const known = this.#next.get(text);
    if (known !== undefined && (known >= from || known < 0)) return known;
    const found = this.#sql.indexOf(text, from);
    this.#next.set(text, found);
    return found;
  }

  #read(): void {
    const sql = this.#sql;
    const at = this.#at;
    const char = sql[at] ?? '';
    const two = sql.slice(at, at + 2);
    let to = plainWordEnd(sql, at);
    // `N'…'` and `E'…'` are strings, not words before one.
    const isPrefix = to === at + 1 && sql[to] === "'" && /[nNeEbBxX]/.test(char);
    if (isPrefix) return this.#string(at + 1, /[eE]/.test(char) && this.#dialect === 'postgres');
    if (to === at + 1 && /^[uU]&'/.test(sql.slice(at, at + 3))) return this.#string(at + 2, false);
    if (to > 0) return this.#push('word', to);
    to = spaceEnd(sql, at);
    if (to > at) return this.#push('space', to);
    if (two === '--') {
      const end = this.#match(/[^\r\n]*/y);
      return this.#push('comment', end);
    }
    if (two === '/*') return this.#comment();
    if (char === "'") return this.#string(at, false);
    if (char === '"') return this.#quoted('"', '"');
    if (two === '{{') return this.#parameter();
    if (two === '[[' && this.#opensClause()) {
      this.#isInClause = true;
      this.#brackets = 0;
      return this.#push('open', at + 2);
    }
    if (two === ']]' && this.#isInClause && this.#brackets === 0) {
      this.#isInClause = false;
      return this.#push('close', at + 2);
    }
    if (char === '[' && this.#dialect === 'sfmc') return this.#quoted('[', ']');
    if (char === '[') this.#brackets++;
    if (char === ']') this.#brackets = Math.max(0, this.#brackets - 1);
    to = this.#match(number);
    if (to > 0) return this.#push('number', to);
    if (this.#dialect === 'sfmc') {
      to = this.#match(variable);
      if (to > 0) return this.#push('variable', to);
    }
    if (this.#dialect === 'postgres' && char === '$') {
      to = this.#match(dollarNumber);
      if (to > 0) return this.#push('variable', to);
      to = this.#match(dollarTag);
      if (to > 0) {
        const tag = sql.slice(at, to);
        const end = this.#find(tag, to);
        return end < to ? this.#push('broken', sql.length) : this.#push('string', end + tag.length, sql.slice(to, end));
      }
    }
    to = this.#match(word);
    if (to > 0) return this.#push('word', to);
    const three = sql.slice(at, at + 3);
    if (longSymbols.has(three)) return this.#push('symbol', at + 3);
    if (symbols.has(two)) return this.#push('symbol', at + 2);
    return this.#push('symbol', at + String.fromCodePoint(sql.codePointAt(at) ?? 0).length);
  }

  /** Comments of PostgreSQL and SQL Server hold comments. */
  #comment(): void {
    const marks = /\/\*|\*\//g;
    marks.lastIndex = this.#at + 2;
    let depth = 1;
    for (let mark = marks.exec(this.#sql); mark; mark = marks.exec(this.#sql)) {
      depth += mark[0] === '*/' ? -1 : this.#dialect === 'amc' ? 0 : 1;
      if (depth === 0) return this.#push('comment', marks.lastIndex);
    }
    this.#push('broken', this.#sql.length);
  }

  #string(quoteAt: number, hasEscapes: boolean): void {
    const sql = this.#sql;
    for (let at = quoteAt + 1; at < sql.length; at++) {
      if (hasEscapes && sql[at] === '\\') at++;
      else if (sql[at] === "'" && sql[at + 1] === "'") at++;
      else if (sql[at] === "'") return this.#push('string', at + 1, sql.slice(quoteAt + 1, at).replaceAll("''", "'"));
    }
    this.#push('broken', sql.length);
  }

  #quoted(open: string, close: string): void {
    const sql = this.#sql;
    for (let at = this.#at + open.length; at < sql.length; at++) {
      if (sql[at] !== close) continue;
      // In a clause `[a b]]]` is a name and the clause's end: two brackets that are followed by no third are that end.
      if (sql[at + 1] === close && !(this.#isInClause && close === ']' && sql[at + 2] === close)) at++;
      else return this.#push('quoted', at + 1, sql.slice(this.#at + 1, at).replaceAll(close + close, close));
    }
    this.#push('broken', sql.length);
  }

  #parameter(): void {
    const from = this.#at + 2;
    const end = this.#find('}}', from);
    if (end < 0 || end - from > longestParameter) return this.#push('symbol', from);
    this.#push('parameter', end + 2, this.#sql.slice(from, end).trim());
  }

  /** `[[` opens a clause where a parameter follows before its end; `ARRAY[[1, 2]]` and `a[[1]]` are PostgreSQL's arrays. */
  #opensClause(): boolean {
    if (this.#isInClause) return false;
    if (this.#dialect !== 'sfmc' && /[\p{L}\p{N}_\])["]/u.test(this.#sql[this.#at - 1] ?? '')) return false;
    const end = this.#find(']]', this.#at);
    const parameter = this.#find('{{', this.#at);
    return parameter >= 0 && parameter < end;
  }
}

/** The tokens that mean something to the engine: no spaces, comments or clause marks. */
export const meaningful = (tokens: readonly Token[]): Token[] =>
  tokens.filter(({ kind }) => kind !== 'space' && kind !== 'comment' && kind !== 'open' && kind !== 'close');
