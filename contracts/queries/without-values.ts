import type { EngineKind } from './engine.ts';
import type { QueryFailureFacts } from './failures.ts';

/** What a reader knows anyway, so that a failure may name it: the text and the names of the columns. */
export interface KnownWords {
  readonly engine: EngineKind;
  readonly sql: string;
  readonly columns?: readonly { readonly name: string }[] | null;
}

const mark = '…';
/** An opening quote: not the apostrophe within a word. */
const quoted = /(?<!\w)(['"`“‘])(?=\S)/g;
const closing: Readonly<Record<string, string>> = { '“': '”', '‘': '’' };
/** Values that stand bare, as SQL Server and PostgreSQL write them. */
const bare = /(\b(?:value is|contains|value)\s*|\)\s*=\s*)\(.*\)|(\bvalue\s*=\s*)\S+/gi;

/** PostgreSQL's own names of things: told while a text is read, before any row. */
const isOfText = (engine: EngineKind, code: string): boolean => engine === 'postgres' && code.startsWith('42');

/**
 * A failure as it may be kept. Services quote what they could not convert, which is a value of a row; rows are kept nowhere.
 * What is in quotes and neither in the text nor the name of a column becomes `…`; the words of a database's own functions
 * are left out as a whole.
 */
export function withoutValues<T extends Pick<QueryFailureFacts, 'code' | 'message' | 'hint'>>(
  failure: T,
  known: KnownWords,
): T {
  const { code, message, hint } = failure;
  if (isOfText(known.engine, code)) return failure;
  if (known.engine === 'postgres' && code.startsWith('P0'))
    return { ...failure, message: `A function of the database refused (${code}). Its words may hold rows and are not kept.` }; // prettier-ignore
  return { ...failure, message: masked(message, known), hint: masked(hint, known) };
}

function masked(words: string, { sql, columns }: KnownWords): string {
  const text = sql.toLowerCase();
  const names = new Set((columns ?? []).map(({ name }) => name.toLowerCase()));
  const isKnown = (quote: string): boolean => {
    const part = quote.toLowerCase();
    // As a whole: a letter of the text is no name in it.
    for (let at = text.indexOf(part); part !== '' && at >= 0; at = text.indexOf(part, at + 1))
      if (!/\w/.test(text[at - 1] ?? ' ') && !/\w/.test(text[at + part.length] ?? ' ')) return true;
    return names.has(part);
  };
  let told = '';
  let from = 0;
  for (const { 1: open = '', index } of words.matchAll(quoted)) {
    if (index < from) continue;
    const close = closing[open] ?? open;
    const end = words.indexOf(close, index + 1);
    if (end > 0 && isKnown(words.slice(index + 1, end))) {
      told += words.slice(from, end + 1);
      from = end + 1;
      continue;
    }
    // A value may hold quotes itself: all up to the last one is taken for it.
    const last = words.lastIndexOf(close);
    told += words.slice(from, index) + open + mark + close;
    from = last > index ? last + 1 : words.length;
  }
  return (told + words.slice(from)).replace(bare, (_, group: string | undefined, equal: string | undefined) =>
    group === undefined ? `${equal ?? ''}${mark}` : `${group}(${mark})`,
  );
}
