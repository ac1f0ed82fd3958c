import { sql } from 'kysely';
import { isLoopback, type NamedHost, namedHosts } from '#contracts/alerts/named-hosts.ts';
import { mostRoots } from '#contracts/assets/relations.ts';
import type { IncidentLink } from '#contracts/incidents/incidents.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { naturalKey } from '#contracts/servers/server-fields.ts';
import { insertLinks, listLinks } from '../incidents/links.ts';
import { addPartEvent, notePart } from '../incidents/parts.ts';
import type { TenantTx } from '../kit/database.ts';

/** What a host is here: its asset, or the server where that has none. */
type HostLink = IncidentLink & { kind: 'asset' | 'server' };
type Labels = Readonly<Record<string, string>>;

/**
 * Which assets and servers the hosts are that labels name, by host: one query, however many there are. In this order: an asset's
 * key, a server's name, a server's address, an asset's name. What fits several is not known to be either, and left out.
 */
export async function findHosts(tx: TenantTx, labels: readonly Labels[]): Promise<Map<string, HostLink>> {
  const named = new Map<string, NamedHost>();
  for (const own of labels) for (const one of namedHosts(own)) if (!isLoopback(one.host)) named.set(one.host, one);
  if (named.size === 0) return new Map();
  const hosts = [...named.keys()];
  const { rows } = await sql<HostLink & { host: string; rank: number }>`
    with named as (select * from unnest(${hosts}::text[], ${[...named.values()].map(({ spelled }) => spelled)}::text[],
        ${hosts.map(naturalKey)}::text[]) as named (host, spelled, sort_key)),
      found as (
        select host, 1 as rank, id as asset_id from named join assets on key in (host, spelled) where state <> 'retired'
        union all
        select host, 4, id from named join assets on name_key = sort_key where lower(name) = host and state <> 'retired'),
      machines as (
        select named.host, 2 as rank, id, name from named join servers on name_key = sort_key where lower(name) = named.host
        union all
        select named.host, 3, id, name from named join servers on rtrim(lower(servers.host), '.') = named.host)
    select host, rank, 'asset' as kind, id::text as ref, name as label from found join assets on id = asset_id
    union
    select host, rank, case when a.id is null then 'server' else 'asset' end, coalesce(a.id, m.id)::text, coalesce(a.name, m.name)
      from machines m left join assets a on a.server_id = m.id`.execute(tx);
  const known = new Map<string, HostLink>();
  for (const [host, fits] of Map.groupBy(rows, (row) => row.host)) {
    const best = Math.min(...fits.map(({ rank }) => rank));
    const [only, another] = fits.filter(({ rank }) => rank === best);
    if (only && !another) known.set(host, { kind: only.kind, ref: only.ref, label: only.label });
  }
  return known;
}

/**
 * Links an incident to what its alerts name, as far as that is known and not linked yet: no more than one walk of its impact
 * starts from. The same alerts once more change nothing.
 */
export async function linkHosts(
  tx: TenantTx,
  incidentId: string,
  { labels, known, actor }: { labels: readonly Labels[]; known: ReadonlyMap<string, HostLink>; actor: ActorRef },
): Promise<void> {
  const wanted = new Map<string, HostLink>();
  for (const own of labels)
    for (const { host } of namedHosts(own)) {
      const link = known.get(host);
      if (link) wanted.set(`${link.kind}/${link.ref}`, link);
    }
  if (wanted.size === 0) return;
  const there = await listLinks(tx, incidentId);
  for (const { kind, ref } of there) wanted.delete(`${kind}/${ref}`);
  const room = mostRoots - there.filter(({ kind }) => kind === 'asset' || kind === 'server').length;
  const links = [...wanted.values()].slice(0, Math.max(0, room));
  if (links.length === 0) return;
  await insertLinks(tx, incidentId, links);
  const names = links.map(({ label }) => label);
  const shown = names.slice(0, 3).join(', ') + (names.length > 3 ? ' …' : '');
  await notePart(tx, incidentId, {
    kind: 'link',
    actor,
    text:
      links.length === 1
        ? `Linked ${shown}, which its alert names`
        : `Linked ${links.length} that its alerts name: ${shown}`,
    details: { links: links.map(({ kind, ref }) => ({ kind, ref })) },
  });
  const { key } = await tx.selectFrom('incidents').select('key').where('id', '=', incidentId).executeTakeFirstOrThrow();
  await addPartEvent(tx, 'incident.linked', incidentId, actor, { key, count: links.length });
}
