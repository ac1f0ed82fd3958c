/** Where the time comes from, so that a test can say what time it is. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** A clock that stands still until it is moved. */
export function standingClock(start: Date | number): Clock & { move(ms: number): void } {
  let now = Number(start);
  return { now: () => now, move: (ms) => void (now += ms) };
}
