import type { Dialect } from './language.ts';
import { tokenize } from './tokens.ts';

const languages = { sfmc: 'transactsql', postgres: 'postgresql', amc: 'trino' } as const;

/**
 * Lays a text out anew: lines, indents, keywords in capitals. Its tokens stay what they are; where the formatter would
 * change one, or cannot read the text, it is given back as it was. Loads the formatter when it is first asked for.
 */
export async function formatSql(dialect: Dialect, text: string): Promise<string> {
  const { format } = await import('sql-formatter');
  const { plain, marks } = withoutMarks(dialect, text);
  try {
    const made = format(plain, {
      language: languages[dialect],
      keywordCase: 'upper',
      functionCase: 'preserve',
      identifierCase: 'preserve',
      dataTypeCase: 'preserve',
      tabWidth: 2,
      expressionWidth: 80,
      linesBetweenQueries: 1,
    });
    const whole = marks.reduce((laid, { stand, text: mark }) => laid.replace(stand, () => mark), made);
    return isSame(dialect, text, whole) ? whole : text;
  } catch {
    return text;
  }
}

/** The text with a name in place of each parameter and a comment in place of each clause mark, which every formatter keeps. */
function withoutMarks(dialect: Dialect, text: string): { plain: string; marks: { stand: string; text: string }[] } {
  let prefix = 'wlp';
  while (text.includes(prefix)) prefix += 'x';
  const marks: { stand: string; text: string }[] = [];
  const plain = tokenize(dialect, text).map((token) => {
    if (token.kind !== 'parameter' && token.kind !== 'open' && token.kind !== 'close') return token.text;
    const name = `${prefix}_${marks.length}_`;
    const stand = token.kind === 'parameter' ? name : `/*${name}*/`;
    marks.push({ stand, text: token.text });
    return stand;
  });
  return { plain: plain.join(''), marks };
}

/** Whether two texts say the same: the same tokens, but for the letter case of words and the spaces between. */
export function isSame(dialect: Dialect, one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => tokensOf(dialect, text));
  return a !== undefined && b !== undefined && a.length === b.length && a.every((token, index) => token === b[index]);
}
const tokensOf = (dialect: Dialect, text: string): string[] =>
  tokenize(dialect, text)
    .filter(({ kind }) => kind !== 'space')
    .map(({ kind, key, text }) => {
      if (kind === 'comment') return text.trimEnd().replaceAll(/\s+/g, ' ');
      return kind === 'word' ? key : text;
    });
