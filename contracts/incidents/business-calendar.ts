import { z } from 'zod';
import { Name } from '../kit/schemas.ts';
import { instantAt, isZone, wallTime } from '../schedules/zone.ts';

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

/** A time of day, `00:00` to `24:00`. */
const ClockTime = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'A time of day such as 09:00.');
/** From when until when on a day; an end that is not later than the start is on the day after. */
export const Hours = z.object({ from: ClockTime, to: ClockTime });
export type Hours = z.infer<typeof Hours>;
const LocalDate = z.iso.date();

/** When people are there to work: hours by weekday in a zone, and days on which it is otherwise. */
export const BusinessCalendar = z
  .object({
    name: Name,
    timeZone: z.string().refine(isZone, 'A time zone such as Europe/Berlin.'),
    /** No hours on any day and none on a holiday: a calendar in which no time counts is refused. */
    week: z.partialRecord(z.enum(weekdays), z.array(Hours).max(6)),
    /** Days on which other hours hold than in the week; none: nobody works. */
    holidays: z
      .array(z.object({ date: LocalDate, name: Name, hours: z.array(Hours).max(6).default([]) }))
      .max(1_000)
      .default([]),
  })
  .refine(({ week }) => Object.values(week).some((hours) => hours.length > 0), {
    path: ['week'],
    message: 'At least one day has hours.',
  });
export type BusinessCalendar = z.infer<typeof BusinessCalendar>;

/** A span of instants in milliseconds; `to` is no longer in it. */
export interface Span {
  from: number;
  to: number;
}

const dayMs = 86_400_000;
const minuteMs = 60_000;
/** Hours round the clock touch for ever: a span ends after this, and the next begins where it ended. */
const longestSpanMs = 35 * dayMs;
/** A calendar that is closed for longer than this is taken to be closed for good. */
const longestClosedDays = 1_100;

/** A time of day in minutes since midnight. */
export const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** Hours of a local day as a span; an end that is not later than the start is on the day after. */
export function hoursAsSpan({ from, to }: Hours, dayWallMs: number, timeZone: string): Span {
  const start = minutesOf(from);
  const end = minutesOf(to) > start ? minutesOf(to) : minutesOf(to) + 24 * 60;
  return {
    from: instantAt(dayWallMs + start * minuteMs, timeZone, 'first'),
    to: instantAt(dayWallMs + end * minuteMs, timeZone, 'last'),
  };
}

/** The hours of one local day as spans, in order; `dayWallMs` is its midnight as if it were UTC. */
function spansOfDay(calendar: BusinessCalendar, dayWallMs: number): Span[] {
  const date = new Date(dayWallMs).toISOString().slice(0, 10);
  const weekday = weekdays[(new Date(dayWallMs).getUTCDay() + 6) % 7];
  const hours =
    calendar.holidays.find((holiday) => holiday.date === date)?.hours ?? (weekday && calendar.week[weekday]) ?? [];
  return hours.map((span) => hoursAsSpan(span, dayWallMs, calendar.timeZone));
}

/**
 * The spans in which time counts, in order, from an instant on; longer than a month they come in pieces that touch. It ends by itself where nothing
 * is open for three years. No calendar: every minute counts.
 */
export function* openSpans(calendar: BusinessCalendar | null, fromMs: number): Generator<Span> {
  if (!calendar) {
    yield { from: fromMs, to: Infinity };
    return;
  }
  // A day earlier: hours over midnight belong to the day on which they begin.
  let day = Math.floor(wallTime(fromMs, calendar.timeZone) / dayMs) * dayMs - dayMs;
  let closed = 0;
  let open: Span | undefined;
  while (closed < longestClosedDays) {
    const spans = spansOfDay(calendar, day).sort((a, b) => a.from - b.from);
    closed = spans.length > 0 ? 0 : closed + 1;
    for (const span of spans) {
      if (span.to <= Math.max(fromMs, span.from)) continue;
      const cut = { from: Math.max(span.from, fromMs), to: span.to };
      if (open && cut.from <= open.to && cut.to - open.from < longestSpanMs) open.to = Math.max(open.to, cut.to);
      else {
        const begin = Math.max(cut.from, open?.to ?? cut.from);
        if (begin >= cut.to) continue;
        if (open) yield open;
        open = { from: begin, to: cut.to };
      }
    }
    day += dayMs;
    // What begins tomorrow may go on from what ends at midnight; what ended before that is done.
    if (open && spans.length === 0) {
      yield open;
      open = undefined;
    }
  }
  if (open) yield open;
}

/** How much time counts between two instants, in milliseconds. */
export function openMsBetween(calendar: BusinessCalendar | null, fromMs: number, toMs: number): number {
  let sum = 0;
  for (const { from, to } of openSpans(calendar, fromMs)) {
    if (from >= toMs) break;
    sum += Math.min(to, toMs) - from;
  }
  return sum;
}

/** The instant at which so much counted time has gone by since another; null where the calendar never opens that long. */
export function addOpenMs(calendar: BusinessCalendar | null, fromMs: number, ms: number): number | null {
  let left = ms;
  for (const { from, to } of openSpans(calendar, fromMs)) {
    if (to - from >= left) return from + left;
    left -= to - from;
  }
  return null;
}
