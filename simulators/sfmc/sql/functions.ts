import { createHash, randomUUID } from 'node:crypto';
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { addToDate, dateDifference, dateName, datePart, formatDate, readDate, shiftZone, writeDate } from './dates.ts';
import { SqlError } from './tokens.ts';

type Value = SQLOutputValue;
const isEmpty = (...values: readonly Value[]): boolean => values.some((value) => value === null || value === undefined);
const asText = (value: Value): string =>
  typeof value === 'number' && !Number.isInteger(value) ? String(value) : String(value);

function asNumber(value: Value, type = 'int'): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  const written = String(value).trim();
  const number = written === '' ? 0 : Number(written);
  if (!Number.isFinite(number)) {
    throw new SqlError(
      `Conversion failed when converting the varchar value '${String(value).slice(0, 60)}' to data type ${type}.`,
    );
  }
  return number;
}
const plain = (value: Value): number => Number(asNumber(value));

/** A LIKE pattern as a regular expression. */
function likeExpression(pattern: string, escape: string | null): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    const sign = pattern[at] ?? '';
    if (escape !== null && sign === escape) source += (pattern[++at] ?? '').replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    else if (sign === '%') source += '[^]*';
    else if (sign === '_') source += '[^]';
    else if (sign === '[' && pattern.includes(']', at)) {
      const end = pattern.indexOf(']', at + 1);
      source += `[${pattern.slice(at + 1, end).replace(/[\\[\]]/g, '\\$&')}]`;
      at = end;
    } else source += sign.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  }
  return new RegExp(source, 'i');
}

function toText(value: Value, size: number, style: Value, isDated: Value): Value {
  if (value === null) return null;
  const date = Number(isDated) === 1 ? readDate(String(value)) : undefined;
  const written = date ? formatDate(date, style === null ? 0 : Number(style)) : asText(value);
  return written.slice(0, size);
}

/** Teaches the embedded database the service's functions that it lacks. Times are the service's: six hours behind UTC. */
export function defineFunctions(db: DatabaseSync, now: () => number): void {
  // A whole number must come back as one, or a division by it is none of whole numbers.
  const whole = (value: Value): Value => (typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value);
  const define = (
    name: string,
    work: (...args: Value[]) => Value,
    { fixed = true, nulls = false, exact = true } = {},
  ) =>
    db.function(name, { deterministic: fixed, varargs: true }, (...args: Value[]) => {
      if (!nulls && isEmpty(...args)) return null;
      return exact ? whole(work(...args)) : work(...args);
    });
  const date = (value: Value): number => readDate(String(value));

  define('t_right', (value, count) => (Number(count) <= 0 ? '' : asText(value).slice(-Number(count))));
  define(
    't_charindex',
    (find, within, from = 1) =>
      asText(within)
        .toLowerCase()
        .indexOf(asText(find).toLowerCase(), Math.max(Number(from) - 1, 0)) + 1,
  );
  define('t_patindex', (pattern, value) => {
    const bare = asText(pattern).replace(/^%/, '').replace(/%$/, '');
    const found = likeExpression(bare, null).exec(asText(value));
    return found ? found.index + 1 : 0;
  });
  define(
    't_like',
    (value, pattern, escape) => {
      if (isEmpty(value, pattern)) return null;
      const { source } = likeExpression(asText(pattern), escape === null ? null : asText(escape));
      return new RegExp(`^${source}$`, 'i').test(asText(value)) ? 1 : 0;
    },
    { nulls: true },
  );
  define('t_newid', () => randomUUID().toUpperCase(), { fixed: false });
  define('t_rand', () => Math.random(), { fixed: false, exact: false });
  define('t_getdate', () => writeDate(now() - 6 * 3_600_000), { fixed: false });
  define('t_getutcdate', () => writeDate(now()), { fixed: false });
  define('t_substring', (value, start, count) => {
    const from = Number(start) - 1;
    return asText(value).slice(Math.max(from, 0), Math.max(from + Number(count), 0));
  });
  define('t_replace', (value, find, by) =>
    find === ''
      ? asText(value)
      : asText(value).replace(new RegExp(asText(find).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'gi'), () => asText(by)),
  );
  define('t_stuff', (value, start, count, by) => {
    const [whole, from] = [asText(value), Number(start) - 1];
    return from < 0 || from >= whole.length
      ? null
      : whole.slice(0, from) + asText(by) + whole.slice(from + Number(count));
  });
  define('t_reverse', (value) => [...asText(value)].reverse().join(''));
  define('t_replicate', (value, count) =>
    Number(count) < 0 ? null : asText(value).repeat(Math.min(Number(count), 8_000)),
  );
  define('t_str', (value, length = 10, scale = 0) => plain(value).toFixed(Number(scale)).padStart(Number(length)));
  define('t_format', (value, pattern) => {
    const written = asText(pattern);
    if (typeof value === 'number' || typeof value === 'bigint') {
      const digits = /^[nN](\d*)$/.exec(written)?.[1] ?? (/^0?\.?(0*)$/.exec(written)?.[1]?.length.toString() || '0');
      return Number(value).toLocaleString('en-US', {
        minimumFractionDigits: Number(digits || 2),
        maximumFractionDigits: Number(digits || 2),
        useGrouping: /^[nN#]/.test(written),
      });
    }
    return formatDate(date(value), written);
  });
  define('t_datefromparts', (...parts) => {
    const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, ms = 0] = parts.map(Number);
    return writeDate(Date.UTC(year, month - 1, day, hour, minute, second, ms));
  });
  define('t_eomonth', (value, months = 0) => {
    const at = new Date(date(value));
    return writeDate(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + Number(months) + 1, 0));
  });
  define('t_isdate', (value) => {
    try {
      return (date(value), 1);
    } catch {
      return 0;
    }
  });
  define('t_date', (value) => writeDate(date(value)));
  define('t_day', (value) => writeDate(Math.floor(date(value) / 86_400_000) * 86_400_000));
  define('t_dateadd', (part, count, value) =>
    writeDate(addToDate(String(part), Math.trunc(Number(count)), date(value))),
  );
  define('t_datediff', (part, from, to) => dateDifference(String(part), date(from), date(to)));
  define('t_datepart', (part, value) => datePart(String(part), date(value)));
  define('t_datename', (part, value) => dateName(String(part), date(value)));
  define('t_zone', (value, zone) => writeDate(shiftZone(date(value), String(zone))));
  define('t_round', (value, digits, cut = 0) => {
    const factor = 10 ** Number(digits);
    // Decimal digits as they are written, not as they are stored.
    const scaled = Number((plain(value) * factor).toPrecision(15));
    return (Number(cut) === 0 ? Math.sign(scaled) * Math.round(Math.abs(scaled)) : Math.trunc(scaled)) / factor;
  });
  define('t_json_value', (json, path) => readJson(json, path, false));
  define('t_json_query', (json, path = '$') => readJson(json, path, true));
  define('t_checksum', (...values) => createHash('md5').update(values.map(String).join('\0')).digest().readInt32BE(0), {
    nulls: true,
  });
  define('t_number', (value) => asNumber(value));
  define('t_int', (value, type) => {
    const number = Math.trunc(Number(asNumber(value, String(type))));
    const most = { tinyint: 255, smallint: 32_767, bigint: Number.MAX_SAFE_INTEGER }[String(type)] ?? 2_147_483_647;
    if (Math.abs(number) > most)
      throw new SqlError(`Arithmetic overflow error converting expression to data type ${String(type)}.`);
    return BigInt(number);
  });
  define(
    't_decimal',
    (value, scale) => Number(Number(asNumber(value, 'numeric')).toFixed(Math.min(Number(scale), 15))),
    { exact: false },
  );
  define('t_bit', (value) =>
    /^true$/i.test(String(value)) ? 1 : /^false$/i.test(String(value)) ? 0 : plain(value) === 0 ? 0 : 1,
  );
  define(
    't_text',
    (value, size, style, isDated) => toText(value ?? null, Number(size), style ?? null, isDated ?? null),
    { nulls: true },
  );
  define('t_add', (left, right) => {
    const isDated = (value: Value) =>
      typeof value === 'string' && /^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d(\.\d+)?)?$/.test(value);
    if (typeof left === 'string' && typeof right === 'string') return left + right;
    if (isDated(left ?? null)) return writeDate(date(left ?? null) + plain(right ?? null) * 86_400_000);
    const sum = plain(left ?? null) + plain(right ?? null);
    return Number.isInteger(sum) && Number.isInteger(Number(left)) && Number.isInteger(Number(right))
      ? BigInt(sum)
      : sum;
  });
  const divided = (left: Value, right: Value, work: (a: number, b: number) => number): Value => {
    const [a, b] = [plain(left), plain(right)];
    if (b === 0) throw new SqlError('Divide by zero error encountered.');
    const isWhole = typeof left !== 'string' && Number.isInteger(a) && Number.isInteger(b);
    return isWhole ? BigInt(Math.trunc(work(a, b))) : work(a, b);
  };
  define('t_divide', (left, right) => divided(left ?? null, right ?? null, (a, b) => a / b));
  define('t_modulo', (left, right) => divided(left ?? null, right ?? null, (a, b) => a % b));
  define('t_xor', (left, right) => BigInt(plain(left ?? null) ^ plain(right ?? null)));
  defineAggregates(db);
}

function readJson(json: Value | undefined, path: Value | undefined, wantsObject: boolean): Value {
  let at: unknown;
  try {
    at = JSON.parse(String(json));
  } catch {
    throw new SqlError('JSON text is not properly formatted. Unexpected character is found at position 0.');
  }
  for (const [, key, index] of String(path).matchAll(/\.("[^"]+"|\w+)|\[(\d+)\]/g)) {
    if (typeof at !== 'object' || at === null) return null;
    at = (at as Record<string, unknown>)[index ?? (key ?? '').replaceAll('"', '')];
  }
  const isObject = typeof at === 'object' && at !== null;
  if (at === undefined || at === null || isObject !== wantsObject) return null;
  return isObject ? JSON.stringify(at) : String(at);
}

function defineAggregates(db: DatabaseSync): void {
  const spread = (name: string, isSample: boolean, isRoot: boolean) =>
    db.aggregate(name, {
      start: () => [] as number[],
      step: (all: number[], value: Value) => (value === null ? all : (all.push(Number(value)), all)),
      result: (all: number[]) => {
        const count = isSample ? all.length - 1 : all.length;
        if (count < 1) return null;
        const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
        const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
        return isRoot ? Math.sqrt(variance) : variance;
      },
    } as never);
  spread('t_stdev', true, true);
  spread('t_stdevp', false, true);
  spread('t_var', true, false);
  spread('t_varp', false, false);
  for (const [name, isSmooth] of [
    ['t_percentile_cont', true],
    ['t_percentile_disc', false],
  ] as const) {
    db.aggregate(name, {
      start: () => ({ values: [] as number[], at: 0 }),
      step: (state: { values: number[]; at: number }, value: Value, at: Value) => {
        if (value !== null) state.values.push(Number(value));
        state.at = Number(at);
        return state;
      },
      inverse: (state: { values: number[]; at: number }, value: Value) => {
        state.values.splice(state.values.indexOf(Number(value)), 1);
        return state;
      },
      result: ({ values, at }: { values: number[]; at: number }) => {
        const sorted = values.toSorted((a, b) => a - b);
        if (sorted.length === 0) return null;
        if (!isSmooth) return sorted[Math.max(Math.ceil(at * sorted.length) - 1, 0)] ?? null;
        const place = at * (sorted.length - 1);
        const [low = 0, high = 0] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
        return low + (high - low) * (place - Math.floor(place));
      },
    } as never);
  }
}
