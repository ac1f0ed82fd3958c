import { sql } from 'kysely';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { appendEvent } from '../events/append-event.ts';
import { setAlertCounts } from '../incidents/alert-counts.ts';
import { addTimeline } from '../incidents/timeline.ts';
import type { TenantTx } from '../kit/database.ts';
import { touchGroups } from './alert-groups.ts';
import { firingCounts } from './alerts.ts';
import type { DecidingRule, DueAlert } from './decide-alert.ts';
import { findHosts, linkHosts } from './link-hosts.ts';
import { tellOfRound, tellOfRule } from './tell-of-rules.ts';

/** What is written back to an alert. */
export interface Settled {
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
export type Settlement = ReturnType<typeof gatherSettlement>;

/** An incident whose counts are others now, and what its story says of it. */
interface Touched {
  resolves?: boolean;
  joined: DueAlert[];
  over: DueAlert[];
  /** What alerts say that came into it without a line of their own: those that waited for a threshold. */
  waited: DueAlert['labels'][];
}

/** All that one settling gathers, to be written in few statements at its end. */
export function gatherSettlement(tx: TenantTx, now: number) {
  const settled: Settled[] = [];
  const dropped: string[] = [];
  const counts = new Map<string, Partial<Record<Counter, number>>>();
  const failures = new Map<string, string>();
  const rounds = new Map<string, { by: DecidingRule; alert: DueAlert }>();
  const silenced = new Map<string, number>();
  const endedGroups = new Set<string>();
  const touched = new Map<string, Touched>();
  const count = (ruleId: string | null, what: Counter): void => {
    if (ruleId === null) return;
    const known = counts.get(ruleId) ?? {};
    counts.set(ruleId, { ...known, [what]: (known[what] ?? 0) + 1 });
  };
  return {
    /** What an alert became; it may be changed until the end. */
    keep: (next: Settled): void => void settled.push(next),
    drop: (alertId: string): void => void dropped.push(alertId),
    count,
    /** A rule could not be held against an alert. */
    fail(ruleId: string, why: string): void {
      count(ruleId, 'failed');
      failures.set(ruleId, why);
    },
    /** A group raises one incident after the other: from here on they are one. */
    round: (by: DecidingRule, alert: DueAlert): void => void rounds.set(by.key, { by, alert }),
    silence: (id: string): void => void silenced.set(id, (silenced.get(id) ?? 0) + 1),
    /** The alerts of a group ended. */
    endGroup: (id: string): void => void endedGroups.add(id),
    touch(incidentId: string): Touched {
      const known = touched.get(incidentId) ?? nothingYet();
      touched.set(incidentId, known);
      return known;
    },

    async write(): Promise<void> {
      if (dropped.length > 0) await tx.deleteFrom('alerts').where('id', 'in', dropped).execute();
      await writeBack(tx, settled);
      await touchGroups(tx, [...endedGroups], now);
      for (const id of [...counts.keys()].sort()) await countRule(tx, id, counts.get(id) ?? {}, failures.get(id), now);
      for (const [id, n] of silenced)
        await sql`update silences set silenced = silenced + ${n} where id = ${id}`.execute(tx);
      const ids = [...touched.keys()].sort();
      const firing = await firingCounts(tx, ids);
      const hosts = await findHosts(tx, [...touched.values()].flatMap(labelsOf));
      for (const id of ids) {
        const { resolves, joined, over, waited } = touched.get(id) ?? nothingYet();
        await tellStory(tx, id, 'joined', joined);
        await tellStory(tx, id, 'over', over);
        const [actor] = joined.map(senderOf);
        if (actor) await linkHosts(tx, id, { labels: labelsOf({ joined, waited }), known: hosts, actor });
        await setAlertCounts(tx, id, {
          ...(firing.get(id) ?? { firing: 0, total: 0 }),
          ...(resolves !== undefined && { resolves }),
        });
      }
      for (const [id, why] of failures) await tellOfRule(tx, id, why, now);
      for (const { by, alert } of rounds.values()) await tellOfRound(tx, by, alert, now);
      await appendEvent(tx, { type: 'alert.settled', data: { count: settled.length + dropped.length } });
    },
  };
}

const nothingYet = (): Touched => ({ joined: [], over: [], waited: [] });
/** What is said by alerts that came into an incident just now. */
const labelsOf = ({ joined, waited }: Pick<Touched, 'joined' | 'waited'>): DueAlert['labels'][] => [
  ...joined.map(({ labels }) => labels),
  ...waited,
];

/** Whoever sent an alert, as the one who acts. */
export const senderOf = ({ sourceName }: DueAlert): ActorRef => ({ kind: 'system', id: null, name: sourceName });

/** One line for all alerts that came or went together: a flood is one line, not thousands. */
async function tellStory(
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
    actor: senderOf(first),
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
