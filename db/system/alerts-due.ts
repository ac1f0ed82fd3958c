import { sql } from 'kysely';
import type { Db, SystemTx } from '../kit/database.ts';

/** Whose a source's token is. The rest is read in that workspace. */
export const findAlertToken = (
  tx: SystemTx,
  tokenHash: string,
): Promise<{ workspaceId: string; id: string; sourceId: string } | undefined> =>
  tx
    .selectFrom('alertSourceTokens')
    .select(['workspaceId', 'id', 'sourceId'])
    .where('tokenHash', '=', tokenHash)
    .executeTakeFirst();

/** Workspaces with alerts whose time to be looked at has come. */
export const workspacesWithAlertsDue = async (system: Db): Promise<string[]> =>
  (
    await sql<{ workspaceId: string }>`select distinct workspace_id as "workspaceId" from alerts
      where look_at is not null and look_at <= now() limit 1000`.execute(system)
  ).rows.map(({ workspaceId }) => workspaceId);

/** Sources that have been silent for longer than their heartbeat allows, and those that speak again. */
export const sourcesByHeartbeat = async (
  system: Db,
): Promise<{ workspaceId: string; id: string; isQuiet: boolean }[]> =>
  (
    await sql<{ workspaceId: string; id: string; isQuiet: boolean }>`
      select workspace_id as "workspaceId", id, late as "isQuiet" from (
        select workspace_id, id, is_quiet, enabled and heartbeat_ms is not null
          and coalesce(last_received_at, created_at) < now() - make_interval(secs => heartbeat_ms / 1000.0) as late
        from alert_sources) s
      where late is distinct from is_quiet and late is not null limit 500`.execute(system)
  ).rows;
