import { expect, test } from 'vitest';
import { LabelMatcher, meetsMatchers, openingAt, Silence, silenceFor, WindowTime } from './silences.ts';

const at = (text: string): number => Date.parse(text);
const matcher = (label: string, op: string, value: string) => LabelMatcher.parse({ label, op, value });
const labels = { env: 'prod', host: 'db-1' };

test('labels meet conditions as in Alertmanager: patterns take the whole value, a missing label is empty', () => {
  const meets = (...conditions: [string, string, string][]) =>
    meetsMatchers(
      conditions.map((one) => matcher(...one)),
      labels,
    );
  expect(meets(['env', '=', 'prod'], ['host', '=~', 'db-.'])).toBe(true);
  expect(meets(['host', '=~', 'db'])).toBe(false);
  expect(meets(['host', '!~', 'web-.*'])).toBe(true);
  expect(meets(['region', '=', ''])).toBe(true);
  expect(meets(['region', '!=', ''])).toBe(false);
  expect(meets(['constructor', '=', ''])).toBe(true);
  expect(meets()).toBe(false);
});

test('a pattern that is none is refused when it is written', () => {
  expect(LabelMatcher.safeParse({ label: 'a', op: '=~', value: '(' }).success).toBe(false);
  expect(LabelMatcher.safeParse({ label: 'a', op: '=', value: '(' }).success).toBe(true);
});

test('a window once is open from its beginning until before its end', () => {
  const time = WindowTime.parse({ kind: 'once', from: '2026-11-21T10:00:00Z', to: '2026-11-21T12:00:00Z' });
  expect(openingAt(time, at('2026-11-21T10:00:00Z'))).toEqual({
    from: at('2026-11-21T10:00:00Z'),
    to: at('2026-11-21T12:00:00Z'),
  });
  expect(openingAt(time, at('2026-11-21T12:00:00Z'))).toBeNull();
});

test('a recurring window opens by the clocks of its zone, before and after they change', () => {
  const time = WindowTime.parse({ kind: 'recurring', cron: '0 22 * * 6', timeZone: 'Europe/Berlin', lasts: '4h' });
  expect(openingAt(time, at('2026-10-24T20:00:00Z'))).toEqual({
    from: at('2026-10-24T20:00:00Z'),
    to: at('2026-10-25T00:00:00Z'),
  });
  expect(openingAt(time, at('2026-10-31T20:30:00Z'))).toBeNull();
  expect(openingAt(time, at('2026-10-31T21:30:00Z'))).toMatchObject({ from: at('2026-10-31T21:00:00Z') });
  expect(openingAt(time, at('2026-11-01T01:00:00Z'))).toBeNull();
});

test('openings that touch are one', () => {
  const time = WindowTime.parse({ kind: 'recurring', cron: '0 * * * *', timeZone: 'UTC', lasts: '90m' });
  expect(openingAt(time, at('2026-11-21T10:10:00Z'))).toEqual({
    from: at('2026-11-21T09:00:00Z'),
    to: at('2026-11-21T11:30:00Z'),
  });
});

test('of several silences the one that hides most holds; none that is closed or does not fit', () => {
  const silence = (mode: string, value: string, to = '2026-11-22T00:00:00Z') =>
    Silence.parse({
      name: mode,
      mode,
      matchers: [{ label: 'env', op: '=', value }],
      time: { kind: 'once', from: '2026-11-21T00:00:00Z', to },
    });
  const now = at('2026-11-21T12:00:00Z');
  const all = [silence('watch', 'prod'), silence('suppress', 'prod'), silence('suppress', 'test')];
  expect(silenceFor(all, labels, now)).toMatchObject({
    silence: { mode: 'suppress' },
    until: at('2026-11-22T00:00:00Z'),
  });
  expect(silenceFor([silence('suppress', 'prod', '2026-11-21T11:00:00Z')], labels, now)).toBeNull();
});
