import { sleep } from '@temporalio/workflow';
import type { ConnectionCallActivities } from '#activities/connections/lifecycle-calls.ts';
import type { LifecycleActivities } from '#activities/connections/lifecycle.ts';
import type { ConnectionRef } from '#contracts/connections/lifecycle.ts';
import type { QueryFailureFacts } from '#contracts/queries/failures.ts';
import type { RunRecorder } from '../kit/run-recorder.ts';
import { backoffMs } from './pace.ts';
import { workerLost } from './worker-lost.ts';

/** How often a service that does not answer is asked to let us go, in about half an hour. */
const mostTries = 10;

/**
 * Takes leave of a service: what runs is stopped, what is ours there removed, access given back, and everything of the
 * connection erased. Each step may be repeated, so a crash in any of them is taken up again. A service that does not answer
 * keeps nobody here for ever: what could not be done is told in the run's outputs.
 */
export async function takeLeave(
  ref: ConnectionRef,
  recorder: RunRecorder,
  calls: Pick<ConnectionCallActivities, 'endRuns' | 'sweepOwn' | 'revokeAccess'>,
  local: Pick<LifecycleActivities, 'eraseConnection'>,
): Promise<void> {
  await recorder.write(() => ({
    status: 'running',
    progress: { done: 0, total: 4, unit: 'steps', message: 'Stopping what runs' },
  }));
  const endedRuns = await calls.endRuns(ref).then(
    () => true,
    () => false,
  );
  await recorder.write(() => ({ status: 'running', progress: { done: 1, total: 4, unit: 'steps', message: 'Removing what is ours at the service' } })); // prettier-ignore
  const swept = await patiently(() => calls.sweepOwn(ref), { left: 0 });
  await recorder.write(() => ({
    status: 'running',
    progress: { done: 2, total: 4, unit: 'steps', message: 'Giving access back' },
  }));
  const revoked = await patiently(() => calls.revokeAccess(ref), {});
  await local.eraseConnection(ref);
  await recorder.write(() => ({
    status: 'succeeded',
    endedAt: new Date(Date.now()).toISOString(),
    progress: { done: 4, total: 4, unit: 'steps', message: null },
    outputs: {
      runsEnded: endedRuns,
      temporaryObjectsLeft: swept.left,
      sweepFailure: swept.failure?.code ?? null,
      accessGivenBack: revoked.failure === null,
      revokeFailure: revoked.failure?.code ?? null,
    },
    warnings: Number(!endedRuns) + Number(swept.left > 0 || swept.failure !== null) + Number(revoked.failure !== null),
  }));
}

/** Tries while the service may answer yet; a refusal is final. */
async function patiently<T extends object>(
  call: () => Promise<T & { failure: QueryFailureFacts | null }>,
  otherwise: T,
): Promise<T & { failure: QueryFailureFacts | null }> {
  for (let tries = 1; ; tries++) {
    const done = await call().catch(() => ({ ...otherwise, failure: workerLost }));
    if (done.failure === null || !done.failure.retryable || tries >= mostTries) return done;
    await sleep(backoffMs(tries, done.failure.retryAfterMs, Math.random()));
  }
}
