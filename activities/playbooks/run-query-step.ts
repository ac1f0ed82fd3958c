import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { ErrorFacts } from '#contracts/playbooks/engine/failures.ts';
import type { QueryPlan, QueryReply, QueryRequest } from '#contracts/playbooks/engine/effects.ts';
import type { RunQueryInput } from '#contracts/queries/run-query.ts';
import type { RunError } from '#contracts/runs/runs.ts';
import { isEnded } from '#contracts/runs/status.ts';
import { Refusal } from '#db/kit/refusal.ts';
import { childRunOf } from '#db/playbooks/child-run.ts';
import { insertQueryStep, planQueryStep, readQueryStep } from '#db/queries/query-step.ts';
import { endRun, requestCancel } from '#db/runs/end-run.ts';
import type { ActivityTools } from '../kit/tools.ts';

export type QueryStepActivities = ReturnType<typeof queryStepActivities>;

export interface QueryStepCall {
  workspaceId: string;
  runId: string;
  rootRunId: string;
  actor: ActorRef;
  request: QueryRequest;
}
/** `mayBegin`: its connection has a slot for it, and its parent starts it now. */
export type PreparedQueryStep =
  | { ok: true; runId: string; input: RunQueryInput; mayBegin: boolean }
  | { ok: false; error: ErrorFacts };

/** Who is not to be told of a cancel by Temporal: it has not begun there. */
export type QueryStepState = 'not_begun' | 'child' | 'alone';

export interface QueryStepTools extends Pick<ActivityTools, 'inTenant' | 'vault' | 'startRuns'> {
  cancelWorkflow: (workspaceId: string, runId: string) => Promise<unknown>;
}

/** Local activities of `query` steps: their runs are rows like those of the console, with the same slots and history. */
export const queryStepActivities = ({ inTenant, vault, startRuns, cancelWorkflow }: QueryStepTools) => ({
  /** Repeatable: the run's id is that of its parent, address and execution. */
  async prepareQueryStep(call: QueryStepCall): Promise<PreparedQueryStep> {
    const { workspaceId, runId: parentRunId, rootRunId, actor, request } = call;
    const id = childRunOf(parentRunId, request.address, request.execution);
    try {
      const { input, mayBegin, others } = await inTenant(workspaceId, (tx) =>
        insertQueryStep(tx, vault, { workspaceId, id, parentRunId, rootRunId, actor, request }, Date.now()),
      );
      startRuns(others);
      return { ok: true, runId: id, input, mayBegin };
    } catch (error) {
      return { ok: false, error: refusalOf(error) };
    }
  },

  /** For the plan that an approval is bound to. */
  async planQueryStep({
    workspaceId,
    ...step
  }: Pick<QueryStepCall, 'workspaceId' | 'actor' | 'request'>): Promise<QueryPlan | { error: ErrorFacts }> {
    try {
      return await inTenant(workspaceId, (tx) => planQueryStep(tx, step, Date.now()));
    } catch (error) {
      return { error: refusalOf(error) };
    }
  },

  /** How it ended; null while it is open. */
  async readQueryStep({ workspaceId, runId }: { workspaceId: string; runId: string }): Promise<QueryReply | null> {
    const found = await inTenant(workspaceId, (tx) => readQueryStep(tx, runId));
    if (!found)
      return {
        kind: 'failed',
        runId,
        error: { code: 'run.ended_outside', message: 'The run of the query is not there any more.', retryable: false },
      };
    const { status, rowCount, columns, error } = found;
    if (!isEnded(status)) return null;
    if (status === 'succeeded') return { kind: 'succeeded', runId, output: { rowCount, columns } };
    if (status === 'canceled') return { kind: 'canceled', runId };
    const facts: RunError = error ?? { code: 'query.provider', message: 'The query failed.', retryable: false };
    return {
      kind: 'failed',
      runId,
      error: {
        code: facts.code,
        message: facts.message,
        ...(facts.retryable !== undefined && { retryable: facts.retryable }),
        ...(facts.details !== undefined && { details: facts.details as never }),
      },
    };
  },

  /** Repeatable. One that has not begun ends here; a child hears of it by its parent. */
  async cancelQueryStep({
    workspaceId,
    runId,
    actor,
    how,
  }: {
    workspaceId: string;
    runId: string;
    actor: ActorRef;
    how: QueryStepState;
  }): Promise<void> {
    const { admitted, mustTell } = await inTenant(workspaceId, async (tx) => {
      const wish = await requestCancel(tx, runId, { actor, reason: 'The playbook that waits for it was canceled.' });
      if (how !== 'not_begun' || !wish?.mustTell)
        return { admitted: wish?.admitted ?? [], mustTell: wish?.mustTell ?? false };
      const ended = await endRun(tx, runId, {
        status: 'canceled',
        actor,
        error: { code: 'run.canceled', message: 'Canceled before it began.' },
      });
      return { admitted: ended.admitted, mustTell: true };
    });
    startRuns(admitted);
    if (mustTell && how !== 'child') await cancelWorkflow(workspaceId, runId);
  },
});

/** What stands in the way of a query for good. What may pass (the database is away) is thrown on, and tried again. */
function refusalOf(error: unknown): ErrorFacts {
  if (error instanceof Refusal) return { code: error.code, message: error.message, retryable: false };
  throw error;
}
