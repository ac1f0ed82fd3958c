import { appendEvent } from '../events/append-event.ts';
import { addTimeline } from '../incidents/timeline.ts';
import type { TenantTx } from '../kit/database.ts';
import { noteStarts } from './note-starts.ts';
import type { WantedPlaybook } from './on-incident.ts';
import type { StartRow } from './tables.ts';

/** Suggests a playbook for an incident: a person decides. One that is suggested already, or is running, is not suggested again. */
export async function suggestIncidentPlaybook(
  tx: TenantTx,
  { id, incidentId, playbookId, version = null, inputs, actor, why }: WantedPlaybook,
): Promise<void> {
  if (await isAsked(tx, incidentId, playbookId)) return;
  const [noted] = await noteStarts(tx, [
    { id, incidentId, playbookId, playbookVersion: version, inputs, status: 'suggested', why, actor },
  ]);
  if (noted) await tellSuggestion(tx, noted);
}

/** Whether the playbook waits for a word or runs for the incident. */
export const isAsked = async (tx: TenantTx, incidentId: string, playbookId: string): Promise<boolean> =>
  (await tx
    .selectFrom('incidentStarts')
    .select('id')
    .where('incidentId', '=', incidentId)
    .where('playbookId', '=', playbookId)
    .where('status', 'in', ['suggested', 'due', 'started'])
    .executeTakeFirst()) !== undefined;

/** Writes a suggestion into the incident's story. */
export async function tellSuggestion(
  tx: TenantTx,
  {
    id,
    incidentId,
    playbookId,
    ruleId,
    actor,
  }: Pick<StartRow, 'id' | 'incidentId' | 'playbookId' | 'ruleId' | 'actor'>,
): Promise<void> {
  const playbook = await tx.selectFrom('playbooks').select('name').where('id', '=', playbookId).executeTakeFirst();
  const name = playbook?.name ?? 'a playbook';
  await addTimeline(tx, incidentId, {
    kind: 'suggested',
    actor,
    text: `${actor.name} suggests ${name}`,
    details: { startId: id, playbookId, ruleId },
    dedupKey: `suggested/${id}`,
  });
  await appendEvent(tx, {
    type: 'incident_rule.suggested',
    subject: `incident:${incidentId}`,
    actor,
    data: { playbook: name, start: id },
  });
}
