import { sql } from 'kysely';
import type { AssetChoice } from '#contracts/assets/assets.ts';
import type { FileAsset } from '#contracts/assets/asset-files.ts';
import type { RelationKind } from '#contracts/assets/relations.ts';
import type { TenantTx } from '../kit/database.ts';
import { nameCursor, afterName } from '../servers/name-page.ts';
import { chosenAssets } from './list-assets.ts';

/** The names of all attributes that assets of a choice have, in order: the columns of a file. */
export async function attributeNames(tx: TenantTx, choice: AssetChoice): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select distinct jsonb_object_keys(attributes) as name from assets where ${chosenAssets(choice)} order by 1`.execute(
    tx,
  );
  return rows.map(({ name }) => name);
}

/** A page of assets as files hold them, by name. Each page is its own transaction: a long one would hold back the events of all. */
export async function filePage(
  tx: TenantTx,
  choice: AssetChoice,
  cursor: string | undefined,
  limit = 1_000,
): Promise<{ data: FileAsset[]; next: string | undefined }> {
  let query = tx
    .selectFrom('assets')
    .innerJoin('assetTypes as t', (join) =>
      join.onRef('t.workspaceId', '=', 'assets.workspaceId').onRef('t.id', '=', 'assets.typeId'),
    )
    .leftJoin('servers as s', (join) =>
      join.onRef('s.workspaceId', '=', 'assets.workspaceId').onRef('s.id', '=', 'assets.serverId'),
    )
    .select([
      'assets.id',
      'assets.key',
      'assets.name',
      'assets.nameKey',
      'assets.description',
      'assets.tags',
      'assets.ownerTeam',
      'assets.criticality',
      'assets.state',
      'assets.attributes',
      't.key as type',
      's.name as server',
    ]) // prettier-ignore
    .select(
      sql<
        string | null
      >`(select u.email from members m join users u on u.id = m.user_id where m.user_id = assets.owner_id)`.as('email'),
    )
    .where(chosenAssets(choice));
  if (cursor) query = query.where(afterName('assets', cursor, false));
  const rows = await query.orderBy('assets.nameKey').orderBy('assets.id').limit(limit).execute();
  const { rows: relations } = await sql<{ from: string; kind: RelationKind; to: string }>`
    select r.from_id as "from", r.kind, a.key as "to" from asset_relations r join assets a on a.id = r.to_id
    where r.from_id = any(${rows.map(({ id }) => id)}::uuid[]) order by r.kind, a.key`.execute(tx);
  const relationsOf = Map.groupBy(relations, ({ from }) => from);
  return {
    data: rows.map((row): FileAsset => ({
      key: row.key,
      name: row.name,
      type: row.type,
      description: row.description,
      tags: row.tags,
      owner: row.email ?? (row.ownerTeam === null ? null : `team:${row.ownerTeam}`),
      criticality: row.criticality,
      state: row.state,
      server: row.server,
      relations: (relationsOf.get(row.id) ?? []).map(({ kind, to }) => ({ kind, to })),
      attributes: row.attributes,
    })),
    next: rows.length < limit ? undefined : (nameCursor(rows.at(-1)) ?? undefined),
  };
}
