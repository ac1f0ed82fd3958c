import { sql } from 'kysely';
import type { Server } from '#contracts/servers/servers.ts';
import type { TenantTx } from '../kit/database.ts';

/** In maintenance now: begun, and not past its end. */
export const inMaintenance = sql<boolean>`(servers.maintenance_since is not null and coalesce(servers.maintenance_until > now(), true))`;

/** Servers with what their page shows of credential and jump host. */
export const serverRows = (tx: TenantTx) =>
  tx
    .selectFrom('servers')
    .leftJoin('credentials as c', (join) =>
      join.onRef('c.workspaceId', '=', 'servers.workspaceId').onRef('c.id', '=', 'servers.credentialId'),
    )
    .leftJoin('servers as j', (join) =>
      join.onRef('j.workspaceId', '=', 'servers.workspaceId').onRef('j.id', '=', 'servers.jumpServerId'),
    )
    .selectAll('servers')
    .select([
      'c.name as credentialName',
      'c.kind as credentialKind',
      'c.username as credentialUsername',
      'j.name as jumpName',
      inMaintenance.as('isInMaintenance'),
    ]);
export type ServerRow = Awaited<ReturnType<ReturnType<typeof serverRows>['executeTakeFirstOrThrow']>>;

export const toServer = (row: ServerRow): Server => ({
  id: row.id,
  name: row.name,
  host: row.host,
  port: row.port,
  description: row.description,
  tags: row.tags,
  credentialId: row.credentialId,
  credential:
    row.credentialId !== null && row.credentialName !== null
      ? {
          id: row.credentialId,
          name: row.credentialName,
          kind: row.credentialKind ?? '',
          username: row.credentialUsername ?? '',
        }
      : null,
  jumpServerId: row.jumpServerId,
  jumpServer: row.jumpServerId !== null && row.jumpName !== null ? { id: row.jumpServerId, name: row.jumpName } : null,
  hostKeyState: !row.pinnedKey ? 'none' : row.offeredKey ? 'mismatch' : 'pinned',
  hostKey: row.pinnedKey,
  offeredHostKey: row.offeredKey,
  maintenance:
    row.isInMaintenance && row.maintenanceSince !== null && row.maintenanceBy !== null
      ? {
          since: row.maintenanceSince.toISOString(),
          until: row.maintenanceUntil?.toISOString() ?? null,
          reason: row.maintenanceReason ?? '',
          by: row.maintenanceBy,
        }
      : null,
  health: row.health,
  lastCheck: row.lastCheck,
  facts: row.facts,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
  version: row.version,
});
