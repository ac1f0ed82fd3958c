import { sql } from 'kysely';
import type { IncidentSeverity } from '#contracts/alerts/alert-rules.ts';
import { incidentSeverities } from '#contracts/alerts/alert-rules.ts';
import type { SourceDefaults } from '#contracts/alerts/alerts.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { appendEvent } from '../events/append-event.ts';
import { setAlertCounts } from '../incidents/alert-counts.ts';
import { holdIncident, keepIncident } from '../incidents/hold-incident.ts';
import { moveHeld } from '../incidents/move-incident.ts';
import { openIncident } from '../incidents/open-incident.ts';
import { signalIncident } from '../incidents/signals.ts';
import { addTimeline } from '../incidents/timeline.ts';
import type { TenantTx } from '../kit/database.ts';
import {
  type AlertGroup,
  findStanding,
  incidentOfRun,
  keepGroup,
  raisedLately,
  readGroup,
  type StandingIncident,
  touchGroups,
} from './alert-groups.ts';
import { listAlertRules } from './alert-rules.ts';
import { callPlaybooks } from './call-playbooks.ts';
import { firingCounts } from './alerts.ts';
import {
  type Decision,
  type DecidingRule,
  decideAlert,
  type DueAlert,
  flapMsOf,
  type KeptRule,
  windowMsOf,
} from './decide-alert.ts';
import { openSilences } from './silences.ts';

/** So many alerts are settled in one transaction. */
export const mostAtOnce = 500;
/** A rule that raises more incidents than this within a minute meets a flood: what follows comes into one. */
const mostRaisedAMinute = 20;
/** A group that raises more than this within an hour goes round: what follows joins the last one. */
const mostRaisedAnHour = 6;
/** A sender names the run it speaks of by this label. */
const runLabel = 'windlass_run';

/** What is written back to an alert. */
interface Settled {
  id: string;
  status: string;
  resolved_at: string | null;
  outcome: string;
  rule_id: string | null;
  group_id: string | null;
  incident_id: string | null;
  silence_id: string | null;
  monitored: string[];
  is_told: boolean;
  look_at: string | null;
}
type Counter = 'hits' | 'raised' | 'kept' | 'dropped' | 'monitored' | 'failed';
interface Joining {
  alert: DueAlert;
  settled: Settled;
  decision: Extract<Decision, { kind: 'incident' }>;
}

/**
 * Looks at the alerts whose turn it is: decides, raises incidents or joins them, tells incidents whose alerts are over.
 * One transaction; whoever dies within it leaves them for the next. One settler at a time works in a workspace.
 * @returns how many it took; null where another one is at work
 */
export async function settleAlerts(tx: TenantTx, now: number): Promise<number | null> {
  const { rows: locks } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(
    hashtextextended('alerts/' || current_setting('app.tenant_id'), 0)) as mine`.execute(tx);
  if (!locks[0]?.mine) return null;
  const due = await claim(tx, now);
  if (due.length === 0) return 0;
  const work = await begin(tx, now);
  const joining: Joining[] = [];
  for (const alert of due) {
    const joins = await work.look(alert);
    if (joins) joining.push(joins);
  }
  for (const [, together] of byGroup(joining)) await work.join(together);
  await work.joinFloods();
  await work.finish();
  return due.length;
}

/** Alerts that are due, locked. What a sender is just now writing to is left for the next look, so nobody waits in a circle. */
const claim = async (tx: TenantTx, now: number): Promise<DueAlert[]> =>
  (
    await sql<DueAlert>`select id, source_id as "sourceId", source_key as "sourceKey", source_name as "sourceName", key,
      group_key as "groupKey", status, severity, title, description, labels, links, fired_at as "firedAt",
      last_seen_at as "lastSeenAt", resolved_at as "resolvedAt", ends_at as "endsAt", outcome, rule_id as "ruleId",
      group_id as "groupId", incident_id as "incidentId", is_told as "isTold"
    from alerts where look_at <= ${new Date(Math.max(now, Date.now()))} order by look_at, id
    limit ${mostAtOnce} for update skip locked`.execute(tx)
  ).rows;

function byGroup(joining: readonly Joining[]): Map<string, Joining[]> {
  const groups = new Map<string, Joining[]>();
  for (const one of joining) {
    const key = JSON.stringify([one.decision.by.key, one.decision.groupKey]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return groups;
}

/** Everything that one settling gathers, and what it does with it. */
async function begin(tx: TenantTx, now: number) {
  const rules: KeptRule[] = await listAlertRules(tx);
  const silences = await openSilences(tx, new Date(now));
  const defaults = new Map<string, SourceDefaults>(
    (await tx.selectFrom('alertSources').select(['id', 'defaults']).execute()).map((row) => [row.id, row.defaults]),
  );
  const ruleById = new Map(rules.map((rule) => [rule.id, rule]));
  const settled: Settled[] = [];
  const dropped: string[] = [];
  const counts = new Map<string, Partial<Record<Counter, number>>>();
  const failures = new Map<string, string>();
  const silenced = new Map<string, number>();
  const raises = new Map<string, number>();
  const floods = new Map<string, Joining[]>();
  /** Groups whose alerts ended. */
  const ended = new Set<string>();
  /** Incidents whose counts are others now, and what their story says of it. */
  const touched = new Map<string, { resolves?: boolean; joined: DueAlert[]; over: DueAlert[] }>();
  const count = (ruleId: string | null, what: Counter): void => {
    if (ruleId === null) return;
    const known = counts.get(ruleId) ?? {};
    counts.set(ruleId, { ...known, [what]: (known[what] ?? 0) + 1 });
  };
  const touch = (incidentId: string) => {
    const known = touched.get(incidentId) ?? { joined: [], over: [] };
    touched.set(incidentId, known);
    return known;
  };

  const look = async (alert: DueAlert): Promise<Joining | undefined> => {
    const next: Settled = {
      id: alert.id,
      status: alert.status,
      resolved_at: alert.resolvedAt?.toISOString() ?? null,
      outcome: alert.outcome,
      rule_id: alert.ruleId,
      group_id: alert.groupId,
      incident_id: alert.incidentId,
      silence_id: null,
      monitored: [],
      is_told: alert.isTold,
      look_at: null,
    };
    const endsAt = alert.endsAt?.getTime() ?? Number.POSITIVE_INFINITY;
    if (alert.status === 'resolved' || endsAt <= now) {
      settled.push(next);
      const overAt = alert.resolvedAt?.getTime() ?? endsAt;
      next.status = 'resolved';
      next.resolved_at = new Date(overAt).toISOString();
      const stillAt = overAt + flapMsOf(alert.ruleId === null ? undefined : ruleById.get(alert.ruleId));
      if (!alert.isTold) next.outcome = alert.incidentId !== null || alert.outcome === 'kept' ? alert.outcome : 'over';
      else if (stillAt > now) next.look_at = new Date(stillAt).toISOString();
      else {
        next.is_told = false;
        if (alert.groupId !== null) ended.add(alert.groupId);
        if (alert.incidentId !== null) touch(alert.incidentId).over.push(alert);
      }
      return undefined;
    }
    next.look_at = Number.isFinite(endsAt) ? new Date(endsAt).toISOString() : null;
    if (alert.isTold && alert.incidentId !== null) {
      settled.push(next);
      if (alert.status === 'acknowledged')
        await addTimeline(tx, alert.incidentId, {
          kind: 'alert',
          actor: actorOf(alert),
          text: `Alert acknowledged: ${alert.title}`,
          details: { alertIds: [alert.id] },
          dedupKey: `alert/${alert.id}/${alert.firedAt.getTime()}/seen`,
        });
      return undefined;
    }
    const { decision, watchedBy, monitored, failed } = decideAlert(
      alert,
      { rules, silences, defaults: alert.sourceId === null ? undefined : defaults.get(alert.sourceId) },
      now,
    );
    next.monitored = monitored.map(({ name }) => name);
    next.silence_id = watchedBy?.id ?? null;
    for (const rule of monitored) count(rule.id, 'monitored');
    for (const { rule, why } of failed) {
      count(rule.id, 'failed');
      failures.set(rule.id, why);
    }
    if (decision.kind === 'silenced') {
      if (alert.outcome !== 'silenced') silenced.set(decision.silence.id, (silenced.get(decision.silence.id) ?? 0) + 1);
      next.outcome = 'silenced';
      next.silence_id = decision.silence.id;
      next.look_at = new Date(Math.min(decision.until, endsAt)).toISOString();
      settled.push(next);
      return undefined;
    }
    next.rule_id = decision.by.id;
    count(decision.by.id, 'hits');
    if (decision.kind === 'drop') {
      count(decision.by.id, 'dropped');
      dropped.push(alert.id);
      return undefined;
    }
    settled.push(next);
    if (decision.kind !== 'incident') {
      count(decision.by.id, 'kept');
      next.outcome = 'kept';
      return undefined;
    }
    return { alert, settled: next, decision };
  };

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
      actor: actorOf(alert),
      at: new Date(now),
      dedupKey: `alerts/${group.id}/${group.raised + 1}`,
    });
    count(by.id, 'raised');
    group.incidentId = opened.id;
    if (opened.isNew) await callPlaybooks(tx, opened.id, by, actorOf(alert));
    await enter({ id: opened.id, state: 'open', isActive: true }, together, group, by, opened.isNew);
    // Those that were too few until now.
    await sql`update alerts set outcome = 'incident', incident_id = ${opened.id}, is_told = true
      where group_id = ${group.id} and outcome = 'waiting' and status <> 'resolved'`.execute(tx);
  };

  const enter = async (
    { id }: StandingIncident,
    together: readonly Joining[],
    group: AlertGroup,
    by: DecidingRule,
    isRaised = false,
  ): Promise<void> => {
    const known = touch(id);
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
    await moveHeld(tx, held, { to: 'investigating', reason: `It fires again: ${alert.title}`, actor: actorOf(alert) });
    await keepIncident(tx, held, { isChanged: true });
    await signalIncident(tx, id, { kind: 'look' });
  };

  const finish = async (): Promise<void> => {
    if (dropped.length > 0) await tx.deleteFrom('alerts').where('id', 'in', dropped).execute();
    await writeBack(tx, settled);
    await touchGroups(tx, [...ended], now);
    for (const id of [...counts.keys()].sort()) await countRule(tx, id, counts.get(id) ?? {}, failures.get(id), now);
    for (const [id, n] of silenced)
      await sql`update silences set silenced = silenced + ${n} where id = ${id}`.execute(tx);
    const ids = [...touched.keys()].sort();
    const firing = await firingCounts(tx, ids);
    for (const id of ids) {
      const { resolves, joined, over } = touched.get(id) ?? { joined: [], over: [] };
      await tell(tx, id, 'joined', joined);
      await tell(tx, id, 'over', over);
      await setAlertCounts(tx, id, {
        ...(firing.get(id) ?? { firing: 0, total: 0 }),
        ...(resolves !== undefined && { resolves }),
      });
    }
    await appendEvent(tx, { type: 'alert.settled', data: { count: settled.length + dropped.length } });
  };

  return { look, join, joinFloods, finish };
}

const idsOf = (together: readonly Joining[]): string[] => together.map(({ alert }) => alert.id);
const rank = (severity: IncidentSeverity): number => incidentSeverities.indexOf(severity);
const actorOf = ({ sourceName }: DueAlert): ActorRef => ({ kind: 'system', id: null, name: sourceName });

/** One line for all alerts that came or went together: a flood is one line, not thousands. */
async function tell(
  tx: TenantTx,
  incidentId: string,
  what: 'joined' | 'over',
  alerts: readonly DueAlert[],
): Promise<void> {
  const [first] = alerts;
  if (!first) return;
  const names = [...new Set(alerts.map(({ title }) => title))];
  const shown = names.slice(0, 3).join(', ') + (names.length > 3 ? ' …' : '');
  const one = what === 'joined' ? 'Alert fires' : 'Alert is over';
  const many = what === 'joined' ? 'alerts fire' : 'alerts are over';
  await addTimeline(tx, incidentId, {
    kind: 'alert',
    actor: actorOf(first),
    text: alerts.length === 1 ? `${one}: ${shown}` : `${alerts.length} ${many}: ${shown}`,
    details: { count: alerts.length, alertIds: alerts.slice(0, 100).map(({ id }) => id) },
    dedupKey: `alert/${first.id}/${(what === 'joined' ? first.firedAt : (first.resolvedAt ?? first.firedAt)).getTime()}/${what}`,
  });
}

const writeBack = async (tx: TenantTx, settled: readonly Settled[]): Promise<void> => {
  if (settled.length === 0) return;
  await sql`update alerts a set status = t.status, resolved_at = t.resolved_at, outcome = t.outcome, rule_id = t.rule_id,
      group_id = t.group_id, incident_id = t.incident_id, silence_id = t.silence_id, monitored = t.monitored,
      is_told = t.is_told, look_at = t.look_at
    from jsonb_to_recordset(${JSON.stringify(settled)}::jsonb) as t(id uuid, status text, resolved_at timestamptz,
      outcome text, rule_id uuid, group_id uuid, incident_id uuid, silence_id uuid, monitored jsonb, is_told boolean,
      look_at timestamptz)
    where a.id = t.id`.execute(tx);
};

const countRule = (
  tx: TenantTx,
  id: string,
  counts: Partial<Record<Counter, number>>,
  failure: string | undefined,
  now: number,
): Promise<unknown> =>
  sql`update alert_rules set hits = hits + ${counts.hits ?? 0}, raised = raised + ${counts.raised ?? 0},
    kept = kept + ${counts.kept ?? 0}, dropped = dropped + ${counts.dropped ?? 0},
    monitored = monitored + ${counts.monitored ?? 0}, failed = failed + ${counts.failed ?? 0},
    last_failure = coalesce(${failure ?? null}, last_failure),
    last_hit_at = case when ${counts.hits ?? 0} > 0 then ${new Date(now)} else last_hit_at end
    where id = ${id}`.execute(tx);
