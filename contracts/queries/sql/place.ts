import { reservedWords, words } from './keywords.ts';
import type { Dialect, Span } from './language.ts';
import type { Name } from './syntax.ts';
import { type Token, tokenize } from './tokens.ts';

/** What belongs where the cursor is. */
export interface Place extends Span {
  /** `after`: something whole stands before the cursor, so only words of the language go on · `none`: nothing is offered. */
  readonly kind: 'table' | 'value' | 'after' | 'parameter' | 'none';
  /** What is written of the word up to the cursor, without an opening quote. */
  readonly typed: string;
  /** Names before it, each followed by a dot. */
  readonly qualifier: readonly Name[];
  readonly keywords: readonly string[];
  readonly isAfterOn: boolean;
  readonly opensBracket: boolean;
  /** Of a parameter: its braces close already. */
  readonly isClosed: boolean;
  /** The text to be read: a quote that is not closed yet is left out of it. */
  readonly text: string;
}

const clauses = words(
  'SELECT FROM JOIN ON WHERE BY HAVING UNION INTERSECT EXCEPT LIMIT OFFSET TOP WITH USING APPLY VALUES EXPLAIN',
);
const conditions = ['AND', 'OR', 'IN ($0)', 'LIKE', 'BETWEEN', 'IS NULL', 'IS NOT NULL'];
const joins = ['JOIN', 'LEFT JOIN', 'FULL JOIN', 'CROSS JOIN'];
const values = ['CASE WHEN $0 THEN  ELSE  END', 'NULL', 'NOT', 'EXISTS ($0)', 'CAST($0 AS )'];

/** Looks at the tokens before a place of a text; the text after it does not matter. */
export function placeAt(dialect: Dialect, text: string, offset: number): Place {
  const all = tokenize(dialect, text);
  const inside = all.find(({ from, to }) => from < offset && offset < to);
  const ending = all.findLast(({ to, kind }) => to === offset && kind !== 'end');
  const touched = inside ?? ending;
  const base = { from: offset, to: offset, typed: '', qualifier: [], keywords: [], isAfterOn: false, opensBracket: false, isClosed: false, text }; // prettier-ignore
  const none: Place = { ...base, kind: 'none' };
  if (touched?.kind === 'parameter' && inside) {
    const typed = /[\w.]*$/.exec(text.slice(touched.from + 2, offset))?.[0] ?? '';
    const rest = /^[\w.]*/.exec(text.slice(offset))?.[0] ?? '';
    const isType = text.slice(touched.from, offset).includes(':');
    return isType
      ? none
      : { ...base, kind: 'parameter', from: offset - typed.length, to: offset + rest.length, typed, isClosed: true };
  }
  const open = text.lastIndexOf('{{', offset - 1);
  if (open >= 0 && /^\{\{\s*[\w.]*$/.test(text.slice(open, offset))) {
    const typed = /[\w.]*$/.exec(text.slice(open, offset))?.[0] ?? '';
    return { ...base, kind: 'parameter', from: offset - typed.length, typed };
  }
  if (touched?.kind === 'broken' && /^["[]/.test(touched.text)) return bracketed(dialect, text, offset, touched);
  const isComment = touched?.kind === 'comment' && (inside !== undefined || touched.text.startsWith('--'));
  if (isComment || (inside && inside.kind === 'string') || touched?.kind === 'broken' || touched?.kind === 'number')
    return none;
  const word = touched && (touched.kind === 'word' || touched.kind === 'quoted') ? touched : undefined;
  const before = all.filter(({ to, kind }) => to <= (word?.from ?? offset) && !['space', 'comment', 'open', 'close', 'end'].includes(kind)); // prettier-ignore
  const span = word ? { from: word.from, to: Math.max(word.to, offset) } : { from: offset, to: offset };
  const typed = word
    ? text
        .slice(word.from, offset)
        .replace(/^["[]/, '')
        .replace(/["\]]$/, '')
    : '';
  return judge(dialect, before, { ...base, ...span, typed });
}

/** A name whose quote is not closed yet: the rest of the text is read as if there were none. */
function bracketed(dialect: Dialect, text: string, offset: number, token: Token): Place {
  const plain = `${text.slice(0, token.from)} ${text.slice(token.from + 1)}`;
  const before = tokenize(dialect, plain).filter(({ to, kind }) => to <= token.from && !['space', 'comment', 'open', 'close', 'end'].includes(kind)); // prettier-ignore
  const typed = text.slice(token.from + 1, offset);
  if (/[\r\n]/.test(typed)) return placeAt(dialect, plain, offset);
  return judge(dialect, before, {
    from: token.from, to: offset, typed, qualifier: [], keywords: [], isAfterOn: false, opensBracket: false, isClosed: false, text: plain,
  }); // prettier-ignore
}

function judge(dialect: Dialect, given: readonly Token[], base: Omit<Place, 'kind'>): Place {
  const tokens = [...given];
  const qualifier: Name[] = [];
  while (tokens.at(-1)?.key === '.') {
    tokens.pop();
    const name = tokens.pop();
    if (!name || (name.kind !== 'word' && name.kind !== 'quoted')) return { ...base, kind: 'none' };
    qualifier.unshift({ text: name.value, isQuoted: name.kind === 'quoted', from: name.from, to: name.to });
  }
  const last = tokens.at(-1);
  const { clause, at, isBracketStart } = clauseOf(tokens);
  const isSfmc = dialect === 'sfmc';
  const common = { ...base, qualifier };
  const end = isSfmc ? ['UNION ALL'] : ['UNION ALL', ...(dialect === 'postgres' ? ['LIMIT', 'OFFSET'] : [])];
  const starts = isSfmc ? ['SELECT', 'SELECT TOP 100'] : ['SELECT', 'WITH'];
  if (!last || last.key === ';')
    return { ...common, kind: 'after', keywords: dialect === 'postgres' ? [...starts, 'EXPLAIN'] : starts };
  if (last.key === 'AS') return { ...common, kind: 'none' };
  if (clause === 'FROM' || clause === 'JOIN' || clause === 'APPLY') {
    const isTable = at === tokens.length - 1 || last.key === ',' || isBracketStart;
    if (isTable) return { ...common, kind: 'table', opensBracket: true, keywords: isBracketStart ? ['SELECT'] : [] };
    const on = clause === 'JOIN' ? ['ON'] : [];
    return { ...common, kind: 'after', keywords: [...on, ...joins, ...(dialect === 'amc' ? [] : ['RIGHT JOIN']), 'WHERE', 'GROUP BY', 'ORDER BY', 'AS', ...end] }; // prettier-ignore
  }
  const isOperand = !isBracketStart && at < tokens.length - 1 && endsOperand(dialect, last);
  if (['UNION', 'INTERSECT', 'EXCEPT', 'EXPLAIN', 'WITH'].includes(clause))
    return { ...common, kind: 'after', keywords: ['SELECT', 'ALL'] };
  if (clause === '') return { ...common, kind: 'after', keywords: starts };
  const afters: Readonly<Record<string, readonly string[]>> = {
    SELECT: ['FROM', 'AS', 'OVER (PARTITION BY $0)'],
    ON: [...conditions, ...joins, 'WHERE', 'GROUP BY', 'ORDER BY'],
    WHERE: [...conditions, 'GROUP BY', 'HAVING', 'ORDER BY', ...end],
    BY: ['ASC', 'DESC', 'HAVING', 'ORDER BY', ...(isSfmc ? ['OFFSET 0 ROWS FETCH NEXT 100 ROWS ONLY'] : []), ...end],
    HAVING: [...conditions, 'ORDER BY', ...end],
  };
  if (isOperand)
    return { ...common, kind: 'after', keywords: [...(afters[clause] ?? conditions), 'THEN', 'ELSE', 'END', 'WHEN'] };
  const isFirst = clause === 'SELECT' && at === tokens.length - 1;
  return {
    ...common,
    kind: 'value',
    isAfterOn: clause === 'ON' && at === tokens.length - 1,
    keywords: [
      ...values,
      ...(isFirst ? ['DISTINCT', '*', ...(isSfmc ? ['TOP'] : [])] : []),
      ...(isBracketStart ? ['SELECT'] : []),
    ],
  };
}

/** The clause the end of these tokens stands in, where its word is, and whether a bracket has just been opened. */
function clauseOf(tokens: readonly Token[]): { clause: string; at: number; isBracketStart: boolean } {
  const isBracketStart = tokens.at(-1)?.key === '(';
  let depth = 0;
  for (let at = tokens.length - 1; at >= 0; at--) {
    const key = tokens[at]?.key ?? '';
    if (key === ';') break;
    if (key === ')') depth++;
    // Out of a bracket: of a call or a list it is the clause around that counts.
    else if (key === '(') depth = Math.max(0, depth - 1);
    else if (depth === 0 && clauses.has(key) && tokens[at - 1]?.key !== '.') {
      if (key === 'FROM' && isPartOfCall(tokens, at)) continue;
      return { clause: key === 'TOP' ? 'SELECT' : key, at, isBracketStart };
    }
  }
  return { clause: '', at: -1, isBracketStart };
}
/** `EXTRACT(year FROM …)`. */
const isPartOfCall = (tokens: readonly Token[], at: number): boolean =>
  tokens[at - 2]?.key === '(' && /^(EXTRACT|TRIM|SUBSTRING)$/.test(tokens[at - 3]?.key ?? '');

function endsOperand(dialect: Dialect, { kind, key }: Token): boolean {
  if (kind === 'word') return !reservedWords[dialect].has(key) || key === 'NULL' || key === 'END';
  return kind === 'quoted' || kind === 'number' || kind === 'string' || kind === 'parameter' || kind === 'variable' || key === ')' || key === ']'; // prettier-ignore
}
