import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { ActorRef, Json } from '#contracts/kit/schemas.ts';
import type { StrandSegment } from '#contracts/runs/runs.ts';
import type { RunShape, RunTrigger } from '#contracts/runs/status.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { admissionLock, admitAtOnce, admitRuns } from './admit-runs.ts';

/** What the dispatcher needs to start a run's workflow. */
export interface RunRef {
  workspaceId: string;
  id: string;
  workflowType: string;
  taskQueue: string;
  kind: string;
  subject: string | null;
  actorId: string | null;
  priority: number;
  /** The workflow's input; absent where it must be read from the row's sealed copy. */
  input?: unknown;
}

export interface NewRun {
  /** Chosen ahead where the input names it or where a repeated call must find the same run. */
  id?: string;
  kind: string;
  shape?: RunShape;
  title: string;
  trigger: RunTrigger;
  triggerId?: string | null;
  actor: ActorRef;
  parentRunId?: string | null;
  rootRunId?: string | null;
  subject?: { kind: string; id: string; version?: number | null } | null;
  /** As a person may see them: secrets already `[secret]`. */
  inputs?: Record<string, Json> | null;
  strand?: StrandSegment[];
  tags?: string[];
  workflowType: string;
  taskQueue: string;
  /** The whole input of the workflow, sealed by the vault: the sweep starts from it. */
  sealedInput: string;
  concurrency?: { key: string; limit: number } | null;
  rerunOf?: string | null;
  /** A child is started by its parent, takes no slot of its own and is never started by the sweep. */
  isChild?: boolean;
}

/** A fresh run id: UUIDv7, so that runs sort by the time they were asked for. */
export const newRunId = (): string => uuidv7();

/**
 * Writes a run as `queued`, and admits it in the same transaction where its workspace has a free slot.
 * A run of the same id that is there already stays as it is (a repeated call).
 * @returns the id, whether it was made now, and the runs to start after the commit
 */
export async function insertRun(
  tx: TenantTx,
  run: NewRun,
): Promise<{ id: string; isNew: boolean; admitted: RunRef[] }> {
  const id = run.id ?? newRunId();
  const subject = run.subject ?? null;
  const needsSlot = !run.isChild && (run.shape ?? 'job') === 'job';
  const inserting = tx
    .insertInto('runs')
    .values({
      id,
      kind: run.kind,
      shape: run.shape ?? 'job',
      title: run.title,
      status: 'queued',
      trigger: run.trigger,
      triggerId: run.triggerId ?? null,
      actor: JSON.stringify(run.actor),
      actorId: run.actor.id,
      parentRunId: run.parentRunId ?? null,
      rootRunId: run.rootRunId ?? null,
      subjectKind: subject?.kind ?? null,
      subjectId: subject?.id ?? null,
      subjectVersion: subject?.version ?? null,
      inputs: JSON.stringify(run.inputs ?? null),
      outputs: 'null',
      error: 'null',
      progress: 'null',
      undo: 'null',
      strand: JSON.stringify(run.strand ?? []),
      undoPlan: '[]',
      tags: run.tags ?? [],
      workflowType: run.workflowType,
      taskQueue: run.taskQueue,
      sealedInput: run.sealedInput,
      concurrencyKey: run.concurrency?.key ?? null,
      concurrencyLimit: run.concurrency?.limit ?? null,
      rerunOf: run.rerunOf ?? null,
      admittedAt: run.isChild ? sql<Date>`now()` : null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .$if(needsSlot, (insert) => insert.returning(admissionLock.as('locked')))
    .executeTakeFirst();
  const [inserted, atOnce] = await Promise.all([inserting, needsSlot ? admitAtOnce(tx, id) : []]);
  if (!inserted) return { id, isNew: false, admitted: [] };
  await appendEvent(tx, {
    type: 'run.queued',
    subject: `run:${id}`,
    runId: id,
    actor: run.actor,
    data: {
      kind: run.kind,
      shape: run.shape ?? 'job',
      title: run.title,
      status: 'queued',
      trigger: run.trigger,
      parentRunId: run.parentRunId ?? null,
      // By this, streams of those from whom the connection is hidden leave it out.
      ...(run.subject?.kind === 'connection' && { connectionId: run.subject.id }),
    },
  });
  const admitted = needsSlot && atOnce.length === 0 ? await admitRuns(tx) : atOnce;
  return { id, isNew: true, admitted };
}
