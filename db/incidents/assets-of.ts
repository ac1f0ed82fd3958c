import { type RawBuilder, sql } from 'kysely';
import { mostRoots } from '#contracts/assets/relations.ts';
import { isId } from '../kit/is-id.ts';
import type { TenantTx } from '../kit/database.ts';

/** The assets that an incident names: those linked, and those of linked servers; as many as one walk may start from. */
export async function assetsOfIncident(tx: TenantTx, incidentId: string): Promise<string[]> {
  const links = await tx
    .selectFrom('incidentLinks')
    .select(['kind', 'ref'])
    .where('incidentId', '=', incidentId)
    .where('kind', 'in', ['asset', 'server'])
    .orderBy('id')
    .execute();
  const refsOf = (of: string) => links.filter(({ kind, ref }) => kind === of && isId(ref)).map(({ ref }) => ref);
  const [assets, servers] = [refsOf('asset'), refsOf('server')];
  if (assets.length + servers.length === 0) return [];
  const rows = await tx
    .selectFrom('assets')
    .select('id')
    .where(({ or, eb }) =>
      or([
        sql<boolean>`${eb.ref('id')} = any(${assets}::uuid[])`,
        sql<boolean>`${eb.ref('serverId')} = any(${servers}::uuid[])`,
      ]),
    )
    .limit(mostRoots)
    .execute();
  return rows.map(({ id }) => id);
}

/** Holds for incidents that name an asset, or the server it stands for. */
export const namesAsset = (assetId: string): RawBuilder<boolean> => sql<boolean>`incidents.id in (
    select incident_id from incident_links where kind = 'asset' and ref = ${assetId}
    union
    select links.incident_id from assets join incident_links links on links.kind = 'server' and links.ref = assets.server_id::text
    where assets.id = ${assetId}::uuid)`;
