import { canMerge } from '#contracts/incidents/states.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { mergeAlerts } from '../alerts/alerts.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import { type HeldIncident, holdIncident, keepIncident } from './hold-incident.ts';
import { insertLinks, listLinks } from './links.ts';
import { setState } from './move-incident.ts';
import { readIncidentSettings } from './settings.ts';
import { signalIncident } from './signals.ts';
import { addTimeline } from './timeline.ts';

/**
 * Merges a held incident into another one, whose row this locks: alerts, links and responders go with it, its own story
 * stays where it is and can be read from there. `keepIncident` writes the first, this the second.
 * @throws Refusal `incident.merge_refused`, `request.not_found`
 */
export async function mergeHeld(
  tx: TenantTx,
  held: HeldIncident,
  into: string,
  { actor, reason, dedupKey, at }: { actor: ActorRef; reason: string | undefined; dedupKey: string; at: number },
): Promise<void> {
  const { row } = held;
  const target = into === row.id ? held : await holdIncident(tx, into, at);
  if (!target) throw new Refusal('request.not_found');
  const { names } = await readIncidentSettings(tx);
  const refuse = (why: string): never => {
    throw new Refusal('incident.merge_refused', { key: row.key, into: target.row.key, why });
  };
  if (target === held) refuse('it is the same one');
  if (!canMerge(row.state)) refuse(`${row.key} is ${names[row.state]}`);
  if (!canMerge(target.row.state)) refuse(`${target.row.key} is ${names[target.row.state]}`);

  const links = await listLinks(tx, row.id);
  if (links.length > 0) await insertLinks(tx, into, links);
  const known = new Set(target.row.responders.map(({ personId }) => personId));
  target.row.responders = [...target.row.responders, ...row.responders.filter(({ personId }) => !known.has(personId))];
  target.row.alertsFiring += row.alertsFiring;
  target.row.alertsTotal += row.alertsTotal;
  row.alertsFiring = 0;
  row.alertsTotal = 0;
  row.mergedInto = into;
  await mergeAlerts(tx, row.id, into);
  await setState(tx, held, {
    to: 'merged',
    reason,
    actor,
    names,
    dedupKey,
    details: { into, intoKey: target.row.key },
  });
  await addTimeline(tx, into, {
    kind: 'merged',
    actor,
    text: `${row.key} was merged into this one${reason ? `: ${reason}` : ''}`,
    details: { from: row.id, fromKey: row.key, title: row.title },
    at: target.now,
    dedupKey,
  });
  await appendEvent(tx, {
    type: 'incident.changed',
    subject: `incident:${into}`,
    actor,
    data: { key: target.row.key, version: target.row.version + 1, change: 'merged', from: row.id },
  });
  await keepIncident(tx, target, { isChanged: true });
  await signalIncident(tx, into, { kind: 'look' });
}
