import { sql } from 'kysely';
import type { BulkActs } from '#contracts/servers/bulk.ts';
import type { Server } from '#contracts/servers/servers.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import type { Doer } from './acts.ts';
import { findServer } from './list-servers.ts';
import { deleteServer, updateServer } from './servers.ts';

/**
 * One server of a change of many; `delete` comes alone.
 * @returns what would take back the change of this one; null where nothing has changed, or it cannot be taken back
 */
export async function changeOne(tx: TenantTx, doer: Doer, id: string, change: BulkActs): Promise<BulkActs | null> {
  if (change.delete) {
    await deleteServer(tx, doer, id);
    return null;
  }
  const before = await findServer(tx, id);
  if (!before) throw new Refusal('request.not_found');
  const drop = new Set(change.removeTags ?? []);
  const after = await updateServer(tx, doer, id, {
    ...((change.addTags ?? change.removeTags) && {
      tags: [...new Set([...before.tags, ...(change.addTags ?? [])])].filter((tag) => !drop.has(tag)).sort(),
    }),
    ...(change.maintenance !== undefined && { maintenance: change.maintenance }),
    ...(change.credentialId !== undefined && { credentialId: change.credentialId }),
  });
  const undo = backFrom(before, after);
  return Object.keys(undo).length === 0 ? null : undo;
}

/** What leads from `after` back to `before`. */
function backFrom(before: Server, after: Server): BulkActs {
  const added = after.tags.filter((tag) => !before.tags.includes(tag));
  const removed = before.tags.filter((tag) => !after.tags.includes(tag));
  const words = ({ maintenance }: Server) => maintenance && { reason: maintenance.reason, until: maintenance.until };
  const [maintained, maintains] = [words(before), words(after)];
  return {
    ...(removed.length > 0 && { addTags: removed }),
    ...(added.length > 0 && { removeTags: added }),
    ...(JSON.stringify(maintained) !== JSON.stringify(maintains) && { maintenance: maintained }),
    ...(before.credentialId !== after.credentialId && { credentialId: before.credentialId }),
  };
}

/** The names behind ids, of those that are there. */
export async function serverNames(tx: TenantTx, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx
    .selectFrom('servers')
    .select(['id', 'name'])
    .where('id', '=', sql<string>`any(${[...ids]}::uuid[])`)
    .execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}
