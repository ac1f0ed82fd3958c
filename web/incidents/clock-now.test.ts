import { expect, test } from 'vitest';
import { ageText, clockNow, clockText, nearestClock, toneOf } from './clock-now.ts';
import { aClock } from './sample-incident.ts';

const at = Date.parse('2026-11-20T14:00:00Z');
const min = 60_000;
const iso = (ms: number) => new Date(ms).toISOString();

test('a counting clock counts down to its due time, even where the browser was minutes off when the answer came', () => {
  const clock = aClock({ targetMs: 30 * min, usedMs: 10 * min, dueAt: iso(at + 20 * min) });
  expect(clockNow(clock, at + 5 * min, at)).toMatchObject({
    leftMs: 15 * min,
    usedMs: 15 * min,
    share: 0.5,
    tone: 'calm',
  });
  expect(clockNow(clock, at + 5 * min, at - 10 * min).leftMs).toBe(15 * min);
});

test('where hours that do not count lie before the due time, what is left counts by what went by', () => {
  const clock = aClock({ targetMs: 60 * min, usedMs: 50 * min, dueAt: iso(at + 16 * 60 * min) });
  expect(clockNow(clock, at + 3 * min, at).leftMs).toBe(7 * min);
});

test('a paused clock stands still however long one looks', () => {
  const clock = aClock({ mode: 'paused', targetMs: 30 * min, usedMs: 12 * min });
  expect(clockNow(clock, at + 9 * 60 * min, at)).toMatchObject({ leftMs: 18 * min, isStill: true, tone: 'calm' });
});

test('past its mark a clock is at risk, past its target late, and met late it was missed', () => {
  const clock = aClock({ targetMs: 20 * min, usedMs: 15 * min, warnAt: iso(at), dueAt: iso(at + 5 * min) });
  expect(clockNow(clock, at + 1, at).tone).toBe('warn');
  expect(clockNow(clock, at + 6 * min, at)).toMatchObject({ tone: 'late', leftMs: -min });
  const broken = aClock({
    targetMs: 20 * min,
    usedMs: 50 * min,
    breachedAt: iso(at - 30 * min),
    dueAt: iso(at - 30 * min),
  });
  expect(clockNow(broken, at + min, at).leftMs).toBe(-31 * min);
  expect(clockNow({ ...broken, mode: 'met' }, at, at).tone).toBe('missed');
});

test('the nearest clock is the late one, then the one with the least left, a paused one last; met ones are none', () => {
  const respond = aClock({ kind: 'respond', targetMs: 15 * min, dueAt: iso(at + 15 * min) });
  const resolve = aClock({ targetMs: 5 * min, dueAt: iso(at + 5 * min) });
  expect(nearestClock([respond, resolve], at, at)).toBe(resolve);
  expect(nearestClock([respond, { ...resolve, mode: 'paused' }], at, at)).toBe(respond);
  expect(nearestClock([{ ...respond, mode: 'met' }], at, at)).toBeUndefined();
});

test('an unanswered SEV1 is urgent at once, another is not', () => {
  expect(toneOf('calm', { kind: 'respond' }, 'sev1')).toBe('late');
  expect(toneOf('calm', { kind: 'respond' }, 'sev2')).toBe('calm');
  expect(toneOf('met', { kind: 'respond' }, 'sev1')).toBe('met');
  expect(toneOf('calm', { kind: 'resolve' }, 'sev1')).toBe('calm');
});

test('times are written to the second, days by the hour; time that is left is never 0:00', () => {
  expect([192_000, 21_730_000, 187_200_000, 300, -61_500].map(clockText)).toEqual(['3:12', '6:02:10', '2 d 4 h', '0:01', '1:01 late']); // prettier-ignore
  expect([30_000, 34 * min, 3 * 60 * min, 72 * 60 * min].map(ageText)).toEqual([
    'new',
    '34 min old',
    '3 h old',
    '3 d old',
  ]);
});
