import {
  ActivityCancellationType, CancellationScope, ChildWorkflowCancellationType, ParentClosePolicy, isCancellation,
  proxyActivities, proxyLocalActivities, sleep, startChild, workflowInfo,
} from '@temporalio/workflow'; // prettier-ignore
import {
  SearchAttributeType,
  WorkflowExecutionAlreadyStartedError,
  defineSearchAttributeKey,
} from '@temporalio/common';
import type { LateActivities } from '#activities/schedules/tell-late.ts';
import type { ScheduleActivities } from '#activities/schedules/fire-schedule.ts';
import { searchAttributeNames } from '#contracts/kit/search-attributes.ts';
import {
  FireSchedule,
  type Firing,
  type FiringBegun,
  type LateMark,
  type RunState,
  firingOf,
} from '#contracts/schedules/fire-schedule.ts';
import { bookkeeping, remoteCall } from '../kit/retry.ts';

/** Starting is tried until the database is back: a time that has come is never let go. */
const local = proxyLocalActivities<ScheduleActivities>(bookkeeping);
const { awaitRunEnd } = proxyActivities<ScheduleActivities>({
  startToCloseTimeout: '12 minutes',
  heartbeatTimeout: '15 seconds',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});

const { tellNotStarted } = proxyActivities<ScheduleActivities>({ ...remoteCall, startToCloseTimeout: '10 minutes' });
const { tellLate } = proxyActivities<LateActivities>({ ...remoteCall, startToCloseTimeout: '2 minutes' });

/**
 * One time of a schedule: inserts the run, runs it as a child under the run's own id, and stays open until it has ended,
 * so that Temporal's overlap policies hold. A run that has to queue is waited for. It is told by its id alone which
 * time it is, and is no run itself.
 */
export async function fireSchedule(): Promise<{ runId: string | null }> {
  const firing = firingOf(workflowInfo().workflowId);
  // What was begun must be known, or a cancel in between would leave a run that nobody waits for.
  const begun = await CancellationScope.nonCancellable(() => local.insertScheduledRun(firing));
  if (begun.outcome === 'none') {
    const { problem } = begun;
    if (problem)
      await CancellationScope.nonCancellable(() => tellNotStarted({ ...firing, problem })).catch(() => undefined);
    return { runId: null };
  }
  const { workspaceId } = firing;
  const { runId } = begun;
  let how: RunState = begun.outcome === 'child' ? 'not_begun' : 'alone';
  const watch = new CancellationScope();
  if (begun.late) void watch.run(() => tellWhenLate(firing, runId, begun.late ?? [])).catch(() => undefined);
  try {
    if (CancellationScope.current().consideredCancelled) await CancellationScope.current().cancelRequested;
    if (begun.outcome === 'child') {
      const child = await startRun(begun, workspaceId);
      how = child ? 'child' : 'alone';
      if (child) await child.ended;
    }
    if (how === 'alone') while (!(await awaitRunEnd({ workspaceId, runId })));
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(async () => {
      await local.cancelScheduledRun({ workspaceId, runId, how });
      while (!(await awaitRunEnd({ workspaceId, runId })));
    });
    throw error;
  } finally {
    watch.cancel();
    await CancellationScope.nonCancellable(() => local.endFiring(firing));
  }
  return { runId };
}

/** Waits for each mark in turn, until the run has ended; a message that cannot be sent changes nothing. */
async function tellWhenLate(firing: Firing, runId: string, marks: readonly LateMark[]): Promise<void> {
  let passedMs = 0;
  for (const { alert, inMs } of marks) {
    await sleep(inMs - passedMs);
    passedMs = inMs;
    await tellLate({ ...firing, runId, alert }).catch((error: unknown) => {
      if (isCancellation(error)) throw error;
    });
  }
}

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);

/** Starts the run's workflow; null where the sweep was quicker, and it runs on its own. */
async function startRun(
  { runId, workflowType, taskQueue, kind, subject, input }: Extract<FiringBegun, { outcome: 'child' }>,
  workspaceId: string,
): Promise<{ ended: Promise<void> } | null> {
  try {
    const child = await startChild(workflowType, {
      workflowId: runId,
      // Its own queue is ours, under whatever name this worker knows it.
      ...(taskQueue !== FireSchedule.taskQueue && { taskQueue }),
      args: [input],
      typedSearchAttributes: [
        { key: keyword(searchAttributeNames.workspace), value: workspaceId },
        { key: keyword(searchAttributeNames.kind), value: kind },
        ...(subject === null ? [] : [{ key: keyword(searchAttributeNames.subject), value: subject }]),
      ],
      // The run is a thing of its own: it outlives a firing that is ended by force.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      priority: { priorityKey: 4, fairnessKey: workspaceId },
    });
    return {
      ended: child.result().then(
        () => undefined,
        (error: unknown) => {
          // How it failed is the run's own story; only a cancel of this firing concerns us.
          if (isCancellation(error) && CancellationScope.current().consideredCancelled) throw error;
        },
      ),
    };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}
