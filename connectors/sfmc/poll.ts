import type { PollResult, RunRef } from '#contracts/queries/engine.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import type { SfmcCalls } from './calls.ts';
import { runFailure, sfmcHints } from './failures.ts';
import { type TaskStatus, readTask } from './objects.ts';
import { countRows, isRunning } from './rest.ts';
import { type RunState, readRef, writeRef } from './run-state.ts';

const minuteMs = 60_000;
/** The service kills a query at 30 minutes; nobody looks longer. */
export const longestRunMs = 29 * minuteMs;
/** Two answers of `isrunning` must lie so far apart. */
const idleGapMs = 15_000;
/** `isrunning` alone is believed from this age on: at first it may not know the run yet. */
const oldEnoughMs = 3 * minuteMs;
/** Rows of a finished run may show late; after so many looks there are none. */
const mostEmptyLooks = 6;
const emptyWaitMs = (looks: number): number => Math.min(1_500 * 1.4 ** looks, 8_000);

/** No two looks are nearer: a run that is over is seen a tenth of a second later on average. */
const nearestLookMs = 200;
/** A tenth of the age: a run of three seconds is seen within the third of the next, one of ten minutes costs a call every half minute. */
export const pollWaitMs = (ageMs: number, random: () => number): number =>
  Math.round(Math.min(Math.max(ageMs / 10, nearestLookMs), 30_000) * (0.8 + 0.4 * random()));

export interface PollTools {
  readonly calls: SfmcCalls;
  readonly now: () => number;
  readonly random: () => number;
}

/**
 * One look at a run by up to three witnesses. The rowset is fast and tells of rows; AsyncActivityStatus tells of failure and
 * of the end, late; `isrunning` tells that nothing runs any more. Rows alone do not end a run: a failing one leaves some.
 */
export async function pollRun(
  ref: RunRef,
  { calls, now, random }: PollTools,
  signal?: AbortSignal,
): Promise<PollResult> {
  const state = readRef(ref);
  const at = now();
  const ageMs = at - (state.startedAt ?? Date.parse(ref.begunAt));
  const isTaskDue = state.taskId !== null && at >= state.taskAt && !state.isComplete;
  const [rows, task] = await Promise.all([
    countRows(calls, state.key, { signal }),
    isTaskDue && state.taskId !== null ? readTask(calls, { taskId: state.taskId }, signal) : null,
  ]);
  const result = (
    change: Partial<RunState>,
    told: Pick<PollResult, 'state' | 'rowCount'> & Partial<PollResult>,
  ): PollResult => ({
    ref: writeRef(ref, { ...state, ...change }),
    pollAfterMs: 0,
    columns: null,
    failure: null,
    note: null,
    ...told,
  });
  const failed = (failure: QueryFailure): PollResult =>
    result({ phase: 'done' }, { state: 'failed', rowCount: null, failure: failure.facts });
  if (state.phase === 'done') return result({}, { state: 'succeeded', rowCount: rows ?? 0 });
  if (task?.state === 'error') return failed(runFailure(task.words));

  const hasRows = rows !== null && rows > 0;
  const isComplete = state.isComplete || task?.state === 'complete';
  const asksRunning =
    !isComplete &&
    state.queryId !== null &&
    (hasRows || ageMs >= oldEnoughMs || task?.isCompletedDateSet === true || state.taskId === null);
  const running = asksRunning && state.queryId !== null ? await isRunning(calls, state.queryId, { signal }) : null;
  const idleAt = running === false ? (state.idleAt ?? at) : running === true ? null : state.idleAt;
  const isIdle = idleAt !== null && at - idleAt >= idleGapMs;
  if (hasRows && (isComplete || running === false)) {
    // Nothing runs and rows are there. Whether all are is the task's to say: a failure shows there, late.
    const last: TaskStatus | null =
      isComplete || state.taskId === null ? null : await readTask(calls, { taskId: state.taskId }, signal);
    if (last?.state === 'error') return failed(runFailure(last.words));
    if (isComplete || state.taskId === null || last?.state === 'complete' || isIdle) {
      return result({ phase: 'done', isComplete: true }, { state: 'succeeded', rowCount: rows });
    }
  }
  if (isComplete || isIdle) {
    if (hasRows || state.emptyLooks >= mostEmptyLooks)
      return result({ phase: 'done', isComplete: true }, { state: 'succeeded', rowCount: rows ?? 0 });
    const emptyLooks = state.emptyLooks + 1;
    return result(
      { isComplete: true, emptyLooks },
      {
        state: 'running',
        rowCount: rows,
        pollAfterMs: Math.round(emptyWaitMs(state.emptyLooks)),
        note: 'The service has finished; its rows are not there yet.',
      },
    );
  }
  if (ageMs > longestRunMs) {
    return failed(
      new QueryFailure({
        kind: 'timeout',
        code: 'query_timed_out',
        message: 'The query did not end within 29 minutes.',
        hint: sfmcHints.limit,
      }),
    );
  }
  const waitMs = pollWaitMs(ageMs, random);
  const taskAt = isTaskDue ? at + Math.max(waitMs, 1_500) : state.taskAt;
  const isQueued = !hasRows && running !== true && (task?.state === 'queued' || task === null) && ageMs < minuteMs;
  return result({ taskAt, idleAt }, { state: isQueued ? 'queued' : 'running', rowCount: rows, pollAfterMs: waitMs });
}
