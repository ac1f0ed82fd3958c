import { toBase64, toUtf8, urlEncode } from './bytes.ts';
import type { Json } from './document.ts';
import { limits } from './limits.ts';

const mask = '[secret]';

/** Masks the secrets of a run in what it lets out (§9). */
export interface Masker {
  /** The text with every form of every secret replaced. */
  readonly mask: (text: string) => string;
  /** For output that comes in chunks: a secret may be cut by their borders, so the end of each is held back. */
  readonly stream: () => MaskedStream;
}

export interface MaskedStream {
  /** What may be let out by now. */
  readonly push: (chunk: string) => string;
  /** The rest, once nothing more comes. */
  readonly flush: () => string;
  /** What is held back by now, as it came: a reader that goes on later begins before it. */
  readonly held: () => string;
}

/** Values of fewer characters are not masked: they would turn up in any text. */
export const isMaskable = (value: string): boolean => value.length >= limits.maskedCharacters;

/** A masker of these values, in every form in which output may repeat them (§9). */
export function createMasker(values: Iterable<string>): Masker {
  const forms = new Set<string>();
  for (const value of values) for (const form of formsOf(value)) forms.add(form);
  if (forms.size === 0)
    return { mask: (text) => text, stream: () => ({ push: (chunk) => chunk, flush: () => '', held: () => '' }) };
  const finder = new Finder([...forms]);
  return { mask: (text) => finder.mask(text).out, stream: () => streamOf(finder) };
}

function streamOf(finder: Finder): MaskedStream {
  let held = '';
  let covered = 0;
  const look = (text: string, until: number): string => {
    const found = finder.mask(text, until, covered);
    held = text.slice(until);
    covered = found.covered;
    return found.out;
  };
  return {
    push: (chunk) => {
      const text = held + chunk;
      return look(text, finder.firstOpen(text)); // a form may begin in the last characters and end in what comes: those stay
    },
    flush: () => look(held, held.length),
    held: () => held,
  };
}

/** Masks every text within a value, keys too. */
export function maskJson(masker: Masker, value: Json): Json {
  if (typeof value === 'string') return masker.mask(value);
  if (Array.isArray(value)) return value.map((part) => maskJson(masker, part));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [masker.mask(key), maskJson(masker, part)]));
}

/** A secret as it is, each line of it, JSON-escaped, URL-encoded, in base64 and shell-quoted. */
function formsOf(value: string): Set<string> {
  const forms = new Set<string>();
  const lines = value.split(/\r\n|\r|\n/);
  for (const text of new Set([value, value.trim(), ...lines, ...lines.map((line) => line.trim())])) {
    if (!isMaskable(text)) continue;
    for (const form of writtenForms(text)) forms.add(form);
  }
  return forms;
}

function* writtenForms(text: string): Generator<string> {
  yield text;
  const json = JSON.stringify(text).slice(1, -1);
  yield json;
  yield json.replaceAll('/', '\\/');
  yield asciiJson(json);
  const url = urlEncode(text);
  yield url;
  yield url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  yield url.replaceAll('%20', '+');
  yield encodeLikeBrowser(text);
  const quoted = `'${text.replaceAll("'", "'\\''")}'`;
  yield quoted;
  yield quoted.slice(1, -1);
  yield text.replaceAll("'", `'"'"'`);
  yield* base64Forms(text);
}

const asciiJson = (json: string): string =>
  json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** encodeURIComponent leaves `!'()*` as they are; a lone surrogate, which it refuses, is left to the strict form. */
function encodeLikeBrowser(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return urlEncode(text);
  }
}

/** Base64 of the text alone, and of it within a longer one: at each of three offsets the digits that depend on it alone. */
function* base64Forms(text: string): Generator<string> {
  const bytes = toUtf8(text);
  const whole = toBase64(bytes);
  const variants = [whole, whole.replace(/=+$/, '')];
  for (let offset = 0; offset < 3; offset++) {
    const shifted = new Uint8Array(offset + bytes.length);
    shifted.set(bytes, offset);
    const digits = toBase64(shifted).replace(/=+$/, '');
    const first = Math.ceil((offset * 8) / 6);
    const last = Math.floor(((offset + bytes.length) * 8) / 6);
    variants.push(digits.slice(first, last));
  }
  for (const variant of variants) {
    if (!isMaskable(variant)) continue;
    yield variant;
    yield variant.replaceAll('+', '-').replaceAll('/', '_');
  }
}

/** Finds the longest form at each place, by the forms' first two characters. */
class Finder {
  readonly #byStart = new Map<string, string[]>();
  readonly #firsts = new Set<string>();
  readonly #longest: number;

  constructor(forms: readonly string[]) {
    this.#longest = Math.max(...forms.map(({ length }) => length));
    for (const form of forms.toSorted((a, b) => b.length - a.length)) {
      const start = form.slice(0, 2);
      this.#firsts.add(form.charAt(0));
      const same = this.#byStart.get(start);
      if (same) same.push(form);
      else this.#byStart.set(start, [form]);
    }
  }

  /**
   * Masks the text up to `until`; a form that begins before it may reach beyond, by `covered` characters, which the next
   * call is told. Overlapping occurrences (of a secret that repeats itself, or of two) become one mask.
   */
  mask(text: string, until = text.length, covered = 0): { readonly out: string; readonly covered: number } {
    let out = '';
    let end = covered;
    for (let at = 0; at < until; at++) {
      const form = this.#formAt(text, at);
      if (form === undefined) continue;
      if (at >= end) out += text.slice(end, at) + mask;
      end = Math.max(end, at + form.length);
    }
    return end >= until ? { out, covered: end - until } : { out: out + text.slice(end, until), covered: 0 };
  }

  #formAt(text: string, at: number): string | undefined {
    return this.#byStart.get(text.slice(at, at + 2))?.find((form) => text.startsWith(form, at));
  }

  /** The first place of the text at which a form begins whose end is not there yet. */
  firstOpen(text: string): number {
    for (let at = Math.max(0, text.length - this.#longest + 1); at < text.length; at++) {
      const tail = text.slice(at);
      if (tail.length === 1 ? this.#firsts.has(tail) : this.#isOpen(tail)) return at;
    }
    return text.length;
  }

  #isOpen(tail: string): boolean {
    return (
      this.#byStart.get(tail.slice(0, 2))?.some((form) => form.length > tail.length && form.startsWith(tail)) ?? false
    );
  }
}
