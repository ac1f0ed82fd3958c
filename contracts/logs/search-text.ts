/** One thing that lines must have, or with `isNot` must not have. */
export type LogTerm =
  | { kind: 'text'; text: string; isNot: boolean }
  | { kind: 'field'; name: string; value: string; isNot: boolean };
export type ReadSearch = { ok: true; terms: LogTerm[] } | { ok: false; why: string };

const mostTerms = 20;
const longestTerm = 500;
/** `-`, then either `name=value` (a value in quotes or bare), or a phrase in quotes, or a word. */
const term = /\s*(-)?(?:([\w.:/@-]{1,256}?)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))|"((?:[^"\\]|\\.)*)"|([^\s"]+))/y;
const plain = (quoted: string): string => quoted.replaceAll(/\\(["\\])/g, '$1');

/**
 * Reads what people write to find lines: words and "a phrase", each a part of the text in any case; `name=value` for
 * service, host, source, trace or an attribute; `-` before any of them for lines without it. All must hold.
 */
export function readLogSearch(search: string): ReadSearch {
  const terms: LogTerm[] = [];
  term.lastIndex = 0;
  const end = search.trimEnd().length;
  while (term.lastIndex < end) {
    const from = term.lastIndex;
    const found = term.exec(search);
    if (!found) return { ok: false, why: `a quote is not closed: ${search.slice(from, from + 40).trim()}` };
    const [, not, name, quoted, bare, phrase, word] = found;
    const isNot = not !== undefined;
    const text = phrase !== undefined ? plain(phrase) : (word ?? '');
    const value = quoted !== undefined ? plain(quoted) : (bare ?? '');
    if (text.length > longestTerm || value.length > longestTerm)
      return { ok: false, why: `a term is longer than ${longestTerm} characters` };
    if (name !== undefined) terms.push({ kind: 'field', name, value, isNot });
    else if (text !== '') terms.push({ kind: 'text', text, isNot });
    if (terms.length > mostTerms) return { ok: false, why: `there are more than ${mostTerms} terms` };
  }
  return { ok: true, terms };
}

const quote = (text: string): string =>
  /^[^\s"=-][^\s"=]*$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, (one) => `\\${one}`)}"`;

/** A term as people write it. */
export const writeLogTerm = (one: LogTerm): string =>
  `${one.isNot ? '-' : ''}${one.kind === 'text' ? quote(one.text) : `${one.name}=${quote(one.value)}`}`;
