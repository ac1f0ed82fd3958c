import { sql } from 'kysely';
import type { BackTest } from '#contracts/alerts/alert-rule-routes.ts';
import { type AlertRule, applyRule, type IncidentSeverity, incidentSeverities } from '#contracts/alerts/alert-rules.ts';
import type { IncomingAlert } from '#contracts/alerts/incoming-alert.ts';
import { severityOfNumber } from '#contracts/alerts/severity.ts';
import { parseDuration } from '#contracts/kit/duration.ts';
import type { TenantTx } from '../kit/database.ts';

const mostAlerts = 10_000;
const shownGroups = 50;

/** An alert as it is stored, as rules see it. */
export interface StoredAlert {
  key: string;
  groupKey: string | null;
  status: IncomingAlert['status'];
  severity: number;
  title: string;
  description: string;
  labels: Record<string, string>;
}
export const asIncoming = (row: StoredAlert): IncomingAlert => ({
  key: row.key,
  groupKey: row.groupKey,
  status: row.status,
  severity: severityOfNumber(row.severity) ?? 'info',
  title: row.title,
  description: row.description,
  labels: row.labels,
  startsAt: null,
  endsAt: null,
  links: [],
});

interface Group {
  title: string;
  severity: IncidentSeverity;
  service: string | null;
  reports: number;
  /** When each alert began to fire. */
  times: number[];
}

/** How many incidents a group's alerts would have raised: so many within the window, and again after as long a quiet. */
function incidentsOf(times: readonly number[], windowMs: number, threshold: number): number {
  let incidents = 0;
  let recent: number[] = [];
  let last = Number.NEGATIVE_INFINITY;
  let isOpen = false;
  for (const at of times.toSorted((a, b) => a - b)) {
    if (at - last > windowMs) isOpen = false;
    last = at;
    recent = [...recent.filter((time) => at - time <= windowMs), at];
    if (!isOpen && recent.length >= threshold) {
      isOpen = true;
      incidents += 1;
    }
  }
  return incidents;
}

/** Holds a rule against the stored alerts of the last days, as if it were the first one. */
export async function backTest(tx: TenantTx, rule: AlertRule, days: number, nowMs: number): Promise<BackTest> {
  const { rows } = await sql<StoredAlert & { sourceName: string; firedAt: Date; count: number }>`
    select key, group_key as "groupKey", status, severity, title, description, labels, source_name as "sourceName",
      fired_at as "firedAt", count from alerts
    where last_seen_at >= now() - make_interval(days => ${days}::int) and count > 0
    order by last_seen_at desc limit ${mostAlerts}`.execute(tx);
  const groups = new Map<string, Group>();
  let failed = 0;
  let failure: string | null = null;
  for (const row of rows) {
    const hit = applyRule(rule, { ...asIncoming(row), status: 'firing' }, row.sourceName, nowMs);
    if (hit === null) continue;
    if ('failed' in hit) {
      failed += 1;
      failure ??= hit.failed;
      continue;
    }
    const known = groups.get(hit.groupKey);
    const group = known ?? { title: hit.title, severity: hit.severity, service: hit.service, reports: 0, times: [] };
    if (incidentSeverities.indexOf(hit.severity) < incidentSeverities.indexOf(group.severity))
      group.severity = hit.severity;
    group.reports += Number(row.count);
    group.times.push(row.firedAt.getTime());
    groups.set(hit.groupKey, group);
  }
  const windowMs = parseDuration(rule.groupingWindow) ?? 3_600_000;
  const all = [...groups.values()];
  return {
    looked: rows.length,
    matched: all.reduce((sum, { times }) => sum + times.length, 0),
    incidents:
      rule.outcome === 'incident'
        ? all.reduce((sum, { times }) => sum + incidentsOf(times, windowMs, rule.threshold), 0)
        : 0,
    failed,
    failure,
    groups: all
      .toSorted((a, b) => b.times.length - a.times.length)
      .slice(0, shownGroups)
      .map(({ title, severity, service, reports, times }) => ({
        title,
        severity,
        service,
        alerts: times.length,
        reports,
      })),
  };
}
