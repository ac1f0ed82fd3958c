import { failed, leastInstantMs, mostInstantMs } from './operators.ts';
import { Duration, Timestamp } from './values.ts';

const instantForm = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d+)?(?:Z|([+-])(\d{2}):(\d{2}))$/i;
const dayForm = /^(\d{4})-(\d{2})-(\d{2})$/;

const daysIn = (year: number, month: number): number => new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
const isDay = (year: number, month: number, day: number): boolean =>
  year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);

/** Whether a text is a calendar day `YYYY-MM-DD` that exists. */
export function isDate(text: string): boolean {
  const parts = dayForm.exec(text);
  return parts !== null && isDay(Number(parts[1]), Number(parts[2]), Number(parts[3]));
}

/** Milliseconds of an RFC 3339 instant with offset; undefined where it is none or the day does not exist. */
export function parseInstant(text: string): number | undefined {
  const parts = instantForm.exec(text);
  if (!parts) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
  const [offsetHours, offsetMinutes] = [Number(parts[9] ?? 0), Number(parts[10] ?? 0)];
  if (!isDay(year, month, day) || hour > 23 || minute > 59 || second > 59 || offsetHours > 23 || offsetMinutes > 59)
    return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day); // Date.UTC would take the years 1 to 99 for 1901 to 1999
  date.setUTCHours(hour, minute, second, Math.floor(Number(`0${parts[7] ?? ''}`) * 1000));
  const ms = date.getTime() - (parts[8] === '-' ? -1 : 1) * (offsetHours * 60 + offsetMinutes) * 60_000;
  return ms < leastInstantMs || ms > mostInstantMs ? undefined : ms;
}

export function timestampOf(text: string): Timestamp {
  const ms = parseInstant(text);
  if (ms === undefined) throw failed(`"${text}" is no RFC 3339 instant such as 2026-01-31T10:00:00Z`);
  return new Timestamp(ms);
}

const unitsMs: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};

/** A duration of CEL (`1.5h`, `-90s`, `300ms`), with days as in the document. */
export function durationOf(text: string): Duration {
  const isNegative = text.startsWith('-');
  const rest = text.replace(/^[-+]/, '');
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|d))+$/.test(rest))
    throw failed(`"${text}" is no duration such as 90s, 1h30m or 2d`);
  let ms = 0;
  for (const [, count, unit] of rest.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)/g))
    ms += Number(count) * (unitsMs[unit ?? ''] ?? 0);
  return new Duration(isNegative ? -ms : ms);
}

/** The calendar's view of an instant in a zone. `dayOfWeek` is 0 on Sunday, `dayOfYear` begins at 0. */
export interface Calendar {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly dayOfWeek: number;
  readonly dayOfYear: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  let made: Intl.DateTimeFormat;
  try {
    made = new Intl.DateTimeFormat('en-US', {
      timeZone: zone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', era: 'short',
      year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
    }); // prettier-ignore
  } catch {
    throw failed(`"${zone}" is no time zone such as Europe/Berlin`);
  }
  formats.set(zone, made);
  return made;
}

export function calendarOf({ ms }: Timestamp, zone = 'UTC'): Calendar {
  const offset = /^([+-])(\d{2}):(\d{2})$/.exec(zone);
  const shiftMs = offset ? (offset[1] === '-' ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3])) * 60_000 : 0;
  let local = new Date(ms + shiftMs);
  if (!offset && zone !== 'UTC') {
    const parts = Object.fromEntries(
      formatOf(zone)
        .formatToParts(ms)
        .map(({ type, value }) => [type, value]),
    );
    local = new Date(0);
    local.setUTCFullYear(Number(parts['year']), Number(parts['month']) - 1, Number(parts['day']));
    local.setUTCHours(Number(parts['hour']), Number(parts['minute']), Number(parts['second']));
  }
  const newYear = new Date(local.getTime());
  newYear.setUTCMonth(0, 1);
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth(),
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    dayOfWeek: local.getUTCDay(),
    dayOfYear: Math.round((local.getTime() - newYear.getTime()) / 86_400_000),
  };
}
