import type { Updateable } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { NewServer, Server, ServerPatch } from '#contracts/servers/servers.ts';
import { naturalKey } from '#contracts/servers/server-fields.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';
import { changesOf, type Doer, recordActs } from './acts.ts';
import { pinned, readHostKey } from './host-keys.ts';
import { refuseBadJumps } from './jump-servers.ts';
import { findServer } from './list-servers.ts';
import type { ServersTable } from './tables.ts';

/** Fields that people write, for the audit log. */
const written = (server: Server) => ({
  name: server.name,
  host: server.host,
  port: server.port,
  description: server.description,
  tags: server.tags,
  credentialId: server.credentialId,
  jumpServerId: server.jumpServerId,
  hostKey: server.hostKey?.fingerprint ?? null,
  maintenance: server.maintenance && { reason: server.maintenance.reason, until: server.maintenance.until },
});

/** Says in words of ours which rule of the tables was broken. */
export const nameIsFree = async <T>(name: string | undefined, work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    if (violates(error, 'servers_name')) throw new Refusal('server.name_taken', { name: name ?? 'like one of these' });
    if (violates(error, 'servers_credential')) throw new Refusal('credential.unknown', { credential: 'by this id' });
    if (violates(error, 'servers_jump')) throw new Refusal('jump.unknown');
    throw error;
  }
};

const must = async (tx: TenantTx, id: string): Promise<Server> => {
  const server = await findServer(tx, id);
  if (!server) throw new Refusal('request.not_found');
  return server;
};

/** Adds a server. Refused: a name that is taken, an unknown credential, a way that leads in a circle or too deep. */
export async function insertServer(tx: TenantTx, doer: Doer, server: NewServer, id = uuidv7()): Promise<Server> {
  await nameIsFree(
    server.name,
    tx
      .insertInto('servers')
      .values({
        id,
        name: server.name,
        nameKey: naturalKey(server.name),
        host: server.host,
        port: server.port,
        description: server.description,
        tags: server.tags,
        credentialId: server.credentialId,
        jumpServerId: server.jumpServerId,
        pinnedKey: server.hostKey ? JSON.stringify(pinned(readHostKey(server.hostKey), 'person')) : null,
      })
      .execute(),
  );
  if (server.jumpServerId !== null) await refuseBadJumps(tx);
  const made = await must(tx, id);
  await recordActs(tx, doer, [{ noun: 'server', id, name: made.name, act: 'created', after: written(made) }]);
  return made;
}

/** What `hostKey`, `maintenance` and the rest of a patch mean for the row. */
function columnsOf(patch: ServerPatch, doer: Doer): Updateable<ServersTable> {
  const { name, hostKey, maintenance, ...plain } = patch;
  const movesAway = ['host', 'port', 'credentialId', 'jumpServerId', 'hostKey'].some(
    (field) => patch[field as keyof ServerPatch] !== undefined,
  );
  return {
    ...Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined)),
    ...(name !== undefined && { name, nameKey: naturalKey(name) }),
    ...(hostKey !== undefined && {
      pinnedKey: hostKey === null ? null : JSON.stringify(pinned(readHostKey(hostKey), 'person')),
      offeredKey: null,
    }),
    ...(maintenance !== undefined && maintenanceColumns(maintenance, doer)),
    ...(movesAway && { nextCheckAt: new Date() }),
  };
}

const maintenanceColumns = (
  maintenance: NonNullable<ServerPatch['maintenance']> | null,
  { actor }: Doer,
): Updateable<ServersTable> =>
  maintenance === null
    ? {
        maintenanceSince: null,
        maintenanceUntil: null,
        maintenanceReason: null,
        maintenanceBy: null,
        nextCheckAt: new Date(),
      }
    : {
        maintenanceSince: new Date(),
        maintenanceUntil: maintenance.until ? new Date(maintenance.until) : null,
        maintenanceReason: maintenance.reason,
        maintenanceBy: JSON.stringify({ kind: actor.kind, id: actor.id, name: actor.name }),
      };

/**
 * Changes a server. A pinned key that is given again in other words is no change of it.
 * @param ifVersion refused as stale where the server has another version
 * @param mayTrust whether the caller may replace or remove a pinned host key
 */
export async function updateServer(
  tx: TenantTx,
  doer: Doer,
  id: string,
  patch: ServerPatch,
  { ifVersion, mayTrust = false }: { ifVersion?: number | undefined; mayTrust?: boolean } = {},
): Promise<Server> {
  const locked = await tx
    .selectFrom('servers')
    .select(['version', 'pinnedKey'])
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!locked) throw new Refusal('request.not_found');
  if (ifVersion !== undefined && ifVersion !== locked.version) throw new Refusal('request.stale');
  const wanted = { ...patch };
  if (wanted.hostKey !== undefined) {
    const given = wanted.hostKey === null ? null : readHostKey(wanted.hostKey).fingerprint;
    if (given === (locked.pinnedKey?.fingerprint ?? null)) delete wanted.hostKey;
    else if (!mayTrust) throw new Refusal('server.trust_needed');
  }
  const before = await must(tx, id);
  const columns = columnsOf(wanted, doer);
  if (Object.keys(columns).length === 0) return before;
  await nameIsFree(
    patch.name,
    tx
      .updateTable('servers')
      .set({ ...columns, version: locked.version + 1, updatedAt: new Date() })
      .where('id', '=', id)
      .execute(),
  );
  if (wanted.jumpServerId) await refuseBadJumps(tx);
  const after = await must(tx, id);
  const changes = changesOf(written(before), written(after));
  if (Object.keys(changes.after).length > 0)
    await recordActs(tx, doer, [{ noun: 'server', id, name: after.name, act: 'changed', ...changes }]);
  return after;
}

/** Deletes a server. Refused while others jump through it or a run works on it. */
export async function deleteServer(tx: TenantTx, doer: Doer, id: string): Promise<void> {
  const server = await must(tx, id);
  const through = await tx
    .selectFrom('servers')
    .select(['id', 'name'])
    .where('jumpServerId', '=', id)
    .orderBy('nameKey')
    .limit(20)
    .execute();
  if (through.length > 0)
    throw new Refusal('server.in_use', { names: through.map(({ name }) => name).join(', ') }, { servers: through });
  const runs = await tx
    .selectFrom('runHosts as h')
    .innerJoin('runs as r', (join) => join.onRef('r.workspaceId', '=', 'h.workspaceId').onRef('r.id', '=', 'h.runId'))
    .select('r.id')
    .distinct()
    .where('h.serverId', '=', id)
    .where('h.status', 'in', ['pending', 'running', 'unknown'])
    .where('r.endedAt', 'is', null)
    .limit(20)
    .execute();
  if (runs.length > 0) throw new Refusal('server.in_work', {}, { runs: runs.map((run) => run.id) });
  try {
    await tx.deleteFrom('servers').where('id', '=', id).execute();
  } catch (error) {
    // Another began to jump through it between the look and the deletion.
    if (violates(error, 'servers_jump')) throw new Refusal('server.in_use', { names: 'one that was just changed' });
    throw error;
  }
  await recordActs(tx, doer, [{ noun: 'server', id, name: server.name, act: 'deleted', before: written(server) }]);
}
