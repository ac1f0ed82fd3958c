import { type RawBuilder, type Selectable, sql, type SqlBool } from 'kysely';
import type { Asset, AssetChoice, AssetFilter } from '#contracts/assets/assets.ts';
import { mostChosen } from '#contracts/assets/change-many.ts';
import type { AssetOwner } from '#contracts/assets/owners.ts';
import type { AssetRef } from '#contracts/assets/relations.ts';
import { contains } from '../kit/like.ts';
import type { TenantTx } from '../kit/database.ts';
import { afterCursor, cursorOf } from '../servers/name-page.ts';
import type { AssetsTable } from './tables.ts';

export type AssetRow = Selectable<AssetsTable>;

/** The term under which a tag or an attribute's value is found. */
const tagTerm = (tag: string): string => `t:${tag}`;
const attributeTerm = (attribute: string): string => `a:${attribute.toLowerCase()}`;

const carries = (term: string): RawBuilder<SqlBool> =>
  sql<SqlBool>`exists (select from asset_terms t where t.term = ${term} and t.name_key = assets.name_key and t.asset_id = assets.id)`;

/** Which rows of `assets` a choice takes. */
export function chosenAssets(choice: AssetChoice): RawBuilder<SqlBool> {
  const { q, type, state, criticality, owner, team, tag, attribute, server, ids } = choice;
  const conditions: RawBuilder<SqlBool>[] = [];
  for (const word of (q ?? '').toLowerCase().split(/\s+/).filter(Boolean).slice(0, 8))
    conditions.push(sql`assets.search like ${contains(word)}`);
  if (type?.length) conditions.push(sql`assets.type_id = any(${type}::uuid[])`);
  if (state?.length) conditions.push(sql`assets.state = any(${state}::text[])`);
  if (criticality?.length) conditions.push(sql`assets.criticality = any(${criticality}::text[])`);
  if (owner) conditions.push(sql`assets.owner_id = ${owner}`);
  if (team) conditions.push(sql`assets.owner_team = ${team}`);
  if (server) conditions.push(sql`assets.server_id = ${server}`);
  if (ids) conditions.push(sql`assets.id = any(${ids}::uuid[])`);
  for (const one of tag ?? []) conditions.push(carries(tagTerm(one)));
  if (attribute) conditions.push(carries(attributeTerm(attribute)));
  return conditions.length === 0 ? sql<SqlBool>`true` : sql<SqlBool>`(${sql.join(conditions, sql` and `)})`;
}

const sortColumns = { name: ['nameKey', 'id'], changed: ['updatedAt', 'id'] } as const;

/** Assets in one of their orders, a page at a time. */
export async function listAssets(
  tx: TenantTx,
  filter: AssetFilter,
): Promise<{ data: Asset[]; pagination: { limit: number; nextCursor: string | null } }> {
  const isDescending = filter.sort.startsWith('-');
  const columns = sortColumns[filter.sort.replace('-', '') as keyof typeof sortColumns];
  let rows = tx.selectFrom('assets').selectAll('assets').where(chosenAssets(filter));
  if (filter.cursor) rows = rows.where(afterCursor('assets', columns, filter.cursor, isDescending));
  for (const column of columns) rows = rows.orderBy(`assets.${column}`, isDescending ? 'desc' : 'asc');
  const found = await rows.limit(filter.limit + 1).execute(); // one more tells if more follow
  const page = found.slice(0, filter.limit);
  const last = page.at(-1);
  const cursor =
    last &&
    columns.map((column) => (column === 'updatedAt' ? last.updatedAt.toISOString() : last[column as 'nameKey' | 'id']));
  return {
    data: await showAssets(tx, page),
    pagination: { limit: filter.limit, nextCursor: cursor && found.length > filter.limit ? cursorOf(cursor) : null },
  };
}

/** Rows as the API shows them: owners and servers by name. */
export async function showAssets(tx: TenantTx, rows: readonly AssetRow[]): Promise<Asset[]> {
  const owners = [...new Set(rows.flatMap(({ ownerId }) => ownerId ?? []))];
  const servers = [...new Set(rows.flatMap(({ serverId }) => serverId ?? []))];
  const [people, hosts] = await Promise.all([
    owners.length === 0 ? [] : namesOfPeople(tx, owners),
    servers.length === 0 ? [] : tx.selectFrom('servers').select(['id', 'name']).where('id', 'in', servers).execute(),
  ]);
  const personOf = new Map(people.map(({ id, name }) => [id, name]));
  const serverOf = new Map(hosts.map((server) => [server.id, server]));
  return rows.map((row): Asset => ({
    ...refOf(row),
    description: row.description,
    attributes: row.attributes,
    attributeSources: row.attributeSources,
    tags: row.tags,
    owner: ownerOf(row, personOf),
    server: (row.serverId && serverOf.get(row.serverId)) || null,
    discoveredAt: row.discoveredAt?.toISOString() ?? null,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    version: row.version,
  }));
}

const namesOfPeople = (tx: TenantTx, ids: readonly string[]) =>
  tx
    .selectFrom('members as m')
    .innerJoin('users as u', 'u.id', 'm.userId')
    .select(['u.id', 'u.name'])
    .where('u.id', 'in', ids)
    .execute();

const ownerOf = (
  { ownerId, ownerTeam }: Pick<AssetRow, 'ownerId' | 'ownerTeam'>,
  people: ReadonlyMap<string, string>,
): AssetOwner | null =>
  ownerId !== null
    ? { personId: ownerId, name: people.get(ownerId) ?? 'Somebody who has left' }
    : ownerTeam === null
      ? null
      : { personId: null, name: ownerTeam };

export const refColumns = ['id', 'key', 'name', 'typeId', 'state', 'criticality'] as const;
export const refOf = ({ id, key, name, typeId, state, criticality }: Pick<AssetRow, (typeof refColumns)[number]>): AssetRef => ({
  id, key, name, typeId, state, criticality,
}); // prettier-ignore

/** One asset, or undefined. */
export async function findAsset(tx: TenantTx, id: string): Promise<Asset | undefined> {
  const rows = await tx.selectFrom('assets').selectAll().where('id', '=', id).execute();
  return (await showAssets(tx, rows))[0];
}

/** Id and name of all that a choice takes, in the order of names, up to a bound. */
export async function findAssetIds(tx: TenantTx, choice: AssetChoice, most = mostChosen) {
  const rows = await tx
    .selectFrom('assets')
    .select(['id', 'name'])
    .where(chosenAssets(choice))
    .orderBy('nameKey')
    .orderBy('id')
    .limit(most + 1)
    .execute();
  return { data: rows.slice(0, most), isCapped: rows.length > most };
}

/** How many assets a choice takes, by state and criticality; `total` is of all assets. */
export async function countAssets(tx: TenantTx, choice: AssetChoice) {
  const counted = sql<{ state: AssetRow['state']; criticality: AssetRow['criticality']; assets: number }>`
    select state, criticality, count(*)::int as assets from assets where ${chosenAssets(choice)} group by 1, 2`.execute(
    tx,
  );
  const all = sql<{ assets: number }>`select count(*)::int as assets from assets`.execute(tx);
  const [{ rows }, total] = await Promise.all([counted, all]);
  const counts = {
    total: total.rows[0]?.assets ?? 0,
    matching: 0,
    byState: { planned: 0, active: 0, maintenance: 0, retired: 0 },
    byCriticality: { critical: 0, high: 0, medium: 0, low: 0 },
  };
  for (const { state, criticality, assets } of rows) {
    counts.matching += assets;
    counts.byState[state] += assets;
    counts.byCriticality[criticality] += assets;
  }
  return counts;
}

/** Tags and teams in use, by name. */
export async function listAssetTags(tx: TenantTx) {
  const tags = sql<{ name: string; assets: number }>`select substr(term, 3) as name, count(*)::int as assets
    from asset_terms where term >= 't:' and term < 't;' group by term order by term limit 500`.execute(tx);
  const teams = sql<{ name: string; assets: number }>`select owner_team as name, count(*)::int as assets
    from assets where owner_team is not null group by 1 order by 1 limit 500`.execute(tx);
  const [{ rows: ofTags }, { rows: ofTeams }] = await Promise.all([tags, teams]);
  return { tags: ofTags, teams: ofTeams };
}
