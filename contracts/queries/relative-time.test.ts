import fc from 'fast-check';
import { expect, test } from 'vitest';
import { relativeExamples, resolveTime } from './relative-time.ts';

const clock = { now: '2026-11-21T15:30:45.678Z', timeZone: 'Europe/Berlin' };
const date = (text: string, at = clock) => resolveTime(text, 'date', at)?.value;
const time = (text: string, at = clock) => resolveTime(text, 'timestamp', at)?.value;

test.each([
  ['today', '2026-11-21'],
  ['yesterday', '2026-11-20'],
  ['Tomorrow', '2026-11-22'],
  ['today - 7d', '2026-11-14'],
  ['now + 2 weeks', '2026-12-05'],
  ['3 days ago', '2026-11-18'],
  ['monday', '2026-11-16'],
  ['saturday', '2026-11-21'],
  ['last saturday', '2026-11-14'],
  ['next monday', '2026-11-23'],
  ['start of week', '2026-11-16'],
  ['start of month', '2026-11-01'],
  ['start of last month', '2026-10-01'],
  ['end of last month', '2026-10-31'],
  ['end of month', '2026-11-30'],
  ['start of quarter - 1d', '2026-09-30'],
  ['start of year', '2026-01-01'],
  ['start of last year + 1 month', '2025-02-01'],
  ['2026-01-31 + 1mo', '2026-02-28'],
  ['2024-02-29 + 1y', '2025-02-28'],
  ['2026-01-31', '2026-01-31'],
])('%s is %s', (text, expected) => expect(date(text)).toBe(expected));

test('a day begins when it does in the zone', () => {
  expect(time('today')).toBe('2026-11-20T23:00:00.000Z');
  expect(date('today', { now: '2026-11-21T23:30:00Z', timeZone: 'Europe/Berlin' })).toBe('2026-11-22');
  expect(time('end of last month')).toBe('2026-10-31T23:00:00.000Z');
});

test('a day back over a change of the clocks is midnight; 24 hours back are 24 hours', () => {
  const after = { now: '2026-03-29T12:00:00Z', timeZone: 'Europe/Berlin' };
  expect(time('today - 1d', after)).toBe('2026-03-27T23:00:00.000Z');
  expect(time('start of today + 24h', after)).toBe('2026-03-29T23:00:00.000Z');
  expect(time('2026-03-29 + 1d', after)).toBe('2026-03-29T22:00:00.000Z');
});

test('a time that the clocks leap over is when they have leapt', () => {
  const leap = { now: '2026-03-28T01:30:00Z', timeZone: 'Europe/Berlin' };
  expect(time('now + 1d', leap)).toBe('2026-03-29T01:00:00.000Z');
});

test('a time without an offset stays as it is, one with an offset is that instant', () => {
  expect(resolveTime('2026-01-31T08:00', 'timestamp', clock)).toEqual({
    value: '2026-01-31T08:00:00',
    isRelative: false,
  });
  expect(time('2026-01-31T08:00:00+02:00')).toBe('2026-01-31T06:00:00.000Z');
});

test.each([
  '',
  ' ',
  'soon',
  'now - 7',
  'now - 7 parsecs',
  'start of nothing',
  '2026-02-30',
  'today; drop',
  'now - 99999y',
])('%j is no time', (text) => expect(date(text)).toBeUndefined());

test('all examples that are offered can be read', () => {
  for (const [example] of relativeExamples) expect(time(example), example).toMatch(/Z$/);
});

test('any text gives a real date or none', () => {
  const word = fc.constantFrom(
    'now',
    'today',
    'start of',
    'end of',
    'last',
    'month',
    'week',
    '- 7d',
    '+ 2 h',
    'monday',
    '2026-01-31',
    'ago',
    '5 days',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), fc.date({ min: new Date('1950-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }), (words, now) => {
      const found = resolveTime(words.join(' '), 'timestamp', { now: now.getTime(), timeZone: 'America/Sao_Paulo' });
      expect(found === null || !Number.isNaN(Date.parse(found.value))).toBe(true);
    }),
  ); // prettier-ignore
});
