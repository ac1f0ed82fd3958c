import { problem } from './problem.ts';

export interface TurnLimits {
  /** How many work at the same time. */
  atOnce: number;
  /** How many may wait; one more is refused at once. */
  mostWaiting: number;
  /** How long one may wait before it is refused. */
  longestWaitMs?: number;
}

/** Does the work when it is its turn. Refused with `server.busy` and `Retry-After` where too many wait, or too long. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Lets so many work at once, the others in the order in which they came: a storm of one kind of request takes neither
 * all cores nor all connections from the rest.
 */
export function createTurns({ atOnce, mostWaiting, longestWaitMs }: TurnLimits): InTurn {
  let running = 0;
  const waiting: { go: () => void }[] = [];
  const busy = () => problem('server.busy', { retryAfter: 2 });

  const wait = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const turn = { go: resolve };
      waiting.push(turn);
      if (longestWaitMs === undefined) return;
      const timer = setTimeout(() => {
        const place = waiting.indexOf(turn);
        if (place < 0) return;
        waiting.splice(place, 1);
        reject(busy());
      }, longestWaitMs);
      turn.go = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  return async (work) => {
    if (running >= atOnce) {
      if (waiting.length >= mostWaiting) throw busy();
      await wait();
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next.go();
      else running -= 1;
    }
  };
}
