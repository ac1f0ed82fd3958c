import type { IncidentAct, IncidentDoer, IncidentStanding } from '#contracts/incidents/lifecycle.ts';
import { stateFlags } from '#contracts/incidents/states.ts';
import { nextLevel } from '#contracts/oncall/escalation.ts';
import { recordAudit } from '../audit/audit-entries.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import { changeHeld } from './change-incident.ts';
import { tellNext } from './do-deeds.ts';
import { type HeldIncident, holdIncident, keepIncident, standingOf } from './hold-incident.ts';
import { mergeHeld } from './merge-incident.ts';
import { moveHeld, takeBackMove } from './move-incident.ts';
import { readIncidentSettings } from './settings.ts';
import { hasTimeline } from './timeline.ts';

/**
 * Does what somebody asks of an incident, in one transaction: row, story, event, audit. The same act once more (a lost
 * answer) changes nothing and answers as the first time.
 * @param actId of this one act
 * @param at milliseconds since 1970
 * @throws Refusal by a code of the incidents room, or `request.not_found`
 */
export async function actOnIncident(
  tx: TenantTx,
  id: string,
  act: IncidentAct,
  { actId, at }: { actId: string; at: number },
): Promise<IncidentStanding> {
  const held = await holdBoth(tx, id, act, at);
  const dedupKey = `act/${actId}`;
  if (await hasTimeline(tx, id, dedupKey)) return standingOf(held.row);
  if ('version' in act && act.version !== undefined && act.version !== held.row.version) {
    const { names } = await readIncidentSettings(tx);
    const { key, state, version } = held.row;
    throw new Refusal('incident.changed_meanwhile', { key, state: names[state] }, { state, version });
  }
  const { actor } = act.by;
  const before = auditOf(held);
  switch (act.act) {
    case 'move':
      if (act.takesBack) await takeBackMove(tx, held, { to: act.to, actor, dedupKey });
      else await moveHeld(tx, held, { to: act.to, reason: act.reason, actor, dedupKey });
      break;
    case 'change':
      await changeHeld(tx, held, act.change, { actor, dedupKey });
      break;
    case 'escalate':
      await escalateHeld(tx, held, act);
      break;
    case 'merge':
      await mergeHeld(tx, held, act.into, { actor, reason: act.reason, dedupKey, at });
  }
  const standing = await keepIncident(tx, held, { isChanged: true });
  await audit(tx, held, act.by, `incident.${pastOf[act.act]}`, before);
  return standing;
}
const pastOf = { move: 'moved', change: 'changed', escalate: 'escalated', merge: 'merged' } as const;

/** Of two incidents the row of the lower id is locked first, whoever is merged into whom: two merges wait, and never for each other. */
async function holdBoth(tx: TenantTx, id: string, act: IncidentAct, at: number): Promise<HeldIncident> {
  if (act.act === 'merge' && act.into < id) await holdIncident(tx, act.into, at);
  const held = await holdIncident(tx, id, at);
  if (!held) throw new Refusal('request.not_found');
  return held;
}

async function escalateHeld(
  tx: TenantTx,
  held: HeldIncident,
  { by, reason }: { by: IncidentDoer; reason?: string },
): Promise<void> {
  const { row, rules, now } = held;
  const { names } = await readIncidentSettings(tx);
  if (!stateFlags[row.state].active) throw new Refusal('incident.over', { key: row.key, state: names[row.state] });
  if (!rules.escalation) throw new Refusal('incident.escalation_missing', { key: row.key });
  const next = nextLevel(rules.escalation, row.escalation ?? { since: now, done: 0 });
  if (!next) throw new Refusal('incident.escalation_over', { key: row.key });
  await tellNext(tx, held, next.level, {
    actor: by.actor,
    ...(reason !== undefined && { reason }),
    isPassedOver: false,
  });
}

const auditOf = ({
  row: { state, severity, service, ownerId, title, escalationPolicyId, responders },
}: HeldIncident) => ({
  state,
  severity,
  service,
  ownerId,
  title,
  escalationPolicyId,
  responders,
});

async function audit(
  tx: TenantTx,
  held: HeldIncident,
  by: IncidentDoer,
  action: string,
  before: object,
): Promise<void> {
  const after = auditOf(held);
  const isOther = (name: string): boolean =>
    JSON.stringify((before as Record<string, unknown>)[name]) !==
    JSON.stringify((after as Record<string, unknown>)[name]);
  const only = (values: object): object => Object.fromEntries(Object.entries(values).filter(([name]) => isOther(name)));
  await recordAudit(tx, {
    actor: by.actor,
    action,
    subject: `incident:${held.row.id}`,
    title: `${held.row.key} ${held.row.title}`,
    before: only(before),
    after: only(after),
    address: by.address ?? null,
    requestId: by.requestId ?? null,
  });
}
