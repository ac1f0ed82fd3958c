import { sql } from 'kysely';
import type { IncidentAct } from '#contracts/incidents/lifecycle.ts';
import type { ActorRef, Json } from '#contracts/kit/schemas.ts';
import { appendEvent } from '../events/append-event.ts';
import { runIncidentRules } from '../incident-rules/on-incident.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import { type HeldIncident, retarget } from './hold-incident.ts';
import { addTimeline } from './timeline.ts';

type Change = Extract<IncidentAct, { act: 'change' }>['change'];

/** Names of members by id; whoever is none is not among them. */
export async function memberNames(tx: TenantTx, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .selectFrom('members as m')
    .innerJoin('users as u', 'u.id', 'm.userId')
    .select(['u.id', 'u.name'])
    .where(sql<boolean>`u.id = any(${[...new Set(ids)]}::uuid[])`)
    .execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/**
 * Refuses people who are no members and policies that are not there.
 * @throws Refusal `incident.person_unknown` with who, `incident.policy_unknown`
 */
export async function checkNamed(
  tx: TenantTx,
  { people, escalationPolicyId }: { people: readonly string[]; escalationPolicyId?: string | null | undefined },
): Promise<Map<string, string>> {
  const names = await memberNames(tx, people);
  const unknown = people.filter((id) => !names.has(id));
  if (unknown.length > 0) throw new Refusal('incident.person_unknown', {}, { people: unknown });
  if (escalationPolicyId) {
    const there = await tx
      .selectFrom('escalationPolicies')
      .select('id')
      .where('id', '=', escalationPolicyId)
      .executeTakeFirst();
    if (!there) throw new Refusal('incident.policy_unknown');
  }
  return names;
}

/** Changes what is asked of a held incident; `keepIncident` writes it. One line of the story says all that is another now. */
export async function changeHeld(
  tx: TenantTx,
  held: HeldIncident,
  change: Change,
  { actor, dedupKey }: { actor: ActorRef; dedupKey: string },
): Promise<void> {
  const { row, now } = held;
  const { responders, reason } = change;
  const people = [...(change.ownerId ? [change.ownerId] : []), ...(responders ?? []).map(({ personId }) => personId)];
  const names = await checkNamed(tx, { people, escalationPolicyId: change.escalationPolicyId });
  const said: string[] = [];
  const details: Record<string, Json> = {};
  const note = (field: string, from: Json, to: Json, text: string): void => {
    details[field] = { from, to };
    said.push(text);
  };
  if (change.title !== undefined && change.title !== row.title) {
    note('title', row.title, change.title, `title “${change.title}”`);
    row.title = change.title;
  }
  if (change.description !== undefined && change.description !== row.description) {
    details['description'] = true;
    said.push('description');
    row.description = change.description;
  }
  if (change.postmortem !== undefined && change.postmortem !== row.postmortem) {
    details['postmortem'] = true;
    said.push('postmortem');
    row.postmortem = change.postmortem;
  }
  if (change.ownerId !== undefined && change.ownerId !== row.ownerId) {
    const name = change.ownerId === null ? 'nobody' : (names.get(change.ownerId) ?? '');
    note('ownerId', row.ownerId, change.ownerId, `owner ${name}`);
    row.ownerId = change.ownerId;
  }
  if (responders && JSON.stringify(responders) !== JSON.stringify(row.responders)) {
    const shown = responders.map(({ personId, role }) => `${names.get(personId) ?? ''} (${role})`).join(', ');
    note('responders', row.responders, responders, `responders ${shown || 'nobody'}`);
    row.responders = responders;
  }
  if (change.escalationPolicyId !== undefined && change.escalationPolicyId !== row.escalationPolicyId) {
    note('escalationPolicyId', row.escalationPolicyId, change.escalationPolicyId, 'escalation policy');
    row.escalationPolicyId = change.escalationPolicyId;
    // Another policy begins at its beginning; its levels count from now.
    row.escalation = { since: now, done: 0 };
    row.escalationLevel = 0;
  }
  const isOtherService = change.service !== undefined && change.service !== row.service;
  if (change.service !== undefined && isOtherService) {
    note('service', row.service, change.service, `service ${change.service ?? 'none'}`);
    row.service = change.service;
    // What was chosen for another service does not hold for this one.
    row.slaPolicyId = null;
  }
  if (change.severity !== undefined && change.severity !== row.severity) {
    const [from, to] = [row.severity.toUpperCase(), change.severity.toUpperCase()];
    note('severity', row.severity, change.severity, `severity from ${from} to ${to}`);
    row.severity = change.severity;
  }
  const why = reason ?? `Changed: ${said.join(', ')}`;
  if (details['severity'] || isOtherService || details['escalationPolicyId']) await retarget(tx, held, why);
  await addTimeline(tx, row.id, {
    kind: said.length === 1 && details['responders'] ? 'responder' : 'changed',
    actor,
    text: said.length === 0 ? 'Saved without a change' : `Changed ${said.join(', ')}${reason ? `: ${reason}` : ''}`,
    details: { ...details, ...(reason !== undefined && { reason }) },
    at: now,
    dedupKey,
  });
  await appendEvent(tx, {
    type: 'incident.changed',
    subject: `incident:${row.id}`,
    actor,
    data: {
      key: row.key,
      version: row.version + 1,
      change: Object.keys(details).join(','),
      severity: row.severity,
      service: row.service,
      ownerId: row.ownerId,
    },
  });
  if (details['severity']) await runIncidentRules(tx, { incident: row, happened: 'severity' });
}
