import type { PublicConfig } from '#contracts/connections/config.ts';
import type { ConnectionState } from '#contracts/connections/connections.ts';
import type { EngineKind } from '#contracts/queries/engine.ts';
import type { TenantTx } from '../kit/database.ts';

/** What starting a query needs to know of its connection. */
export interface ConnectionOfQuery {
  id: string;
  name: string;
  kind: EngineKind;
  slots: number;
  state: ConnectionState;
  config: PublicConfig;
}

export const readConnectionOf = (tx: TenantTx, id: string): Promise<ConnectionOfQuery | undefined> =>
  tx
    .selectFrom('connections')
    .select(['id', 'name', 'kind', 'slots', 'state', 'config'])
    .where('id', '=', id)
    .executeTakeFirst();

/**
 * The unit a query runs in: the named one, else the connection's default, else the only one. Units that the transaction
 * may not see are not there.
 * @returns null where the connection has no units, undefined where it has none that fits
 */
export async function readUnitOf(
  tx: TenantTx,
  { id, kind, config }: ConnectionOfQuery,
  wanted: string | undefined,
): Promise<{ id: string; name: string } | null | undefined> {
  if (kind === 'postgres') return null;
  const units = await tx
    .selectFrom('connectionUnits')
    .select(['unit as id', 'name', 'isDefault'])
    .where('connectionId', '=', id)
    .where('isUsable', '=', true)
    .$if(wanted !== undefined, (query) => query.where('unit', '=', wanted ?? ''))
    .limit(200)
    .execute();
  if (wanted !== undefined) return units[0];
  const own = config.kind === 'sfmc' && config.accountId ? String(config.accountId) : undefined;
  return (
    units.find(({ isDefault }) => isDefault) ??
    units.find(({ id: unit }) => unit === own) ??
    (units.length === 1 ? units[0] : undefined)
  );
}

/** Whether waiting for a sign-in is over: somebody is signed in, or there is nothing left to wait for. */
export async function isSignedIn(tx: TenantTx, connectionId: string): Promise<boolean> {
  const found = await tx.selectFrom('connections').select('state').where('id', '=', connectionId).executeTakeFirst();
  return found?.state !== 'new' && found?.state !== 'needs_reauth';
}
