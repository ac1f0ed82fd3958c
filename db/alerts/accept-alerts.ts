import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { IncomingAlert, IncomingMark } from '#contracts/alerts/incoming-alert.ts';
import { severityNumber } from '#contracts/alerts/severity.ts';
import { appendEvent } from '../events/append-event.ts';
import { addTimeline } from '../incidents/timeline.ts';
import type { TenantTx } from '../kit/database.ts';

/** Of what came, so much is kept with each alert. */
export const mostPayload = 16_384;

/** An alert's key in a fixed length; within its source it is unique. */
export const fingerprintOf = (key: string): string => createHash('sha256').update(key).digest('base64url');

interface Gathered {
  alert: IncomingAlert;
  payload: string | null;
  /** Times it is reported firing in this request. */
  count: number;
  fingerprint: string;
}

/** One line for each alert: the last word on it holds, and all reports count but those that were told before. */
function gather(
  alerts: readonly IncomingAlert[],
  payloadOf: (index: number) => string | null,
  told: ReadonlySet<number>,
): Gathered[] {
  const byKey = new Map<string, Gathered>();
  for (const [index, alert] of alerts.entries()) {
    if (told.has(index)) continue;
    const fingerprint = fingerprintOf(alert.key);
    const count = (byKey.get(fingerprint)?.count ?? 0) + (alert.status === 'firing' ? 1 : 0);
    byKey.set(fingerprint, { alert, payload: payloadOf(index), count, fingerprint });
  }
  // In the order of the key: two requests that name the same alerts wait for each other and never in a circle.
  return [...byKey.values()].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
}

/**
 * Takes alerts, in the caller's transaction: one statement for all of them. What is new or has changed its state is then
 * looked at by whoever settles alerts, who is woken by the event; a mere repeat counts and is done.
 * An event that its source has told before, by its own key, is taken as told and changes nothing.
 * @param sourceId null for alerts of the house itself, which are then told apart by `sourceName`
 * @returns alerts that were taken, and how many events had been told before
 */
export async function acceptAlerts(
  tx: TenantTx,
  sourceId: string | null,
  sourceName: string,
  alerts: readonly IncomingAlert[],
  { payloadOf = () => null }: { payloadOf?: (index: number) => string | null } = {},
): Promise<{ accepted: number; duplicates: number }> {
  const told = sourceId === null ? new Set<number>() : await toldBefore(tx, sourceId, alerts);
  if (alerts.length === told.size) return { accepted: 0, duplicates: told.size };
  const sourceKey = sourceId ?? `house/${sourceName}`;
  const rows = gather(alerts, payloadOf, told).map(({ alert, payload, count, fingerprint }) => ({
    id: uuidv7(),
    fingerprint,
    key: alert.key.slice(0, 4_000),
    group_key: alert.groupKey,
    status: alert.status,
    severity: severityNumber[alert.severity],
    title: alert.title,
    description: alert.description,
    labels: alert.labels,
    links: alert.links,
    payload: payload === null ? null : payload.replaceAll('\0', '').slice(0, mostPayload),
    starts_at: alert.startsAt,
    ends_at: alert.endsAt,
    count,
  }));
  // A firing alert brings its whole self; the word that it is over, or seen, often only its key.
  await sql`with come as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t(id uuid, fingerprint text, key text,
        group_key text, status text, severity smallint, title text, description text, labels jsonb, links jsonb,
        payload text, starts_at timestamptz, ends_at timestamptz, count bigint)),
    taken as (
      insert into alerts as a (id, source_id, source_key, source_name, fingerprint, key, group_key, status, severity,
        title, description, labels, links, payload, starts_at, ends_at, count, first_seen_at, last_seen_at, fired_at,
        resolved_at, outcome, look_at)
      select id, ${sourceId}::uuid, ${sourceKey}, ${sourceName}, fingerprint, key, group_key, status, severity,
        title, description, labels, links, payload, starts_at, ends_at, count, now(), now(), coalesce(starts_at, now()),
        case when status = 'resolved' then now() end,
        case when status = 'resolved' then 'over' else 'new' end,
        case when status = 'resolved' then null else now() end
      from come order by fingerprint
      on conflict (workspace_id, source_key, fingerprint) do update set
        source_name = excluded.source_name,
        status = case
          when excluded.status = 'acknowledged' and a.status = 'resolved' then a.status
          when excluded.status = 'firing' and a.status = 'acknowledged' then a.status
          else excluded.status end,
        group_key = case when excluded.status = 'firing' then excluded.group_key else coalesce(excluded.group_key, a.group_key) end,
        severity = case when excluded.status = 'firing' then excluded.severity else a.severity end,
        title = case when excluded.status = 'firing' then excluded.title else a.title end,
        description = case when excluded.status = 'firing' then excluded.description else a.description end,
        labels = case when excluded.status = 'firing' then excluded.labels else a.labels end,
        links = case when excluded.status = 'firing' then excluded.links else a.links end,
        payload = coalesce(excluded.payload, a.payload),
        starts_at = coalesce(excluded.starts_at, a.starts_at),
        ends_at = excluded.ends_at,
        count = a.count + excluded.count,
        last_seen_at = now(),
        fired_at = case when excluded.status = 'firing' and a.status = 'resolved' then now() else a.fired_at end,
        resolved_at = case when excluded.status = 'resolved' then coalesce(a.resolved_at, now())
          when excluded.status = 'firing' then null else a.resolved_at end,
        look_at = case
          when excluded.status = 'acknowledged' and a.status = 'resolved' then a.look_at
          when excluded.status = 'firing' and a.status = 'acknowledged' then a.look_at
          when excluded.status <> a.status then now()
          when excluded.status <> 'resolved' and excluded.ends_at is not null then
            least(coalesce(a.look_at, excluded.ends_at), excluded.ends_at)
          else a.look_at end
      returning a.id, a.fingerprint)
    insert into alert_hours as h (alert_id, hour, count)
    select taken.id, date_trunc('hour', now()), come.count from taken join come using (fingerprint)
    where come.count > 0 order by taken.id
    on conflict (workspace_id, alert_id, hour) do update set count = h.count + excluded.count`.execute(tx);
  await appendEvent(tx, {
    type: 'alert.received',
    subject: sourceId === null ? null : `alert_source:${sourceId}`,
    data: { source: sourceName, count: rows.length },
  });
  return { accepted: rows.length, duplicates: told.size };
}

/** Places of events that this source has told before, also within this request. Another transaction that tells one is waited for. */
async function toldBefore(tx: TenantTx, sourceId: string, alerts: readonly IncomingAlert[]): Promise<Set<number>> {
  const first = new Map<string, number>();
  const again = new Set<number>();
  for (const [index, { eventKey }] of alerts.entries()) {
    if (eventKey === undefined) continue;
    const hash = fingerprintOf(eventKey);
    if (first.has(hash)) again.add(index);
    else first.set(hash, index);
  }
  if (first.size === 0) return again;
  // In one order everywhere, so that two requests with the same events cannot wait for each other in a circle.
  const { rows } = await sql<{ hash: string }>`insert into alert_keys (source_id, key_hash)
    select ${sourceId}::uuid, hash from unnest(${[...first.keys()]}::text[]) as hash order by hash
    on conflict do nothing returning key_hash as hash`.execute(tx);
  const taken = new Set(rows.map(({ hash }) => hash));
  for (const [hash, index] of first) if (!taken.has(hash)) again.add(index);
  return again;
}

/**
 * Keeps marks: what happened and is no alert. One that names a service by its label stands in the story of each incident of
 * that service on which somebody is at work.
 */
export async function acceptMarks(
  tx: TenantTx,
  sourceId: string,
  sourceName: string,
  marks: readonly IncomingMark[],
): Promise<void> {
  if (marks.length === 0) return;
  await tx
    .insertInto('alertMarks')
    .values(
      marks.map(({ title, at, labels, links }) => ({
        id: uuidv7(),
        sourceId,
        sourceName,
        title,
        at: at === null ? new Date() : new Date(at),
        labels: JSON.stringify(labels),
        links: JSON.stringify(links),
      })),
    )
    .execute();
  for (const { title, at, labels } of marks) {
    const service = labels['service'];
    if (!service) continue;
    const incidents = await tx
      .selectFrom('incidents')
      .select('id')
      .where('isActive', '=', true)
      .where('service', '=', service)
      .orderBy('id')
      .limit(50)
      .execute();
    for (const { id } of incidents)
      await addTimeline(tx, id, {
        kind: 'mark',
        actor: { kind: 'system', id: null, name: sourceName },
        text: title,
        details: { ...labels },
        at: at === null ? new Date() : new Date(at),
      });
  }
  await appendEvent(tx, {
    type: 'alert.marked',
    subject: `alert_source:${sourceId}`,
    data: { source: sourceName, title: marks[0]?.title ?? '', count: marks.length },
  });
}
