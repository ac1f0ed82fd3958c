import { expect, test } from 'vitest';
import { backoffMs, firstLookMs, nextLookMs } from './pace.ts';

test('the first look comes a little after the earliest renewal, never before', () => {
  const sets = [{ refreshAtMs: 600_000 }, { refreshAtMs: 90_000 }, { refreshAtMs: null }];
  expect(firstLookMs(sets, 30_000, 0)).toBe(60_000 + 10_000);
  expect(firstLookMs(sets, 30_000, 1)).toBe(60_000 + 30_000);
  expect(firstLookMs([{ refreshAtMs: 1 }], 30_000, 0)).toBe(10_000);
  expect(firstLookMs([{ refreshAtMs: null }], 0, 0)).toBe(6 * 3_600_000);
});

test('looks that find all well double to six hours', () => {
  expect(nextLookMs(60_000)).toBe(120_000);
  expect(nextLookMs(5 * 3_600_000)).toBe(6 * 3_600_000);
});

test('a service that is away is asked after full jitter to five minutes, and never before it wants', () => {
  expect(backoffMs(1, null, 0)).toBe(1_000);
  expect(backoffMs(1, null, 1)).toBe(4_000);
  expect(backoffMs(40, null, 1)).toBe(300_000);
  expect(backoffMs(2, 90_000, 0)).toBe(90_000);
});
