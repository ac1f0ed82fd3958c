import { sql } from 'kysely';
import { type AssetGraph, mostDrawn } from '#contracts/assets/asset-graph.ts';
import type { AssetChoice } from '#contracts/assets/assets.ts';
import { assetStates, criticalities } from '#contracts/assets/lifecycle.ts';
import { relationKinds } from '#contracts/assets/relations.ts';
import type { TenantTx } from '../kit/database.ts';
import { chosenAssets } from './list-assets.ts';

interface Columns {
  ids: string[] | null;
  names: string[] | null;
  types: string[] | null;
  state: number[] | null;
  criticality: number[] | null;
  owners: string[] | null;
}

/** The assets that a choice takes, by name, and all relations among them. Each column is one array, so it is read quickly. */
export async function readAssetGraph(tx: TenantTx, choice: AssetChoice): Promise<AssetGraph> {
  const [types, { rows }] = await Promise.all([
    tx.selectFrom('assetTypes').select(['id', 'name', 'icon']).orderBy('name').orderBy('id').execute(),
    sql<Columns>`
      select array_agg(id) as ids, array_agg(name) as names, array_agg(type_id) as types, array_agg(state) as state,
        array_agg(criticality) as criticality, array_agg(owner) as owners
      from (
        select id, name, type_id, array_position(${[...assetStates]}::text[], state) - 1 as state,
          array_position(${[...criticalities]}::text[], criticality) - 1 as criticality,
          coalesce(owner_team, (select u.name from members m join users u on u.id = m.user_id where m.user_id = assets.owner_id), '') as owner
        from assets where ${chosenAssets(choice)} order by name_key, id limit ${mostDrawn + 1}
      ) as drawn`.execute(tx),
  ]);
  const all = rows[0];
  const cut = <T>(column: T[] | null | undefined): T[] => (column ?? []).slice(0, mostDrawn);
  const ids = cut(all?.ids);
  const place = new Map(ids.map((id, index) => [id, index]));
  const typePlace = new Map(types.map(({ id }, index) => [id, index]));
  const ownerNames = cut(all?.owners);
  const owners = [...new Set(ownerNames)].filter(Boolean).sort();
  const ownerPlace = new Map(owners.map((name, index) => [name, index]));
  const { rows: edges } = await sql<{ from: string[] | null; to: string[] | null; kind: number[] | null }>`
    select array_agg(from_id) as "from", array_agg(to_id) as "to",
      array_agg(array_position(${[...relationKinds]}::text[], kind) - 1) as kind from asset_relations`.execute(tx);
  const graph: AssetGraph = {
    types,
    ids,
    names: cut(all?.names),
    type: cut(all?.types).map((id) => typePlace.get(id) ?? 0),
    state: cut(all?.state),
    criticality: cut(all?.criticality),
    owners,
    owner: ownerNames.map((name) => ownerPlace.get(name) ?? -1),
    from: [],
    to: [],
    kind: [],
    isCapped: (all?.ids?.length ?? 0) > mostDrawn,
  };
  const found = edges[0];
  for (const [index, id] of (found?.from ?? []).entries()) {
    const [from, to] = [place.get(id), place.get(found?.to?.[index] ?? '')];
    if (from === undefined || to === undefined) continue;
    graph.from.push(from);
    graph.to.push(to);
    graph.kind.push(found?.kind?.[index] ?? 0);
  }
  return graph;
}
