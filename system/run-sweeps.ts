import type { Log } from './log.ts';

export interface RunningSweeps {
  /** No further pass begins; settles when those that run have ended. */
  stop(): Promise<void>;
}

/** Calls each sweep every so often, one pass at a time; a pass that fails is logged, and the next one tries again. */
export function runSweeps(
  sweeps: readonly { readonly name: string; readonly everyMs: number; run(): Promise<void> }[],
  log: Log,
): RunningSweeps {
  let isStopped = false;
  const timers = new Set<NodeJS.Timeout>();
  const passes = new Set<Promise<void>>();
  for (const sweep of sweeps) {
    const next = (delayMs: number): void => {
      if (isStopped) return;
      const timer = setTimeout(() => {
        timers.delete(timer);
        const pass = sweep
          .run()
          .catch((error: unknown) =>
            log.warn({ err: error, sweep: sweep.name }, 'a sweep failed; the next pass tries again'),
          )
          .finally(() => {
            passes.delete(pass);
            next(sweep.everyMs);
          });
        passes.add(pass);
      }, delayMs);
      timers.add(timer);
    };
    // Spread over the first seconds, so that a start is not slowed by all of them at once.
    next(Math.min(sweep.everyMs, 500 + Math.random() * 1_500));
  }
  return {
    async stop() {
      isStopped = true;
      for (const timer of timers) clearTimeout(timer);
      await Promise.allSettled(passes);
    },
  };
}
