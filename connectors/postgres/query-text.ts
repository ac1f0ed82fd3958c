import type { QueryText, QueryValue } from '#contracts/queries/engine.ts';
import type { QueryPosition } from '#contracts/queries/failures.ts';
import { meaningful, type Token, tokenize } from '#contracts/queries/sql/tokens.ts';
import { refused } from './failures.ts';

/** A text that may be sent: one statement that reads, without a semicolon after it. */
export interface PreparedText {
  readonly text: string;
  /** In the order of `$1`, `$2`…; lists are arrays of the server. */
  readonly values: readonly QueryValue[];
  /** `query`: rows by a cursor · `told`: EXPLAIN and SHOW, whose few rows come at once. */
  readonly kind: 'query' | 'told';
  /** EXPLAIN ANALYZE: to ask is to run it. */
  readonly isRunByAsking: boolean;
}

const beginnings: Readonly<Record<string, PreparedText['kind']>> = {
  SELECT: 'query',
  WITH: 'query',
  VALUES: 'query',
  TABLE: 'query',
  '(': 'query',
  EXPLAIN: 'told',
  SHOW: 'told',
};

/**
 * Reads a text as `bindQuery` made it: `$1` is `parameters['1']`. This look is for good words and for the semicolon; that
 * there is one statement, and that it writes nothing, is the server's to hold (`checkQuery`).
 * @throws QueryFailure of kind `syntax`
 */
export function prepareText({ sql, parameters = {} }: QueryText): PreparedText {
  const tokens = meaningful(tokenize('postgres', sql)).filter(({ kind }) => kind !== 'end');
  const last = tokens.findLastIndex(({ key }) => key !== ';');
  const [first] = tokens;
  if (!first || last < 0) throw refused('empty', 'There is no query in this text.', 'Write a query.', null);
  const place = (token: Token): QueryPosition => positionIn(sql, token.from);
  const kind = beginnings[first.key];
  if (!kind)
    throw refused(
      'not_a_query',
      `This is no query: it begins with ${first.text.slice(0, 40)}.`,
      'The console runs SELECT, WITH, VALUES, TABLE, EXPLAIN and SHOW.',
      place(first),
    );
  const second = tokens.slice(0, last).findIndex(({ key }) => key === ';');
  if (second >= 0)
    throw refused(
      'several_statements',
      'There are several statements in this text.',
      'Select the one to run.',
      place(tokens[second + 1] ?? first),
    );
  const end = tokens[last + 1]?.from ?? sql.length;
  const numbers = tokens.filter(({ kind: of }) => of === 'variable').map(({ text }) => Number(text.slice(1)));
  const values = Array.from({ length: Math.max(0, ...numbers) }, (_, at) => parameters[String(at + 1)]);
  const missing = values.findIndex((value, at) => value === undefined && numbers.includes(at + 1));
  if (missing >= 0 || values.length > 65_535)
    throw refused('parameter_missing', `$${missing + 1} has no value.`, 'Write a parameter as {{ name }}.', null);
  const isRunByAsking = first.key === 'EXPLAIN' && tokens.some(({ key }) => key === 'ANALYZE' || key === 'ANALYSE');
  return { text: sql.slice(0, end), values: values.map((value) => value ?? null), kind, isRunByAsking };
}

/** Line and column of an offset in UTF-16 units. Both count from 1, columns in UTF-16 units, as editors do. */
export function positionIn(sql: string, offset: number): QueryPosition {
  const lines = sql.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}

/** What the server counts, characters from 1 of `prefix + text`, as a place in the text; null for one in the prefix. */
export function positionAfter(prefix: string, text: string): (characters: number) => QueryPosition | null {
  return (characters) => {
    const within = characters - 1 - prefix.length; // prefixes are ASCII
    if (within < 0) return null;
    let offset = 0;
    for (let at = 0; at < within && offset < text.length; at++)
      offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
    return positionIn(text, offset);
  };
}
