import type { IncidentSeverity } from '#contracts/alerts/alert-rules.ts';
import type { ActorRef, Json } from '#contracts/kit/schemas.ts';
import type { EscalationLevel, EscalationTarget } from '#contracts/oncall/escalation.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { pagePeople } from '../notifications/page-people.ts';
import { listDutyPeople, listOnCallSchedules } from '../oncall/oncall-schedules.ts';
import type { HeldIncident } from './hold-incident.ts';
import { addTimeline } from './timeline.ts';

/** Whom a target means at an instant, by name. */
async function nameTargets(tx: TenantTx, targets: readonly EscalationTarget[], now: number): Promise<string[]> {
  if (targets.length === 0) return [];
  const people = await listDutyPeople(tx);
  const nameOf = (id: string | null): string | undefined => people.find((person) => person.id === id)?.name;
  const names: string[] = [];
  for (const { kind, id } of targets) {
    if (kind === 'person') names.push(nameOf(id) ?? 'somebody who has left');
    else if (kind === 'channel') {
      const channel = await tx.selectFrom('channels').select('name').where('id', '=', id).executeTakeFirst();
      names.push(channel?.name ?? 'a channel that is gone');
    } else {
      const [schedule] = await listOnCallSchedules(tx, people, now, id);
      const onCall = schedule && nameOf(schedule.now.personId);
      names.push(
        onCall && schedule ? `${onCall} (${schedule.name})` : `nobody (${schedule?.name ?? 'a schedule that is gone'})`,
      );
    }
  }
  return names;
}

/** Tells a level's targets of an incident, and writes into its story who was told and who could not be. */
export async function tellLevel(
  tx: TenantTx,
  { row, now }: HeldIncident,
  level: EscalationLevel,
  {
    actor,
    reason,
    raisedTo,
    dedupKey,
  }: { actor: ActorRef; reason: string | undefined; raisedTo: IncidentSeverity | null; dedupKey: string },
): Promise<void> {
  const number = level.index + 1;
  const names = await nameTargets(tx, level.targets, now);
  const who = names.length > 0 ? `: ${names.join(', ')}` : '';
  const raised = raisedTo ? `; raised to ${raisedTo.toUpperCase()}` : '';
  const details: Record<string, Json> = {
    level: number,
    isFallback: level.step === null,
    targets: level.targets.map(({ kind, id }) => ({ kind, id })),
    names,
    ...(reason !== undefined && { reason }),
    ...(raisedTo !== null && { raisedTo }),
  };
  await addTimeline(tx, row.id, {
    kind: 'escalated',
    actor,
    text: `${level.step === null ? 'Fallback' : `Level ${number}`} is told${who}${raised}`,
    details,
    at: now,
    dedupKey,
  });
  const { told, unreached } = await pagePeople(tx, {
    dedupKey: `incident/${row.id}/${dedupKey}`,
    targets: level.targets,
    incidentId: row.id,
    severity: raisedTo ?? row.severity,
    subject: `${row.key} · ${(raisedTo ?? row.severity).toUpperCase()}: ${row.title}`,
    text: [row.description, row.service && `Service: ${row.service}`, reason]
      .filter(Boolean)
      .join('\n')
      .slice(0, 2_000),
    path: `/incidents/${row.id}`,
    acts: ['acknowledge', 'resolve', 'escalate'],
    isUrgent: ['sev1', 'sev2'].includes(raisedTo ?? row.severity),
    at: new Date(now),
  });
  if (told.length > 0 || unreached.length > 0)
    await addTimeline(tx, row.id, {
      kind: 'told',
      actor,
      text: [
        ...told.map(({ name, how }) => `${name} is told (${how})`),
        ...unreached.map(({ why }) => `Not reached: ${why}`),
      ].join('; '),
      details: { told, unreached },
      at: now,
      dedupKey: `${dedupKey}/told`,
    });
  await appendEvent(tx, {
    type: 'escalation.told',
    subject: `incident:${row.id}`,
    actor,
    data: { key: row.key, level: number, names, ...(raisedTo && { severity: raisedTo }) },
  });
}
