import { sql } from 'kysely';
import type { RunTrigger } from '#contracts/hooks/run-triggers.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { RunError } from '#contracts/runs/runs.ts';
import type { EndedStatus } from '#contracts/runs/status.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';

export interface RunTriggerValues {
  name: string;
  playbooks: string[];
  statuses: EndedStatus[];
  condition: string | null;
  targetId: string;
  targetVersion: number | null;
  inputs: Record<string, string>;
  enabled: boolean;
}
export interface RunTriggerRow extends RunTriggerValues {
  id: string;
  version: number;
  createdBy: ActorRef;
}

const columnsOf = ({ inputs, ...values }: RunTriggerValues) => ({ ...values, inputs: JSON.stringify(inputs) });

export const insertRunTrigger = async (
  tx: TenantTx,
  id: string,
  values: RunTriggerValues,
  actor: ActorRef,
): Promise<void> => {
  await tx
    .insertInto('runTriggers')
    .values({ id, ...columnsOf(values), createdBy: JSON.stringify(actor) })
    .execute();
};
export const updateRunTrigger = async (tx: TenantTx, id: string, values: RunTriggerValues): Promise<void> => {
  await tx
    .updateTable('runTriggers')
    .set({ ...columnsOf(values), version: sql<number>`version + 1`, updatedAt: new Date() })
    .where('id', '=', id)
    .execute();
};
export const deleteRunTrigger = async (tx: TenantTx, id: string): Promise<void> => {
  await tx.deleteFrom('runTriggers').where('id', '=', id).execute();
};
export const readRunTriggerRow = (
  tx: TenantTx,
  id: string,
  { lock = false } = {},
): Promise<RunTriggerRow | undefined> => {
  const query = tx.selectFrom('runTriggers').selectAll().where('id', '=', id);
  return (lock ? query.forUpdate() : query).executeTakeFirst();
};

/** Run triggers by name, with what became of them the last times. */
export async function listRunTriggers(tx: TenantTx, id?: string): Promise<RunTrigger[]> {
  let query = tx
    .selectFrom('runTriggers as t')
    .leftJoin('playbooks as p', (join) => join.onRef('p.id', '=', 't.targetId').on('p.deletedAt', 'is', null))
    .selectAll('t')
    .select('p.name as targetName');
  if (id !== undefined) query = query.where('t.id', '=', id);
  const rows = await query.orderBy('t.name').orderBy('t.id').execute();
  const firings = await lastFirings(
    tx,
    rows.map((row) => row.id),
  );
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    playbooks: row.playbooks,
    statuses: row.statuses,
    condition: row.condition,
    target: { kind: 'playbook', id: row.targetId, version: row.targetVersion, name: row.targetName },
    inputs: row.inputs,
    enabled: row.enabled,
    lastFirings: firings.get(row.id) ?? [],
    version: row.version,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }));
}

async function lastFirings(tx: TenantTx, ids: readonly string[]): Promise<Map<string, RunTrigger['lastFirings']>> {
  const found = new Map<string, RunTrigger['lastFirings']>();
  if (ids.length === 0) return found;
  const { rows } = await sql<{
    triggerId: string;
    endedRunId: string;
    runId: string | null;
    status: 'pending' | 'started' | 'failed' | 'passed';
    error: RunError | null;
    at: Date;
  }>`
    select t.id as "triggerId", f.* from unnest(${ids}::uuid[]) t(id) cross join lateral (
      select ended_run_id as "endedRunId", run_id as "runId", status, error, at from run_trigger_firings f where f.trigger_id = t.id order by at desc limit 10) f`.execute(
    tx,
  );
  for (const { triggerId, at, ...firing } of rows)
    found.set(triggerId, [...(found.get(triggerId) ?? []), { ...firing, at: at.toISOString() }]);
  return found;
}

export interface FiringKey {
  triggerId: string;
  endedRunId: string;
}

/** Takes a note that waits to become a run; null where somebody else has it, or it is settled. */
export async function claimFiring(tx: TenantTx, { triggerId, endedRunId }: FiringKey): Promise<RunTriggerRow | null> {
  const claimed = await tx
    .selectFrom('runTriggerFirings')
    .select('status')
    .where('triggerId', '=', triggerId)
    .where('endedRunId', '=', endedRunId)
    .where('status', '=', 'pending')
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  return claimed ? ((await readRunTriggerRow(tx, triggerId)) ?? null) : null;
}

/** Settles a note. `passed`: its condition did not hold. */
export async function settleFiring(
  tx: TenantTx,
  { triggerId, endedRunId }: FiringKey,
  end: { status: 'started'; runId: string } | { status: 'passed' } | { status: 'failed'; error: RunError },
): Promise<void> {
  await tx
    .updateTable('runTriggerFirings')
    .set({
      status: end.status,
      runId: end.status === 'started' ? end.runId : null,
      error: end.status === 'failed' ? JSON.stringify(end.error) : null,
    })
    .where('triggerId', '=', triggerId)
    .where('endedRunId', '=', endedRunId)
    .execute();
  if (end.status === 'failed')
    await appendEvent(tx, {
      type: 'run_trigger.failed',
      subject: `run_trigger:${triggerId}`,
      runId: endedRunId,
      data: { error: end.error },
    });
}
