/** A failure as the service words it; the message is what its answers carry. */
export class SqlError extends Error {
  override name = 'SqlError';
}

export interface Token {
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'sign' | 'variable' | 'end';
  /** As written, for error texts. */
  readonly text: string;
  /** A word in lower case; a name or string without its quotes. */
  readonly value: string;
}

const rules: readonly [RegExp, Token['kind'] | 'space', ((text: string) => string)?][] = [
  [/\s+|--[^\n]*/y, 'space'],
  [/\[(?:[^\]]|\]\])*\]/y, 'name', (text) => text.slice(1, -1).replaceAll(']]', ']')],
  [/"(?:[^"]|"")*"/y, 'name', (text) => text.slice(1, -1).replaceAll('""', '"')],
  [/N?'(?:[^']|'')*'/iy, 'string', (text) => text.slice(text.indexOf("'") + 1, -1).replaceAll("''", "'")],
  [/(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/iy, 'number'],
  [/@@?[A-Za-z_][\w@$#]*/y, 'variable'],
  [/[A-Za-z_#][\w@$#]*/y, 'word', (text) => text.toLowerCase()],
  [/<>|!=|<=|>=|!<|!>|[-+*/%(),.;=<>&|^~]/y, 'sign'],
];

/** Cuts a T-SQL text into tokens. Comments go; they may be nested. */
export function readTokens(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  read: while (at < sql.length) {
    if (sql.startsWith('/*', at)) {
      at = endOfComment(sql, at);
      continue;
    }
    for (const [rule, kind, value] of rules) {
      rule.lastIndex = at;
      const text = rule.exec(sql)?.[0];
      if (text === undefined) continue;
      at += text.length;
      if (kind !== 'space') tokens.push({ kind, text, value: value ? value(text) : text });
      continue read;
    }
    if (sql[at] === "'")
      throw new SqlError(`Unclosed quotation mark after the character string '${sql.slice(at + 1, at + 60)}'.`);
    throw new SqlError(`Incorrect syntax near '${sql[at] ?? ''}'.`);
  }
  tokens.push({ kind: 'end', text: '', value: '' });
  return tokens;
}

function endOfComment(sql: string, start: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  let depth = 0;
  for (let found = mark.exec(sql); found; found = mark.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  throw new SqlError("Missing end comment mark '*/'.");
}
