import { instantsOf, wallTime } from '../schedules/zone.ts';
import { readTime } from './parameter-values.ts';

/** An instant as ISO 8601 or milliseconds since 1970. */
export type Instant = string | number;
export interface Clock {
  readonly now: Instant;
  readonly timeZone: string;
}
export interface ResolvedTime {
  /** `YYYY-MM-DD`, or an instant in UTC; a time that was given without an offset stays as the clock shows it. */
  readonly value: string;
  readonly isRelative: boolean;
}

const dayMs = 86_400_000;
const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
type Unit = 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year';
const units: Readonly<Record<string, Unit>> = {
  s: 'second', sec: 'second', second: 'second', min: 'minute', m: 'minute', minute: 'minute', h: 'hour', hour: 'hour',
  d: 'day', day: 'day', w: 'week', week: 'week', mo: 'month', month: 'month', q: 'quarter', quarter: 'quarter', y: 'year', year: 'year',
}; // prettier-ignore
const unitOf = (word: string): Unit | undefined => units[word] ?? units[word.replace(/s$/, '')];
const exact: Partial<Record<Unit, number>> = { second: 1_000, minute: 60_000, hour: 3_600_000 };

/** What is offered where a date can be typed, with what it means. */
export const relativeExamples: readonly (readonly [string, string])[] = [
  ['now', 'this moment'],
  ['today', 'the beginning of today'],
  ['yesterday', 'the beginning of yesterday'],
  ['now - 7d', 'seven days ago, at this time'],
  ['start of week', 'Monday, 00:00'],
  ['start of month', 'the first of this month'],
  ['start of last month', 'the first of last month'],
  ['end of last month', 'the first of this month, as an end that is not included'],
  ['start of quarter', 'the first day of the quarter'],
  ['start of year', 'the first of January'],
  ['monday', 'the last Monday, today included'],
  ['last friday', 'the last Friday before today'],
];

/**
 * Reads a date or time, absolute or relative to a clock: a point (`now`, `today`, `monday`, `start of last month`,
 * `end of week`, a date) and steps (`- 7d`, `+ 2 hours`), or `3 days ago`. Days, weeks, months and years are steps on the
 * calendar of the zone, so that `today - 1d` is midnight also across a change of the clocks; hours and below are
 * durations. `end of` is the beginning of what follows; of a date, its last day. Null: nothing of that.
 */
export function resolveTime(text: string, type: 'date' | 'timestamp', { now, timeZone }: Clock): ResolvedTime | null {
  const absolute = readTime(text, type);
  if (absolute !== null) return { value: absolute, isRelative: false };
  if (type === 'timestamp') {
    const day = readTime(text, 'date');
    if (day !== null) return { value: `${day}T00:00:00`, isRelative: false };
  }
  const nowMs = typeof now === 'number' ? now : Date.parse(now);
  const words = text.trim().toLowerCase().replaceAll(/\s+/g, ' ');
  if (Number.isNaN(nowMs) || words === '' || words.length > 100) return null;
  const ago = /^(\d{1,5}) ?([a-z]+) ago$/.exec(words);
  const stepped = /^(.*?)((?: ?[+-] ?\d{1,5} ?[a-z]+)*)$/.exec(ago ? `now - ${ago[1]} ${ago[2]}` : words);
  const anchor = (stepped?.[1] ?? '').trim();
  const point = pointOf(anchor === '' ? 'now' : anchor, nowMs, timeZone, type);
  if (!stepped || point === null) return null;
  let ms = point;
  for (const [, sign, count, word = ''] of (stepped[2] ?? '').matchAll(/([+-]) ?(\d{1,5}) ?([a-z]+)/g)) {
    const unit = unitOf(word);
    if (!unit) return null;
    ms = step(ms, (sign === '-' ? -1 : 1) * Number(count), unit, timeZone);
  }
  const date = new Date(ms);
  const wall = Number.isNaN(date.getTime()) ? Number.NaN : wallTime(ms, timeZone);
  const year = new Date(wall).getUTCFullYear();
  if (!(year >= 1 && year <= 9999)) return null;
  return { value: type === 'date' ? new Date(wall).toISOString().slice(0, 10) : date.toISOString(), isRelative: true };
}

/** The instant at which the clocks show this; where they leap over it, when they have leapt. */
function instantOf(wallMs: number, zone: string): number {
  for (let leap = 0; leap <= 180; leap += 15) {
    const [instant] = instantsOf(wallMs + leap * 60_000, zone);
    if (instant !== undefined) return instant;
  }
  return wallMs;
}

function step(ms: number, count: number, unit: Unit, zone: string): number {
  const duration = exact[unit];
  if (duration) return ms + count * duration;
  return instantOf(stepWall(wallTime(ms, zone), count, unit) + (((ms % 1_000) + 1_000) % 1_000), zone);
}

function stepWall(wall: number, count: number, unit: Unit): number {
  if (unit === 'day' || unit === 'week') return wall + count * dayMs * (unit === 'week' ? 7 : 1);
  const months = count * (unit === 'year' ? 12 : unit === 'quarter' ? 3 : 1);
  const date = new Date(wall);
  const first = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
  const last = new Date(Date.UTC(new Date(first).getUTCFullYear(), new Date(first).getUTCMonth() + 1, 0)).getUTCDate();
  // A month after January 31st is the last of February, not the third of March.
  return first + (Math.min(date.getUTCDate(), last) - 1) * dayMs + (((wall % dayMs) + dayMs) % dayMs);
}

function startOf(wall: number, unit: Unit): number {
  const date = new Date(wall);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const midnight = Date.UTC(year, month, date.getUTCDate());
  switch (unit) {
    case 'year':
      return Date.UTC(year, 0, 1);
    case 'quarter':
      return Date.UTC(year, month - (month % 3), 1);
    case 'month':
      return Date.UTC(year, month, 1);
    case 'week':
      return midnight - ((date.getUTCDay() + 6) % 7) * dayMs;
    case 'day':
      return midnight;
    default:
      return wall - (wall % (exact[unit] ?? 1));
  }
}

function pointOf(words: string, nowMs: number, zone: string, type: 'date' | 'timestamp'): number | null {
  if (words === 'now') return nowMs;
  const wall = wallTime(nowMs, zone);
  const today = startOf(wall, 'day');
  const days = { today: 0, yesterday: -1, tomorrow: 1 }[words];
  if (days !== undefined) return instantOf(today + days * dayMs, zone);
  const weekday = /^(?:(last|next|this) )?([a-z]+day)$/.exec(words);
  const at = weekdays.indexOf(weekday?.[2] ?? '');
  if (weekday && at >= 0) {
    const ahead = at - ((new Date(today).getUTCDay() + 6) % 7);
    if (weekday[1] === 'this') return instantOf(today + ahead * dayMs, zone);
    if (weekday[1] === 'next') return instantOf(today + (ahead > 0 ? ahead : ahead + 7) * dayMs, zone);
    const back = weekday[1] === 'last' && ahead === 0 ? -7 : ahead > 0 ? ahead - 7 : ahead;
    return instantOf(today + back * dayMs, zone);
  }
  const edge = /^(start|beginning|end) of (?:(?:the )?(this|last|previous|next) )?([a-z]+)$/.exec(words);
  const named = edge?.[3] === 'today' || edge?.[3] === 'yesterday' || edge?.[3] === 'tomorrow' ? edge[3] : undefined;
  const unit = named ? 'day' : unitOf(edge?.[3] ?? '');
  if (edge && unit) {
    const moved = edge[2] === 'next' ? 1 : edge[2] === 'last' || edge[2] === 'previous' ? -1 : 0;
    const count = moved + (named === 'yesterday' ? -1 : named === 'tomorrow' ? 1 : 0);
    const start = startOf(stepWall(startOf(wall, unit), 0, 'day'), unit);
    const stepUnit = (by: number): number => {
      const duration = exact[unit];
      return duration ? start + by * duration : stepWall(start, by, unit);
    };
    if (edge[1] !== 'end') return instantOf(stepUnit(count), zone);
    return instantOf(stepUnit(count + 1) - (type === 'date' ? dayMs : 0), zone);
  }
  const day = readTime(words, 'date');
  return day === null ? null : instantOf(Date.parse(`${day}T00:00:00Z`), zone);
}
