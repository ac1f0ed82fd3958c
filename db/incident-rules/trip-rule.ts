import { appendEvent } from '../events/append-event.ts';
import { addTimeline } from '../incidents/timeline.ts';
import type { TenantTx } from '../kit/database.ts';
import { pageKeeper } from '../notifications/page-keeper.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';

/** Stops a rule until a person lets it go on: it is told in the incident's story, by an event, and to whoever made the rule. */
export async function tripRule(
  tx: TenantTx,
  rule: { id: string; name: string; createdBy: ActorRef },
  incidentId: string,
  why: string,
): Promise<void> {
  const tripped = await tx
    .updateTable('incidentRules')
    .set({ trippedAt: new Date(), trippedWhy: why, updatedAt: new Date() })
    .where('id', '=', rule.id)
    .where('trippedAt', 'is', null)
    .returning('trippedAt')
    .executeTakeFirst();
  if (!tripped?.trippedAt) return;
  const actor: ActorRef = { kind: 'system', id: null, name: rule.name };
  await addTimeline(tx, incidentId, {
    kind: 'suggested',
    actor,
    text: `The rule ${rule.name} was stopped. ${why}`,
    details: { ruleId: rule.id, isStopped: true },
    dedupKey: `stopped/${rule.id}/${tripped.trippedAt.getTime()}`,
  });
  const incident = await tx
    .selectFrom('incidents')
    .select(['key', 'severity'])
    .where('id', '=', incidentId)
    .executeTakeFirst();
  await pageKeeper(tx, rule.createdBy, {
    dedupKey: `incident_rule/${rule.id}/stopped/${tripped.trippedAt.getTime()}`,
    incidentId: null,
    severity: incident?.severity ?? null,
    subject: `The rule ${rule.name} was stopped`,
    text: `${why} Until somebody lets it go on, it starts and suggests nothing${incident ? `; the last time it was about ${incident.key}` : ''}.`,
    path: '/settings/incident-rules',
  });
  await appendEvent(tx, {
    type: 'incident_rule.tripped',
    subject: `incident_rule:${rule.id}`,
    data: { name: rule.name, why, incident: incidentId },
  });
}
