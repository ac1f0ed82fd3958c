import { sql } from 'kysely';
import type { AlertOutcome, AlertQuery, AlertStatus, ListedAlert, ShownAlert } from '#contracts/alerts/alerts.ts';
import type { IncomingAlert } from '#contracts/alerts/incoming-alert.ts';
import { AlertSeverity, alertSeverities, severityNumber, severityOfNumber } from '#contracts/alerts/severity.ts';
import type { TenantTx } from '../kit/database.ts';
import { fingerprintOf } from './accept-alerts.ts';

interface Row {
  id: string;
  sourceId: string | null;
  sourceName: string;
  status: AlertStatus;
  severity: number;
  title: string;
  labels: Record<string, string>;
  count: number;
  firstSeenAt: Date;
  lastSeenAt: Date;
  firedAt: Date;
  resolvedAt: Date | null;
  outcome: AlertOutcome;
  incidentId: string | null;
  incidentKey: string | null;
  incidentTitle: string | null;
  ruleId: string | null;
  ruleName: string | null;
  silenceId: string | null;
  silenceName: string | null;
  hours: number[];
}
interface WholeRow extends Row {
  description: string;
  key: string;
  groupKey: string | null;
  links: IncomingAlert['links'];
  startsAt: Date | null;
  endsAt: Date | null;
  payload: string | null;
  monitored: string[];
}

const base = sql`a.id, a.source_id as "sourceId", a.source_name as "sourceName", a.status, a.severity, a.title, a.labels,
  a.count, a.first_seen_at as "firstSeenAt", a.last_seen_at as "lastSeenAt", a.fired_at as "firedAt",
  a.resolved_at as "resolvedAt", a.outcome, a.incident_id as "incidentId",
  i.key as "incidentKey", i.title as "incidentTitle",
  a.rule_id as "ruleId", r.name as "ruleName", a.silence_id as "silenceId", s.name as "silenceName",
  (select array_agg(coalesce(h.count, 0) order by t)
    from generate_series(date_trunc('hour', now()) - interval '23 hours', date_trunc('hour', now()), interval '1 hour') t
    left join alert_hours h on h.workspace_id = a.workspace_id and h.alert_id = a.id and h.hour = t) as hours`;
const joined = sql`from alerts a
  left join alert_rules r on r.workspace_id = a.workspace_id and r.id = a.rule_id
  left join incidents i on i.workspace_id = a.workspace_id and i.id = a.incident_id
  left join silences s on s.workspace_id = a.workspace_id and s.id = a.silence_id`;

const severityOf = (number: number): AlertSeverity => severityOfNumber(number) ?? 'info';

const show = (row: Row): ListedAlert => ({
  id: row.id,
  source: { id: row.sourceId, name: row.sourceName },
  status: row.status,
  severity: severityOf(row.severity),
  title: row.title,
  labels: row.labels,
  count: row.count,
  firstSeenAt: row.firstSeenAt.toISOString(),
  lastSeenAt: row.lastSeenAt.toISOString(),
  firedAt: row.firedAt.toISOString(),
  resolvedAt: row.resolvedAt?.toISOString() ?? null,
  outcome: row.outcome,
  incident:
    row.incidentId === null || row.incidentKey === null
      ? null
      : { id: row.incidentId, key: row.incidentKey, title: row.incidentTitle ?? '' },
  rule: row.ruleId !== null && row.ruleName !== null ? { id: row.ruleId, name: row.ruleName } : null,
  silence: row.silenceId !== null && row.silenceName !== null ? { id: row.silenceId, name: row.silenceName } : null,
  hours: row.hours.map(Number),
});

/** The place behind a row of the list, as text; undefined where a cursor is none of ours. */
const placeOf = (cursor: string): { at: string; id: string } | undefined => {
  const [at = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split(' ');
  return /^\d+(?:\.\d+)?$/.test(at) && /^[0-9a-f-]{36}$/.test(id) ? { at, id } : undefined;
};

/** Alerts, the one heard of last first; and how many fire now, by severity. */
export async function listAlerts(tx: TenantTx, { cursor, limit, ...filter }: AlertQuery) {
  const where = [sql`true`];
  const status = filter.status?.flatMap((word) => (word === 'live' ? ['firing', 'acknowledged'] : [word]));
  if (status?.length) where.push(sql`a.status = any(${status}::text[])`);
  // The planner uses the small index of what is live only where it can see that nothing else is asked for.
  if (status?.length && !status.includes('resolved')) where.push(sql`a.status <> 'resolved'`);
  if (filter.severity?.length) {
    const numbers = alertSeverities
      .filter((word) => filter.severity?.includes(word))
      .map((word) => severityNumber[word]);
    where.push(sql`a.severity = any(${numbers}::int[])`);
  }
  if (filter.outcome?.length) where.push(sql`a.outcome = any(${filter.outcome}::text[])`);
  if (filter.source !== undefined) where.push(sql`a.source_id = ${filter.source}`);
  if (filter.incident !== undefined) where.push(sql`a.incident_id = ${filter.incident}`);
  const words = (filter.search ?? '').trim().split(/\s+/).filter(Boolean).slice(0, 8);
  for (const word of words) {
    const like = `%${word.replace(/[\\%_]/g, String.raw`\$&`)}%`;
    where.push(sql`(a.title ilike ${like} or a.source_name ilike ${like} or a.labels::text ilike ${like})`);
  }
  const place = cursor === undefined ? undefined : placeOf(cursor);
  if (place) where.push(sql`(a.last_seen_at, a.id) < (to_timestamp(${place.at}::double precision), ${place.id}::uuid)`);
  const { rows } = await sql<Row & { place: string }>`select ${base}, extract(epoch from a.last_seen_at)::text as place
    ${joined} where ${sql.join(where, sql` and `)} order by a.last_seen_at desc, a.id desc limit ${limit + 1}`.execute(
    tx,
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const nextCursor = rows.length > limit && last ? Buffer.from(`${last.place} ${last.id}`).toString('base64url') : null;
  return { data: page.map(show), pagination: { limit, nextCursor }, firing: await firingBySeverity(tx) };
}

async function firingBySeverity(tx: TenantTx): Promise<Record<AlertSeverity, number>> {
  const { rows } = await sql<{ severity: number; n: number }>`select severity, count(*)::int as n from alerts
    where status <> 'resolved' group by 1`.execute(tx);
  const counts: Record<AlertSeverity, number> = { critical: 0, high: 0, warning: 0, info: 0, debug: 0 };
  for (const { severity, n } of rows) counts[severityOf(severity)] += n;
  return counts;
}

/** One alert with what came last. */
export async function readAlert(tx: TenantTx, id: string): Promise<ShownAlert | undefined> {
  const { rows } = await sql<WholeRow>`select ${base}, a.description, a.key, a.group_key as "groupKey", a.links,
    a.starts_at as "startsAt", a.ends_at as "endsAt", a.payload, a.monitored ${joined} where a.id = ${id}`.execute(tx);
  const [row] = rows;
  return (
    row && {
      ...show(row),
      description: row.description,
      key: row.key,
      groupKey: row.groupKey,
      links: row.links,
      startsAt: row.startsAt?.toISOString() ?? null,
      endsAt: row.endsAt?.toISOString() ?? null,
      payload: row.payload,
      monitored: row.monitored,
    }
  );
}

/**
 * Sets an alert's state by hand; its incident hears of it with the next look.
 * @returns whether there is such an alert in a state that it can be moved from
 */
export const setAlertStatus = async (
  tx: TenantTx,
  id: string,
  status: 'acknowledged' | 'resolved',
): Promise<{ title: string } | undefined> =>
  tx
    .updateTable('alerts')
    .set({
      status,
      lookAt: new Date(),
      ...(status === 'resolved' && { resolvedAt: new Date() }),
    })
    .where('id', '=', id)
    .where('status', '<>', 'resolved')
    .returning('title')
    .executeTakeFirst();

/** How many alerts of each incident fire, and how many there are. */
export async function firingCounts(
  tx: TenantTx,
  incidentIds: readonly string[],
): Promise<Map<string, { firing: number; total: number }>> {
  if (incidentIds.length === 0) return new Map();
  const { rows } = await sql<{ id: string; firing: number; total: number }>`select incident_id as id,
    (count(*) filter (where is_told))::int as firing, count(*)::int as total
    from alerts where incident_id = any(${incidentIds}::uuid[]) group by 1`.execute(tx);
  return new Map(rows.map(({ id, firing, total }) => [id, { firing, total }]));
}

/** Takes alerts of an incident into another one: for a split. Their groups stay. @returns the labels of those that were of it */
export const moveAlerts = async (
  tx: TenantTx,
  alertIds: readonly string[],
  { from, to }: { from: string; to: string },
): Promise<Record<string, string>[]> =>
  (
    await sql<{ labels: Record<string, string> }>`update alerts set incident_id = ${to}
      where incident_id = ${from} and id = any(${alertIds}::uuid[]) returning labels`.execute(tx)
  ).rows.map(({ labels }) => labels);

/** Hands all alerts and open groups of an incident over to another one: for a merge. */
export async function mergeAlerts(tx: TenantTx, fromIncidentId: string, toIncidentId: string): Promise<void> {
  await tx.updateTable('alerts').set({ incidentId: toIncidentId }).where('incidentId', '=', fromIncidentId).execute();
  await tx
    .updateTable('alertGroups')
    .set({ incidentId: toIncidentId })
    .where('incidentId', '=', fromIncidentId)
    .execute();
}

/** Marks, newest first. */
export async function listMarks(tx: TenantTx, { cursor, limit }: { cursor?: string | undefined; limit: number }) {
  let query = tx.selectFrom('alertMarks').selectAll();
  const place = cursor === undefined ? undefined : placeOf(cursor);
  if (place)
    query = query.where(sql<boolean>`(at, id) < (to_timestamp(${place.at}::double precision), ${place.id}::uuid)`);
  const rows = await query
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    data: page.map(({ id, sourceName, title, at, labels, links }) => ({
      id,
      source: sourceName,
      title,
      at: at.toISOString(),
      labels,
      links,
    })),
    pagination: {
      limit,
      nextCursor:
        rows.length > limit && last
          ? Buffer.from(`${last.at.getTime() / 1_000} ${last.id}`).toString('base64url')
          : null,
    },
  };
}

/** The state of one alert of a source, by its key; undefined where it was never heard of. */
export const alertStatusOf = async (tx: TenantTx, sourceId: string, key: string): Promise<AlertStatus | undefined> =>
  (
    await tx
      .selectFrom('alerts')
      .select('status')
      .where('sourceKey', '=', sourceId)
      .where('fingerprint', '=', fingerprintOf(key))
      .executeTakeFirst()
  )?.status;
