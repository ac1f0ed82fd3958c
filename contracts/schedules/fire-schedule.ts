import type { RunError } from '../runs/runs.ts';

/** The workflow that a Temporal Schedule starts. It is machinery, no run: its id is never a UUID. */
export const FireSchedule = { type: 'fireSchedule', taskQueue: 'main' } as const;

/** One time of one schedule. */
export interface Firing {
  workspaceId: string;
  scheduleId: string;
  /** RFC 3339, whole seconds. */
  nominalAt: string;
}

const prefix = 'schedule';

/**
 * The workflow id of a schedule's action. It is all that the workflow is told: Temporal appends the nominal time to it,
 * so a payload sealed for this very id could not be opened there.
 */
export const firingWorkflowId = ({ workspaceId, scheduleId }: Omit<Firing, 'nominalAt'>): string =>
  `${prefix}/${workspaceId}/${scheduleId}`;

/** Reads a firing from the id of its workflow. @throws where it is no id of a firing */
export function firingOf(workflowId: string): Firing {
  const match = /^schedule\/([0-9a-f-]{36})\/([0-9a-f-]{36})-(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/.exec(workflowId);
  const [, workspaceId, scheduleId, nominalAt] = match ?? [];
  if (workspaceId === undefined || scheduleId === undefined || nominalAt === undefined)
    throw new Error(`${workflowId} is no id of a schedule’s workflow.`);
  return { workspaceId, scheduleId, nominalAt };
}

/** A time by which the run should have ended, of an alert of its schedule. */
export interface LateMark {
  /** Its place among the alerts. */
  alert: number;
  /** From now. */
  inMs: number;
}

/** What the first activity of a firing found and did. */
export type FiringBegun =
  /** There is a run, admitted now: start its workflow as a child. */
  | {
      outcome: 'child';
      runId: string;
      workflowType: string;
      taskQueue: string;
      kind: string;
      subject: string | null;
      input: unknown;
      late?: readonly LateMark[];
    }
  /** There is a run that queues or was started otherwise: wait for its end. */
  | { outcome: 'wait'; runId: string; late?: readonly LateMark[] }
  /** Nothing to start: the schedule is gone, its run has ended, or it could not be started: a `problem` that is on record. */
  | { outcome: 'none'; reason: string; problem?: RunError };

/** How a firing's run stands to it: not started yet, its child, or running on its own (the sweep was quicker, or it had to queue). */
export type RunState = 'not_begun' | 'child' | 'alone';
