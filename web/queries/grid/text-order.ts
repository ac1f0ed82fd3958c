/** `language`: as a dictionary would (é beside e) · `codes`: by UTF-16 codes, as a database with collation C nearly does. */
export type TextOrder = 'language' | 'codes';

const collator = new Intl.Collator('en');
/** Shorter runs are compared pair by pair. */
const FEW = 24;

/**
 * The place of each text among all, from 1; equal texts share one. The first text (of null) is left out. A radix sort over
 * the first characters, then over the next within what is equal so far: a collator's compare would be called 20 million
 * times for a million texts.
 */
export function rankTexts(texts: readonly string[], textOrder: TextOrder): Uint32Array {
  const codes = textOrder === 'codes' ? orderByCodes(texts) : orderByLanguage(texts);
  const isSame = (a: string, b: string) => a === b || (textOrder === 'language' && collator.compare(a, b) === 0);
  const ranks = new Uint32Array(texts.length);
  let rank = 0;
  let last: string | null = null;
  for (const code of codes) {
    const text = texts[code] ?? '';
    // Only texts beyond ASCII may differ and yet be equal in the language.
    if (last === null || !isSame(last, text)) rank += 1;
    last = text;
    ranks[code] = rank;
  }
  return ranks;
}

function orderByCodes(texts: readonly string[]): Uint32Array {
  const codes = Uint32Array.from({ length: texts.length - 1 }, (_, at) => at + 1);
  const compare = (a: number, b: number): number => {
    const [first, second] = [texts[a] ?? '', texts[b] ?? ''];
    return first < second ? -1 : first > second ? 1 : 0;
  };
  // Two characters a half; a character that is not there is less than any that is.
  const half = (text: string, at: number): number =>
    at >= text.length ? 0 : ((text.charCodeAt(at) << 16) | (at + 1 < text.length ? text.charCodeAt(at + 1) : 0)) >>> 0;
  sortRun(codes, { texts, compare, half, width: 2 }, 0, codes.length, 0);
  return codes;
}

/** Letters of ASCII by their weight in the language, small and capital alike; other texts by the collator, then both merged. */
function orderByLanguage(texts: readonly string[]): Uint32Array {
  const weights = asciiWeights();
  const plain = new Uint32Array(texts.length);
  const others: number[] = [];
  let count = 0;
  for (let code = 1; code < texts.length; code += 1) {
    if (isPlain(texts[code] ?? '')) {
      plain[count] = code;
      count += 1;
    } else others.push(code);
  }
  const compare = (a: number, b: number): number => collator.compare(texts[a] ?? '', texts[b] ?? '');
  const half = (text: string, from: number): number => {
    let value = 0;
    for (let at = from; at < from + 4; at += 1)
      value = (value << 7) | (at < text.length ? (weights[text.charCodeAt(at)] ?? 0) : 0);
    return value >>> 0;
  };
  const codes = plain.subarray(0, count);
  sortRun(codes, { texts, compare, half, width: 4 }, 0, count, 0);
  if (others.length === 0) return codes;
  others.sort(compare);
  const merged = new Uint32Array(count + others.length);
  for (let at = 0, left = 0, right = 0; at < merged.length; at += 1) {
    const [a, b] = [codes[left], others[right]];
    const takeLeft = b === undefined || (left < count && a !== undefined && compare(a, b) <= 0);
    merged[at] = (takeLeft ? a : b) ?? 0;
    if (takeLeft) left += 1;
    else right += 1;
  }
  return merged;
}

/** Printable ASCII alone: nothing that the language ignores, joins or takes apart. */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 32 || code > 126) return false;
  }
  return true;
}
function asciiWeights(): Uint8Array {
  const base = new Intl.Collator('en', { sensitivity: 'base' });
  const signs = Array.from({ length: 95 }, (_, at) => String.fromCharCode(at + 32)).sort(base.compare);
  const weights = new Uint8Array(128);
  let weight = 0;
  for (const [at, sign] of signs.entries()) {
    const before = signs[at - 1];
    if (before === undefined || base.compare(before, sign) !== 0) weight += 1;
    weights[sign.charCodeAt(0)] = weight;
  }
  return weights;
}

interface Keyed {
  texts: readonly string[];
  /** The whole comparison, for few texts and for those whose halves are all equal. */
  compare: (a: number, b: number) => number;
  /** So many characters from a place on as one number. */
  half: (text: string, from: number) => number;
  width: number;
}

/** Sorts a part of the codes, all equal before character `depth`. */
function sortRun(codes: Uint32Array, keyed: Keyed, from: number, to: number, depth: number): void {
  const run = codes.subarray(from, to);
  const { texts, half, width, compare } = keyed;
  let longest = 0;
  for (const code of run) longest = Math.max(longest, texts[code]?.length ?? 0);
  if (run.length <= FEW || depth >= longest) {
    if (run.length > 1) run.sort(compare);
    return;
  }
  const [high, low] = [new Uint32Array(run.length), new Uint32Array(run.length)];
  for (let at = 0; at < run.length; at += 1) {
    const text = texts[run[at] ?? 0] ?? '';
    high[at] = half(text, depth);
    low[at] = half(text, depth + width);
  }
  const sorted = radixSort(run, low, high);
  if (sorted.order !== run) run.set(sorted.order);
  for (let begin = 0; begin < run.length;) {
    let end = begin + 1;
    while (end < run.length && sorted.low[end] === sorted.low[begin] && sorted.high?.[end] === sorted.high?.[begin])
      end += 1;
    if (end - begin > 1) sortRun(codes, keyed, from + begin, from + end, depth + 2 * width);
    begin = end;
  }
}

interface Sorted {
  order: Uint32Array;
  low: Uint32Array;
  high: Uint32Array | null;
}
const BITS = 11;
const MASK = (1 << BITS) - 1;

/**
 * Puts an order by keys of 32 or 64 bits, 11 bits a pass; what is equal keeps its order, and a pass in which all agree is
 * left out. The arrays that are handed in are used up.
 */
export function radixSort(order: Uint32Array, low: Uint32Array, high: Uint32Array | null): Sorted {
  const count = order.length;
  let [from, to]: [Uint32Array, Uint32Array] = [order, new Uint32Array(count)];
  let [lowFrom, lowTo]: [Uint32Array, Uint32Array] = [low, new Uint32Array(count)];
  let highFrom = high;
  let highTo: Uint32Array | null = high ? new Uint32Array(count) : null;
  const places = new Uint32Array(MASK + 2);
  for (let pass = 0; pass < (high ? 6 : 3); pass += 1) {
    const digits: Uint32Array = pass < 3 || !highFrom ? lowFrom : highFrom;
    const shift = (pass % 3) * BITS;
    places.fill(0);
    for (let at = 0; at < count; at += 1) {
      const digit = (((digits[at] ?? 0) >>> shift) & MASK) + 1;
      places[digit] = (places[digit] ?? 0) + 1;
    }
    if (places[(((digits[0] ?? 0) >>> shift) & MASK) + 1] === count) continue;
    for (let digit = 1; digit < places.length; digit += 1)
      places[digit] = (places[digit] ?? 0) + (places[digit - 1] ?? 0);
    for (let at = 0; at < count; at += 1) {
      const digit = ((digits[at] ?? 0) >>> shift) & MASK;
      const place = places[digit] ?? 0;
      places[digit] = place + 1;
      to[place] = from[at] ?? 0;
      lowTo[place] = lowFrom[at] ?? 0;
      if (highTo && highFrom) highTo[place] = highFrom[at] ?? 0;
    }
    [from, to] = [to, from];
    [lowFrom, lowTo] = [lowTo, lowFrom];
    if (highFrom && highTo) [highFrom, highTo] = [highTo, highFrom];
  }
  return { order: from, low: lowFrom, high: highFrom };
}
