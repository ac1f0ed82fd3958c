import type { AssetChange } from '#contracts/assets/assets.ts';
import type { TenantTx } from '../kit/database.ts';

/** What has changed of an asset, newest first. Ids are UUIDv7, so an id is a cursor. */
export async function listAssetChanges(
  tx: TenantTx,
  assetId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ data: AssetChange[]; pagination: { limit: number; nextCursor: string | null } }> {
  let query = tx.selectFrom('assetChanges').selectAll().where('assetId', '=', assetId);
  if (cursor) query = query.where('id', '<', cursor);
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const data = rows.slice(0, limit).map(({ id, at, actor, act, source, runId, version, changes }): AssetChange => ({
    id,
    at: at.toISOString(),
    actor,
    act,
    source,
    runId,
    version,
    changes: changes.map(({ field, before, after }) => ({ field, before, after })),
  }));
  return { data, pagination: { limit, nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null } };
}
