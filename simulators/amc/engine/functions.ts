import { createHash, randomUUID } from 'node:crypto';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { wallClock } from '../catalog/expressions.ts';

type Value = SQLInputValue;
const text = (value: Value): string =>
  typeof value === 'string' ? value : value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value);
const list = (value: Value): unknown[] => {
  const read: unknown = JSON.parse(text(value));
  return Array.isArray(read) ? read : [];
};
const json = (value: unknown): string => JSON.stringify(value);
const stampOf = (ms: number): string => new Date(ms).toISOString().slice(0, 23);
/** Milliseconds of `2026-01-31`, `2026-01-31T08:00:00.000` or the same with a space; NaN of anything else. */
export const momentOf = (value: Value): number => {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?Z?$/.exec(text(value).trim());
  return match ? Date.parse(`${match[1]}T${match[2] ?? '00:00:00'}Z`) : Number.NaN;
};
const known = (ms: number, write: (ms: number) => string): string | null => (Number.isFinite(ms) ? write(ms) : null);

const patterns = new Map<string, RegExp>();
/** Java's regular expressions as far as they are ours too; `(?i)` in front is a flag here. */
function patternOf(source: string, isWhole: boolean, flags = ''): RegExp {
  const key = `${isWhole}${flags}${source}`;
  let pattern = patterns.get(key);
  if (!pattern) {
    const insensitive = source.startsWith('(?i)');
    const body = insensitive ? source.slice(4) : source;
    pattern = new RegExp(isWhole ? `^(?:${body})$` : body, `${flags}su${insensitive ? 'i' : ''}`);
    patterns.set(key, pattern);
  }
  pattern.lastIndex = 0;
  return pattern;
}

const truncations: Readonly<Record<string, (date: Date) => void>> = {
  SECOND: (date) => date.setUTCMilliseconds(0),
  MINUTE: (date) => date.setUTCSeconds(0, 0),
  HOUR: (date) => date.setUTCMinutes(0, 0, 0),
  DAY: (date) => date.setUTCHours(0, 0, 0, 0),
  WEEK: (date) => date.setTime(Math.floor(date.getTime() / 86_400_000 - ((date.getUTCDay() + 6) % 7)) * 86_400_000),
  MONTH: (date) => date.setTime(Date.UTC(date.getUTCFullYear(), date.getUTCMonth())),
  QUARTER: (date) => date.setTime(Date.UTC(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / 3) * 3)),
  YEAR: (date) => date.setTime(Date.UTC(date.getUTCFullYear(), 0)),
};
function weekOf(date: Date): number {
  const day = new Date(date);
  day.setUTCDate(day.getUTCDate() + 4 - (day.getUTCDay() || 7));
  return Math.ceil(((day.getTime() - Date.UTC(day.getUTCFullYear(), 0)) / 86_400_000 + 1) / 7);
}
const fields: Readonly<Record<string, (date: Date) => number>> = {
  YEAR: (date) => date.getUTCFullYear(),
  QUARTER: (date) => Math.floor(date.getUTCMonth() / 3) + 1,
  MONTH: (date) => date.getUTCMonth() + 1,
  WEEK: weekOf,
  DAY: (date) => date.getUTCDate(),
  DAYOFMONTH: (date) => date.getUTCDate(),
  DOW: (date) => date.getUTCDay() + 1,
  DAYOFWEEK: (date) => date.getUTCDay() + 1,
  HOUR: (date) => date.getUTCHours(),
  MINUTE: (date) => date.getUTCMinutes(),
  SECOND: (date) => date.getUTCSeconds(),
  EPOCH: (date) => Math.floor(date.getTime() / 1_000),
};

/** Users of a row: a number for one, a list of numbers for several; a hundred are told apart, more make no difference. */
const mostUsers = 100;
const addUsers = (users: Set<number>, value: Value): Set<number> => {
  if (users.size >= mostUsers || value === null) return users;
  if (typeof value === 'number') users.add(value);
  else for (const part of text(value).split(',')) if (users.size < mostUsers) users.add(Number(part));
  return users;
};
const usersOf = (users: Set<number>): Value =>
  users.size === 0 ? null : users.size === 1 ? ([...users][0] ?? null) : [...users].join(',');
/** How many there are, a hundred at most. */
export const countUsers = (value: Value): number =>
  value === null ? 0 : typeof value === 'number' ? 1 : text(value).split(',').length;

/** Teaches the embedded database what AMC's SQL has and it has not (AMC §6.2). */
export function addFunctions(db: DatabaseSync, now: () => number): void {
  // A number goes back as a float, a BigInt as a whole number; only the latter divides as whole numbers do.
  const whole = (value: Value): Value =>
    typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
  const scalar = (name: string, work: (...args: Value[]) => Value): void =>
    db.function(name, { varargs: true, deterministic: !/^(random_double|uuid)$/.test(name) }, (...args: Value[]) =>
      whole(work(...args)),
    );
  /** Null in, null out. */
  const strict = (name: string, work: (...args: Value[]) => Value): void =>
    scalar(name, (...args) => (args.includes(null) ? null : work(...args)));

  scalar('users_of', (...parts) => usersOf(parts.reduce<Set<number>>(addUsers, new Set())));
  db.aggregate('user_set', {
    start: () => new Set<number>(),
    step: (users: Set<number>, value: Value) => addUsers(users, value),
    result: usersOf,
  } as never);

  strict('to_stamp', (value) => (text(value) === 'now' ? stampOf(now()) : known(momentOf(value), stampOf)));
  strict('to_date', (value) => {
    const word = text(value).toLowerCase();
    if (word === 'today' || word === 'now') return stampOf(now()).slice(0, 10);
    return known(momentOf(value), (ms) => stampOf(ms).slice(0, 10));
  });
  strict('date_trunc_to', (unit, value) =>
    known(momentOf(value), (ms) => {
      const date = new Date(ms);
      truncations[text(unit).toUpperCase()]?.(date);
      return stampOf(date.getTime());
    }),
  );
  strict('field_of', (unit, value) => {
    const ms = momentOf(value);
    return Number.isFinite(ms) ? (fields[text(unit).toUpperCase()]?.(new Date(ms)) ?? null) : null;
  });
  strict('add_time', (value, amount, unit) =>
    known(momentOf(value), (ms) => {
      const date = new Date(ms);
      const by = Number(amount);
      const name = text(unit);
      if (name === 'MONTH' || name === 'QUARTER')
        date.setUTCMonth(date.getUTCMonth() + by * (name === 'MONTH' ? 1 : 3));
      else if (name === 'YEAR') date.setUTCFullYear(date.getUTCFullYear() + by);
      else date.setTime(ms + by * ({ WEEK: 604_800, DAY: 86_400, HOUR: 3_600, MINUTE: 60 }[name] ?? 1) * 1_000);
      const isDate = text(value).length === 10 && !/HOUR|MINUTE|SECOND/.test(name);
      return isDate ? stampOf(date.getTime()).slice(0, 10) : stampOf(date.getTime());
    }),
  );
  strict('seconds_between', (from, to) => Math.floor((momentOf(to) - momentOf(from)) / 1_000));
  strict('from_utc', (value, zone) => known(momentOf(value), (ms) => `${wallClock(ms, text(zone))}.000`));
  strict('epoch_stamp', (seconds) => stampOf(Number(seconds) * 1_000));

  strict('similar_to', (value, pattern) => (patternOf(text(pattern), true).test(text(value)) ? 1 : 0));
  strict('regexp_replace', (value, pattern, by) =>
    text(value).replace(patternOf(text(pattern), false, 'g'), text(by ?? '')),
  );
  strict('regexp_substr', (value, pattern) => patternOf(text(pattern), false).exec(text(value))?.[0] ?? null);
  strict('regexp_split', (value, pattern) => json(text(value).split(patternOf(text(pattern), false))));
  strict('str_to_map', (value, pairs, names) => {
    const entries = text(value).split(text(pairs ?? ','));
    return json(Object.fromEntries(entries.map((entry) => entry.split(text(names ?? ':'), 2))));
  });
  strict('position_in', (part, value) => text(value).indexOf(text(part)) + 1);
  strict('left_of', (value, count) => text(value).slice(0, Number(count)));
  strict('right_of', (value, count) => (Number(count) > 0 ? text(value).slice(-Number(count)) : ''));
  strict('trim_side', (side, what, value) => {
    let trimmed = text(value);
    const part = text(what);
    if (part === '') return trimmed;
    while (side !== 'TRAILING' && trimmed.startsWith(part)) trimmed = trimmed.slice(part.length);
    while (side !== 'LEADING' && trimmed.endsWith(part)) trimmed = trimmed.slice(0, -part.length);
    return trimmed;
  });
  strict('trunc_to', (value, digits) => {
    const by = 10 ** Number(digits ?? 0);
    return Math.trunc(Number(value) * by) / by;
  });
  scalar('random_double', () => Math.random());
  scalar('uuid', () => randomUUID());
  const digest = (algorithm: string) => (value: Value) => createHash(algorithm).update(text(value)).digest('hex');
  strict('md5', digest('md5'));
  strict('sha1', digest('sha1'));
  strict('hash64', (value) => BigInt.asIntN(64, createHash('sha256').update(text(value)).digest().readBigUInt64BE()));

  strict('array_contains', (items, value) => (list(items).includes(value) ? 1 : 0));
  strict('contained_in', (value, items) => (list(items).includes(value) ? 1 : 0));
  strict('array_cat', (...parts) => json(parts.flatMap(list)));
  strict('array_union', (...parts) => json([...new Set(parts.flatMap(list))]));
  strict('array_distinct', (items) => json([...new Set(list(items))]));
  strict('array_complement', (a, b) => json(list(a).filter((one) => !list(b).includes(one))));
  strict('array_intersect', (a, b) => json([...new Set(list(a))].filter((one) => list(b).includes(one))));
  strict('array_remove', (items, value) => json(list(items).filter((one) => one !== value)));
  strict('array_sort', (items) => json(list(items).sort((a, b) => (a === b ? 0 : String(a) < String(b) ? -1 : 1))));
  strict('array_to_string', (items, by) => list(items).join(text(by)));
  strict('array_flatten', (items) => json(list(items).flat()));
  strict('cardinality', (items) => list(items).length);
  scalar('greatest', (...values) =>
    values.includes(null) ? null : values.reduce((a, b) => ((b ?? 0) > (a ?? 0) ? b : a)),
  );
  scalar('least', (...values) =>
    values.includes(null) ? null : values.reduce((a, b) => ((b ?? 0) < (a ?? 0) ? b : a)),
  );

  const collecting = (name: string, result: (values: number[], ...rest: number[]) => Value): void =>
    db.aggregate(name, {
      varargs: true,
      start: () => ({ values: [] as number[], more: [] as number[] }),
      step: (state: { values: number[]; more: number[] }, value: Value, ...more: Value[]) => {
        if (value !== null) state.values.push(Number(value));
        state.more = more.map(Number);
        return state;
      },
      result: ({ values, more }: { values: number[]; more: number[] }) =>
        values.length === 0 ? null : result(values, ...more),
    } as never);
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const variance = (values: number[], less: number): number => {
    const middle = mean(values);
    return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / Math.max(1, values.length - less);
  };
  const quantile = (values: number[], share: number): number => {
    const sorted = values.toSorted((a, b) => a - b);
    const at = (sorted.length - 1) * Math.min(1, Math.max(0, share));
    const low = sorted[Math.floor(at)] ?? 0;
    return low + ((sorted[Math.ceil(at)] ?? low) - low) * (at - Math.floor(at));
  };
  collecting('var_pop', (values) => variance(values, 0));
  collecting('var_samp', (values) => variance(values, 1));
  collecting('stddev_pop', (values) => Math.sqrt(variance(values, 0)));
  collecting('stddev_samp', (values) => Math.sqrt(variance(values, 1)));
  collecting(
    'skewness',
    (values) => mean(values.map((value) => (value - mean(values)) ** 3)) / variance(values, 0) ** 1.5,
  );
  collecting('quantile', quantile);
  db.aggregate('collect_list', {
    start: () => [] as Value[],
    step: (values: Value[], value: Value) => (value === null ? values : [...values, value]),
    result: json,
  } as never);
}
