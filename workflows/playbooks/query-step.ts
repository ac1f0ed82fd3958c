import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  startChild,
} from '@temporalio/workflow';
import {
  SearchAttributeType,
  WorkflowExecutionAlreadyStartedError,
  defineSearchAttributeKey,
} from '@temporalio/common';
import type { QueryStepActivities, QueryStepState } from '#activities/playbooks/run-query-step.ts';
import type { CountActivities } from '#activities/queries/count-rows.ts';
import type { ScheduleActivities } from '#activities/schedules/fire-schedule.ts';
import { searchAttributeNames } from '#contracts/kit/search-attributes.ts';
import type { CancelToken } from '#contracts/playbooks/engine/cancel.ts';
import type { QueryPlan, QueryReply, QueryRequest } from '#contracts/playbooks/engine/effects.ts';
import type { ErrorFacts } from '#contracts/playbooks/engine/failures.ts';
import type { RunPlaybookInput } from '#contracts/playbooks/run-playbook.ts';
import { RunQuery, type RunQueryInput, type RunQueryResult } from '#contracts/queries/run-query.ts';
import { bookkeeping, delivering } from '../kit/retry.ts';
import { stoppable } from './stoppable.ts';

const local = proxyLocalActivities<QueryStepActivities>(bookkeeping);
const { awaitRunEnd } = proxyActivities<Pick<ScheduleActivities, 'awaitRunEnd'>>({
  startToCloseTimeout: '12 minutes',
  heartbeatTimeout: '15 seconds',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});
const { countQueryRows } = proxyActivities<CountActivities>({
  ...delivering,
  taskQueue: RunQuery.engineQueue,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

type Parent = Pick<RunPlaybookInput, 'workspaceId' | 'runId' | 'rootRunId' | 'actor'>;

export const planQuery = (
  { workspaceId, actor }: Parent,
  request: QueryRequest,
): Promise<QueryPlan | { readonly error: ErrorFacts }> => local.planQueryStep({ workspaceId, actor, request });

/**
 * Runs the query of a step as a run of its own, with the slots of its connection: as a child where there is one free; one
 * that has to queue is started by whoever lets it in, and waited for. A cancel is handed on, and its end awaited.
 */
export async function runQueryStep(
  { workspaceId, runId: parentId, rootRunId, actor }: Parent,
  request: QueryRequest,
  cancel: CancelToken,
): Promise<QueryReply> {
  const prepared = await local.prepareQueryStep({ workspaceId, runId: parentId, rootRunId, actor, request });
  if (!prepared.ok) return { kind: 'failed', runId: null, error: prepared.error };
  const { runId, input, mayBegin } = prepared;
  const run = { workspaceId, runId };
  let how: QueryStepState = mayBegin ? 'not_begun' : 'alone';
  if (!cancel.isCanceled) {
    const isOver = await stoppable(cancel, async () => {
      if (how === 'not_begun') {
        const ended = await begin(runId, input);
        how = ended ? 'child' : 'alone';
        await ended?.();
      }
      if (how === 'alone') while (!(await awaitRunEnd(run)));
      return true;
    });
    const reply = isOver ? await local.readQueryStep(run) : null;
    if (reply?.kind === 'succeeded' && reply.output.rowCount === null) return counted(reply, input, cancel);
    if (reply) return reply;
  }
  if (cancel.isCanceled) await local.cancelQueryStep({ ...run, actor, how });
  // A child that Temporal says has ended is so in its row a moment later, if it was ended from outside.
  while (!(await awaitRunEnd(run)));
  return (await local.readQueryStep(run)) ?? { kind: 'canceled', runId };
}

/** A count that the service did not tell: the rows are read through once, and forgotten. */
async function counted(
  reply: Extract<QueryReply, { kind: 'succeeded' }>,
  input: RunQueryInput,
  cancel: CancelToken,
): Promise<QueryReply> {
  const { runId, output } = reply;
  try {
    const rowCount = await stoppable(cancel, () => countQueryRows(input));
    return rowCount === undefined ? { kind: 'canceled', runId } : { ...reply, output: { ...output, rowCount } };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    // A worker that dies after the cancel was asked for never answers it.
    if (cancel.isCanceled) return { kind: 'canceled', runId };
    const { cause } = error;
    const code = cause instanceof ApplicationFailure ? cause.type : undefined;
    const message = cause?.message ?? 'The rows could not be counted.';
    return { kind: 'failed', runId, error: { code: code?.startsWith('query.') ? code : 'query.provider', message } };
  }
}

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);

/** Starts the child; null where a sweep was quicker, and it runs on its own. What it came to is in its row. */
async function begin(runId: string, input: RunQueryInput): Promise<(() => Promise<void>) | null> {
  try {
    const child = await startChild<(query: RunQueryInput) => Promise<RunQueryResult>>(RunQuery.type, {
      workflowId: runId,
      args: [input],
      typedSearchAttributes: [
        { key: keyword(searchAttributeNames.workspace), value: input.workspaceId },
        { key: keyword(searchAttributeNames.kind), value: RunQuery.kind },
        { key: keyword(searchAttributeNames.subject), value: `connection:${input.connectionId}` },
      ],
      // It cleans up at the service also where its parent is ended by force.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      priority: { fairnessKey: input.workspaceId },
    });
    return async () => {
      try {
        await child.result();
      } catch (error) {
        // How it ended is its own story, told by its row; only our own cancel goes on from here.
        if (isCancellation(error)) throw error;
      }
    };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}
