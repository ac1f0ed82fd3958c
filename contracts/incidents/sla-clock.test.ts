import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BusinessCalendar } from './business-calendar.ts';
import { type Clock, type ClockFact, computeClock } from './sla-clock.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const at = (text: string): number => Date.parse(text);
const start = at('2026-11-16T08:00:00Z'); // a Monday, 09:00 in Berlin
const office = BusinessCalendar.parse({
  name: 'Office',
  timeZone: 'Europe/Berlin',
  week: Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri'].map((day) => [day, [{ from: '09:00', to: '17:00' }]])),
});
const started = (targetMs: number, calendarId: string | null = null): ClockFact => ({
  at: start,
  fact: 'started',
  targetMs,
  calendarId,
  why: 'Opened as SEV2',
});
const clockAt = (now: number, facts: ClockFact[]): Clock => {
  const clock = computeClock(facts, { calendars: { office }, now, warnRatio: 0.75 });
  if (!clock) throw new Error('The clock has not started.');
  return clock;
};

test('a clock counts, warns, and is late at the instant its target is used up', () => {
  const facts = [started(4 * hourMs)];
  expect(clockAt(start + hourMs, facts)).toEqual({
    segments: [
      { from: start, to: null, mode: 'counting', why: 'Opened as SEV2', targetMs: 4 * hourMs, usedMs: hourMs },
    ],
    mode: 'counting',
    targetMs: 4 * hourMs,
    usedMs: hourMs,
    dueAt: start + 4 * hourMs,
    warnAt: start + 3 * hourMs,
    breachedAt: null,
    metAt: null,
  });
  expect(clockAt(start + 9 * hourMs, facts)).toMatchObject({
    usedMs: 9 * hourMs,
    warnAt: start + 3 * hourMs,
    dueAt: start + 4 * hourMs,
    breachedAt: start + 4 * hourMs,
  });
});

test('a pause is no time used; it says why, and the due time moves by its length', () => {
  const facts: ClockFact[] = [
    started(4 * hourMs),
    { at: start + hourMs, fact: 'paused', why: 'Pending: waiting for the vendor' },
    { at: start + 3 * hourMs, fact: 'resumed', why: 'Investigating' },
  ];
  expect(clockAt(start + 2 * hourMs, facts)).toMatchObject({ mode: 'paused', usedMs: hourMs, dueAt: null });
  const clock = clockAt(start + 4 * hourMs, facts);
  expect(clock.segments.map(({ mode, why, usedMs }) => [mode, why, usedMs / hourMs])).toEqual([
    ['counting', 'Opened as SEV2', 1],
    ['paused', 'Pending: waiting for the vendor', 1],
    ['counting', 'Investigating', 2],
  ]);
  expect(clock).toMatchObject({ usedMs: 2 * hourMs, dueAt: start + 6 * hourMs });
});

test('a change of severity keeps what was used and paused; only the target is another', () => {
  const facts: ClockFact[] = [
    started(8 * hourMs),
    { at: start + hourMs, fact: 'paused', why: 'Pending' },
    { at: start + 2 * hourMs, fact: 'resumed', why: 'Investigating' },
    { at: start + 4 * hourMs, fact: 'retargeted', targetMs: 4 * hourMs, calendarId: null, why: 'Raised to SEV1' },
  ];
  expect(clockAt(start + 4 * hourMs, facts)).toMatchObject({
    usedMs: 3 * hourMs,
    targetMs: 4 * hourMs,
    dueAt: start + 5 * hourMs,
    breachedAt: null,
  });
});

test('a target shortened below what is used is late from that moment; one made longer takes lateness back', () => {
  const shorter: ClockFact = {
    at: start + 3 * hourMs,
    fact: 'retargeted',
    targetMs: hourMs,
    calendarId: null,
    why: 'SEV1',
  };
  const longer: ClockFact = {
    at: start + 5 * hourMs,
    fact: 'retargeted',
    targetMs: 24 * hourMs,
    calendarId: null,
    why: 'SEV4',
  };
  const facts = [started(8 * hourMs), shorter];
  expect(clockAt(start + 4 * hourMs, facts)).toMatchObject({
    breachedAt: start + 3 * hourMs,
    warnAt: start + 3 * hourMs,
  });
  expect(clockAt(start + 6 * hourMs, [...facts, longer])).toMatchObject({
    breachedAt: null,
    dueAt: start + 24 * hourMs,
    warnAt: start + 18 * hourMs,
  });
});

test('outside business hours nothing counts, and the segments say so', () => {
  const clock = clockAt(at('2026-11-17T09:00:00Z'), [started(10 * hourMs, 'office')]);
  expect(
    clock.segments.map(({ from, to, mode }) => [mode, ((to ?? at('2026-11-17T09:00:00Z')) - from) / hourMs]),
  ).toEqual([
    ['counting', 8],
    ['outside', 16],
    ['counting', 1],
  ]);
  expect(clock).toMatchObject({ usedMs: 9 * hourMs, dueAt: at('2026-11-17T10:00:00Z'), breachedAt: null });
  expect(clockAt(at('2026-11-16T20:00:00Z'), [started(10 * hourMs, 'office')])).toMatchObject({
    mode: 'outside',
    dueAt: at('2026-11-17T10:00:00Z'),
  });
});

test('a met clock stands still and stays late if it was; taken up again it goes on from what was used', () => {
  const facts: ClockFact[] = [started(2 * hourMs), { at: start + 3 * hourMs, fact: 'met', why: 'Resolved' }];
  expect(clockAt(start + 30 * hourMs, facts)).toMatchObject({
    mode: 'met',
    usedMs: 3 * hourMs,
    metAt: start + 3 * hourMs,
    breachedAt: start + 2 * hourMs,
    dueAt: null,
  });
  const inTime: ClockFact[] = [
    started(2 * hourMs),
    { at: start + hourMs, fact: 'met', why: 'Resolved' },
    { at: start + 5 * hourMs, fact: 'reopened', why: 'It is back' },
  ];
  expect(clockAt(start + 5 * hourMs, inTime)).toMatchObject({
    mode: 'counting',
    usedMs: hourMs,
    dueAt: start + 6 * hourMs,
    metAt: null,
  });
});

test('what has not happened yet is not known, and a clock without a start is none', () => {
  const facts: ClockFact[] = [started(2 * hourMs), { at: start + hourMs, fact: 'met', why: 'Resolved' }];
  expect(clockAt(start + minuteMs, facts)).toMatchObject({ mode: 'counting', metAt: null });
  expect(computeClock(facts, { calendars: {}, now: start - 1, warnRatio: 0.75 })).toBeNull();
});

test('whatever happens, segments follow each other from the start until now and add up to what is used', () => {
  const step = fc.record({
    afterMs: fc.integer({ min: 0, max: 30 * hourMs }),
    fact: fc.constantFrom('paused', 'resumed', 'met', 'reopened', 'retargeted'),
    targetMs: fc.integer({ min: minuteMs, max: 40 * hourMs }),
    calendarId: fc.constantFrom('office', null),
  });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 12 }),
      fc.integer({ min: 0, max: 60 * hourMs }),
      fc.constantFrom('office', null),
      (steps, restMs, calendarId) => {
        let time = start;
        const facts: ClockFact[] = [started(4 * hourMs, calendarId)];
        for (const { afterMs, fact, ...target } of steps) {
          time += afterMs;
          facts.push(fact === 'retargeted' ? { at: time, why: fact, fact, ...target } : { at: time, why: fact, fact });
        }
        const now = time + restMs;
        const clock = clockAt(now, facts);
        let cursor = start;
        let used = 0;
        for (const { from, to, mode, usedMs } of clock.segments) {
          expect(from).toBe(cursor);
          cursor = to ?? now;
          if (mode === 'counting') used += cursor - from;
          expect(usedMs).toBe(used);
        }
        expect(cursor).toBe(now);
        expect(clock.usedMs).toBe(used);
        expect(clock.segments.filter(({ to }) => to === null)).toHaveLength(1);
        expect(clock.mode === 'met' || (clock.breachedAt !== null) === used >= clock.targetMs).toBe(true);
        // Told again later with nothing new, the past is the same.
        const later = clockAt(now + hourMs, facts);
        expect(later.segments.slice(0, clock.segments.length - 1)).toEqual(clock.segments.slice(0, -1));
      },
    ),
    { numRuns: 300 },
  );
});
