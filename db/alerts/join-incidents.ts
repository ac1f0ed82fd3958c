import { sql } from 'kysely';
import type { IncidentSeverity } from '#contracts/alerts/alert-rules.ts';
import { incidentSeverities } from '#contracts/alerts/alert-rules.ts';
import { holdIncident, keepIncident } from '../incidents/hold-incident.ts';
import { moveHeld } from '../incidents/move-incident.ts';
import { openIncident } from '../incidents/open-incident.ts';
import { signalIncident } from '../incidents/signals.ts';
import type { TenantTx } from '../kit/database.ts';
import {
  type AlertGroup,
  findStanding,
  incidentOfRun,
  keepGroup,
  raisedLately,
  readGroup,
  type StandingIncident,
} from './alert-groups.ts';
import { callPlaybooks } from './call-playbooks.ts';
import { type Decision, type DecidingRule, type DueAlert, windowMsOf } from './decide-alert.ts';
import { senderOf, type Settled, type Settlement } from './settlement.ts';

/** A rule that raises more incidents than this within a minute meets a flood: what follows comes into one. */
const mostRaisedAMinute = 20;
/** A group that raises more than this within an hour goes round: what follows joins the last one. */
const mostRaisedAnHour = 6;
/** A sender names the run it speaks of by this label. */
const runLabel = 'windlass_run';

/** An alert that is to be told by an incident. */
export interface Joining {
  alert: DueAlert;
  settled: Settled;
  decision: Extract<Decision, { kind: 'incident' }>;
}

/** Brings alerts into incidents: into the one that stands for their group, or into a new one, and floods into one. */
export async function joinIncidents(
  tx: TenantTx,
  { joining, settlement, now }: { joining: readonly Joining[]; settlement: Settlement; now: number },
): Promise<void> {
  const raises = new Map<string, number>();
  const floods = new Map<string, Joining[]>();

  /** Alerts of one group, as they came. */
  const join = async (together: readonly Joining[]): Promise<void> => {
    const [first] = together;
    if (!first) return;
    const { by, groupKey } = first.decision;
    const windowMs = windowMsOf(by.rule);
    const group = await readGroup(tx, { ruleKey: by.key, key: groupKey, windowMs, now, coming: idsOf(together) });
    const ofRun = await findStanding(tx, await incidentOfRun(tx, first.alert.labels[runLabel]));
    if (ofRun) return enter(ofRun, together, group, by);
    const isRecent = now - group.lastAlertAt.getTime() <= windowMs;
    const goesRound = group.raisedBefore.filter((at) => now - at.getTime() < 3_600_000).length >= mostRaisedAnHour;
    // An alert stays with its incident while somebody is at work on it, also where it was split off.
    const own = await findStanding(tx, first.alert.incidentId);
    if (own?.isActive) return enter(own, together, group, by);
    const standing = await findStanding(tx, group.incidentId);
    const canEnter = standing !== undefined && standing.state !== 'canceled' && (isRecent || goesRound);
    if (canEnter) {
      if (goesRound && !isRecent) settlement.round(by, first.alert);
      if (!standing.isActive) await reopen(standing.id, first.alert);
      return enter(standing, together, group, by);
    }
    if (group.waiting + together.length < by.rule.threshold) {
      for (const { settled: next } of together) {
        next.outcome = 'waiting';
        next.group_id = group.id;
      }
      return keepGroup(tx, group, { now, raised: null });
    }
    const lately = raises.get(by.key) ?? (await raisedLately(tx, by.key, new Date(now - 60_000)));
    raises.set(by.key, lately + 1);
    if (lately < mostRaisedAMinute) return raise(together, group, by, null);
    floods.set(by.key, [...(floods.get(by.key) ?? []), ...together]);
  };

  /** What came beyond so many incidents a minute, by rule. */
  const joinFloods = async (): Promise<void> => {
    for (const [ruleKey, together] of floods) {
      const [first] = together;
      if (!first) continue;
      const { by } = first.decision;
      const windowMs = windowMsOf(by.rule);
      const group = await readGroup(tx, { ruleKey, key: '["flood"]', windowMs, now, coming: idsOf(together) });
      const open = await findStanding(tx, group.incidentId);
      if (open?.isActive && now - group.lastAlertAt.getTime() <= windowMs) await enter(open, together, group, by);
      else await raise(together, group, by, `Many alerts from ${first.alert.sourceName}`);
    }
  };

  const raise = async (
    together: readonly Joining[],
    group: AlertGroup,
    by: DecidingRule,
    title: string | null,
  ): Promise<void> => {
    const worst = together.reduce((a, b) => (rank(b.decision.hit.severity) < rank(a.decision.hit.severity) ? b : a));
    const { alert, decision } = worst;
    const opened = await openIncident(tx, {
      title: (title ?? decision.hit.title).slice(0, 300),
      description: alert.description,
      severity: decision.hit.severity,
      service:
        together
          .map(({ decision: { hit } }) => hit.service)
          .find((name) => name !== null)
          ?.slice(0, 120) ?? null,
      ownerId: by.rule.assigneeId,
      escalationPolicyId: by.rule.escalationPolicyId,
      links: alert.links.slice(0, 10).map(({ label, url }) => ({ kind: 'url' as const, ref: url, label })),
      actor: senderOf(alert),
      at: new Date(now),
      dedupKey: `alerts/${group.id}/${group.raised + 1}`,
    });
    settlement.count(by.id, 'raised');
    group.incidentId = opened.id;
    if (opened.isNew) await callPlaybooks(tx, opened.id, by, senderOf(alert));
    await enter({ id: opened.id, state: 'open', isActive: true }, together, group, by, opened.isNew);
    // Those that were too few until now.
    const { rows: waited } = await sql<{ labels: DueAlert['labels'] }>`
      update alerts set outcome = 'incident', incident_id = ${opened.id}, is_told = true
      where group_id = ${group.id} and outcome = 'waiting' and status <> 'resolved' returning labels`.execute(tx);
    settlement.touch(opened.id).waited.push(...waited.map(({ labels }) => labels));
  };

  const enter = async (
    { id }: StandingIncident,
    together: readonly Joining[],
    group: AlertGroup,
    by: DecidingRule,
    isRaised = false,
  ): Promise<void> => {
    const known = settlement.touch(id);
    known.resolves = by.rule.autoResolve;
    for (const { alert, settled: next } of together) {
      next.outcome = 'incident';
      next.incident_id = id;
      next.group_id = group.id;
      next.is_told = true;
      known.joined.push(alert);
    }
    await keepGroup(tx, { ...group, incidentId: group.incidentId ?? id }, { now, raised: isRaised ? id : null });
  };

  /** It was thought to be over, and is not. */
  const reopen = async (id: string, alert: DueAlert): Promise<void> => {
    const held = await holdIncident(tx, id, now);
    if (!held || held.row.state === 'investigating') return;
    await moveHeld(tx, held, { to: 'investigating', reason: `It fires again: ${alert.title}`, actor: senderOf(alert) });
    await keepIncident(tx, held, { isChanged: true });
    await signalIncident(tx, id, { kind: 'look' });
  };

  const groups = Map.groupBy(joining, ({ decision: { by, groupKey } }) => JSON.stringify([by.key, groupKey]));
  for (const together of groups.values()) await join(together);
  await joinFloods();
}

const idsOf = (together: readonly Joining[]): string[] => together.map(({ alert }) => alert.id);
const rank = (severity: IncidentSeverity): number => incidentSeverities.indexOf(severity);
