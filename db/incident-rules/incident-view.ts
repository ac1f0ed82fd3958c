import { sql } from 'kysely';
import { namedHosts } from '#contracts/alerts/named-hosts.ts';
import type { JsonObject } from '#contracts/playbooks/document.ts';
import { naturalKey } from '#contracts/servers/server-fields.ts';
import type { TenantTx } from '../kit/database.ts';
import { alertsOf } from './alerts-of.ts';
import type { HappenedFacts } from './tables.ts';

/** What rules and playbooks see of an incident. */
export interface IncidentView {
  incident: JsonObject;
  /** Names of the workspace's servers that it is about: linked, themselves or as an asset, or named by an alert. */
  hosts: string[];
}

/**
 * Reads an incident as rules and playbooks see it: `key title description severity state service openedAt`, `labels` of its alerts
 * (of several values the newest), `alerts`, `hosts`.
 * @param facts what it was like when something happened; what it is like now where absent
 * @returns undefined where there is no such incident
 */
export async function viewIncident(
  tx: TenantTx,
  id: string,
  facts: Partial<HappenedFacts> = {},
): Promise<IncidentView | undefined> {
  const row = await tx
    .selectFrom('incidents')
    .select(['id', 'key', 'title', 'description', 'severity', 'state', 'service', 'openedAt'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) return undefined;
  const alerts = await alertsOf(tx, id);
  const labels: Record<string, string> = {};
  for (const alert of alerts.toReversed()) Object.assign(labels, alert.labels);
  const hosts = await hostsOf(
    tx,
    id,
    alerts.map((alert) => alert.labels),
  );
  const { id: _id, openedAt, ...rest } = row;
  return {
    incident: {
      id: row.id,
      ...rest,
      ...facts,
      openedAt: openedAt.toISOString(),
      labels,
      alerts: alerts.map((alert) => ({ ...alert })),
      hosts,
    },
    hosts,
  };
}

async function hostsOf(
  tx: TenantTx,
  incidentId: string,
  labels: readonly Readonly<Record<string, string>>[],
): Promise<string[]> {
  const named = labels.flatMap((own) => namedHosts(own).map(({ host }) => host));
  const { rows } = await sql<{ name: string }>`
    select name from servers
    where id in (select ref::uuid from incident_links where incident_id = ${incidentId} and kind = 'server')
      or id in (select a.server_id from incident_links l join assets a on a.id = l.ref::uuid
        where l.incident_id = ${incidentId} and l.kind = 'asset')
      or (name_key = any(${named.map(naturalKey)}::text[]) and lower(name) = any(${named}::text[]))
      or lower(host) = any(${named}::text[])
    order by name limit 200`.execute(tx);
  return rows.map(({ name }) => name);
}
