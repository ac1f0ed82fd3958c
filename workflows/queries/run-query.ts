import {
  ActivityCancellationType,
  CancellationScope,
  condition,
  continueAsNew,
  defineSignal,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { QueryRecordActivities } from '#activities/queries/record-query.ts';
import type { QueryActivities, QueryBegun, QueryLook } from '#activities/queries/run-query.ts';
import type { CancelResult } from '#contracts/queries/engine.ts';
import type { QueryFailureFacts } from '#contracts/queries/failures.ts';
import { RunQuery, type RunQueryInput, type RunQueryResult } from '#contracts/queries/run-query.ts';
import { isTimeout } from '../kit/is-timeout.ts';
import { bookkeeping, patient, remoteCall } from '../kit/retry.ts';
import { deliverAll, tellAlerts } from './after-query.ts';
import { type RecordPart, RunRecorder } from '../kit/run-recorder.ts';
import { applicationFailure, endedElsewhere, errorOf, factsOf, tooLate } from './query-failures.ts';

/** Of the activities, by queue: engines are spoken to by workers of their own. */
const taskQueue = RunQuery.engineQueue;
const { validateQuery, followQuery } = proxyActivities<QueryActivities>({
  ...patient,
  taskQueue,
  startToCloseTimeout: '10 minutes',
});
const { beginQuery, startQuery } = proxyActivities<QueryActivities>({
  ...patient,
  taskQueue,
  startToCloseTimeout: '20 minutes',
  // What it noted last must be known before anything is stopped or removed.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});
const { cancelQuery, cleanQuery } = proxyActivities<QueryActivities>({
  ...remoteCall,
  taskQueue,
  startToCloseTimeout: '2 minutes',
});
const { recordQuery, isSignedIn } = proxyLocalActivities<QueryRecordActivities>(bookkeeping);

export const connectionSettled = defineSignal(RunQuery.signal.connectionSettled);

type Change = Parameters<typeof recordQuery>[0]['change'];

/** A young run is looked at within one activity for so long. */
const youngMs = 60_000;
/** A connection that is signed in again tells so; should that word be lost, somebody looks. */
const lookForSignIn = '10 minutes';

/**
 * Runs one query on its engine until its rows can be read: validate → start → follow → ready, takes them where its schedule
 * wants them, tells whoever asked to hear of it, and then removes what reading them does not need. Rows never pass through here. What is left at the service later is the sweep's.
 */
export async function runQuery(input: RunQueryInput): Promise<RunQueryResult> {
  const startedAt = input.continued?.startedAt ?? new Date(Date.now()).toISOString();
  const begunMs = Date.now() - (input.continued?.spentMs ?? 0);
  let waitedMs = 0;
  let hasSettled = false;
  setHandler(connectionSettled, () => void (hasSettled = true));

  let change: Change;
  let isLinked = false;
  const run = { workspaceId: input.workspaceId, runId: input.runId, startedAt };
  const recorder = new RunRecorder(
    run,
    (record) => recordQuery({ record, ...(change && { change }), ...(isLinked && { isLinked }) }),
    input.continued?.seq,
  );
  const record = (part: RecordPart, newer?: Change): Promise<void> => {
    change = newer;
    return CancellationScope.nonCancellable(() => recorder.write(() => part));
  };
  const end = async (result: RunQueryResult, newer: NonNullable<Change>, note?: string): Promise<RunQueryResult> => {
    const { status, rowCount, columns, failure } = result;
    await record(
      {
        status,
        endedAt: new Date(Date.now()).toISOString(),
        outputs: { rowCount, columns: columns.map(({ name, type }) => ({ name, type })) },
        progress: rowCount === null ? null : { done: rowCount, total: rowCount, unit: 'rows' },
        error: failure
          ? errorOf(failure)
          : status === 'canceled'
            ? { code: 'run.canceled', message: note ?? '' }
            : null,
      },
      newer,
    );
    if (input.after?.alerts) await tellAlerts(input, result);
    const keepRows = status === 'succeeded';
    // What stays now is on record, and the sweep removes it.
    await CancellationScope.nonCancellable(() => cleanQuery({ ...input, keepRows })).catch(() => undefined);
    return result;
  };
  const fail = (failure: QueryFailureFacts, status: 'failed' | 'timed_out' = 'failed'): Promise<RunQueryResult> =>
    end({ status, rowCount: null, columns: [], failure }, { failure });

  /** Does something at the service; where nobody is signed in, waits until somebody is and does it again. */
  const signedIn = async <T>(work: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (applicationFailure(error)?.type !== 'query.needs_sign_in') throw error;
        const sinceMs = Date.now();
        hasSettled = false;
        await record({ status: 'waiting', waitingFor: 'sign_in' });
        while (!(await isSignedIn(input))) {
          await condition(() => hasSettled, lookForSignIn);
          hasSettled = false;
        }
        waitedMs += Date.now() - sinceMs;
        await record({ status: 'running' });
      }
    }
  };

  try {
    let look: QueryLook;
    if (input.continued) look = await signedIn(() => followQuery({ ...input, waitMs: 0, youngMs: 0 }));
    else {
      await record({ status: 'running' });
      if (recorder.isEnded) return stopped;
      const begun = input.inOne ? await signedIn(() => beginQuery(input)) : await beginInTwo(input, signedIn);
      if (begun.refusal) return await fail(begun.refusal);
      look = await signedIn(() => followQuery({ ...input, waitMs: begun.pollAfterMs, youngMs }));
    }
    while (look.state === 'queued' || look.state === 'running') {
      const spentMs = Date.now() - begunMs - waitedMs;
      if (spentMs >= input.limitMs) {
        const told = await stop(input);
        return await fail(tooLate(told), 'timed_out');
      }
      if (workflowInfo().continueAsNewSuggested)
        return await continueAsNew<typeof runQuery>({ ...input, continued: { seq: recorder.seq, startedAt, spentMs } });
      await sleep(look.pollAfterMs);
      look = await signedIn(() => followQuery({ ...input, waitMs: 0, youngMs: 0 }));
    }
    const { rowCount, columns, failure, note } = look;
    if (look.state !== 'succeeded') return await fail(failure ?? endedElsewhere);
    const ready = { phase: 'ready', rowCount, columns, note } as const;
    const done: RunQueryResult = { status: 'succeeded', rowCount, columns: columns ?? [], failure: null };
    if (!input.after?.deliveries) return await end(done, ready);
    await record({ status: 'running' }, ready);
    if (recorder.isEnded) return stopped;
    const delivered = await deliverAll(input, input.after.deliveries, signedIn);
    ({ isLinked } = delivered);
    const undelivered = delivered.failure;
    return await end(
      undelivered ? { ...done, status: 'failed', failure: undelivered } : done,
      undelivered ? { failure: undelivered } : ready,
    );
  } catch (error) {
    // A worker that dies after the cancel was asked for never answers it: the service tells that as a timeout.
    if (isCancellation(error) || (CancellationScope.current().consideredCancelled && isTimeout(error))) {
      const told = await stop(input);
      return await end(
        { status: 'canceled', rowCount: null, columns: [], failure: null },
        { note: told.note },
        told.note,
      );
    }
    const facts = factsOf(error);
    if (!facts) throw error;
    return await fail(facts, facts.kind === 'timeout' && isTimeout(error) ? 'timed_out' : 'failed');
  }
}

/** As runs do that began before checking and starting were one. */
async function beginInTwo(
  input: RunQueryInput,
  signedIn: <T>(work: () => Promise<T>) => Promise<T>,
): Promise<QueryBegun> {
  const refusal = await signedIn(() => validateQuery(input));
  return refusal ? { refusal } : { refusal: null, ...(await signedIn(() => startQuery(input))) };
}

/** Asks the service to stop; whatever comes of it, there is something true to say. */
const stop = (input: RunQueryInput): Promise<CancelResult> =>
  CancellationScope.nonCancellable(() => cancelQuery(input)).catch((): CancelResult => ({
    outcome: 'unknown',
    note: 'The service did not answer to the request to stop: the query may still run there.',
  }));

/** The run was ended from outside. */
const stopped: RunQueryResult = { status: 'canceled', rowCount: null, columns: [], failure: null };
