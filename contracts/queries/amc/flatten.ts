import { type Position, positionAt, type Span, tokenize } from './sql/tokens.ts';

/** A part of the flat text and the part of the user's text that it came from. */
interface Piece {
  readonly flatFrom: number;
  readonly flatTo: number;
  readonly userFrom: number;
  readonly userTo: number;
}
export interface FlatSql {
  /** One line: no comment, no tab or line break, no semicolon at its end. */
  readonly text: string;
  readonly pieces: readonly Piece[];
  readonly userText: string;
}
export interface FlattenProblem extends Span {
  readonly code:
    | 'sql.unterminated'
    | 'sql.several_statements'
    | 'sql.break_in_literal'
    | 'sql.bad_parameter'
    | 'sql.empty';
}
export type Flattened =
  | { readonly ok: true; readonly flat: FlatSql }
  | { readonly ok: false; readonly problem: FlattenProblem };

const control = /[\t\n\r\v\f\u0085\u2028\u2029]/;

/**
 * Makes a query the one line that the service takes (AMC §4.2): comments and white space become one space where one is
 * needed, strings and quoted names stay as they are, `{{ name }}` becomes `CUSTOM_PARAMETER('name')`, semicolons at the
 * end go. What cannot be said in one line, a literal with a line break or a tab, is refused with its place.
 */
export function flattenSql(userText: string): Flattened {
  const tokens = tokenize(userText);
  const pieces: Piece[] = [];
  let text = '';
  let gap: Span | undefined;
  let ended: Span | undefined;
  const refuse = (code: FlattenProblem['code'], { from, to }: Span): Flattened => ({
    ok: false,
    problem: { code, from, to },
  });
  for (const token of tokens) {
    if (token.kind === 'end') break;
    if (token.kind === 'broken') return refuse('sql.unterminated', { from: token.from, to: token.from + 1 });
    if (token.kind === 'space' || token.kind === 'comment') {
      gap = { from: gap?.from ?? token.from, to: token.to };
      continue;
    }
    if (token.text === ';' && token.kind === 'symbol') {
      ended = token;
      gap = undefined;
      continue;
    }
    if (ended) return refuse(text === '' ? 'sql.empty' : 'sql.several_statements', text === '' ? ended : token);
    const isLiteral = token.kind === 'string' || token.kind === 'quoted';
    const at = isLiteral ? token.text.search(control) : -1;
    if (at >= 0) return refuse('sql.break_in_literal', { from: token.from + at, to: token.from + at + 1 });
    if (token.kind === 'symbol' && token.text === '{{') return refuse('sql.bad_parameter', token);
    if (gap && text !== '') {
      pieces.push({ flatFrom: text.length, flatTo: text.length + 1, userFrom: gap.from, userTo: gap.to });
      text += ' ';
    }
    gap = undefined;
    const flat = token.kind === 'parameter' ? `CUSTOM_PARAMETER('${token.value}')` : token.text;
    pieces.push({ flatFrom: text.length, flatTo: text.length + flat.length, userFrom: token.from, userTo: token.to });
    text += flat;
  }
  if (text === '') return refuse('sql.empty', { from: 0, to: userText.length });
  return { ok: true, flat: { text, pieces, userText } };
}

/** The offset in the user's text of an offset in the flat one. Inside what was replaced: where the replaced part begins. */
export function userOffset({ pieces, userText }: FlatSql, flatOffset: number): number {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((pieces[middle]?.flatFrom ?? 0) <= flatOffset) low = middle;
    else high = middle - 1;
  }
  const piece = pieces[low];
  if (!piece) return 0;
  if (flatOffset >= piece.flatTo) return Math.min(userText.length, piece.userTo);
  const isKept = piece.flatTo - piece.flatFrom === piece.userTo - piece.userFrom;
  return isKept ? piece.userFrom + (flatOffset - piece.flatFrom) : piece.userFrom;
}

export interface MappedError {
  /** The service's words with the user's lines and columns in place of those of the flat text. */
  readonly message: string;
  readonly start: Position | null;
  /** The place after the last character that is meant. */
  readonly end: Position | null;
}

const number = String.raw`(\d{1,9})`;
const range = new RegExp(`\\bfrom line ${number}, column ${number} to line ${number}, column ${number}`, 'gi');
const point = new RegExp(`\\bat line ${number}, column ${number}`, 'gi');

/**
 * Turns the places that the service names (`From line 1, column 8 to line 1, column 12`, `at line 1, column 8`; both ends
 * inclusive, counted in the flat text) into places of the user's text. The first is the error's place.
 */
export function mapErrorPlaces(message: string, flat: FlatSql): MappedError {
  const found: { index: number; start: Position; end: Position }[] = [];
  const place = (offset: number): Position => positionAt(flat.userText, userOffset(flat, offset));
  // The flat text has one line, so any other line that is named is the service's own and stays as it is.
  const swapped = message
    .replace(
      range,
      (whole: string, line: string, column: string, endLine: string, endColumn: string, index: number) => {
        if (line !== '1' || endLine !== '1') return whole;
        const start = place(Number(column) - 1);
        const last = place(Number(endColumn) - 1);
        const end = positionAt(flat.userText, endOffset(flat, Number(endColumn) - 1));
        found.push({ index, start, end });
        const isOneWord = start.line === last.line;
        const shown = { line: end.line, column: Math.max(isOneWord ? start.column : 1, end.column - 1) };
        return `${keepCase(whole, 'from')} line ${start.line}, column ${start.column} to line ${shown.line}, column ${shown.column}`;
      },
    )
    .replace(point, (whole: string, line: string, column: string, index: number) => {
      if (line !== '1') return whole;
      const start = place(Number(column) - 1);
      found.push({ index, start, end: { line: start.line, column: start.column + 1 } });
      return `${keepCase(whole, 'at')} line ${start.line}, column ${start.column}`;
    });
  // A range says more than a point: `At line …` often repeats where a range already began.
  const first = found[0];
  return { message: swapped, start: first?.start ?? null, end: first?.end ?? null };
}

const keepCase = (whole: string, word: string): string =>
  whole.startsWith(word.charAt(0).toUpperCase()) ? word.charAt(0).toUpperCase() + word.slice(1) : word;

/** Where, in the user's text, what stands at this flat offset is over. */
function endOffset(flat: FlatSql, flatOffset: number): number {
  const piece = flat.pieces.find(({ flatFrom, flatTo }) => flatFrom <= flatOffset && flatOffset < flatTo);
  if (!piece) return userOffset(flat, flatOffset);
  const isKept = piece.flatTo - piece.flatFrom === piece.userTo - piece.userFrom;
  return isKept ? userOffset(flat, flatOffset) + 1 : piece.userTo;
}
