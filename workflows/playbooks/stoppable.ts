import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { CancelToken } from '#contracts/playbooks/engine/cancel.ts';

/** Runs work in a scope that stops with the token; `undefined` where it was stopped. */
export async function stoppable<T>(cancel: CancelToken, work: () => Promise<T>): Promise<T | undefined> {
  const scope = new CancellationScope();
  const leave = cancel.onCancel(() => scope.cancel());
  try {
    return await scope.run(work);
  } catch (error) {
    if (isCancellation(error)) return undefined;
    throw error;
  } finally {
    leave();
  }
}
