import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addOpenMs, BusinessCalendar, openMsBetween, openSpans } from './business-calendar.ts';

const hourMs = 3_600_000;
const at = (text: string): number => Date.parse(text);
const office = BusinessCalendar.parse({
  name: 'Office',
  timeZone: 'Europe/Berlin',
  week: Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri'].map((day) => [day, [{ from: '09:00', to: '17:00' }]])),
  holidays: [
    { date: '2026-12-25', name: 'Christmas' },
    { date: '2026-12-24', name: 'Christmas Eve', hours: [{ from: '09:00', to: '12:00' }] },
  ],
});
const nights = BusinessCalendar.parse({
  name: 'Nights',
  timeZone: 'America/New_York',
  week: { sat: [{ from: '22:00', to: '06:00' }], sun: [{ from: '22:00', to: '06:00' }] },
});
const always = BusinessCalendar.parse({
  name: 'Round the clock',
  timeZone: 'Europe/Berlin',
  week: Object.fromEntries(
    ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, [{ from: '00:00', to: '24:00' }]]),
  ),
});

test('a Friday evening goes on on Monday morning; a half holiday counts half, a whole one not at all', () => {
  // Friday 20 November 2026, 16:00 in Berlin.
  expect(addOpenMs(office, at('2026-11-20T15:00:00Z'), 2 * hourMs)).toBe(at('2026-11-23T09:00:00Z'));
  expect(openMsBetween(office, at('2026-12-24T00:00:00Z'), at('2026-12-26T00:00:00Z'))).toBe(3 * hourMs);
});

test('an end at the very close of business is due then, not the next morning', () => {
  expect(addOpenMs(office, at('2026-11-20T08:00:00Z'), 8 * hourMs)).toBe(at('2026-11-20T16:00:00Z'));
});

test('hours over midnight belong to the day on which they begin, also when asked for after midnight', () => {
  // Monday 23 November 2026, 02:00 in New York: Sunday's night has four hours to go.
  expect(openMsBetween(nights, at('2026-11-23T07:00:00Z'), at('2026-11-24T07:00:00Z'))).toBe(4 * hourMs);
});

test('the night in which clocks change has an hour less or more', () => {
  // In New York clocks leap from 02:00 to 03:00 on Sunday 8 March 2026, and go back on Sunday 1 November 2026.
  expect(openMsBetween(nights, at('2026-03-08T00:00:00Z'), at('2026-03-08T20:00:00Z'))).toBe(7 * hourMs);
  expect(openMsBetween(nights, at('2026-11-01T00:00:00Z'), at('2026-11-01T20:00:00Z'))).toBe(9 * hourMs);
  expect(openMsBetween(office, at('2026-03-30T00:00:00Z'), at('2026-03-31T00:00:00Z'))).toBe(8 * hourMs);
});

test('hours that begin in the hour that clocks leap over begin with the leap', () => {
  const early = BusinessCalendar.parse({ ...nights, week: { sun: [{ from: '02:30', to: '05:00' }] } });
  expect([...take(openSpans(early, at('2026-03-08T00:00:00Z')), 1)]).toEqual([
    { from: at('2026-03-08T07:00:00Z'), to: at('2026-03-08T09:00:00Z') },
  ]);
});

test('days that touch are one span, and round the clock is every minute', () => {
  const [first] = take(openSpans(BusinessCalendar.parse({ ...always, week: { ...always.week, sun: [] } }), at('2026-11-16T00:00:00Z')), 1); // prettier-ignore
  expect(first).toEqual({ from: at('2026-11-16T00:00:00Z'), to: at('2026-11-21T23:00:00Z') });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400 * 24 }), fc.integer({ min: 0, max: 30 * 24 * 60 }), (hour, minutes) => {
      const from = at('2026-01-01T00:00:00Z') + hour * hourMs;
      expect(addOpenMs(always, from, minutes * 60_000)).toBe(from + minutes * 60_000);
    }),
    { numRuns: 60 },
  );
});

test('what is added is what is between, and parts add up to the whole', () => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC', 'Asia/Kolkata'];
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: 0, max: 700 * 24 * 60 }),
      fc.integer({ min: 1, max: 5 * 24 * 60 }),
      fc.integer({ min: 0, max: 100 }),
      (timeZone, minute, wanted, cutPercent) => {
        const calendar = { ...office, timeZone };
        const from = at('2025-06-01T00:00:00Z') + minute * 60_000;
        const due = addOpenMs(calendar, from, wanted * 60_000) ?? 0;
        expect(openMsBetween(calendar, from, due)).toBe(wanted * 60_000);
        const cut = from + Math.floor(((due - from) * cutPercent) / 100);
        expect(openMsBetween(calendar, from, cut) + openMsBetween(calendar, cut, due)).toBe(wanted * 60_000);
      },
    ),
    { numRuns: 150 },
  );
});

test('a calendar without hours is refused; one that only has them on days gone by never comes to an end', () => {
  expect(BusinessCalendar.safeParse({ ...office, week: { mon: [] } }).success).toBe(false);
  const holidays = Array.from({ length: 1_000 }, (_, day) => ({
    date: new Date(at('2026-01-05T00:00:00Z') + day * 7 * 24 * hourMs).toISOString().slice(0, 10),
    name: 'Closed',
    hours: [],
  }));
  const never = BusinessCalendar.parse({ ...office, week: { mon: [{ from: '09:00', to: '17:00' }] }, holidays });
  expect(addOpenMs(never, at('2026-01-05T00:00:00Z'), hourMs)).toBeNull();
});

function take<T>(items: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  for (const item of items) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}
