import { type RawBuilder, sql } from 'kysely';
import type { IncidentSeverity } from '#contracts/alerts/alert-rules.ts';
import type { Figures, IncidentReport } from '#contracts/sla/reports.ts';
import { alertsKeptSince } from '../alerts/trim-alerts.ts';
import type { TenantTx } from '../kit/database.ts';

export interface ReportWindow {
  from: Date;
  to: Date;
  service?: string | undefined;
  severity?: string | undefined;
}

/** Incidents that were called off or joined another one were no incidents of their own. */
const counted = ({ from, to, service, severity }: ReportWindow): RawBuilder<unknown> => sql`
  i.opened_at >= ${from} and i.opened_at < ${to} and i.state not in ('merged', 'canceled')
  ${service === undefined ? sql`` : sql`and i.service = ${service}`}
  ${severity === undefined ? sql`` : sql`and i.severity = ${severity}`}`;

interface Row {
  part: 'whole' | 'month' | 'service' | 'severity';
  name: string | null;
  incidents: number;
  acknowledgeMs: number | null;
  resolveMs: number | null;
  respondKept: number;
  respondEnded: number;
  resolveKept: number;
  resolveEnded: number;
}

const figuresOf = ({ incidents, acknowledgeMs, resolveMs, ...clocks }: Row): Figures => ({
  incidents,
  acknowledgeMs,
  resolveMs,
  respond: { kept: clocks.respondKept, ended: clocks.respondEnded },
  resolve: { kept: clocks.resolveKept, ended: clocks.resolveEnded },
});
const nothing: Figures = {
  incidents: 0,
  acknowledgeMs: null,
  resolveMs: null,
  respond: { kept: 0, ended: 0 },
  resolve: { kept: 0, ended: 0 },
};

/** Computes a report from incidents and their ended clocks, in one pass over the window. */
export async function incidentReport(tx: TenantTx, window: ReportWindow): Promise<IncidentReport> {
  const { rows } = await sql<Row>`
    with found as (
      select i.severity, i.service, to_char(i.opened_at at time zone 'UTC', 'YYYY-MM') as month,
        extract(epoch from i.acknowledged_at - i.opened_at) * 1000 as acknowledge_ms,
        extract(epoch from i.resolved_at - i.opened_at) * 1000 as resolve_ms,
        a.is_kept as respond, r.is_kept as resolve
      from incidents i
      left join incident_clock_ends a on a.workspace_id = i.workspace_id and a.incident_id = i.id and a.kind = 'respond'
      left join incident_clock_ends r on r.workspace_id = i.workspace_id and r.incident_id = i.id and r.kind = 'resolve'
      where ${counted(window)})
    select case grouping(month, service, severity) when 7 then 'whole' when 3 then 'month' when 5 then 'service' else 'severity' end as part,
      case grouping(month, service, severity) when 3 then month when 5 then service when 6 then severity end as name,
      count(*)::int as incidents, avg(acknowledge_ms)::float8 as "acknowledgeMs", avg(resolve_ms)::float8 as "resolveMs",
      (count(*) filter (where respond))::int as "respondKept", count(respond)::int as "respondEnded",
      (count(*) filter (where resolve))::int as "resolveKept", count(resolve)::int as "resolveEnded"
    from found group by grouping sets ((), (month), (service), (severity))
    order by part, incidents desc, name`.execute(tx);
  const of = (part: Row['part']): Row[] => rows.filter((row) => row.part === part);
  const [whole] = of('whole');
  const since = await alertsKeptSince(tx);
  return {
    from: window.from.toISOString(),
    to: window.to.toISOString(),
    whole: whole ? figuresOf(whole) : nothing,
    months: of('month')
      .map((row) => ({ month: row.name ?? '', ...figuresOf(row) }))
      .sort((a, b) => (a.month < b.month ? -1 : 1)),
    services: of('service')
      .slice(0, 200)
      .map((row) => ({ service: row.name, ...figuresOf(row) })),
    severities: of('severity')
      .map((row) => ({ severity: row.name as IncidentSeverity, ...figuresOf(row) })) // the column holds no other
      .sort((a, b) => (a.severity < b.severity ? -1 : 1)),
    noise: await noiseOf(tx, window),
    noiseSince: since !== null && since > window.from ? since.toISOString() : null,
  };
}

async function noiseOf(tx: TenantTx, { from, to }: ReportWindow): Promise<IncidentReport['noise']> {
  const { rows } = await sql<IncidentReport['noise'][number]>`
    select source_name as source, count(*)::int as alerts, sum(count)::int as reports, count(distinct incident_id)::int as incidents
    from alerts where last_seen_at >= ${from} and last_seen_at < ${to}
    group by source_name order by sum(count) desc, source_name limit 50`.execute(tx);
  return rows;
}

export interface ReportLine {
  key: string;
  title: string;
  severity: string;
  state: string;
  service: string | null;
  openedAt: Date;
  acknowledgedAt: Date | null;
  resolvedAt: Date | null;
  respondTargetMs: number | null;
  respondUsedMs: number | null;
  respondKept: boolean | null;
  resolveTargetMs: number | null;
  resolveUsedMs: number | null;
  resolveKept: boolean | null;
  id: string;
}

/** Incidents of a report after one, in the order of their ids. */
export async function reportLines(tx: TenantTx, window: ReportWindow, after: string | null): Promise<ReportLine[]> {
  const { rows } = await sql<ReportLine>`
    select i.id, i.key, i.title, i.severity, i.state, i.service, i.opened_at as "openedAt", i.acknowledged_at as "acknowledgedAt",
      i.resolved_at as "resolvedAt", a.target_ms as "respondTargetMs", a.used_ms as "respondUsedMs", a.is_kept as "respondKept",
      r.target_ms as "resolveTargetMs", r.used_ms as "resolveUsedMs", r.is_kept as "resolveKept"
    from incidents i
    left join incident_clock_ends a on a.workspace_id = i.workspace_id and a.incident_id = i.id and a.kind = 'respond'
    left join incident_clock_ends r on r.workspace_id = i.workspace_id and r.incident_id = i.id and r.kind = 'resolve'
    where ${counted(window)} ${after === null ? sql`` : sql`and i.id > ${after}`}
    order by i.id limit 1000`.execute(tx);
  return rows;
}

export interface Foreseen {
  id: string;
  key: string;
  title: string;
  severity: IncidentSeverity;
  service: string | null;
  clock: 'respond' | 'resolve';
  dueMs: number;
}

/** Clocks of open incidents that are late by an instant if nothing changes, the next first. */
export async function foreseeBreaches(tx: TenantTx, by: Date): Promise<Foreseen[]> {
  const { rows } = await sql<Foreseen>`
    select i.id, i.key, i.title, i.severity, i.service, c ->> 'kind' as clock,
      coalesce((c ->> 'breachedAt')::float8, (c ->> 'dueAt')::float8) as "dueMs"
    from incidents i, jsonb_array_elements(i.shown_clocks) c
    where i.is_active and i.breach_at <= ${by} and c ->> 'mode' in ('counting', 'outside')
      and coalesce((c ->> 'breachedAt')::float8, (c ->> 'dueAt')::float8) <= ${by.getTime()}
    order by "dueMs", i.id limit 200`.execute(tx);
  return rows;
}
