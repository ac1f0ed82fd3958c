import { type Selectable, sql } from 'kysely';
import type { AssetType, CreateAssetType } from '#contracts/assets/asset-types.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';
import type { AssetTypesTable } from './tables.ts';

const taken =
  (key: string) =>
  (error: unknown): never => {
    throw violates(error, 'asset_types_key') ? new Refusal('asset_type.key_taken', { key }) : error;
  };

const show = (row: Selectable<AssetTypesTable>, assets: number): AssetType => ({
  id: row.id,
  key: row.key,
  name: row.name,
  description: row.description,
  icon: row.icon as AssetType['icon'],
  attributes: row.attributes,
  assets,
  version: row.version,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});

/** Types by name, with how many assets each has. */
export async function listAssetTypes(tx: TenantTx): Promise<AssetType[]> {
  const [types, counts] = await Promise.all([
    tx.selectFrom('assetTypes').selectAll().orderBy('name').orderBy('id').execute(),
    tx
      .selectFrom('assets')
      .select((eb) => ['typeId', eb.fn.countAll<string>().as('assets')])
      .groupBy('typeId')
      .execute(),
  ]);
  const countOf = new Map(counts.map(({ typeId, assets }) => [typeId, Number(assets)]));
  return types.map((row) => show(row, countOf.get(row.id) ?? 0));
}

/** One type, for a change of it locked; undefined where there is none. */
export async function findAssetType(tx: TenantTx, id: string, { lock = false } = {}): Promise<AssetType | undefined> {
  const query = tx.selectFrom('assetTypes').selectAll().where('id', '=', id);
  const row = await (lock ? query.forUpdate() : query).executeTakeFirst();
  return row && show(row, await countOfType(tx, id));
}

async function countOfType(tx: TenantTx, id: string): Promise<number> {
  const { assets } = await tx
    .selectFrom('assets')
    .select((eb) => eb.fn.countAll<string>().as('assets'))
    .where('typeId', '=', id)
    .executeTakeFirstOrThrow();
  return Number(assets);
}

/** @throws Refusal `asset_type.key_taken` */
export async function insertAssetType(tx: TenantTx, id: string, type: CreateAssetType, by: ActorRef): Promise<void> {
  const { key, name, description, icon, attributes } = type;
  await tx
    .insertInto('assetTypes')
    .values({
      id,
      key,
      name,
      description,
      icon,
      attributes: JSON.stringify(attributes),
      createdBy: JSON.stringify(by),
    })
    .execute()
    .catch(taken(key));
}

/** @throws Refusal `asset_type.key_taken` */
export async function updateAssetType(tx: TenantTx, id: string, type: CreateAssetType): Promise<void> {
  const { key, name, description, icon, attributes } = type;
  await tx
    .updateTable('assetTypes')
    .set({
      key,
      name,
      description,
      icon,
      attributes: JSON.stringify(attributes),
      version: sql<number>`version + 1`,
      updatedAt: new Date(),
    })
    .where('id', '=', id)
    .execute()
    .catch(taken(key));
}

/** @throws Refusal `asset_type.in_use` */
export async function deleteAssetType(tx: TenantTx, id: string): Promise<void> {
  const count = await countOfType(tx, id);
  if (count > 0) throw new Refusal('asset_type.in_use', { count });
  await tx.deleteFrom('assetTypes').where('id', '=', id).execute();
}

/** The type of this key, made where it is missing: for what brings its own types, like discovery. */
export async function needAssetType(
  tx: TenantTx,
  type: CreateAssetType & { id: string },
  by: ActorRef,
): Promise<{ id: string }> {
  const find = () => tx.selectFrom('assetTypes').select('id').where('key', '=', type.key).executeTakeFirst();
  const there = await find();
  if (there) return there;
  const { id, key, name, description, icon, attributes } = type;
  await tx
    .insertInto('assetTypes')
    .values({ id, key, name, description, icon, attributes: JSON.stringify(attributes), createdBy: JSON.stringify(by) })
    .onConflict((conflict) => conflict.columns(['workspaceId', 'key']).doNothing())
    .execute();
  const made = await find();
  if (!made) throw new Error('A type was lost between two lines.');
  return made;
}
