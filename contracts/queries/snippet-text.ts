import { type EngineKind, engineKinds } from './engine.ts';
import { checkPlaceholders } from './placeholders.ts';
import { tokenize } from './sql/tokens.ts';

/*
 * The text of a snippet: SQL with places to stop at. `$1`, `${1}`, `${1:what stands there}` and `${1|one,or,the other|}` are
 * stops, passed by Tab in the order of their numbers; stops of one number are written together; `$0` is where the cursor
 * stays, the end unless it is said. A `$` that is followed by no digit and no brace is a `$`, so `$$` and `$body$` of
 * PostgreSQL stand as they are; its `$1` would be a stop and is written `\$1`. `\$`, `\}` and `\\` are those signs, any
 * other `\` is itself.
 * `{{ name: type = default }}` is text here: it goes into the query as it stands and is a parameter there. Within a stop it
 * is one piece, so its braces do not end the stop; a stop may stand within it too: `{{ ${1:since}: date }}`.
 */

/** One piece of a snippet's text. */
export type SnippetPart =
  | { readonly kind: 'text'; readonly text: string }
  /** `choices` is empty where anything may be written; else `text` is the first of them. */
  | { readonly kind: 'stop'; readonly number: number; readonly text: string; readonly choices: readonly string[] };

/** `fault` says as a sentence why a text is no snippet. */
export type ReadSnippet =
  | { readonly ok: true; readonly parts: readonly SnippetPart[] }
  | { readonly ok: false; readonly fault: string };

const mostStops = 99;

class Unfit extends Error {}

/** Reads a text into its pieces. Stops that were given a text lend it to those of the same number that were not. */
export function readSnippet(text: string): ReadSnippet {
  try {
    return { ok: true, parts: named(new Reader(text).all()) };
  } catch (error) {
    if (error instanceof Unfit) return { ok: false, fault: error.message };
    throw error;
  }
}

class Reader {
  readonly #text: string;
  readonly #pieces: SnippetPart[] = [];
  #at = 0;
  #plain = '';
  constructor(text: string) {
    this.#text = text;
  }

  all(): SnippetPart[] {
    while (this.#at < this.#text.length) {
      const stop = /\$(\d+|\{)/y;
      stop.lastIndex = this.#at;
      const [, found] = stop.exec(this.#text) ?? [];
      if (found === undefined) this.#plain += this.#sign();
      else if (found === '{') this.#braced();
      else this.#stop(found, this.#at + 1 + found.length, '', []);
    }
    this.#flush();
    return this.#pieces;
  }

  /** The next sign, or what a `\` stands before. */
  #sign(): string {
    const escaped = /^\\([$}\\])/.exec(this.#text.slice(this.#at, this.#at + 2))?.[1];
    this.#at += escaped ? 2 : 1;
    return escaped ?? this.#text.charAt(this.#at - 1);
  }
  #flush(): void {
    if (this.#plain !== '') this.#pieces.push({ kind: 'text', text: this.#plain });
    this.#plain = '';
  }
  #stop(digits: string, to: number, text: string, choices: readonly string[]): void {
    const number = Number(digits);
    if (number > mostStops) throw this.#unfit(`Stops are numbered from 1 to ${mostStops}.`, this.#at);
    this.#flush();
    this.#pieces.push({ kind: 'stop', number, text, choices });
    this.#at = to;
  }
  #unfit(why: string, at: number): Unfit {
    return new Unfit(`Line ${this.#text.slice(0, at).split('\n').length}: ${why}`);
  }

  /** `${1}`, `${1:text}` or `${1|a,b|}`. */
  #braced(): void {
    const from = this.#at;
    const head = /\$\{(\d+)([:|}])/y;
    head.lastIndex = from;
    const [whole, digits, next] = head.exec(this.#text) ?? [];
    if (whole === undefined || digits === undefined)
      throw this.#unfit('A stop has a number: ${1}, ${1:text} or ${1|one,other|}. For the signs themselves write \\${.', from); // prettier-ignore
    this.#at += whole.length;
    if (next === '}') return this.#stop(digits, this.#at, '', []);
    if (next === '|') return this.#choices(digits);
    let text = '';
    while (this.#at < this.#text.length) {
      if (this.#text[this.#at] === '}') return this.#stop(digits, this.#at + 1, text, []);
      text += this.#parameter() ?? this.#sign();
    }
    throw this.#unfit(`The stop ${whole}… has no }.`, from);
  }

  /** A whole `{{ … }}`, if one begins here. Within a stop no other stop begins, in a parameter or beside one. */
  #parameter(): string | undefined {
    const end = this.#text.startsWith('{{', this.#at) ? this.#text.indexOf('}}', this.#at) + 2 : this.#at;
    const piece = end > this.#at ? this.#text.slice(this.#at, end) : this.#text.slice(this.#at, this.#at + 2);
    if (/\$[\d{]/.test(piece)) throw this.#unfit('A stop cannot stand within a stop.', this.#at);
    if (end <= this.#at) return undefined;
    this.#at = end;
    return piece;
  }

  #choices(digits: string): void {
    const end = this.#text.indexOf('|}', this.#at);
    if (end < 0) throw this.#unfit(`The choice \${${digits}|… has no |}.`, this.#at);
    const choices = this.#text
      .slice(this.#at, end)
      .split(',')
      .map((choice) => choice.trim());
    if (choices.length < 2 || choices.includes(''))
      throw this.#unfit('A choice names two or more, apart by commas: ${1|ASC,DESC|}.', this.#at);
    this.#stop(digits, end + 2, choices[0] ?? '', choices);
  }
}

function named(pieces: readonly SnippetPart[]): SnippetPart[] {
  const texts = new Map<number, string>();
  for (const piece of pieces) {
    if (piece.kind !== 'stop' || piece.text === '') continue;
    const known = texts.get(piece.number) ?? piece.text;
    if (known !== piece.text)
      throw new Unfit(
        `Stop ${piece.number} is “${known}” first and “${piece.text}” later: stops of one number are written together.`,
      );
    texts.set(piece.number, known);
  }
  return pieces.map((piece) => (piece.kind === 'text' ? piece : { ...piece, text: texts.get(piece.number) ?? '' }));
}

/** The text as it is before anything is written into its stops. */
export const plainOf = (parts: readonly SnippetPart[]): string => parts.map(({ text }) => text).join('');

/** What an editor is given that knows stops: every sign that it could take for one of its own is escaped. */
export const editorTextOf = (parts: readonly SnippetPart[]): string =>
  parts
    .map((part) => {
      if (part.kind === 'text') return part.text.replaceAll(/[\\$}]/g, '\\$&');
      const { number, text, choices } = part;
      if (choices.length > 0)
        return `\${${number}|${choices.map((choice) => choice.replaceAll(/[\\|]/g, '\\$&')).join(',')}|}`;
      return text === '' ? `\${${number}}` : `\${${number}:${text.replaceAll(/[\\$}]/g, '\\$&')}}`;
    })
    .join('');

/** A text as it stands, written as a snippet without stops: a piece of a query that is to become one. */
export const asSnippet = (text: string): string => text.replaceAll(/\\(?=[$}\\])|\$(?=[\d{])/g, '\\$&');

/**
 * What is wrong with a text as a snippet for an engine, or for all where it is for each: its stops, and the parameters as
 * they are once it stands in a query. Whether it is good SQL is not asked, since it may be a part of a query only.
 * @returns null where nothing is
 */
export function faultOfSnippet(engine: EngineKind | null, text: string): string | null {
  const read = readSnippet(text);
  if (!read.ok) return read.fault;
  const plain = plainOf(read.parts);
  if (plain.trim() === '') return 'The snippet has no text.';
  for (const dialect of engine === null ? engineKinds : [engine]) {
    const wrong = checkPlaceholders(dialect, tokenize(dialect, plain)).find(({ severity }) => severity === 'error');
    if (wrong) return `“${plain.slice(wrong.from, Math.min(wrong.to, wrong.from + 60))}”: ${wrong.message}`;
  }
  return null;
}
