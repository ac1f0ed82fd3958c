import { sql } from 'kysely';
import {
  type AssetRef, type AssetRelation, type HitAsset, type Impact, type ImpactDirection, mostHit, type NewRelation, type RelationKind,
} from '#contracts/assets/relations.ts'; // prettier-ignore
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';
import { type AssetRow, refColumns, refOf } from './list-assets.ts';

/** Relations from and to an asset, by kind. */
export async function listRelations(tx: TenantTx, assetId: string, most = 500) {
  const rows = await tx
    .selectFrom('assetRelations')
    .select(['id', 'kind', 'fromId', 'toId', 'note', 'createdAt'])
    .where((eb) => eb.or([eb('fromId', '=', assetId), eb('toId', '=', assetId)]))
    .orderBy('kind')
    .orderBy('id')
    .limit(most + 1)
    .execute();
  return { data: await showRelations(tx, rows.slice(0, most)), isCapped: rows.length > most };
}

interface RelationRow {
  id: string;
  kind: RelationKind;
  fromId: string;
  toId: string;
  note: string;
  createdAt: Date;
}
async function showRelations(tx: TenantTx, rows: readonly RelationRow[]): Promise<AssetRelation[]> {
  const refs = await assetRefs(
    tx,
    rows.flatMap(({ fromId, toId }) => [fromId, toId]),
  );
  return rows.flatMap(({ fromId, toId, createdAt, ...row }) => {
    const [from, to] = [refs.get(fromId), refs.get(toId)];
    return from && to ? [{ ...row, from, to, createdAt: createdAt.toISOString() }] : [];
  });
}

/** Assets as they are named elsewhere, by id. */
export async function assetRefs(tx: TenantTx, ids: readonly string[]): Promise<Map<string, AssetRef>> {
  const unique = [...new Set(ids)];
  if (unique.length === 0) return new Map();
  const rows = await tx
    .selectFrom('assets')
    .select(refColumns)
    .where((eb) => sql<boolean>`${eb.ref('id')} = any(${unique}::uuid[])`)
    .execute();
  return new Map(rows.map((row) => [row.id, refOf(row)]));
}

/** @throws Refusal `asset_relation.*` */
export async function insertRelation(
  tx: TenantTx,
  id: string,
  relation: NewRelation,
  by: ActorRef,
): Promise<AssetRelation> {
  if (relation.fromId === relation.toId) throw new Refusal('asset_relation.itself');
  try {
    const row = await tx
      .insertInto('assetRelations')
      .values({ id, ...relation, createdBy: JSON.stringify(by) })
      .returning(['id', 'kind', 'fromId', 'toId', 'note', 'createdAt'])
      .executeTakeFirstOrThrow();
    const [shown] = await showRelations(tx, [row]);
    if (!shown) throw new Refusal('asset_relation.unknown_asset');
    return shown;
  } catch (error) {
    if (violates(error, 'asset_relations_once')) throw new Refusal('asset_relation.taken');
    if (violates(error, 'asset_relations_from') || violates(error, 'asset_relations_to'))
      throw new Refusal('asset_relation.unknown_asset');
    throw error;
  }
}

/** @returns what it was; undefined where there is none */
export const deleteRelation = (tx: TenantTx, id: string) =>
  tx.deleteFrom('assetRelations').where('id', '=', id).returning(['kind', 'fromId', 'toId', 'note']).executeTakeFirst();

/**
 * What a failure of these assets reaches (`downstream`), or what must not fail for them to work (`upstream`): level by
 * level in one recursive query. Each level is the set of assets reached for the first time, so circles end by themselves
 * and no relation is looked at twice, however the graph is tangled.
 */
export async function impactOf(
  tx: TenantTx,
  { of, direction, depth }: { of: readonly string[]; direction: ImpactDirection; depth: number },
): Promise<Impact> {
  const roots = await assetRefs(tx, of);
  const [at, next] = direction === 'downstream' ? ['cause_id', 'hit_id'] : ['hit_id', 'cause_id'];
  const [here, there] = [sql.ref(`r.${at}`), sql.ref(`r.${next}`)];
  const { rows } = await sql<{ depth: number; ids: string[] }>`
    with recursive level (depth, ids, seen) as (
      select 0, ${[...roots.keys()]}::uuid[], ${[...roots.keys()]}::uuid[]
      union all
      select level.depth + 1, reached.ids, level.seen || reached.ids
      from level cross join lateral (
        select array_agg(fresh.id) as ids from (
          select ${there} as id from unnest(level.ids) as frontier (id) join asset_relations r on ${here} = frontier.id
          except select unnest(level.seen)
        ) as fresh
      ) as reached
      where level.depth <= ${depth} and reached.ids is not null
    )
    select depth, ids from level where depth > 0 order by depth`.execute(tx);
  // One level more than was asked for tells that there is more.
  const levels = rows.filter((row) => row.depth <= depth);
  const depthOf = new Map(levels.flatMap((row) => row.ids.map((id): [string, number] => [id, row.depth])));
  const { data, byCriticality } = await nearest(tx, levels, depthOf, { roots, at, next });
  return {
    direction,
    depth,
    of: [...roots.values()],
    total: depthOf.size,
    byDepth: levels.map(({ ids }) => ids.length),
    byCriticality,
    data,
    isCut: rows.length > levels.length,
  };
}

const ranks = ['critical', 'high', 'medium', 'low'] as const;

/** The assets that the answer names, and through which each was reached. */
async function nearest(
  tx: TenantTx,
  levels: ReadonlyArray<{ depth: number; ids: string[] }>,
  depthOf: ReadonlyMap<string, number>,
  { roots, at, next }: { roots: ReadonlyMap<string, AssetRef>; at: string; next: string },
): Promise<{ data: HitAsset[]; byCriticality: Impact['byCriticality'] }> {
  const byCriticality = { critical: 0, high: 0, medium: 0, low: 0 };
  if (levels.length === 0) return { data: [], byCriticality };
  const ids = levels.flatMap((level) => level.ids);
  const depths = levels.flatMap((level) => level.ids.map(() => level.depth));
  const reached = sql`unnest(${ids}::uuid[], ${depths}::int[]) as w (id, depth)`;
  const counted = sql<{ criticality: AssetRow['criticality']; assets: number }>`
    select a.criticality, count(*)::int as assets from ${reached} join assets a on a.id = w.id group by 1`.execute(tx);
  const named = sql<AssetRef & { depth: number }>`
    select a.id, a.key, a.name, a.type_id as "typeId", a.state, a.criticality, w.depth from ${reached} join assets a on a.id = w.id
    order by w.depth, array_position(${[...ranks]}::text[], a.criticality), a.name_key, a.id limit ${mostHit}`.execute(
    tx,
  );
  const [{ rows: counts }, { rows: first }] = await Promise.all([counted, named]);
  for (const { criticality, assets } of counts) byCriticality[criticality] = assets;

  const shown = first.map(({ id }) => id);
  const { rows: ways } = await sql<{ id: string; via: string; kind: RelationKind }>`
    select ${sql.ref(`r.${next}`)} as id, ${sql.ref(`r.${at}`)} as via, r.kind from asset_relations r
    where ${sql.ref(`r.${next}`)} = any(${shown}::uuid[])`.execute(tx);
  const depthAt = (id: string): number | undefined => (roots.has(id) ? 0 : depthOf.get(id));
  const viaOf = new Map<string, { via: string; kind: RelationKind }>();
  for (const { id, via, kind } of ways)
    if (!viaOf.has(id) && depthAt(via) === (depthOf.get(id) ?? 0) - 1) viaOf.set(id, { via, kind });
  const refs = await assetRefs(
    tx,
    [...viaOf.values()].map(({ via }) => via),
  );
  const data = first.map((row): HitAsset => {
    const way = viaOf.get(row.id);
    const through = way && refs.get(way.via);
    return { ...row, via: way && through ? { id: through.id, name: through.name, kind: way.kind } : null };
  });
  return { data, byCriticality };
}
