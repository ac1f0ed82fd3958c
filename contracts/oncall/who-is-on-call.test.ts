import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OnCallSchedule, Override } from './rotations.ts';
import { dutyNow, gapsIn, onCallSpans } from './who-is-on-call.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const at = (text: string): number => Date.parse(text);
const id = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [ana, ben, cem] = [id(1), id(2), id(3)];
const schedule = (layers: unknown[], timeZone = 'Europe/Berlin') =>
  OnCallSchedule.parse({ name: 'Primary', timeZone, layers });
const weekly = {
  id: id(10),
  name: 'Weeks',
  people: [ana, ben],
  startsAt: '2026-10-19T09:00',
  turn: { unit: 'weeks', count: 1 },
};

test('people take turns by week, handing over at the same time of day after clocks have changed', () => {
  const spans = onCallSpans(schedule([weekly]), [], {
    from: at('2026-10-19T07:00:00Z'),
    to: at('2026-11-09T08:00:00Z'),
  });
  expect(spans.map(({ from, personId }) => [new Date(from).toISOString(), personId])).toEqual([
    ['2026-10-19T07:00:00.000Z', ana],
    ['2026-10-26T08:00:00.000Z', ben], // winter time: still 09:00
    ['2026-11-02T08:00:00.000Z', ana],
  ]);
});

test('turns of hours are of time itself: twelve of them stay twelve in the night of the change', () => {
  const layer = { ...weekly, turn: { unit: 'hours', count: 12 }, startsAt: '2026-10-24T20:00' };
  const spans = onCallSpans(schedule([layer]), [], {
    from: at('2026-10-24T18:00:00Z'),
    to: at('2026-10-25T18:00:00Z'),
  });
  expect(spans.map(({ from, to }) => (to - from) / hourMs)).toEqual([12, 12]);
});

test('before the first turn and after the end of a layer nobody is on call, and the gap is told', () => {
  const layer = { ...weekly, endsAt: '2026-10-30T09:00' };
  const spans = onCallSpans(schedule([layer]), [], {
    from: at('2026-10-18T07:00:00Z'),
    to: at('2026-11-01T08:00:00Z'),
  });
  expect(gapsIn(spans).map(({ from, to }) => [new Date(from).toISOString(), new Date(to).toISOString()])).toEqual([
    ['2026-10-18T07:00:00.000Z', '2026-10-19T07:00:00.000Z'],
    ['2026-10-30T08:00:00.000Z', '2026-11-01T08:00:00.000Z'],
  ]);
});

test('a later layer goes before an earlier one, at its hours only', () => {
  const nights = {
    ...weekly,
    id: id(11),
    people: [cem],
    startsAt: '2026-10-19T00:00',
    only: [{ days: ['mon', 'tue'], from: '22:00', to: '06:00' }],
  };
  const spans = onCallSpans(schedule([weekly, nights]), [], {
    from: at('2026-10-26T12:00:00Z'),
    to: at('2026-10-28T12:00:00Z'),
  });
  expect(spans.map(({ from, personId }) => [new Date(from).toISOString().slice(0, 13), personId])).toEqual([
    ['2026-10-26T12', ben],
    ['2026-10-26T21', cem],
    ['2026-10-27T05', ben],
    ['2026-10-27T21', cem],
    ['2026-10-28T05', ben],
  ]);
});

test('an override holds over all layers, the one made later over the earlier; one for nobody is a gap', () => {
  const override = (n: number, from: string, to: string, personId: string | null) =>
    Override.parse({ id: id(n), from, to, personId });
  const overrides = [
    override(20, '2026-10-20T00:00:00Z', '2026-10-22T00:00:00Z', ben),
    override(21, '2026-10-21T00:00:00Z', '2026-10-21T12:00:00Z', null),
  ];
  const spans = onCallSpans(schedule([weekly]), overrides, {
    from: at('2026-10-19T12:00:00Z'),
    to: at('2026-10-23T00:00:00Z'),
  });
  expect(spans.map(({ personId, by }) => [personId, by])).toEqual([
    [ana, id(10)],
    [ben, id(20)],
    [null, id(21)],
    [ben, id(20)],
    [ana, id(10)],
  ]);
});

test('the turn of somebody who has left is a gap, or falls to the layer below', () => {
  const backup = { ...weekly, id: id(12), people: [cem] };
  const span = { from: at('2026-10-20T00:00:00Z'), to: at('2026-10-21T00:00:00Z') };
  const present = new Set([ben, cem]);
  expect(onCallSpans(schedule([weekly]), [], span, present)).toMatchObject([{ personId: null, by: null }]);
  expect(onCallSpans(schedule([backup, weekly]), [], span, present)).toMatchObject([{ personId: cem, by: id(12) }]);
});

test('who is on call now, until when, and who comes then', () => {
  const from = at('2026-10-21T00:00:00Z');
  const { now, next } = dutyNow(onCallSpans(schedule([weekly]), [], { from, to: from + 62 * dayMs }));
  expect(now).toMatchObject({ personId: ana, to: at('2026-10-26T08:00:00Z') });
  expect(next).toMatchObject({ personId: ben });
});

test('every moment has exactly one answer, whichever window it is asked in, over every change of clocks', () => {
  const layer = fc.record({
    people: fc.constantFrom([ana], [ana, ben], [ana, ben, cem]),
    startsAt: fc.constantFrom('2025-03-30T02:30', '2026-10-25T02:30', '2026-01-01T09:00', '2026-06-01T00:00'),
    turn: fc.record({ unit: fc.constantFrom('hours', 'days', 'weeks'), count: fc.integer({ min: 1, max: 9 }) }),
    only: fc.constantFrom(
      [],
      [{ days: ['sat', 'sun'], from: '22:00', to: '06:00' }],
      [{ days: ['mon'], from: '02:30', to: '03:30' }],
    ),
  });
  fc.assert(
    fc.property(
      fc.array(layer, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC'),
      fc.integer({ min: 0, max: 500 * 24 }),
      fc.integer({ min: 1, max: 20 * 24 }),
      fc.integer({ min: 0, max: 99 }),
      (layers, zone, hour, lengthHours, percent) => {
        const made = schedule(
          layers.map((one, n) => ({ ...one, id: id(30 + n), name: `Layer ${n}` })),
          zone,
        );
        const from = at('2026-01-01T00:00:00Z') + hour * hourMs;
        const span = { from, to: from + lengthHours * hourMs };
        const spans = onCallSpans(made, [], span);
        expect(spans[0]?.from).toBe(span.from);
        expect(spans.at(-1)?.to).toBe(span.to);
        expect(spans.slice(1).map((one) => one.from)).toEqual(spans.slice(0, -1).map((one) => one.to));
        const moment = from + Math.floor((lengthHours * hourMs * percent) / 100);
        const here = spans.find((one) => one.from <= moment && moment < one.to);
        expect(onCallSpans(made, [], { from: moment, to: moment + dayMs })[0]?.personId).toBe(here?.personId);
      },
    ),
    { numRuns: 200 },
  );
});
