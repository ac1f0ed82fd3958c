import type { Dialect } from './language.ts';
import { tokenize } from './tokens.ts';

const languages = { sfmc: 'transactsql', postgres: 'postgresql', amc: 'trino' } as const;

/**
 * Lays a text out anew: lines, indents, keywords in capitals. Its tokens stay what they are; where the formatter would
 * change one, or cannot read the text, it is given back as it was. Loads the formatter when it is first asked for.
 */
export async function formatSql(dialect: Dialect, text: string): Promise<string> {
  const { format } = await import('sql-formatter');
  try {
    const made = format(text, {
      language: languages[dialect],
      keywordCase: 'upper',
      functionCase: 'preserve',
      identifierCase: 'preserve',
      dataTypeCase: 'preserve',
      tabWidth: 2,
      expressionWidth: 80,
      linesBetweenQueries: 1,
      paramTypes: {
        custom: [{ regex: String.raw`\{\{[^{}]*\}\}` }, { regex: String.raw`\[\[` }, { regex: String.raw`\]\]` }],
      },
    });
    return isSame(dialect, text, made) ? made : text;
  } catch {
    return text;
  }
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
