import { words } from './keywords.ts';
import type { Dialect, Span } from './language.ts';
import { parseQuery } from './parse-query.ts';
import { Reader, TooDeep } from './reader.ts';
import type { Problem, Query } from './syntax.ts';
import { meaningful, type Token } from './tokens.ts';

/** One statement of a text and what it was read as. */
export interface Parsed extends Span {
  readonly kind: 'query' | 'explain' | 'other';
  /** Its first word, upper case. */
  readonly verb: string;
  /** Null where it is no query, or nests too deep to be read. */
  readonly query: Query | null;
  readonly problems: readonly Problem[];
  /** From here on it was not understood. */
  readonly brokenAt: number;
  readonly tokens: readonly Token[];
  /** The semicolon after it. */
  readonly semicolon: Span | null;
}

const queryVerbs = words('SELECT WITH VALUES TABLE (');

/** Cuts a text into statements at its semicolons and reads each. Never throws: what is wrong is in `problems`. */
export function parseStatements(dialect: Dialect, tokens: readonly Token[]): Parsed[] {
  const statements: Parsed[] = [];
  let own: Token[] = [];
  const end = tokens.at(-1) ?? { kind: 'end', from: 0, to: 0, text: '', value: '', key: '' };
  const finish = (semicolon: Token | null): void => {
    if (own.length > 0) statements.push(parseStatement(dialect, own, semicolon ?? end, semicolon));
    own = [];
  };
  for (const token of meaningful(tokens)) {
    if (token.kind === 'end') finish(null);
    else if (token.key === ';') finish(token);
    else own.push(token);
  }
  return statements;
}

function parseStatement(dialect: Dialect, own: readonly Token[], after: Token, semicolon: Token | null): Parsed {
  const [first] = own;
  const last = own.at(-1);
  const from = first?.from ?? 0;
  // The tree reaches to where the statement's room ends, so that what is typed at its end is in it.
  const closing: Token = { kind: 'end', from: after.from, to: after.from, text: '', value: '', key: '' };
  const reader = new Reader(dialect, [...own, closing]);
  const broken = own.find(({ kind }) => kind === 'broken');
  if (broken) {
    const what = broken.text.startsWith('/*')
      ? 'comment'
      : /^[A-Za-z]?'|^\$/.test(broken.text)
        ? 'string'
        : 'quoted name';
    reader.report('sql.unterminated', `This ${what} has no end.`, { from: broken.from, to: broken.from + 1 });
    reader.brokenAt = broken.from;
  }
  const verb = first?.key ?? '';
  const common = { from, to: last?.to ?? from, verb, tokens: own, semicolon };
  let kind: Parsed['kind'] = 'query';
  if (dialect === 'postgres' && reader.take('EXPLAIN')) {
    kind = 'explain';
    if (reader.take('(')) {
      reader.skipTo(new Set());
      reader.expect(')');
    }
    while (reader.take('ANALYZE') || reader.take('VERBOSE'));
  }
  if (!reader.isAny(queryVerbs)) {
    const isTypo = reader.peek().kind !== 'word';
    return { ...common, kind: isTypo ? kind : 'other', verb: reader.peek().key || verb, query: null, problems: reader.problems, brokenAt: from }; // prettier-ignore
  }
  let query: Query | null = null;
  try {
    query = parseQuery(reader);
    if (!reader.isAtEnd) {
      const rest = reader.peek();
      if (rest.key === 'SELECT')
        reader.report('sql.several_statements', 'Only one statement runs at a time.', {
          from: rest.from,
          to: last?.to ?? rest.to,
        });
      else reader.unexpected('Expected the end of the query');
      reader.brokenAt = Math.min(reader.brokenAt, rest.from);
    }
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error;
  }
  return { ...common, kind, query, problems: reader.problems, brokenAt: reader.brokenAt };
}
