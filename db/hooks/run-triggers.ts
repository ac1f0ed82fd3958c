import { sql } from 'kysely';
import { fillMessage } from '#contracts/kit/error-def.ts';
import { errors } from '#contracts/errors.ts';
import { maxTriggerDepth } from '#contracts/hooks/run-triggers.ts';
import { type RunStatus, isEnded } from '#contracts/runs/status.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import type { RunRef } from '../runs/insert-run.ts';

/** What of an ended run its triggers are chosen by. */
export interface EndedRun {
  id: string;
  kind: string;
  status: RunStatus;
  subjectKind: string | null;
  subjectId: string | null;
  parentRunId: string | null;
}

/**
 * Notes, in the transaction that ends a run, each trigger that waits for such an end: exactly once, since a run ends
 * once and a note is keyed by trigger and run. What then starts is decided and started from the notes
 * (`activities/hooks/follow-runs.ts`), so that a mapping that fails can never keep a run from ending.
 * @returns no runs: a note becomes a run in a transaction of its own
 */
export async function afterRunEnded(tx: TenantTx, run: EndedRun): Promise<RunRef[]> {
  // A dry run or the test of a step had no effect that could be followed.
  if (
    run.kind !== 'playbook' ||
    run.parentRunId !== null ||
    run.subjectKind !== 'playbook' ||
    run.subjectId === null ||
    !isEnded(run.status)
  )
    return [];
  const { rows } = await sql<{ triggerId: string; depth: number }>`
    insert into run_trigger_firings (trigger_id, ended_run_id, status, depth, error)
    select t.id, ${run.id}::uuid, case when d.depth > ${maxTriggerDepth} then 'failed' else 'pending' end, d.depth,
      case when d.depth > ${maxTriggerDepth} then ${JSON.stringify(tooDeep)}::jsonb end
    from run_triggers t,
      (select coalesce((select depth from run_trigger_firings where run_id = ${run.id}::uuid), 0) + 1 as depth) d
    where t.enabled and ${run.status} = any (t.statuses)
      and (t.playbooks = '{}' or ${run.subjectId}::uuid = any (t.playbooks))
    on conflict do nothing
    returning trigger_id as "triggerId", depth`.execute(tx);
  for (const { triggerId, depth } of rows) {
    if (depth <= maxTriggerDepth) continue;
    await appendEvent(tx, {
      type: 'run_trigger.failed',
      subject: `run_trigger:${triggerId}`,
      runId: run.id,
      data: { error: tooDeep },
    });
  }
  return [];
}

const tooDeep = {
  code: 'run_trigger.too_deep',
  message: fillMessage(errors['run_trigger.too_deep'].message, { limit: maxTriggerDepth }),
};
