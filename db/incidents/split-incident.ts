import type { ActorRef } from '#contracts/kit/schemas.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import { moveAlertsTo } from './alerts-of.ts';
import { openIncident } from './open-incident.ts';
import { addTimeline } from './timeline.ts';

/**
 * Takes alerts out of an incident into one of their own, of the same severity, service and people. The same wish once more
 * gives the same incident.
 * @throws Refusal `request.not_found`, `incident.split_refused` where none of the alerts is of this incident
 */
export async function splitIncident(
  tx: TenantTx,
  from: string,
  {
    id,
    alertIds,
    title,
    reason,
    actor,
  }: { id: string; alertIds: readonly string[]; title: string; reason?: string | undefined; actor: ActorRef },
): Promise<void> {
  const source = await tx.selectFrom('incidents').selectAll().where('id', '=', from).forUpdate().executeTakeFirst();
  if (!source) throw new Refusal('request.not_found');
  const opened = await openIncident(tx, {
    id,
    title,
    description: '',
    severity: source.severity,
    service: source.service,
    ownerId: source.ownerId,
    escalationPolicyId: source.escalationPolicyId,
    links: [],
    actor,
  });
  if (!opened.isNew) return;
  const moved = await moveAlertsTo(tx, alertIds, { from, to: id, actor });
  if (moved === 0) throw new Refusal('incident.split_refused', { key: source.key });
  const { key } = await tx.selectFrom('incidents').select('key').where('id', '=', id).executeTakeFirstOrThrow();
  const why = reason ? `: ${reason}` : '';
  const alerts = `${moved} ${moved === 1 ? 'alert' : 'alerts'}`;
  await addTimeline(tx, from, {
    kind: 'split',
    actor,
    text: `${alerts} went into ${key}${why}`,
    details: { into: id, intoKey: key, alerts: moved },
    dedupKey: `split/${id}`,
  });
  await addTimeline(tx, id, {
    kind: 'split',
    actor,
    text: `${alerts} came from ${source.key}${why}`,
    details: { from, fromKey: source.key, alerts: moved },
    dedupKey: `split/${id}`,
  });
  await appendEvent(tx, {
    type: 'incident.changed',
    subject: `incident:${from}`,
    actor,
    data: { key: source.key, version: source.version, change: 'split', into: id },
  });
}
