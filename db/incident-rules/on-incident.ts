import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { Happening } from '#contracts/incident-rules/incident-rules.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { JsonObject } from '#contracts/playbooks/document.ts';
import type { TenantTx } from '../kit/database.ts';
import { newRunId } from '../runs/insert-run.ts';
import { noteStarts } from './note-starts.ts';
import type { HappenedFacts } from './tables.ts';

/**
 * Notes, in the transaction in which something happens to an incident, each rule that is to be asked. What starts is decided from
 * the notes a moment later (`activities/incident-rules/follow-incidents.ts`): by then the incident's alerts and links stand, and
 * a rule that fails can never keep an incident from opening.
 */
export async function runIncidentRules(
  tx: TenantTx,
  { incident, happened }: { incident: HappenedFacts & { id: string }; happened: Happening },
): Promise<void> {
  const rules = await tx
    .selectFrom('incidentRules')
    .select(['id', 'name', 'playbookId', 'playbookVersion'])
    .where('enabled', '=', true)
    .where('trippedAt', 'is', null)
    .where(sql<boolean>`${happened} = any(happenings)`)
    .orderBy('name')
    .execute();
  const { key, title, severity, state, service } = incident;
  await noteStarts(
    tx,
    rules.map(({ id, name, playbookId, playbookVersion }) => ({
      incidentId: incident.id,
      ruleId: id,
      playbookId,
      playbookVersion,
      happened,
      facts: { key, title, severity, state, service },
      status: 'pending',
      actor: { kind: 'system', id: null, name },
    })),
  );
}

export interface WantedPlaybook {
  /** Chosen ahead where a repeated request must find the same one. */
  id?: string;
  incidentId: string;
  playbookId: string;
  version?: number | null;
  /** Those that are not given are taken from the incident where the playbook declares them by its names. */
  inputs: JsonObject;
  actor: ActorRef;
  /** A sentence for the incident's story: `Started by the alert rule Disk full`. */
  why: string;
}

/**
 * Notes that a playbook is to run for an incident; it begins within a second of the commit. The same playbook does not run twice
 * at once for an incident: who asks meanwhile is given the run that is under way.
 */
export async function startIncidentPlaybook(
  tx: TenantTx,
  { id = uuidv7(), incidentId, playbookId, version = null, inputs, actor, why }: WantedPlaybook,
): Promise<{ id: string; runId: string; isNew: boolean }> {
  const runId = newRunId();
  const note = {
    id,
    incidentId,
    playbookId,
    playbookVersion: version,
    inputs,
    status: 'due',
    runId,
    why,
    actor,
  } as const;
  const [noted] = await noteStarts(tx, [note]);
  if (noted) return { id, runId, isNew: true };
  const { rows } = await sql<{ id: string; runId: string }>`select id, run_id as "runId" from incident_starts
    where id = ${id} or (incident_id = ${incidentId} and playbook_id = ${playbookId} and status in ('due', 'started'))
    order by id = ${id} desc limit 1`.execute(tx);
  const [running] = rows;
  // It ended between the two statements: the next one who asks begins anew.
  if (!running) return startIncidentPlaybook(tx, { id, incidentId, playbookId, version, inputs, actor, why });
  return { ...running, isNew: false };
}
