import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketOf, lastBucket, rateVital, spreadOf, valueOf, vitalNames } from './spread.ts';

test('a value is known to 5 % by its bucket, and the highest bucket takes all that is beyond it', () => {
  fc.assert(
    fc.property(fc.constantFrom(...vitalNames), fc.double({ min: 1, max: 500_000, noNaN: true }), (name, value) => {
      const given = name === 'CLS' ? value / 1_000 : value;
      expect(Math.abs(valueOf(name, bucketOf(name, given)) / given - 1)).toBeLessThan(0.051);
    }),
  );
  expect(bucketOf('LCP', 1e9)).toBe(lastBucket);
  expect(valueOf('CLS', bucketOf('CLS', 0))).toBe(0);
});

test('percentiles are the nearest rank over all buckets, and nothing measured has none', () => {
  const counts = new Map<number, number>();
  for (let ms = 1; ms <= 1_000; ms++) counts.set(bucketOf('LCP', ms), (counts.get(bucketOf('LCP', ms)) ?? 0) + 1);
  const spread = spreadOf('LCP', counts);
  expect(spread?.count).toBe(1_000);
  for (const [found, wanted] of [
    [spread?.p50, 500],
    [spread?.p75, 750],
    [spread?.p95, 950],
  ] as const)
    expect(Math.abs((found ?? 0) / wanted - 1)).toBeLessThan(0.06);
  expect(spreadOf('LCP', new Map())).toBeNull();
  expect(spreadOf('LCP', new Map([[3, 0]]))).toBeNull();
});

test('each figure is rated by the bounds of its own vital', () => {
  expect([rateVital('INP', 200), rateVital('INP', 201), rateVital('INP', 501)]).toEqual(['good', 'fair', 'poor']);
  expect([rateVital('CLS', 0.1), rateVital('CLS', 0.2), rateVital('CLS', 0.3)]).toEqual(['good', 'fair', 'poor']);
  const spread = spreadOf(
    'CLS',
    new Map([
      [bucketOf('CLS', 0.01), 6],
      [bucketOf('CLS', 0.2), 3],
      [bucketOf('CLS', 1), 1],
    ]),
  );
  expect(spread).toMatchObject({ good: 6, fair: 3, poor: 1 });
});
