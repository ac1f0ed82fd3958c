import { sql } from 'kysely';
import type { Server, ServerFilter } from '#contracts/servers/servers.ts';
import type { TenantTx } from '../kit/database.ts';
import { afterName, contains, nameCursor } from './name-page.ts';
import { inMaintenance, serverRows, toServer } from './server-rows.ts';

export interface ServerPage {
  data: Server[];
  pagination: { limit: number; nextCursor: string | null };
}

/** Servers by name in natural order, a page at a time. */
export async function listServers(tx: TenantTx, filter: ServerFilter): Promise<ServerPage> {
  const isDescending = filter.sort === '-name';
  let rows = serverRows(tx);
  if (filter.q) {
    const like = contains(filter.q);
    rows = rows.where((eb) =>
      eb.or([
        eb('servers.name', 'ilike', like),
        eb('servers.host', 'ilike', like),
        eb('servers.description', 'ilike', like),
      ]),
    );
  }
  if (filter.tag?.length) rows = rows.where(sql<boolean>`servers.tags @> ${filter.tag}::text[]`);
  if (filter.health?.length) {
    const states = filter.health.filter((state) => state !== 'maintenance');
    const isJudged = sql<boolean>`(servers.health = any(${states}::text[]) and not ${inMaintenance})`;
    rows = rows.where(
      filter.health.includes('maintenance') ? sql<boolean>`(${isJudged} or ${inMaintenance})` : isJudged,
    );
  }
  if (filter.credential) rows = rows.where('servers.credentialId', '=', filter.credential);
  if (filter.jump) rows = rows.where('servers.jumpServerId', '=', filter.jump);
  if (filter.hostKey === 'none') rows = rows.where('servers.pinnedKey', 'is', null);
  else if (filter.hostKey)
    rows = rows
      .where('servers.pinnedKey', 'is not', null)
      .where('servers.offeredKey', filter.hostKey === 'mismatch' ? 'is not' : 'is', null);
  if (filter.cursor) rows = rows.where(afterName('servers', filter.cursor, isDescending));
  const direction = isDescending ? 'desc' : 'asc';
  const found = await rows
    .orderBy('servers.nameKey', direction)
    .orderBy('servers.id', direction)
    .limit(filter.limit + 1)
    .execute();
  const page = found.slice(0, filter.limit); // one more tells if more follow
  return {
    data: page.map(toServer),
    pagination: { limit: filter.limit, nextCursor: found.length > filter.limit ? nameCursor(page.at(-1)) : null },
  };
}

/** One server, or undefined. */
export async function findServer(tx: TenantTx, id: string): Promise<Server | undefined> {
  const row = await serverRows(tx).where('servers.id', '=', id).executeTakeFirst();
  return row && toServer(row);
}

/** All servers in the order of their names, in portions, for the export. */
export async function* eachServer(tx: TenantTx): AsyncGenerator<Server> {
  let cursor: string | undefined;
  do {
    const page: ServerPage = await listServers(tx, { limit: 200, sort: 'name', cursor });
    yield* page.data;
    cursor = page.pagination.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

/** How many servers are in each state; those in maintenance are counted apart, not in their health. */
export async function countServers(tx: TenantTx) {
  const { rows } = await sql<{ health: string; maintenance: boolean; servers: number; mismatches: number }>`
    select health, ${inMaintenance} as maintenance, count(*)::int as servers,
      count(*) filter (where pinned_key is not null and offered_key is not null)::int as mismatches
    from servers group by 1, 2`.execute(tx);
  const health = { healthy: 0, degraded: 0, unhealthy: 0, no_answer: 0, unknown: 0 };
  const counts = { total: 0, inMaintenance: 0, health, mismatches: 0 };
  for (const row of rows) {
    counts.total += row.servers;
    counts.mismatches += row.mismatches;
    if (row.maintenance) counts.inMaintenance += row.servers;
    else health[row.health as keyof typeof health] += row.servers;
  }
  return counts;
}

/** The tags in use, by name, with how many servers carry each. */
export async function listTags(tx: TenantTx): Promise<{ tag: string; servers: number }[]> {
  const { rows } = await sql<{ tag: string; servers: number }>`
    select tag, count(*)::int as servers from servers, unnest(tags) as tag group by tag order by tag`.execute(tx);
  return rows;
}

/** A server as the playbook engine chooses among them. */
export interface InventoryServer {
  id: string;
  name: string;
  host: string;
  port: number;
  tags: string[];
  inMaintenance: boolean;
}

/** All servers of the workspace for host selection, in natural order of their names. */
export const inventory = (tx: TenantTx): Promise<InventoryServer[]> =>
  tx
    .selectFrom('servers')
    .select(['id', 'name', 'host', 'port', 'tags', inMaintenance.as('inMaintenance')])
    .orderBy('nameKey')
    .orderBy('id')
    .execute();
