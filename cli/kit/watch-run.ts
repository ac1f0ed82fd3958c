import { setTimeout as sleep } from 'node:timers/promises';
import { type EndedStatus, type RunStatus, isEnded } from '#contracts/runs/status.ts';
import type { RunDetail } from '#contracts/runs/runs.ts';
import type { Client } from './client.ts';
import { type Exit, UsageError, describeError, exits, isAway } from './exits.ts';
import { note } from './terminal.ts';

/** What a run's end means to a script. */
export const exitOfEnd = (status: EndedStatus): Exit =>
  status === 'succeeded' ? exits.succeeded : status === 'canceled' ? exits.canceled : exits.failed;

/** The one argument of a command on a run. @throws UsageError */
export function runIdOf(words: readonly string[], name: string): string {
  const [id] = words;
  if (id === undefined) throw new UsageError(`${name} needs the id of a run.`);
  return id;
}

interface Watched {
  readonly status: RunStatus;
  readonly waitingFor: string | null;
}
/** Where a run is, in words. */
export const placeWords = ({ status, waitingFor }: Watched): string =>
  waitingFor && !isEnded(status) ? `${status} (for ${waitingFor})` : status;

const firstWaitMs = 200;
const mostWaitMs = 3_000;
/** A server that is started anew is waited for: the run goes on meanwhile. */
const patienceMs = 5 * 60_000;

/**
 * Looks at a run until it has ended, ever less often while nothing changes, and tells each change. A server that is away
 * for a while is waited for.
 * @param look asks for it @param words says where it is
 */
export async function watchUntilEnd<T extends { readonly status: RunStatus }>(
  look: () => Promise<T>,
  words: (run: T) => string,
  signal: AbortSignal,
): Promise<T & { status: EndedStatus }> {
  let said = '';
  let waitMs = firstWaitMs;
  let seenAt = performance.now();
  for (;;) {
    let run: T;
    try {
      run = await look();
    } catch (error) {
      if (!isAway(error) || performance.now() - seenAt > patienceMs) throw error;
      if (said !== describeError(error)) note((said = describeError(error)));
      await sleep(mostWaitMs, undefined, { signal });
      continue;
    }
    seenAt = performance.now();
    const now = words(run);
    if (now !== said) {
      note(now);
      said = now;
      waitMs = firstWaitMs;
    }
    if (isEnded(run.status)) return run as T & { status: EndedStatus };
    await sleep(waitMs, undefined, { signal });
    waitMs = Math.min(waitMs * 1.5, mostWaitMs);
  }
}

/** Looks at any run until it has ended; why it failed is told. */
export async function watchRun(
  client: Client,
  id: string,
  signal: AbortSignal,
): Promise<RunDetail & { status: EndedStatus }> {
  const run = await watchUntilEnd(() => client.call('getRun', { params: { id }, signal }), placeWords, signal);
  if (run.error) note(`${run.error.code}: ${run.error.message}`);
  return run;
}
