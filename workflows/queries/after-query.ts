import { CancellationScope, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { DeliveryActivities } from '#activities/queries/deliver-rows.ts';
import type { AlertActivities } from '#activities/queries/tell-alerts.ts';
import type { QueryFailureFacts } from '#contracts/queries/failures.ts';
import { RunQuery, type RunQueryInput, type RunQueryResult } from '#contracts/queries/run-query.ts';
import { delivering, remoteCall } from '../kit/retry.ts';
import { factsOf } from './query-failures.ts';

const taskQueue = RunQuery.engineQueue;
const { deliverRows } = proxyActivities<DeliveryActivities>({ ...delivering, taskQueue });
const alerts = proxyActivities<AlertActivities>({ ...remoteCall, taskQueue, startToCloseTimeout: '15 minutes' });

/**
 * Takes the rows to each target, one after another: one that fails holds up none of the others.
 * @returns why not all arrived, or null; and whether a letter leads to the rows instead of holding them
 */
export async function deliverAll(
  input: RunQueryInput,
  count: number,
  /** Waits for a sign-in where that is missing. */
  signedIn: <T>(work: () => Promise<T>) => Promise<T>,
): Promise<{ failure: QueryFailureFacts | null; isLinked: boolean }> {
  const failures: QueryFailureFacts[] = [];
  let isLinked = false;
  for (let index = 0; index < count; index++) {
    try {
      const { state } = await signedIn(() => deliverRows({ ...input, index }));
      isLinked ||= state === 'linked';
    } catch (error) {
      if (isCancellation(error)) throw error;
      const facts = factsOf(error);
      if (!facts) throw error;
      failures.push(facts);
    }
  }
  const [first] = failures;
  if (!first) return { failure: null, isLinked };
  const message = `The rows were found, but ${failures.length === count ? (count === 1 ? 'they were not delivered' : 'none of the deliveries arrived') : `${failures.length} of ${count} deliveries did not arrive`}: ${first.message}`;
  return { failure: { ...first, code: 'undelivered', message, retryable: false, position: null }, isLinked };
}

/** Tells the channels that want to hear of this end. A message that cannot be sent changes nothing about the run. */
export async function tellAlerts(input: RunQueryInput, { status, failure }: RunQueryResult): Promise<void> {
  if (status === 'canceled') return;
  const hasRows = status === 'succeeded' || failure?.code === 'undelivered';
  await CancellationScope.nonCancellable(() =>
    alerts.tellAlerts({ ...input, status, hasRows, why: failure?.message ?? null }),
  ).catch(() => undefined);
}
