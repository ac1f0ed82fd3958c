import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { RunError } from '#contracts/runs/runs.ts';
import { type EndedStatus, endedStatuses, isEnded } from '#contracts/runs/status.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import type { RunRef } from './insert-run.ts';
import { closeRun } from './record-run.ts';

/** What ends a run from outside its workflow: cancel before it began, skip by its key, or an end in Temporal itself. */
export async function endRun(
  tx: TenantTx,
  runId: string,
  end: { status: EndedStatus; error?: RunError | null; actor?: ActorRef | null; endedAt?: Date },
): Promise<{ didEnd: boolean; admitted: RunRef[] }> {
  const endedAt = end.endedAt ?? new Date();
  const ended = await tx
    .updateTable('runs')
    .set({ status: end.status, endedAt, waitingFor: null, error: JSON.stringify(end.error ?? null) })
    .where('id', '=', runId)
    .where('status', 'not in', [...endedStatuses])
    .returning(['kind', 'title', 'shape', 'parentRunId', 'startedAt', 'strand', 'progress'])
    .returning(['subjectKind', 'subjectId', 'admittedAt', 'concurrencyKey'])
    .executeTakeFirst();
  if (!ended) return { didEnd: false, admitted: [] };
  const { subjectKind, subjectId, admittedAt, concurrencyKey, ...told } = ended;
  // What was under way in it is over too; its page must not show steps that turn for ever.
  await tx
    .updateTable('runSteps')
    .set({ status: 'canceled', endedAt, waitingUntil: null })
    .where('runId', '=', runId)
    .where('status', 'in', ['pending', 'running', 'waiting', 'unknown'])
    .execute();
  await tx
    .updateTable('runHosts')
    .set({ status: 'canceled', endedAt })
    .where('runId', '=', runId)
    .where('status', 'in', ['pending', 'running'])
    .execute();
  await appendEvent(tx, {
    type: 'run.ended',
    subject: `run:${runId}`,
    runId,
    actor: end.actor ?? null,
    data: {
      ...told,
      startedAt: ended.startedAt?.toISOString() ?? null,
      status: end.status,
      endedAt: endedAt.toISOString(),
      error: end.error ?? null,
    },
  });
  const run = { ...told, id: runId, status: end.status, subjectKind, subjectId, admittedAt, concurrencyKey };
  return { didEnd: true, admitted: await closeRun(tx, run) };
}

/**
 * Notes the wish to cancel. A run whose workflow has not begun ends here and now.
 * @returns null where there is no such run; `mustTell`: its workflow has to be told
 */
export async function requestCancel(
  tx: TenantTx,
  runId: string,
  wish: { actor: ActorRef; undo?: boolean | undefined; reason?: string | undefined },
): Promise<{ status: string; mustTell: boolean; admitted: RunRef[] } | null> {
  const run = await tx
    .selectFrom('runs')
    .select(['status', 'admittedAt', 'cancelRequestedAt'])
    .where('id', '=', runId)
    .forUpdate()
    .executeTakeFirst();
  if (!run) return null;
  if (isEnded(run.status)) return { status: run.status, mustTell: false, admitted: [] };
  await tx
    .updateTable('runs')
    .set({ cancelRequestedAt: run.cancelRequestedAt ?? new Date(), cancelUndo: wish.undo ?? null })
    .where('id', '=', runId)
    .execute();
  await appendEvent(tx, {
    type: 'run.cancel_asked',
    subject: `run:${runId}`,
    runId,
    actor: wish.actor,
    data: { reason: wish.reason ?? null, undo: wish.undo ?? null },
  });
  if (run.status === 'queued' && run.admittedAt === null) {
    const { admitted } = await endRun(tx, runId, {
      status: 'canceled',
      actor: wish.actor,
      error: { code: 'run.canceled', message: 'Canceled before it began.' },
    });
    return { status: 'canceled', mustTell: false, admitted };
  }
  return { status: run.status, mustTell: true, admitted: [] };
}

/** A run that had ended is at work again: it was reset in Temporal. Its records count from the beginning. */
export async function reopenRun(tx: TenantTx, runId: string): Promise<boolean> {
  const reopened = await tx
    .updateTable('runs')
    .set({ status: 'running', endedAt: null, error: 'null', outputs: 'null', journalSeq: 0, cancelRequestedAt: null })
    .where('id', '=', runId)
    .where('endedAt', 'is not', null)
    .returning(['kind', 'title', 'shape', 'parentRunId'])
    .executeTakeFirst();
  if (!reopened) return false;
  await appendEvent(tx, {
    type: 'run.resumed',
    subject: `run:${runId}`,
    runId,
    data: { ...reopened, status: 'running', isReset: true },
  });
  return true;
}
