import { countOf, type Share } from '../render.ts';

/** One batch of a rolling step. */
export interface Batch<H> {
  readonly hosts: readonly H[];
  readonly isCanary: boolean;
}

/**
 * Cuts a step's hosts into batches: the canary first, then by `sizes`, whose last repeats; without sizes all the rest
 * in one. A percentage is of all hosts of the step, rounded up, at least one.
 */
export function cutBatches<H>(hosts: readonly H[], canary: Share | null, sizes: readonly Share[] | null): Batch<H>[] {
  const batches: Batch<H>[] = [];
  let from = 0;
  const take = (count: number, isCanary: boolean): void => {
    const taken = hosts.slice(from, from + count);
    from += count;
    if (taken.length > 0) batches.push({ hosts: taken, isCanary });
  };
  if (canary !== null) take(countOf(canary, hosts.length, 'up'), true);
  for (let index = 0; from < hosts.length; index++) {
    const size = sizes?.[Math.min(index, sizes.length - 1)];
    take(size === undefined ? hosts.length : Math.max(1, countOf(size, hosts.length, 'up')), false);
  }
  return batches;
}
