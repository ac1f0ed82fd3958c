import { sql } from 'kysely';
import type { DueServer } from '#contracts/servers/check-servers.ts';
import type { Db } from '../kit/database.ts';

/**
 * Takes servers whose check is due, of any workspace, the longest overdue first. Taking one sets its next time, so
 * that nobody takes it again meanwhile; the check itself sets the exact one when it is done.
 * @param leaseMs after which an unfinished check is due again
 */
export async function takeDueServers(system: Db, limit: number, leaseMs: number): Promise<DueServer[]> {
  const { rows } = await sql<DueServer>`
    update servers set next_check_at = now() + ${leaseMs} * interval '1 millisecond'
    from (
      select workspace_id, id from servers where next_check_at <= now()
      order by next_check_at limit ${limit} for update skip locked
    ) due
    where servers.workspace_id = due.workspace_id and servers.id = due.id
    returning servers.workspace_id as "workspaceId", servers.id as "serverId"`.execute(system);
  return rows;
}
