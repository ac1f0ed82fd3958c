/** When a lifecycle acts by itself. Pure, so that its figures can be held by tests. */

const secondMs = 1_000;
/** Whoever renews ahead of time has this long for it before the lifecycle looks. */
const graceMs = 20 * secondMs;
const longestLookMs = 6 * 3_600 * secondMs;
const longestBackoffMs = 5 * 60 * secondMs;

/**
 * Until the first look: when the earliest renewal is past its time, and some jitter. Sets without a time are renewed when
 * somebody asks.
 * @param random from 0 to 1
 */
export function firstLookMs(sets: readonly { refreshAtMs: number | null }[], nowMs: number, random: number): number {
  const times = sets.flatMap(({ refreshAtMs }) => (refreshAtMs === null ? [] : [refreshAtMs]));
  if (times.length === 0) return longestLookMs;
  return Math.min(longestLookMs, Math.max(0, Math.min(...times) - nowMs) + Math.floor(graceMs * (0.5 + random)));
}

/** Each look that found all well doubles the time to the next, to six hours. */
export const nextLookMs = (lookMs: number): number => Math.min(longestLookMs, lookMs * 2);

/** Full jitter to five minutes, at least a second, and never before the service wants to be asked again. */
export const backoffMs = (failures: number, retryAfterMs: number | null, random: number): number =>
  Math.max(
    secondMs,
    retryAfterMs ?? 0,
    Math.floor(random * Math.min(longestBackoffMs, 2 * secondMs * 2 ** Math.min(failures, 12))),
  );
