import type { AmcDataType, AmcParameter } from './amc/parameters.ts';
import { offsetAt, type Position, positionAt } from './amc/sql/tokens.ts';
import type { QueryValue } from './engine.ts';
import { literalOf } from './literals.ts';
import { isValue, readValue } from './parameter-values.ts';
import { type ParameterFault, parametersOf, type ParameterValue, type QueryParameter } from './parameters.ts';
import { readMarks, readPlaceholder } from './placeholders.ts';
import type { Dialect, Span, TextEdit } from './sql/language.ts';
import { meaningful, type Token, tokenize } from './sql/tokens.ts';

/** A part of the bound text and the part of the user's text it came from. */
interface Piece {
  readonly boundFrom: number;
  readonly boundTo: number;
  readonly userFrom: number;
  readonly userTo: number;
}
/** Leads from the text the engine was given back to the one the user wrote. */
export interface BindMap {
  readonly userText: string;
  readonly boundText: string;
  readonly pieces: readonly Piece[];
}
export interface BoundQuery {
  /** For the engine's `sql`. */
  readonly sql: string;
  /**
   * For the engine's `parameters`: PostgreSQL's by their numbers (`'1'` is `$1`), Amazon's by their names; empty for SFMC,
   * where values are literals of the text.
   */
  readonly parameters: Readonly<Record<string, QueryValue>>;
  /** For `options.parameters` of AMC: the types of those values. */
  readonly amcParameters: readonly AmcParameter[];
  readonly map: BindMap;
}
export type Bound =
  | { readonly ok: true; readonly bound: BoundQuery }
  | { readonly ok: false; readonly faults: readonly ParameterFault[] };

/**
 * Puts values into a query as its engine takes them: PostgreSQL by `$1`, Amazon by its own parameters, SFMC as literals of
 * T-SQL. Optional clauses without a value drop out. Values are absolute: see `resolveParameters`.
 */
export function bindQuery(
  dialect: Dialect,
  text: string,
  declared: readonly QueryParameter[],
  values: Readonly<Record<string, ParameterValue | undefined>>,
): Bound {
  return new Binder(dialect, text, parametersOf(dialect, text, declared), values).bind();
}

/** The values of a run by name, as they are bound. */
export const valuesOf = (
  parameters: readonly { readonly name: string; readonly value: ParameterValue }[],
): Record<string, ParameterValue> => Object.fromEntries(parameters.map(({ name, value }) => [name, value]));

class Binder {
  readonly #dialect: Dialect;
  readonly #text: string;
  readonly #declared: readonly QueryParameter[];
  readonly #values: Readonly<Record<string, ParameterValue | undefined>>;
  readonly #tokens: readonly Token[];
  readonly #faults = new Map<string, ParameterFault>();
  readonly #numbers = new Map<string, string>();
  readonly #parameters: Record<string, QueryValue> = {};
  readonly #amc = new Map<string, AmcParameter>();

  constructor(
    dialect: Dialect,
    text: string,
    declared: readonly QueryParameter[],
    values: Readonly<Record<string, ParameterValue | undefined>>,
  ) {
    this.#dialect = dialect;
    this.#text = text;
    this.#declared = declared;
    this.#values = values;
    this.#tokens = tokenize(dialect, text);
  }

  bind(): Bound {
    const { clauses, unclosed, placeholders } = readMarks(this.#tokens);
    if (unclosed) this.#refuse('parameter.misplaced', '[[', 'An optional clause has no ]].', unclosed);
    const edits: TextEdit[] = [];
    const dropped = clauses.filter((clause, index) => {
      const inside = placeholders.filter(({ clause: at }) => at === index);
      const isDropped = inside.some(({ name }) => name === null || !this.#has(name));
      if (isDropped) edits.push({ from: clause.from, to: clause.to, text: ' ' });
      else
        edits.push(
          { from: clause.from, to: clause.inner.from, text: '  ' },
          { from: clause.inner.to, to: clause.to, text: '  ' },
        );
      return isDropped;
    });
    const tokens = meaningful(this.#tokens);
    for (const [index, token] of tokens.entries()) {
      if (token.kind !== 'parameter' || dropped.some(({ from, to }) => from < token.from && token.from < to)) continue;
      const edit = this.#place(tokens, index);
      if (edit) edits.push(edit);
    }
    if (this.#faults.size > 0) return { ok: false, faults: [...this.#faults.values()] };
    const map = applyEdits(this.#text, edits);
    const bound = {
      sql: map.boundText,
      parameters: this.#parameters,
      amcParameters: [...this.#amc.values()],
      map,
    };
    return { ok: true, bound };
  }

  #has(name: string): boolean {
    return name.startsWith('window.') && this.#dialect === 'amc'
      ? true
      : Object.hasOwn(this.#values, name) && isValue(this.#values[name]);
  }
  #refuse(code: ParameterFault['code'], parameter: string, message: string, span?: Span): undefined {
    const key = `${code} ${parameter}`;
    if (!this.#faults.has(key))
      this.#faults.set(key, { code, parameter, message, ...(span && { from: span.from, to: span.to }) });
    return undefined;
  }

  #place(tokens: readonly Token[], index: number): TextEdit | undefined {
    const token = tokens[index];
    if (!token) return undefined;
    const { name } = readPlaceholder(token, null);
    const parameter = this.#declared.find((one) => one.name === name);
    if (name === null || !parameter)
      return this.#refuse('parameter.misplaced', token.text, 'A parameter is written as {{ name }}.', token);
    if (this.#dialect === 'amc' && name.startsWith('window.'))
      return padded(this.#text, token, `BUILT_IN_PARAMETER('TIME_WINDOW_${name === 'window.from' ? 'START' : 'END'}')`);
    if (!this.#has(name)) {
      if (parameter.isRequired || this.#dialect === 'amc' || parameter.type === 'list')
        return this.#refuse('parameter.missing', name, `The parameter ${name} has no value.`, token);
      return padded(this.#text, token, this.#dialect === 'sfmc' ? 'NULL' : this.#number(parameter, null));
    }
    const read = readValue(this.#values[name], parameter);
    if (!read.ok)
      return this.#refuse('parameter.invalid', name, `The parameter ${name} must be ${read.expected}.`, token);
    if (parameter.type === 'list') return this.#placeList(tokens, index, parameter, read.value);
    if (this.#dialect === 'sfmc') return padded(this.#text, token, literalOf(parameter, read.value));
    if (this.#dialect === 'amc') return padded(this.#text, token, this.#native(parameter, read.value));
    return padded(this.#text, token, this.#number(parameter, read.value));
  }

  /** A list stands after IN, in brackets or without; each engine says that in its own way. */
  #placeList(
    tokens: readonly Token[],
    index: number,
    parameter: QueryParameter,
    value: Exclude<ParameterValue, null>,
  ): TextEdit | undefined {
    const token = tokens[index];
    if (!token) return undefined;
    const hasBrackets = tokens[index - 1]?.key === '(' && tokens[index + 1]?.key === ')';
    const before = index - (hasBrackets ? 2 : 1);
    const isIn = tokens[before]?.key === 'IN';
    const isNot = isIn && tokens[before - 1]?.key === 'NOT';
    const isInside = !hasBrackets && [',', '('].includes(tokens[index - 1]?.key ?? '');
    if (this.#dialect === 'sfmc') {
      const items = literalOf(parameter, value);
      return padded(this.#text, token, hasBrackets || isInside ? items : `(${items})`);
    }
    const first = tokens[isNot ? before - 1 : before];
    const last = hasBrackets ? tokens[index + 1] : token;
    if (this.#dialect === 'postgres') {
      const place = this.#number(parameter, value);
      if (!isIn || !first || !last) return padded(this.#text, token, place);
      return padded(this.#text, { from: first.from, to: last.to }, `${isNot ? '<> ALL' : '= ANY'} (${place})`);
    }
    const place = this.#native(parameter, value);
    if (!isIn || !last) return padded(this.#text, token, place);
    let at = (isNot ? before - 1 : before) - 1;
    const isName = (one: Token | undefined): boolean => one?.kind === 'word' || one?.kind === 'quoted';
    const end = tokens[at];
    if (tokens[at - 1]?.key === '.' && isName(tokens[at - 2])) at -= 2;
    const start = tokens[at];
    if (!start || !end || !isName(end) || !isName(start))
      return this.#refuse(
        'parameter.misplaced',
        parameter.name,
        `Amazon compares with a list by CONTAINED_IN(column, {{ ${parameter.name} }}).`,
        token,
      );
    const column = this.#text.slice(start.from, end.to);
    return padded(
      this.#text,
      { from: start.from, to: last.to },
      `${isNot ? 'NOT ' : ''}CONTAINED_IN(${column}, ${place})`,
    );
  }

  /** `$1` of PostgreSQL, with a type where the server could not tell it from what stands around it, or would tell wrong. */
  #number(parameter: QueryParameter, value: ParameterValue): string {
    const { name, type, of } = parameter;
    const known = this.#numbers.get(name) ?? String(this.#numbers.size + 1);
    this.#numbers.set(name, known);
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    const numbers = items.every((item) => isBigint(item)) ? 'bigint' : 'numeric';
    this.#parameters[known] = Array.isArray(value) ? value.map(String) : value;
    const place = `$${known}`;
    switch (type) {
      case 'number':
        return `(${place}::${value === null ? 'numeric' : numbers})`;
      case 'boolean':
        return `(${place}::boolean)`;
      case 'date':
        return `(${place}::date)`;
      case 'timestamp':
        // Without an offset it is what a clock shows, and must not be turned by the session's zone.
        return `(${place}::${typeof value === 'string' && !value.endsWith('Z') ? 'timestamp' : 'timestamptz'})`;
      case 'list':
        return of === 'number' ? `(${place}::${numbers}[])` : place;
      case 'text':
        // Untyped: so it is compared with uuid, enum and citext columns as a literal would be.
        return place;
    }
  }

  #native(parameter: QueryParameter, value: Exclude<ParameterValue, null>): string {
    const { name, type, of, description } = parameter;
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    const numbers: AmcDataType = items.every((item) => isBigint(item)) ? 'LONG' : 'DOUBLE';
    const dataType: Record<QueryParameter['type'], AmcDataType> = {
      text: 'STRING',
      number: numbers,
      boolean: 'BOOLEAN',
      date: 'DATE',
      timestamp: 'TIMESTAMP',
      list: of === 'number' ? numbers : 'STRING',
    };
    this.#amc.set(name, { name, type: dataType[type], isList: type === 'list', ...(description && { description }) });
    this.#parameters[name] = Array.isArray(value)
      ? value.map(String)
      : type === 'timestamp' && typeof value === 'string'
        ? value.replace(/Z$/, '')
        : value;
    return `{{ ${name} }}`;
  }
}

const isBigint = (item: unknown): boolean =>
  (typeof item === 'number' || typeof item === 'string') &&
  /^-?\d{1,19}$/.test(String(item)) &&
  BigInt.asIntN(64, BigInt(item)) === BigInt(item);

/** A value never grows together with what stands beside it: `x{{ n }}` is no name `x5`. */
function padded(text: string, { from, to }: Span, value: string): TextEdit {
  const isFree = (char: string | undefined): boolean => char === undefined || /[\s(),=<>+*/%;[\]]/.test(char);
  return {
    from,
    to,
    text: `${isFree(text[from - 1]) ? '' : ' '}${value}${isFree(text[to]) ? '' : ' '}`,
  };
}

function applyEdits(userText: string, edits: readonly TextEdit[]): BindMap {
  const pieces: Piece[] = [];
  let boundText = '';
  let at = 0;
  const add = (text: string, userFrom: number, userTo: number): void => {
    if (text === '' && userFrom === userTo) return;
    pieces.push({ boundFrom: boundText.length, boundTo: boundText.length + text.length, userFrom, userTo });
    boundText += text;
  };
  for (const edit of edits.toSorted((a, b) => a.from - b.from)) {
    add(userText.slice(at, edit.from), at, edit.from);
    add(edit.text, edit.from, edit.to);
    at = edit.to;
  }
  add(userText.slice(at), at, userText.length);
  return { userText, boundText, pieces };
}

/** The offset in the user's text of one in the bound text; inside of what was put in, where its placeholder begins. */
export function userOffset({ pieces, userText }: BindMap, boundOffset: number): number {
  const piece = pieces.findLast(({ boundFrom, boundTo }) => boundFrom <= boundOffset && boundFrom < boundTo);
  if (!piece) return 0;
  if (boundOffset >= piece.boundTo) return Math.min(userText.length, piece.userTo);
  const isKept = piece.boundTo - piece.boundFrom === piece.userTo - piece.userFrom;
  return isKept ? piece.userFrom + (boundOffset - piece.boundFrom) : piece.userFrom;
}

/** Where the user wrote what an engine complains about by line and column of the bound text; both count from 1. */
export const userPosition = (map: BindMap, position: Position): Position =>
  positionAt(map.userText, userOffset(map, offsetAt(map.boundText, position)));
