import type { ColumnType } from '#contracts/queries/engine.ts';

/** How a cell's text becomes a number and, to the letter, text again. */
export interface Codec {
  /**
   * Reads a text. @returns whether `print` gives exactly this text back for the `value` and `format` left in `parsed`;
   * where not, the column keeps the text itself beside the value.
   */
  parse(text: string): boolean;
  print(value: number, format: number): string;
  /** A number to sort and compare by for a text that `parse` does not take; NaN where there is none. */
  guess(text: string): number;
}

/** What the last `parse` found. One object for all, so that reading millions of cells makes none. */
export const parsed = { value: 0, format: 0 };

const [zero, minus, point] = [48, 45, 46];
const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** Digits with or without a fraction; the format is the number of its digits. A float64 holds 15 digits for sure. */
export const decimalCodec: Codec = {
  parse(text) {
    const { length } = text;
    if (length === 0 || length > 17) return false;
    const start = text.charCodeAt(0) === minus ? 1 : 0;
    let at = start;
    while (at < length && isDigit(text.charCodeAt(at))) at += 1;
    const whole = at - start;
    if (whole === 0 || (whole > 1 && text.charCodeAt(start) === zero)) return false;
    let fraction = 0;
    if (at < length) {
      if (text.charCodeAt(at) !== point) return false;
      at += 1;
      while (at < length && isDigit(text.charCodeAt(at))) at += 1;
      fraction = at - start - whole - 1;
      if (fraction === 0 || at < length) return false;
    }
    if (whole + fraction > 15) return false;
    const value = Number(text);
    if (value === 0 && start === 1) return false; // "-0" would come back as "0"
    parsed.value = value;
    parsed.format = fraction;
    return true;
  },
  print: (value, format) => (format === 0 ? String(value) : value.toFixed(format)),
  guess: (text) =>
    text.trim() === '' ? Number.NaN : Number(text.trim().replace(/^([+-]?)Inf(inity)?$/i, '$1Infinity')),
};

export const booleanCodec: Codec = {
  parse(text) {
    if (text !== 'true' && text !== 'false') return false;
    parsed.value = text === 'true' ? 1 : 0;
    parsed.format = 0;
    return true;
  },
  print: (value) => (value === 1 ? 'true' : 'false'),
  guess: (text) => (/^(t|yes|1)$/i.test(text) ? 1 : /^(f|no|0)$/i.test(text) ? 0 : Number.NaN),
};

const dayMs = 86_400_000;
const two = (value: number): string => (value < 10 ? `0${value}` : String(value));
const digitsAt = (text: string, from: number, count: number): number => {
  let value = 0;
  for (let at = from; at < from + count; at += 1) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) return Number.NaN;
    value = value * 10 + code - zero;
  }
  return value;
};
/** Days since 1970 of `YYYY-MM-DD` at the start of a text; NaN where it is no day of the calendar. */
function dayOf(text: string): number {
  if (text.charCodeAt(4) !== minus || text.charCodeAt(7) !== minus) return Number.NaN;
  const [year, month, day] = [digitsAt(text, 0, 4), digitsAt(text, 5, 2), digitsAt(text, 8, 2)];
  if (!(year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= 31)) return Number.NaN;
  const ms = Date.UTC(year, month - 1, day);
  return new Date(ms).getUTCDate() === day ? ms / dayMs : Number.NaN;
}
const dayText = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);

/** `YYYY-MM-DD` as days since 1970. */
export const dateCodec: Codec = {
  parse(text) {
    if (text.length !== 10) return false;
    const day = dayOf(text);
    if (Number.isNaN(day)) return false;
    parsed.value = day;
    parsed.format = 0;
    return true;
  },
  print: dayText,
  guess: (text) => Math.floor(Date.parse(text) / dayMs),
};

/** Instants in microseconds since 1970; the format is how it is written: separator, digits of the fraction, offset. */
export function timestampCodec(): Codec {
  const shapes: { separator: string; digits: number; offset: string; offsetUs: number; hasSeconds: boolean }[] = [];
  const codes = new Map<string, number>();
  /** The code of a way to write; -1 where there are more than a byte can tell. */
  const codeOf = (separator: string, hasSeconds: boolean, digits: number, offset: string): number => {
    const key = `${separator}${hasSeconds ? digits : '-'}${offset}`;
    const known = codes.get(key);
    if (known !== undefined) return known;
    const match = /^([+-])(\d\d)(?::?(\d\d))?$/.exec(offset);
    if (shapes.length > 250 || (!match && offset !== '' && offset !== 'Z')) return -1;
    const minutes = match ? Number(match[2]) * 60 + Number(match[3] ?? 0) : 0;
    shapes.push({ separator, digits, hasSeconds, offset, offsetUs: (match?.[1] === '-' ? -minutes : minutes) * 60e6 });
    codes.set(key, shapes.length - 1);
    return shapes.length - 1;
  };
  return {
    parse(text) {
      const { length } = text;
      if (length < 16 || length > 35) return false;
      const separator = text[10] ?? '';
      if ((separator !== 'T' && separator !== ' ') || text[13] !== ':') return false;
      const day = dayOf(text);
      const [hours, minutes] = [digitsAt(text, 11, 2), digitsAt(text, 14, 2)];
      const hasSeconds = text[16] === ':';
      const seconds = hasSeconds ? digitsAt(text, 17, 2) : 0;
      if (!(day > -100_000_000 && hours < 24 && minutes < 60 && seconds < 60)) return false;
      let at = hasSeconds ? 19 : 16;
      let [fraction, digits] = [0, 0];
      if (hasSeconds && text.charCodeAt(at) === point) {
        at += 1;
        while (at < length && isDigit(text.charCodeAt(at)) && digits < 7) {
          fraction = fraction * 10 + text.charCodeAt(at) - zero;
          at += 1;
          digits += 1;
        }
        if (digits === 0 || digits > 6) return false;
      }
      const format = codeOf(separator, hasSeconds, digits, text.slice(at));
      const shape = shapes[format];
      if (!shape) return false;
      const seconds64 = day * 86_400 + hours * 3_600 + minutes * 60 + seconds;
      const value = seconds64 * 1e6 + fraction * 10 ** (6 - digits) - shape.offsetUs;
      if (!Number.isSafeInteger(value)) return false;
      parsed.value = value;
      parsed.format = format;
      return true;
    },
    print(value, format) {
      const shape = shapes[format];
      if (!shape) return new Date(value / 1e3).toISOString();
      const local = value + shape.offsetUs;
      const day = Math.floor(local / (dayMs * 1e3));
      const us = local - day * dayMs * 1e3;
      const whole = Math.floor(us / 1e6);
      const clock = `${two(Math.floor(whole / 3_600))}:${two(Math.floor(whole / 60) % 60)}`;
      const seconds = shape.hasSeconds ? `:${two(whole % 60)}` : '';
      const fraction =
        shape.digits > 0
          ? `.${String(us % 1e6)
              .padStart(6, '0')
              .slice(0, shape.digits)}`
          : '';
      return `${dayText(day)}${shape.separator}${clock}${seconds}${fraction}${shape.offset}`;
    },
    guess: (text) => Date.parse(text) * 1e3,
  };
}

/** The codec of a type whose cells are kept as numbers; null for those that are text. */
export function codecOf(type: ColumnType): Codec | null {
  if (type === 'integer' || type === 'decimal') return decimalCodec;
  if (type === 'boolean') return booleanCodec;
  if (type === 'date') return dateCodec;
  return type === 'timestamp' ? timestampCodec() : null;
}
