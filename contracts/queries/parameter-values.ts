import type { QueryParameter, ParameterValue } from './parameters.ts';

/** Whether there is a value at all: an empty text is one, an empty list or null is none. */
export const isValue = (value: unknown): value is Exclude<ParameterValue, null> =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);

export type ReadValue =
  | { readonly ok: true; readonly value: Exclude<ParameterValue, null> }
  | { readonly ok: false; readonly expected: string };

const good = (value: Exclude<ParameterValue, null>): ReadValue => ({ ok: true, value });
const bad = (expected: string): ReadValue => ({ ok: false, expected });

/** Digits as they are, of any length: a number past 2^53 would lose some. */
const numberForm = /^-?(?:\d{1,38}(?:\.\d{1,38})?|\.\d{1,38})$/;

/**
 * Characters that a query must not hold, in a value or anywhere: the engines' protocols (XML 1.0, PostgreSQL's text)
 * have no way to say them.
 */
export const unsayable =
  // oxlint-disable-next-line no-control-regex -- these are meant
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

function readNumber(value: unknown): string | number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  const written = typeof value === 'string' ? value.trim() : '';
  if (!numberForm.test(written)) return null;
  return Number.isSafeInteger(Number(written)) && /^-?\d+$/.test(written) ? Number(written) : written;
}
const readText = (value: unknown): string | null => {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && !unsayable.test(text) ? text : null;
};

/** The date or time of day in a text, or null where no calendar has it. */
export function readTime(value: unknown, type: 'date' | 'timestamp'): string | null {
  const match =
    typeof value === 'string'
      ? /^(\d{4}-\d{2}-\d{2})(?:[T ]((?:[01]\d|2[0-3]):[0-5]\d)(?::([0-5]\d)(\.\d{1,3})?\d*)?(Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?)?$/i.exec(
          value.trim(),
        )
      : null;
  const [, day = '', clock = '00:00', seconds = '00', fraction = '', zone = ''] = match ?? [];
  const date = new Date(`${day}T00:00:00Z`);
  if (!match || Number.isNaN(date.getTime()) || !date.toISOString().startsWith(day)) return null;
  if (type === 'date') return match[2] === undefined ? day : null;
  if (zone === '') return `${day}T${clock}:${seconds}${fraction}`;
  const offset = /z/i.test(zone) ? 'Z' : zone.replace(/^(...):?(..)$/, '$1:$2');
  const instant = new Date(`${day}T${clock}:${seconds}${fraction}${offset}`);
  return Number.isNaN(instant.getTime()) ? null : instant.toISOString();
}

/**
 * A value as its type says, in one form: numbers that fit as numbers, longer ones as digits; days as `YYYY-MM-DD`; times
 * with an offset as instants in UTC (`…Z`), those without as the clock shows them.
 */
export function readValue(value: unknown, { type, of }: Pick<QueryParameter, 'type' | 'of'>): ReadValue {
  switch (type) {
    case 'text': {
      const text = readText(value);
      return text === null ? bad('text without control characters') : good(text);
    }
    case 'number': {
      const number = readNumber(value);
      return number === null ? bad('a number such as 12 or 0.5') : good(number);
    }
    case 'boolean': {
      const word = typeof value === 'string' ? value.trim().toLowerCase() : value;
      if (word === true || word === 'true') return good(true);
      return word === false || word === 'false' ? good(false) : bad('true or false');
    }
    case 'date':
    case 'timestamp': {
      const time = readTime(value, type);
      return time === null
        ? bad(type === 'date' ? 'a date such as 2026-01-31' : 'a time such as 2026-01-31T08:00')
        : good(time);
    }
    case 'list': {
      const items: unknown[] = Array.isArray(value) ? value : [value];
      const read = items.map((item) => (of === 'number' ? readNumber(item) : readText(item)));
      const known = read.filter((item) => item !== null);
      return known.length < read.length ? bad(`a list of ${of === 'number' ? 'numbers' : 'texts'}`) : good(known);
    }
  }
}
