import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessMark } from '../embedded/processes.ts';
import { reasonOf } from '../start-failure.ts';

/** A process that runs, ours or adopted. */
export interface Running {
  readonly mark: ProcessMark;
  readonly isAdopted: boolean;
  /** Resolves when it has ended by itself or was stopped; may tell how. */
  readonly gone: Promise<string | undefined>;
  stop(): Promise<void>;
}

export interface Keeper<T extends Running> {
  /** What runs now, or ran last. */
  readonly current: T;
  /** Ends it, and keeps it ended. */
  stop(): Promise<void>;
}

export interface KeepOptions<T extends Running> {
  /** Called when it had ended by itself and runs again. */
  readonly onRestart: (running: T, restart: { reason: string; attempt: number }) => void;
  readonly say: (line: string) => void;
  /** First pause before a new start; it doubles up to 10 s, and begins anew once a start has lasted half a minute. */
  readonly pauseMs?: number;
}

const LONGEST_PAUSE_MS = 10_000;
const STABLE_MS = 30_000;

/** Starts something and starts it again whenever it ends by itself. The first start may fail; later ones are tried for ever. */
export async function keepRunning<T extends Running>(
  name: string,
  start: () => Promise<T>,
  { onRestart, say, pauseMs = 200 }: KeepOptions<T>,
): Promise<Keeper<T>> {
  let current = await start();
  const ending = new AbortController();

  const watch = async (): Promise<void> => {
    for (let attempt = 0; ;) {
      const begun = Date.now();
      const reason = (await current.gone) ?? 'it ended by itself';
      if (ending.signal.aborted) return;
      if (Date.now() - begun > STABLE_MS) attempt = 0;
      say(`${name} ended (${reason}) and is started again.`);
      for (;;) {
        attempt++;
        await sleep(Math.min(pauseMs * 2 ** (attempt - 1), LONGEST_PAUSE_MS), undefined, { signal: ending.signal });
        try {
          current = await start();
          break;
        } catch (error) {
          say(`${name} could not be started (attempt ${attempt}): ${reasonOf(error)}`);
        }
      }
      if (ending.signal.aborted) {
        await current.stop();
        return;
      }
      onRestart(current, { reason, attempt });
    }
  };
  const watching = watch().catch(() => {}); // an aborted pause

  return {
    get current() {
      return current;
    },
    stop: async () => {
      ending.abort();
      await current.stop();
      await watching;
    },
  };
}
