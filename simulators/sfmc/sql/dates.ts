import { SqlError } from './tokens.ts';

// Dates stand in the embedded database as `YYYY-MM-DD HH:MM:SS[.mmm]`, so that their order is that of their texts.
const dayMs = 86_400_000;
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const two = (value: number): string => String(value).padStart(2, '0');

/** Reads what T-SQL reads as a date, as milliseconds of a clock that knows no zone. */
export function readDate(written: string): number {
  const text = written.trim();
  const iso = /^(\d{4})-?(\d\d)-?(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?)?(?:Z| ?[+-]\d\d:\d\d)?$/.exec(
    text,
  );
  const us = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?: (\d{1,2}):(\d\d)(?::(\d\d))? ?([AP]M)?)?$/i.exec(text);
  const [year, month, day, hour, minute, second, ms] = iso
    ? [iso[1], iso[2], iso[3], iso[4], iso[5], iso[6], (iso[7] ?? '0').padEnd(3, '0').slice(0, 3)].map((part) =>
        Number(part ?? 0),
      )
    : us
      ? [us[3], us[1], us[2], us[4], us[5], us[6], '0'].map((part) => Number(part ?? 0))
      : [];
  const half = us?.[7]?.toUpperCase();
  const hours = half ? ((hour ?? 0) % 12) + (half === 'PM' ? 12 : 0) : (hour ?? 0);
  const at = year === undefined ? Number.NaN : Date.UTC(year, (month ?? 1) - 1, day, hours, minute, second, ms);
  if (Number.isNaN(at) || new Date(at).getUTCDate() !== day) {
    throw new SqlError('Conversion failed when converting date and/or time from character string.');
  }
  return at;
}

export function writeDate(at: number): string {
  if (Number.isNaN(new Date(at).getTime()))
    throw new SqlError("Adding a value to a 'datetime' column caused an overflow.");
  const text = new Date(at).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 19)}${at % 1_000 === 0 ? '' : text.slice(19, 23)}`;
}

const unitMs: Record<string, number> = {
  week: 7 * dayMs,
  day: dayMs,
  dayofyear: dayMs,
  weekday: dayMs,
  hour: 3_600_000,
  minute: 60_000,
  second: 1_000,
  millisecond: 1,
};

export function addToDate(part: string, count: number, at: number): number {
  const unit = unitMs[part];
  if (unit !== undefined) return at + count * unit;
  const date = new Date(at);
  const steps = part === 'year' ? count * 12 : part === 'quarter' ? count * 3 : count;
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + steps + 1, 0)).getUTCDate();
  // The 31st becomes the last day of a shorter month.
  const day = Math.min(date.getUTCDate(), last);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + steps, day) + (((at % dayMs) + dayMs) % dayMs);
}

/** DATEDIFF counts the borders between the two, not whole units. */
export function dateDifference(part: string, from: number, to: number): number {
  const [a, b] = [new Date(from), new Date(to)];
  const years = b.getUTCFullYear() - a.getUTCFullYear();
  if (part === 'year') return years;
  if (part === 'month') return years * 12 + b.getUTCMonth() - a.getUTCMonth();
  if (part === 'quarter') return years * 4 + Math.floor(b.getUTCMonth() / 3) - Math.floor(a.getUTCMonth() / 3);
  // Weeks begin on Sunday; the first day of 1970 was a Thursday.
  if (part === 'week') return Math.floor((to / dayMs + 4) / 7) - Math.floor((from / dayMs + 4) / 7);
  const unit = unitMs[part] ?? dayMs;
  return Math.floor(to / unit) - Math.floor(from / unit);
}

export function datePart(part: string, at: number): number {
  const date = new Date(at);
  const startOfYear = Date.UTC(date.getUTCFullYear(), 0, 1);
  switch (part) {
    case 'year':
      return date.getUTCFullYear();
    case 'quarter':
      return Math.floor(date.getUTCMonth() / 3) + 1;
    case 'month':
      return date.getUTCMonth() + 1;
    case 'day':
      return date.getUTCDate();
    case 'dayofyear':
      return Math.floor((at - startOfYear) / dayMs) + 1;
    case 'week':
      return Math.floor((Math.floor((at - startOfYear) / dayMs) + new Date(startOfYear).getUTCDay()) / 7) + 1;
    case 'weekday':
      return date.getUTCDay() + 1;
    case 'hour':
      return date.getUTCHours();
    case 'minute':
      return date.getUTCMinutes();
    case 'second':
      return date.getUTCSeconds();
    default:
      return date.getUTCMilliseconds();
  }
}

export function dateName(part: string, at: number): string {
  if (part === 'month') return months[new Date(at).getUTCMonth()] ?? '';
  if (part === 'weekday') return weekdays[new Date(at).getUTCDay()] ?? '';
  return String(datePart(part, at));
}

/** CONVERT's styles by number, FORMAT's patterns by text. */
export function formatDate(at: number, style: number | string): string {
  const date = new Date(at);
  const [year, month, day] = [String(date.getUTCFullYear()), two(date.getUTCMonth() + 1), two(date.getUTCDate())];
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  const half = date.getUTCHours() < 12 ? 'AM' : 'PM';
  const hour = date.getUTCHours() % 12 || 12;
  if (typeof style === 'string') {
    const parts: Record<string, string> = {
      yyyy: year,
      yy: year.slice(2),
      MMMM: months[date.getUTCMonth()] ?? '',
      MMM: (months[date.getUTCMonth()] ?? '').slice(0, 3),
      MM: month,
      M: String(Number(month)),
      dddd: weekdays[date.getUTCDay()] ?? '',
      ddd: (weekdays[date.getUTCDay()] ?? '').slice(0, 3),
      dd: day,
      d: String(Number(day)),
      HH: two(date.getUTCHours()),
      hh: two(hour),
      mm: two(date.getUTCMinutes()),
      ss: two(date.getUTCSeconds()),
      tt: half,
    };
    return style.replace(/yyyy|yy|MMMM|MMM|MM|M|dddd|ddd|dd|d|HH|hh|mm|ss|tt/g, (part) => parts[part] ?? part);
  }
  const styles: Record<number, string> = {
    1: `${month}/${day}/${year.slice(2)}`,
    10: `${month}-${day}-${year.slice(2)}`,
    12: `${year.slice(2)}${month}${day}`,
    23: `${year}-${month}-${day}`,
    101: `${month}/${day}/${year}`,
    102: `${year}.${month}.${day}`,
    103: `${day}/${month}/${year}`,
    104: `${day}.${month}.${year}`,
    105: `${day}-${month}-${year}`,
    108: time,
    110: `${month}-${day}-${year}`,
    111: `${year}/${month}/${day}`,
    112: `${year}${month}${day}`,
    120: `${year}-${month}-${day} ${time}`,
    121: `${year}-${month}-${day} ${time}.${String(date.getUTCMilliseconds()).padStart(3, '0')}`,
    126: `${year}-${month}-${day}T${time}`,
  };
  const monthName = (months[date.getUTCMonth()] ?? '').slice(0, 3);
  return (
    styles[style] ??
    `${monthName} ${String(Number(day)).padStart(2)} ${year} ${String(hour).padStart(2)}:${two(date.getUTCMinutes())}${half}`
  );
}

const zones: Record<string, string> = {
  'Central Standard Time': 'America/Chicago',
  'Eastern Standard Time': 'America/New_York',
  'Pacific Standard Time': 'America/Los_Angeles',
  'GMT Standard Time': 'Europe/London',
  'W. Europe Standard Time': 'Europe/Berlin',
  'Romance Standard Time': 'Europe/Paris',
  'Tokyo Standard Time': 'Asia/Tokyo',
  'AUS Eastern Standard Time': 'Australia/Sydney',
};

/** AT TIME ZONE; what has no offset is taken as the service's own time, six hours behind UTC. */
export function shiftZone(at: number, zone: string): number {
  if (zone === 'UTC') return at + 6 * 3_600_000;
  const name = zones[zone];
  if (!name) throw new SqlError(`The time zone parameter '${zone}' provided to AT TIME ZONE clause is invalid.`);
  const utc = at + 6 * 3_600_000;
  const there = new Date(new Date(utc).toLocaleString('en-US', { timeZone: name }) + ' UTC').getTime();
  return there;
}
