import { ApplicationFailure } from '@temporalio/common';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import {
  type IncidentAct,
  type IncidentAnswer,
  IncidentLifecycle,
  type IncidentRef,
  type IncidentSignal,
  incidentWorkflowId,
} from '#contracts/incidents/lifecycle.ts';
import type { EntityStart, WorkflowClient } from './client.ts';

/** How incidents' workflows are reached. One that has ended or was lost is started by either, and goes on from its row. */
export interface IncidentWorkflows {
  /** Lets it look at its row. */
  tell: (ref: IncidentRef, signal: IncidentSignal) => Promise<void>;
  /** Asks for an act and waits until it took effect or was refused. */
  act: (ref: IncidentRef, act: IncidentAct, actId: string) => Promise<IncidentAnswer>;
}

const startOf = (ref: IncidentRef): EntityStart => ({
  workflowType: IncidentLifecycle.type,
  taskQueue: IncidentLifecycle.taskQueue,
  workflowId: incidentWorkflowId(ref),
  workspaceId: ref.workspaceId,
  kind: IncidentLifecycle.kind,
  subject: `incident:${ref.incidentId}`,
  actorId: null,
  priority: 2,
  input: { workspaceId: ref.workspaceId, incidentId: ref.incidentId } satisfies IncidentRef,
});

export const incidentWorkflows = (
  workflows: Pick<WorkflowClient, 'signalWithStart' | 'updateWithStart'>,
): IncidentWorkflows => ({
  tell: (ref, { kind }) => workflows.signalWithStart(startOf(ref), IncidentLifecycle.signal.told, [{ kind }]),
  async act(ref, act, actId) {
    try {
      return await workflows.updateWithStart<IncidentAnswer>(
        startOf(ref),
        IncidentLifecycle.update[act.act],
        act,
        actId,
      );
    } catch (error) {
      const refused = refusedBy(error);
      if (!refused) throw error;
      return refused;
    }
  },
});

/** What a validator says no to. */
function refusedBy(error: unknown): IncidentAnswer | undefined {
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure) || !cause.type?.startsWith('incident.')) return undefined;
  const [details] = cause.details ?? [];
  return {
    isDone: false,
    refusal: {
      code: cause.type,
      facts: (details ?? {}) as Record<string, unknown>,
      ...(details !== undefined && { details: details as Record<string, unknown> }),
    },
  };
}
