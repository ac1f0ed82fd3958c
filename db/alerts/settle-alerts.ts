import { sql } from 'kysely';
import type { SourceDefaults } from '#contracts/alerts/alerts.ts';
import { addTimeline } from '../incidents/timeline.ts';
import type { TenantTx } from '../kit/database.ts';
import { listAlertRules } from './alert-rules.ts';
import { decideAlert, type DueAlert, flapMsOf, type KeptRule, type KeptSilence } from './decide-alert.ts';
import { joinIncidents, type Joining } from './join-incidents.ts';
import { gatherSettlement, senderOf, type Settled, type Settlement } from './settlement.ts';
import { openSilences } from './silences.ts';

/** So many alerts are settled in one transaction. */
export const mostAtOnce = 500;

/** What alerts are held against. */
interface Given {
  rules: readonly KeptRule[];
  silences: readonly KeptSilence[];
  /** By source. */
  defaults: ReadonlyMap<string, SourceDefaults>;
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
  const sources = await tx.selectFrom('alertSources').select(['id', 'defaults']).execute();
  const given: Given = {
    rules: await listAlertRules(tx),
    silences: await openSilences(tx, new Date(now)),
    defaults: new Map(sources.map(({ id, defaults }) => [id, defaults])),
  };
  const settlement = gatherSettlement(tx, now);
  const joining: Joining[] = [];
  for (const alert of due) {
    const next = asItWas(alert);
    const endsAt = alert.endsAt?.getTime() ?? Number.POSITIVE_INFINITY;
    if (alert.status === 'resolved' || endsAt <= now) {
      settleEnd(alert, next, endsAt, { given, settlement, now });
      continue;
    }
    next.look_at = Number.isFinite(endsAt) ? new Date(endsAt).toISOString() : null;
    if (alert.isTold && alert.incidentId !== null) await settleKnown(tx, alert, next, settlement);
    else {
      const joins = settleFiring(alert, next, endsAt, { given, settlement, now });
      if (joins) joining.push(joins);
    }
  }
  await joinIncidents(tx, { joining, settlement, now });
  await settlement.write();
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

const asItWas = (alert: DueAlert): Settled => ({
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
});

interface Work {
  given: Given;
  settlement: Settlement;
  now: number;
}

/** It is over: told at once, or once its rule's flap delay has passed without another word. */
function settleEnd(alert: DueAlert, next: Settled, endsAt: number, { given, settlement, now }: Work): void {
  settlement.keep(next);
  const overAt = alert.resolvedAt?.getTime() ?? endsAt;
  next.status = 'resolved';
  next.resolved_at = new Date(overAt).toISOString();
  const stillAt = overAt + flapMsOf(given.rules.find(({ id }) => id === alert.ruleId));
  if (!alert.isTold) next.outcome = alert.incidentId !== null || alert.outcome === 'kept' ? alert.outcome : 'over';
  else if (stillAt > now) next.look_at = new Date(stillAt).toISOString();
  else {
    next.is_told = false;
    if (alert.groupId !== null) settlement.endGroup(alert.groupId);
    if (alert.incidentId !== null) settlement.touch(alert.incidentId).over.push(alert);
  }
}

/** Its incident knows of it: only that somebody has seen it is news. */
async function settleKnown(tx: TenantTx, alert: DueAlert, next: Settled, settlement: Settlement): Promise<void> {
  settlement.keep(next);
  if (alert.status !== 'acknowledged' || alert.incidentId === null) return;
  await addTimeline(tx, alert.incidentId, {
    kind: 'alert',
    actor: senderOf(alert),
    text: `Alert acknowledged: ${alert.title}`,
    details: { alertIds: [alert.id] },
    dedupKey: `alert/${alert.id}/${alert.firedAt.getTime()}/seen`,
  });
}

/** It fires: held against silences and rules. @returns what is to be told by an incident */
function settleFiring(
  alert: DueAlert,
  next: Settled,
  endsAt: number,
  { given: { rules, silences, defaults }, settlement, now }: Work,
): Joining | undefined {
  const { decision, watchedBy, monitored, failed } = decideAlert(
    alert,
    { rules, silences, defaults: alert.sourceId === null ? undefined : defaults.get(alert.sourceId) },
    now,
  );
  next.monitored = monitored.map(({ name }) => name);
  next.silence_id = watchedBy?.id ?? null;
  for (const rule of monitored) settlement.count(rule.id, 'monitored');
  for (const { rule, why } of failed) settlement.fail(rule.id, why);
  if (decision.kind === 'silenced') {
    if (alert.outcome !== 'silenced') settlement.silence(decision.silence.id);
    next.outcome = 'silenced';
    next.silence_id = decision.silence.id;
    next.look_at = new Date(Math.min(decision.until, endsAt)).toISOString();
    settlement.keep(next);
    return undefined;
  }
  next.rule_id = decision.by.id;
  settlement.count(decision.by.id, 'hits');
  if (decision.kind === 'drop') {
    settlement.count(decision.by.id, 'dropped');
    settlement.drop(alert.id);
    return undefined;
  }
  settlement.keep(next);
  if (decision.kind === 'incident') return { alert, settled: next, decision };
  settlement.count(decision.by.id, 'kept');
  next.outcome = 'kept';
  return undefined;
}
