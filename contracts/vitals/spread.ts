/**
 * What the console measures of itself: Google's web vitals, and `ROUTE`, from a click to the first picture of the next
 * page. Milliseconds, but for `CLS`, which is a score.
 */
export const vitalNames = ['LCP', 'INP', 'CLS', 'FCP', 'TTFB', 'ROUTE'] as const;
export type VitalName = (typeof vitalNames)[number];

export const ratings = ['good', 'fair', 'poor'] as const;
export type Rating = (typeof ratings)[number];

/** Good up to the first, fair up to the second, poor beyond: https://web.dev/articles/vitals; `ROUTE` is our own. */
export const vitalBounds: Readonly<Record<VitalName, readonly [good: number, fair: number]>> = {
  LCP: [2_500, 4_000],
  INP: [200, 500],
  CLS: [0.1, 0.25],
  FCP: [1_800, 3_000],
  TTFB: [800, 1_800],
  ROUTE: [100, 300],
};

export function rateVital(name: VitalName, value: number): Rating {
  const [good, fair] = vitalBounds[name];
  return value <= good ? 'good' : value <= fair ? 'fair' : 'poor';
}

/** The highest bucket: 1.1^140 ms is ten minutes. */
export const lastBucket = 140;
const growth = Math.log(1.1);
/** A score counts in thousandths, so that scores and milliseconds share the same buckets. */
const scaleOf = (name: VitalName): number => (name === 'CLS' ? 1_000 : 1);

/** Each bucket is a tenth wider than the one below it: a figure is known to 5 %, and a day of a page stays small. */
export function bucketOf(name: VitalName, value: number): number {
  const scaled = value * scaleOf(name);
  return scaled < 1 ? 0 : Math.min(lastBucket, Math.floor(Math.log(scaled) / growth) + 1);
}

/** What stands for a bucket: its middle; 0 for the lowest. */
export function valueOf(name: VitalName, bucket: number): number {
  return bucket === 0 ? 0 : 1.1 ** (bucket - 0.5) / scaleOf(name);
}

export interface Spread {
  count: number;
  p50: number;
  p75: number;
  p95: number;
  /** How many were good, fair and poor. */
  good: number;
  fair: number;
  poor: number;
}

/** The percentiles (nearest rank) of what was counted in buckets; null where nothing was. */
export function spreadOf(name: VitalName, counts: ReadonlyMap<number, number>): Spread | null {
  const sorted = [...counts].filter(([, count]) => count > 0).toSorted(([a], [b]) => a - b);
  const count = sorted.reduce((sum, [, each]) => sum + each, 0);
  if (count === 0) return null;
  const at = (percent: number): number => {
    let left = Math.ceil((percent / 100) * count);
    for (const [bucket, each] of sorted) if ((left -= each) <= 0) return valueOf(name, bucket);
    return 0;
  };
  const rated: Record<Rating, number> = { good: 0, fair: 0, poor: 0 };
  for (const [bucket, each] of sorted) rated[rateVital(name, valueOf(name, bucket))] += each;
  return { count, p50: at(50), p75: at(75), p95: at(95), ...rated };
}
