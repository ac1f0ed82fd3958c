import { v7 as uuidv7 } from 'uuid';
import type { AttributeValue } from '#contracts/assets/asset-types.ts';
import { discoveryPatch, hostType } from '#contracts/assets/discovered.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { literally } from '../kit/like.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { needAssetType } from './asset-types.ts';
import { differences, fieldsOf, insertAssets, newFields, patched, updateAssets } from './write-assets.ts';

/**
 * Keeps what a server has told on its asset, which is made the first time. Repeatable: what is so already changes nothing.
 * @returns what became of the asset; undefined where the server is gone
 */
export async function keepDiscovered(
  tx: TenantTx,
  {
    serverId,
    found,
    runId,
    actor,
  }: { serverId: string; found: Record<string, AttributeValue>; runId: string; actor: ActorRef },
): Promise<{ assetId: string; act: 'discovered' | 'changed' | 'unchanged' } | undefined> {
  const server = await tx
    .selectFrom('servers')
    .select(['id', 'name', 'tags'])
    .where('id', '=', serverId)
    .forUpdate() // two discoveries of one server take turns, so that they make one asset
    .executeTakeFirst();
  if (!server) return undefined;
  const writer = { actor, source: 'discovery' as const, runId };
  const row = await tx.selectFrom('assets').selectAll().where('serverId', '=', serverId).forUpdate().executeTakeFirst();
  const discoveredAt = new Date();
  if (row) {
    const before = fieldsOf(row);
    const attributes = discoveryPatch(row.attributes, row.attributeSources, found);
    const after = patched(before, { attributes }, 'discovery');
    const changes = differences(before, after);
    if (changes.length > 0) {
      await updateAssets(tx, [{ id: row.id, fields: after, version: row.version + 1, changes }], writer);
      await appendEvent(tx, {
        type: 'asset.changed',
        subject: `asset:${row.id}`,
        actor,
        data: { name: row.name, change: 'discovered' },
      });
    }
    await tx.updateTable('assets').set({ discoveredAt }).where('id', '=', row.id).execute();
    return { assetId: row.id, act: changes.length > 0 ? 'changed' : 'unchanged' };
  }
  const type = await needAssetType(tx, { ...hostType, id: uuidv7() }, actor);
  const id = uuidv7();
  const fields = newFields(
    {
      key: await freeKey(tx, server.name),
      name: server.name,
      typeId: type.id,
      description: '',
      attributes: found,
      tags: server.tags,
      owner: null,
      criticality: 'medium',
      state: 'active',
      serverId,
    },
    'discovery',
  );
  await insertAssets(tx, [{ id, fields, discoveredAt }], writer, 'discovered');
  await appendEvent(tx, {
    type: 'asset.changed',
    subject: `asset:${id}`,
    actor,
    data: { name: server.name, change: 'discovered' },
  });
  return { assetId: id, act: 'discovered' };
}

/** A key like the server's name, with a number where it is taken. */
async function freeKey(tx: TenantTx, name: string): Promise<string> {
  const plain =
    name
      .replaceAll(/[^A-Za-z0-9_.:@/-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 110) || 'host';
  const taken = new Set(
    (
      await tx
        .selectFrom('assets')
        .select('key')
        .where('key', 'like', `${literally(plain)}%`)
        .execute()
    ).map(({ key }) => key),
  );
  if (!taken.has(plain)) return plain;
  for (let number = 2; ; number++) if (!taken.has(`${plain}-${number}`)) return `${plain}-${number}`;
}
