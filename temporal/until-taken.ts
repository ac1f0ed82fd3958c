import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { type ErrorCode, errors } from '#contracts/errors.ts';

/** gRPC's DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED and UNAVAILABLE: nothing is wrong with what was asked. */
const passing: ReadonlySet<unknown> = new Set([4, 8, 10, 14]);
const firstPauseMs = 100;
const longestPauseMs = 1_600;

/** Told as 503: the same may be asked again. */
export class TemporalBusy extends Error {
  override name = 'TemporalBusy';
  readonly code: ErrorCode = 'server.busy';
  readonly facts = { retryAfter: 5 };
  constructor(cause: unknown) {
    super(errors['server.busy'].message, { cause });
  }
}

/** Whether Temporal is away, full, or has put aside what it was doing: the same may be asked again. */
export const isTemporalBusy = (error: unknown): boolean =>
  error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
  (error instanceof Error &&
    (('code' in error && passing.has(error.code)) || (error.cause !== undefined && isTemporalBusy(error.cause))));

/**
 * Asks what may be asked twice, such as an update under its id, again and again while the service has no time for it: it
 * puts updates aside where it forgets a workflow to make room for others, and waits for the sender to come back.
 * @throws TemporalBusy once `forMs` are over; whatever else `ask` throws, at once
 */
export async function untilTaken<T>(ask: () => Promise<T>, forMs = 15_000): Promise<T> {
  const until = performance.now() + forMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, 2 * pauseMs)) {
    try {
      return await ask();
    } catch (error) {
      if (!isTemporalBusy(error)) throw error;
      if (performance.now() + pauseMs >= until) throw new TemporalBusy(error);
      // Not all at the same moment.
      await sleep(pauseMs * (0.5 + Math.random() / 2));
    }
  }
}
