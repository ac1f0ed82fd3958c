import type { IncidentStart } from '#contracts/incident-rules/incident-rules.ts';
import type { TenantTx } from '../kit/database.ts';
import type { StartRow } from './tables.ts';

/** Notes by their ids, newest first, with the names of what they are about. */
export async function showStarts(tx: TenantTx, ids: readonly string[]): Promise<IncidentStart[]> {
  if (ids.length === 0) return [];
  const rows = await tx
    .selectFrom('incidentStarts as s')
    .leftJoin('incidents as i', 'i.id', 's.incidentId')
    .leftJoin('incidentRules as r', 'r.id', 's.ruleId')
    .leftJoin('playbooks as p', 'p.id', 's.playbookId')
    .selectAll('s')
    .select(['i.key', 'i.title', 'r.name as ruleName', 'p.name as playbookName'])
    .where('s.id', 'in', ids)
    .orderBy('s.at', 'desc')
    .orderBy('s.id', 'desc')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    incident: { id: row.incidentId, key: row.key ?? '', title: row.title ?? '' },
    rule: row.ruleId === null ? null : { id: row.ruleId, name: row.ruleName },
    playbook: { id: row.playbookId, name: row.playbookName },
    status: row.status,
    why: row.why,
    inputs: row.inputs,
    runId: row.runId,
    runStatus: row.runStatus,
    error: row.error,
    by: row.actor,
    at: row.at.toISOString(),
    decidedBy: row.decidedBy,
    endedAt: row.endedAt?.toISOString() ?? null,
  })) as IncidentStart[]; // JSON columns hold what their tables say
}

/** Playbooks begun for an incident and suggestions that wait, newest first, 100 at most. */
export async function listStarts(tx: TenantTx, incidentId: string): Promise<IncidentStart[]> {
  const rows = await tx
    .selectFrom('incidentStarts')
    .select('id')
    .where('incidentId', '=', incidentId)
    .where('status', 'in', ['suggested', 'due', 'started', 'ended', 'failed'])
    .orderBy('at', 'desc')
    .limit(100)
    .execute();
  return showStarts(
    tx,
    rows.map(({ id }) => id),
  );
}

/** Locks a note of an incident. */
export const lockStart = (tx: TenantTx, incidentId: string, id: string): Promise<StartRow | undefined> =>
  tx
    .selectFrom('incidentStarts')
    .selectAll()
    .where('incidentId', '=', incidentId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();

/** Whether the playbook is under way for an incident. */
export const isRunningFor = async (tx: TenantTx, incidentId: string, playbookId: string): Promise<boolean> =>
  (await tx
    .selectFrom('incidentStarts')
    .select('id')
    .where('incidentId', '=', incidentId)
    .where('playbookId', '=', playbookId)
    .where('status', 'in', ['due', 'started'])
    .executeTakeFirst()) !== undefined;

export const hasIncident = async (tx: TenantTx, id: string): Promise<boolean> =>
  (await tx.selectFrom('incidents').select('id').where('id', '=', id).executeTakeFirst()) !== undefined;
