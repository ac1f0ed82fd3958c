/** A cron expression read into the numbers it stands for. */
export interface CronFields {
  second: number[];
  minute: number[];
  hour: number[];
  dayOfMonth: number[];
  month: number[];
  /** 0 is Sunday. */
  dayOfWeek: number[];
  /** As cron has it from of old: where both days are named, either is enough. */
  isEitherDay: boolean;
  /** The expression with five fields, or six where seconds are named; names and shortcuts written out. */
  text: string;
  /** The same in plain numbers, six fields: what counts the times. */
  pattern: string;
}
export type CronRead = { ok: true; fields: CronFields } | { ok: false; why: string };

const shortcuts: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *', '@annually': '0 0 1 1 *', '@monthly': '0 0 1 * *', '@weekly': '0 0 * * 0', '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *', '@hourly': '0 * * * *',
}; // prettier-ignore
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

interface FieldRule {
  name: string;
  min: number;
  max: number;
  names?: readonly string[];
}
const rules: readonly FieldRule[] = [
  { name: 'second', min: 0, max: 59 },
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of the month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: monthNames },
  { name: 'weekday', min: 0, max: 7, names: dayNames },
];

/** Reads five fields (minute hour day month weekday), six with seconds first, or a shortcut such as `@daily`. */
export function readCron(given: string): CronRead {
  const text = given.trim().toLowerCase();
  if (text.startsWith('@every')) return { ok: false, why: 'write an interval instead of @every' };
  const expanded = text.startsWith('@') ? shortcuts[text] : text;
  if (expanded === undefined)
    return { ok: false, why: `${given} is no shortcut; there are ${Object.keys(shortcuts).join(' ')}` };
  const parts = expanded.split(/\s+/);
  if (parts.length !== 5 && parts.length !== 6) {
    return {
      ok: false,
      why: `it has ${parts.length} fields; five are needed (minute hour day month weekday), or six with seconds first`,
    };
  }
  const sets: number[][] = [];
  for (const [index, part] of (parts.length === 5 ? ['0', ...parts] : parts).entries()) {
    const rule = rules[index];
    const read = rule && readField(part, rule);
    if (!read?.ok) return { ok: false, why: read ? read.why : 'a field too many' };
    sets.push(read.values);
  }
  const [second = [], minute = [], hour = [], dayOfMonth = [], month = [], weekdays = []] = sets;
  const dayOfWeek = [...new Set(weekdays.map((day) => day % 7))].sort((a, b) => a - b);
  const isAny = (part: string | undefined): boolean => part === '*' || part === '?';
  const isEitherDay = !isAny(parts.at(-3)) && !isAny(parts.at(-1));
  if (!isEitherDay && !hasDay(dayOfMonth, month)) return { ok: false, why: 'no month has that day' };
  const all = (values: number[], count: number): string => (values.length === count ? '*' : values.join(','));
  const day = (values: number[], part: string | undefined): string => (isAny(part) ? '*' : values.join(','));
  const pattern = [
    all(second, 60),
    all(minute, 60),
    all(hour, 24),
    day(dayOfMonth, parts.at(-3)),
    all(month, 12),
    day(dayOfWeek, parts.at(-1)),
  ].join(' ');
  return {
    ok: true,
    fields: { second, minute, hour, dayOfMonth, month, dayOfWeek, isEitherDay, text: parts.join(' '), pattern },
  };
}

type FieldRead = { ok: true; values: number[] } | { ok: false; why: string };

function readField(text: string, rule: FieldRule): FieldRead {
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const match = /^(\*|\?|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:\/(\d+))?$/.exec(item);
    if (!match)
      return { ok: false, why: `“${item}” cannot be read as ${rule.name}; numbers, names, * , - and / are understood` };
    const [, whole, fromText, toText, stepText] = match;
    const isAny = whole === '*' || whole === '?';
    const from = isAny ? rule.min : readNumber(fromText, rule);
    // `5/10` means from 5 on, as in most crons.
    const to =
      isAny || (stepText !== undefined && toText === undefined)
        ? rule.max === 7
          ? 6
          : rule.max
        : toText === undefined
          ? from
          : readNumber(toText, rule);
    const step = stepText === undefined ? 1 : Number(stepText);
    if (from === undefined || to === undefined)
      return { ok: false, why: `“${item}” is outside of ${rule.min}–${rule.max} for ${rule.name}` };
    if (to < from) return { ok: false, why: `“${item}” goes backwards in ${rule.name}` };
    if (step < 1) return { ok: false, why: `“${item}” has a step of 0 in ${rule.name}` };
    for (let value = from; value <= to; value += step) values.add(value);
  }
  return { ok: true, values: [...values].sort((a, b) => a - b) };
}

function readNumber(text: string | undefined, { min, max, names }: FieldRule): number | undefined {
  const named = names?.indexOf(text ?? '') ?? -1;
  if (named >= 0) return named + min;
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}

const longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const hasDay = (days: readonly number[], months: readonly number[]): boolean =>
  months.some((month) => days.some((day) => day <= (longest[month - 1] ?? 0)));
