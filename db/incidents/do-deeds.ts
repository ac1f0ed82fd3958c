import type { IncidentSeverity } from '#contracts/alerts/alert-rules.ts';
import { incidentSeverities } from '#contracts/alerts/alert-rules.ts';
import { afterDeed, type Deed, dueDeeds } from '#contracts/incidents/due-deeds.ts';
import type { IncidentStanding } from '#contracts/incidents/lifecycle.ts';
import { clockKinds } from '#contracts/incidents/sla-clock.ts';
import { clocksRetargeted } from '#contracts/incidents/sla-policy.ts';
import { stateFlags } from '#contracts/incidents/states.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { EscalationLevel } from '#contracts/oncall/escalation.ts';
import { windlass } from '#contracts/kit/windlass-actor.ts';
import { appendEvent } from '../events/append-event.ts';
import { runIncidentRules, startIncidentPlaybook } from '../incident-rules/on-incident.ts';
import type { TenantTx } from '../kit/database.ts';
import {
  derive,
  type HeldIncident,
  holdIncident,
  keepIncident,
  retarget,
  standingOf,
  timesOf,
} from './hold-incident.ts';
import { moveHeld } from './move-incident.ts';
import { tellLevel } from './tell-level.ts';
import { addTimeline } from './timeline.ts';

/** Beyond this a look would hold its transaction too long; what is left is due at once, in the next one. */
const mostDeeds = 20;

/**
 * Looks at an incident: takes over edited policies, does what time has brought about, and resolves it where no alert
 * fires any more. One transaction: what is told is written down with it, so that it is told once however often we look.
 * @returns where it stands; null where it is gone
 */
export async function lookAtIncident(tx: TenantTx, id: string, at: number): Promise<IncidentStanding | null> {
  const held = await holdIncident(tx, id, at);
  if (!held) return null;
  const { row, now } = held;
  const before = row.clocks;
  let isChanged = false;
  row.clocks = clocksRetargeted(row.clocks, held.rules.sla, {
    severity: row.severity,
    state: row.state,
    at: now,
    why: 'The policy was changed',
  });
  const isRetargeted = clockKinds.some((kind) => row.clocks[kind].length !== before[kind].length);
  if (isRetargeted) isChanged = true;
  const wasBegun = row.isBegun;
  let done = 0;
  for (;;) {
    const [deed] = dueDeeds(timesOf(row), held.rules, now).deeds;
    if (!deed || done >= mostDeeds) break;
    isChanged = (await doDeed(tx, held, deed)) || isChanged;
    done += 1;
  }
  const resolves = row.alertsTotal > 0 && row.alertsFiring === 0 && row.resolvesWithAlerts;
  if (resolves && stateFlags[row.state].active) {
    await moveHeld(tx, held, { to: 'resolved', reason: 'All its alerts are resolved', actor: windlass });
    isChanged = true;
  }
  // A look that finds nothing to do leaves the row alone, unless it is due by what the row says, or is due at other times
  // now: calendars and escalation policies are edited too.
  const isDue = row.nextAt !== null && row.nextAt.getTime() <= now;
  const isOtherwiseDue = !isChanged && done === 0 && hasOtherTimes(held);
  if (!isChanged && done === 0 && wasBegun && !isDue && !isOtherwiseDue) return standingOf(row);
  const standing = await keepIncident(tx, held, { isChanged });
  if (isRetargeted || (isOtherwiseDue && wasBegun))
    await appendEvent(tx, {
      type: 'incident.changed',
      subject: `incident:${id}`,
      data: { key: row.key, version: row.version, change: 'clocks' },
    });
  return standing;
}

/** Whether what is kept of an incident's times is no longer what follows from its rules. */
function hasOtherTimes(held: HeldIncident): boolean {
  const derived = derive(held);
  return (['riskAt', 'breachAt', 'nextEscalationAt', 'nextAt'] as const).some((name) => {
    const [kept, found] = [held.row[name]?.getTime() ?? 0, derived[name]?.getTime() ?? 0];
    return Math.abs(kept - found) > 1; // parts of a millisecond are lost in a row
  });
}

/** @returns whether what people see of the incident is another now */
async function doDeed(tx: TenantTx, held: HeldIncident, deed: Deed): Promise<boolean> {
  const { row, now } = held;
  if (deed.kind === 'escalate') return tellNext(tx, held, deed.level, { isPassedOver: deed.isPassedOver });
  const clock = deed.clock === 'respond' ? 'to answer' : 'to resolve it';
  const word = deed.kind === 'warn' ? 'warned' : 'breached';
  await addTimeline(tx, row.id, {
    kind: `sla_${word}`,
    actor: windlass,
    text: deed.kind === 'warn' ? `The time ${clock} runs short` : `The time ${clock} is over`,
    details: { clock: deed.clock, targetMs: deed.targetMs, dueAt: new Date(deed.at).toISOString() },
    at: now,
    dedupKey: `sla/${deed.clock}/${word}/${deed.targetMs}/${deed.at}`,
  });
  await appendEvent(tx, {
    type: `sla.${word}`,
    subject: `incident:${row.id}`,
    actor: windlass,
    data: { key: row.key, clock: deed.clock, targetMs: deed.targetMs, at: new Date(deed.at).toISOString() },
  });
  row.told = afterDeed(timesOf(row), deed, now).told;
  return false;
}

/** Tells a level, or passes it over, and remembers that. @returns whether the severity rose */
export async function tellNext(
  tx: TenantTx,
  held: HeldIncident,
  level: EscalationLevel,
  { actor = windlass, reason, isPassedOver }: { actor?: ActorRef; reason?: string; isPassedOver: boolean },
): Promise<boolean> {
  const { row, now } = held;
  const number = level.index + 1;
  const since = row.escalation?.since ?? now;
  // Another round of escalation (it was given another policy) counts its levels anew.
  const dedupKey = `escalation/${row.escalationPolicyId}/${since}/${level.index}`;
  row.escalation = { since: now, done: number };
  if (isPassedOver) {
    await addTimeline(tx, row.id, {
      kind: 'escalated',
      actor,
      text: `Level ${number} is passed over: it holds at other hours`,
      details: { level: number, isPassedOver: true },
      at: now,
      dedupKey,
    });
    return false;
  }
  row.escalationLevel = number;
  const worse = incidentSeverities[incidentSeverities.indexOf(row.severity) - 1];
  const raisedTo: IncidentSeverity | null = level.raisesSeverity && worse ? worse : null;
  if (raisedTo) {
    row.severity = raisedTo;
    await retarget(tx, held, `Raised to ${raisedTo.toUpperCase()} by level ${number}`);
  }
  await tellLevel(tx, held, level, { actor, reason, raisedTo, dedupKey });
  if (raisedTo) await runIncidentRules(tx, { incident: row, happened: 'severity' });
  if (level.playbookId !== null)
    await startIncidentPlaybook(tx, {
      incidentId: row.id,
      playbookId: level.playbookId,
      inputs: {},
      actor,
      why: `Started by level ${number} of the escalation`,
    });
  return raisedTo !== null;
}
