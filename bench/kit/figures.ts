/** The value below which so many percent of the figures lie (nearest rank). */
export function percentile(figures: readonly number[], percent: number): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

export interface Spread {
  p50: number;
  p95: number;
  p99: number;
  count: number;
}
export const spreadOf = (figures: readonly number[]): Spread => ({
  p50: percentile(figures, 50),
  p95: percentile(figures, 95),
  p99: percentile(figures, 99),
  count: figures.length,
});

export const median = (figures: readonly number[]): number => percentile(figures, 50);

/** Milliseconds as a person reads them. */
export const ms = (value: number): string =>
  value >= 10_000
    ? `${(value / 1000).toFixed(1)} s`
    : value >= 100
      ? `${value.toFixed(0)} ms`
      : `${value.toFixed(1)} ms`;
export const times = (ratio: number): string => `${ratio.toFixed(2)}×`;
/** `p50/p95/p99 ms of n`. */
export const spreadText = ({ p50, p95, p99, count }: Spread): string =>
  `${ms(p50)} / ${ms(p95)} / ${ms(p99)} of ${count}`;

/** Runs it and gives the milliseconds it took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
