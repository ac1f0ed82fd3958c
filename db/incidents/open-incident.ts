import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { IncidentSeverity } from '#contracts/alerts/alert-rules.ts';
import type { IncidentLink } from '#contracts/incidents/incidents.ts';
import { openClocks } from '#contracts/incidents/sla-policy.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { appendEvent } from '../events/append-event.ts';
import { runIncidentRules } from '../incident-rules/on-incident.ts';
import type { TenantTx } from '../kit/database.ts';
import { derive } from './hold-incident.ts';
import { insertLinks } from './links.ts';
import { readRules } from './read-rules.ts';
import { readIncidentSettings } from './settings.ts';
import { signalIncident } from './signals.ts';
import { addTimeline } from './timeline.ts';

export interface NewIncident {
  id?: string;
  title: string;
  description: string;
  severity: IncidentSeverity;
  service: string | null;
  ownerId: string | null;
  escalationPolicyId: string | null;
  links: readonly IncidentLink[];
  actor: ActorRef;
  at?: Date;
  /** One incident for each, for ever: whoever opens a second one by it is given the first. */
  dedupKey?: string;
}

/**
 * Opens an incident: row, number, story, event, and the word that starts its workflow after the commit. Who is told first
 * is decided there, within a moment.
 * @returns `isNew: false` where one stands by that id or `dedupKey`
 */
export async function openIncident(
  tx: TenantTx,
  { id = uuidv7(), actor, at = new Date(), dedupKey, links, ...values }: NewIncident,
): Promise<{ id: string; number: number; isNew: boolean }> {
  const known = await findOpened(tx, id, dedupKey);
  if (known) return { ...known, isNew: false };
  const { prefix } = await readIncidentSettings(tx);
  const { rows } = await sql<{ last: number }>`insert into incident_numbers (last) values (1)
    on conflict (workspace_id) do update set last = incident_numbers.last + 1 returning last`.execute(tx);
  const number = rows[0]?.last ?? 1;
  const { rules, slaPolicyId } = await readRules(tx, {
    service: values.service,
    escalationPolicyId: values.escalationPolicyId,
    clocks: { respond: [], resolve: [] },
  });
  const clocks = openClocks(rules.sla, values.severity, at.getTime());
  const escalation = { since: at.getTime(), done: 0 };
  const inserted = await tx
    .insertInto('incidents')
    .values({
      ...values,
      id,
      number,
      key: `${prefix}-${number}`,
      slaPolicyId,
      clocks: JSON.stringify(clocks),
      escalation: JSON.stringify(escalation),
      nextAt: at,
      dedupKey: dedupKey ?? null,
      createdBy: JSON.stringify({ kind: actor.kind, id: actor.id, name: actor.name }),
      openedAt: at,
      stateSince: at,
      updatedAt: at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  if (!inserted) {
    // Somebody else was quicker by this key; the number we took is left out.
    const other = await findOpened(tx, id, dedupKey);
    if (!other) throw new Error('An incident was refused that nobody else has opened.');
    return { ...other, isNew: false };
  }
  const { nextAt: _next, shownClocks, ...derived } = derive({ row: inserted, rules, now: at.getTime() });
  await tx
    .updateTable('incidents')
    .set({ ...derived, shownClocks: JSON.stringify(shownClocks) })
    .where('id', '=', id)
    .execute();
  if (links.length > 0) await insertLinks(tx, id, links);
  await addTimeline(tx, id, {
    kind: 'opened',
    actor,
    text: `Opened as ${values.severity.toUpperCase()}: ${values.title}`,
    details: { severity: values.severity, service: values.service },
    at,
    dedupKey: 'opened',
  });
  await appendEvent(tx, {
    type: 'incident.opened',
    subject: `incident:${id}`,
    actor,
    data: { key: inserted.key, title: values.title, severity: values.severity, service: values.service, state: 'open' },
  });
  const { key, title, severity, state, service } = inserted;
  await runIncidentRules(tx, { incident: { id, key, title, severity, state, service }, happened: 'opened' });
  await signalIncident(tx, id, { kind: 'opened' });
  return { id, number, isNew: true };
}

const findOpened = (
  tx: TenantTx,
  id: string,
  dedupKey: string | undefined,
): Promise<{ id: string; number: number } | undefined> =>
  tx
    .selectFrom('incidents')
    .select(['id', 'number'])
    .where((eb) => eb.or([eb('id', '=', id), ...(dedupKey === undefined ? [] : [eb('dedupKey', '=', dedupKey)])]))
    .executeTakeFirst();
