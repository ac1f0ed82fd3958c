import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { RelationKind } from '#contracts/assets/relations.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { TenantTx } from '../kit/database.ts';

/** A relation from an asset to another one, which is named by its key. */
export interface WantedRelation {
  kind: RelationKind;
  to: string;
}

/** Relations from each of these assets, by asset, in the order of files. */
export async function relationsFrom(tx: TenantTx, ids: readonly string[]): Promise<Map<string, WantedRelation[]>> {
  const { rows } = await sql<WantedRelation & { from: string }>`
    select r.from_id as "from", r.kind, a.key as "to" from asset_relations r join assets a on a.id = r.to_id
    where r.from_id = any(${[...ids]}::uuid[]) order by r.kind, a.key`.execute(tx);
  const relations = new Map<string, WantedRelation[]>();
  for (const { from, kind, to } of rows) {
    const known = relations.get(from);
    if (known) known.push({ kind, to });
    else relations.set(from, [{ kind, to }]);
  }
  return relations;
}

/** Makes the relations from an asset exactly these; a key that no asset has is passed over. Repeatable. */
export async function setRelations(
  tx: TenantTx,
  id: string,
  wanted: readonly WantedRelation[],
  by: ActorRef,
): Promise<void> {
  const [kinds, keys] = [wanted.map(({ kind }) => kind), wanted.map(({ to }) => to)];
  const asked = sql`unnest(${kinds}::text[], ${keys}::text[]) as w (kind, key)`;
  await sql`delete from asset_relations r where r.from_id = ${id}
    and not exists (select from ${asked} join assets a on a.key = w.key where a.id = r.to_id and w.kind = r.kind)`.execute(
    tx,
  );
  await sql`insert into asset_relations (id, kind, from_id, to_id, created_by)
    select n.id, w.kind, ${id}, a.id, ${JSON.stringify(by)}::jsonb
    from unnest(${kinds}::text[], ${keys}::text[], ${keys.map(() => uuidv7())}::uuid[]) as w (kind, key, id)
    join assets a on a.key = w.key cross join lateral (select w.id) as n (id)
    where a.id <> ${id} on conflict do nothing`.execute(tx);
}
