import { sql } from 'kysely';
import { mostChosen } from '#contracts/servers/bulk.ts';
import type { Server, ServerChoice, ServerFilter } from '#contracts/servers/servers.ts';
import type { TenantTx } from '../kit/database.ts';
import { afterCursor, cursorOf } from './name-page.ts';
import { chosen, chosenBut, chosenByHealth } from './server-choice.ts';
import { inMaintenance, serverRows, toServer } from './server-rows.ts';

export interface ServerPage {
  data: Server[];
  pagination: { limit: number; nextCursor: string | null };
}

/** By which columns a list is sorted before name and id, which always come last. */
const sortColumns = { name: [], health: ['healthRank'], cpu: ['cpuPercent'], memory: ['memoryPercent'], checked: ['checkedAt'] } as const; // prettier-ignore

/** Servers by name in natural order or by how they are, a page at a time. Each order has its index. */
export async function listServers(tx: TenantTx, filter: ServerFilter): Promise<ServerPage> {
  const isDescending = filter.sort.startsWith('-');
  const columns = [...sortColumns[filter.sort.replace('-', '') as keyof typeof sortColumns], 'nameKey', 'id'] as const;
  let rows = serverRows(tx).where(chosen(filter));
  if (filter.cursor) rows = rows.where(afterCursor('servers', columns, filter.cursor, isDescending));
  const direction = isDescending ? 'desc' : 'asc';
  for (const column of columns) rows = rows.orderBy(`servers.${column}`, direction);
  const found = await rows.limit(filter.limit + 1).execute();
  const page = found.slice(0, filter.limit); // one more tells if more follow
  const last = page.at(-1);
  return {
    data: page.map(toServer),
    pagination: {
      limit: filter.limit,
      nextCursor: last && found.length > filter.limit ? cursorOf(columns.map((column) => last[column])) : null,
    },
  };
}

/** Id and name of all that a choice takes, in the order of names, up to a bound. */
export async function findServerIds(tx: TenantTx, choice: ServerChoice, most = mostChosen) {
  const rows = await tx
    .selectFrom('servers')
    .select(['id', 'name'])
    .where(chosen(choice))
    .orderBy('nameKey')
    .orderBy('id')
    .limit(most + 1)
    .execute();
  return { data: rows.slice(0, most), isCapped: rows.length > most };
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

/** How many servers a choice takes, and how many are in each state; those in maintenance are counted apart, not in their health. */
export async function countServers(tx: TenantTx, choice: ServerChoice = {}) {
  const { rows } = await sql<{
    health: string;
    maintenance: boolean;
    servers: number;
    matching: number;
    mismatches: number;
  }>`
    select health, ${inMaintenance} as maintenance, count(*)::int as servers,
      count(*) filter (where ${chosenByHealth(choice)})::int as matching,
      count(*) filter (where pinned_key is not null and offered_key is not null)::int as mismatches
    from servers where ${chosenBut(choice)} group by 1, 2`.execute(tx);
  const health = { healthy: 0, degraded: 0, unhealthy: 0, no_answer: 0, unknown: 0 };
  const counts = { total: 0, matching: 0, inMaintenance: 0, health, mismatches: 0 };
  for (const row of rows) {
    counts.total += row.servers;
    counts.matching += row.matching;
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
