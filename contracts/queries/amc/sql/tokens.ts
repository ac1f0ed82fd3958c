/** A half-open range of UTF-16 offsets into the text that was read. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export type TokenKind =
  | 'word'
  | 'quoted'
  | 'string'
  | 'number'
  | 'symbol'
  | 'parameter'
  | 'space'
  | 'comment'
  | 'broken'
  | 'end';

export interface Token extends Span {
  readonly kind: TokenKind;
  /** As written. */
  readonly text: string;
  /** Of a string or quoted name: without quotes, doubled quotes single. Of `{{ name }}`: the name. Else as written. */
  readonly value: string;
}

const symbols = ['<>', '!=', '<=', '>=', '||', '=>'];
const isSpace = (char: string): boolean => /\s/u.test(char) || char === '\u00a0';
const isWordStart = (char: string): boolean => /[\p{L}_$]/u.test(char);
const isWordPart = (char: string): boolean => /[\p{L}\p{N}\p{M}_$]/u.test(char);
const parameterForm = /\{\{\s*([A-Za-z_]\w*)\s*\}\}/y;
const numberForm = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;

/** Where a literal that began at `from` ends, doubled quotes inside; -1 where it never does. */
function endOfQuoted(sql: string, from: number, quote: string): number {
  for (let at = from + 1; at < sql.length; at++) {
    if (sql[at] !== quote) continue;
    if (sql[at + 1] === quote) at++;
    else return at + 1;
  }
  return -1;
}

function readToken(sql: string, from: number): Token {
  const token = (kind: TokenKind, to: number, value?: string): Token => {
    const text = sql.slice(from, to);
    return { kind, from, to, text, value: value ?? text };
  };
  const char = String.fromCodePoint(sql.codePointAt(from) ?? 0);
  const two = sql.slice(from, from + 2);
  if (isSpace(char)) {
    let to = from + 1;
    while (to < sql.length && isSpace(sql[to] ?? '')) to++;
    return token('space', to);
  }
  if (two === '--') {
    const line = /[\r\n]/g;
    line.lastIndex = from;
    return token('comment', line.exec(sql)?.index ?? sql.length);
  }
  if (two === '/*') {
    const end = sql.indexOf('*/', from + 2);
    return end < 0 ? token('broken', sql.length) : token('comment', end + 2);
  }
  if (char === "'" || char === '"') {
    const to = endOfQuoted(sql, from, char);
    if (to < 0) return token('broken', sql.length);
    const inner = sql.slice(from + 1, to - 1).replaceAll(char + char, char);
    return token(char === "'" ? 'string' : 'quoted', to, inner);
  }
  if (two === '{{') {
    parameterForm.lastIndex = from;
    const match = parameterForm.exec(sql);
    return match ? token('parameter', parameterForm.lastIndex, match[1]) : token('symbol', from + 2);
  }
  numberForm.lastIndex = from;
  if (numberForm.test(sql)) return token('number', numberForm.lastIndex);
  if (isWordStart(char)) {
    let to = from + char.length;
    while (to < sql.length) {
      const next = String.fromCodePoint(sql.codePointAt(to) ?? 0);
      if (!isWordPart(next)) break;
      to += next.length;
    }
    return token('word', to);
  }
  if (symbols.includes(two)) return token('symbol', from + 2);
  return token('symbol', from + char.length);
}

/**
 * Cuts text of the AMC dialect into tokens that join to the very text again; the last is `end`. It never throws: a
 * literal or comment without its end is one token `broken` that reaches to the end of the text.
 */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length;) {
    const token = readToken(sql, at);
    tokens.push(token);
    at = token.to;
  }
  return [...tokens, { kind: 'end', from: sql.length, to: sql.length, text: '', value: '' }];
}

export interface Position {
  /** Both begin at 1; a column counts UTF-16 units, as editors and the service do. */
  readonly line: number;
  readonly column: number;
}

/** Line and column of an offset. `\r\n`, `\n` and a lone `\r` each end one line. */
export function positionAt(text: string, offset: number): Position {
  let line = 1;
  let start = 0;
  const ends = /\r\n|\n|\r/g;
  for (let end = ends.exec(text); end && ends.lastIndex <= offset; end = ends.exec(text)) {
    line++;
    start = ends.lastIndex;
  }
  return { line, column: offset - start + 1 };
}

/** The offset of a line and column, kept within the text. */
export function offsetAt(text: string, { line, column }: Position): number {
  const ends = /\r\n|\n|\r/g;
  let start = 0;
  for (let passed = 1; passed < line; passed++) {
    if (!ends.exec(text)) return text.length;
    start = ends.lastIndex;
  }
  return Math.max(0, Math.min(text.length, start + column - 1));
}
