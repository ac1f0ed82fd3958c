import { sql } from 'kysely';
import type { Db } from '../kit/database.ts';

/** Whose a connection is, for calls that name it alone. */
export async function workspaceOfConnection(system: Db, id: string): Promise<string | undefined> {
  const row = await system.selectFrom('connections').select('workspaceId').where('id', '=', id).executeTakeFirst();
  return row?.workspaceId;
}

/** A token set whose renewal is due. */
export interface DueTokens {
  workspaceId: string;
  connectionId: string;
  unit: string;
  generation: number;
  runId: string | null;
}

/**
 * Takes token sets of working connections whose renewal is due, of any workspace, the longest overdue first. Taking one
 * sets its next time, so that nobody takes it again meanwhile.
 * @param leaseMs after which one that was not renewed is due again
 */
export async function takeDueTokens(system: Db, limit: number, leaseMs: number): Promise<DueTokens[]> {
  const { rows } = await sql<DueTokens>`
    with due as (
      select t.workspace_id, t.connection_id, t.unit, c.run_id
      from connection_tokens t join connections c on c.workspace_id = t.workspace_id and c.id = t.connection_id
      where t.refresh_at <= now() and c.state = 'connected'
      order by t.refresh_at limit ${limit} for update of t skip locked
    )
    update connection_tokens t set refresh_at = now() + ${leaseMs} * interval '1 millisecond' from due
    where t.workspace_id = due.workspace_id and t.connection_id = due.connection_id and t.unit = due.unit
    returning t.workspace_id as "workspaceId", t.connection_id as "connectionId", t.unit, t.generation, due.run_id as "runId"`.execute(
    system,
  );
  return rows;
}

/** Connections that are being disconnected for longer than a moment: their lifecycles are told again. */
export async function leavingConnections(
  system: Db,
  olderThanMs: number,
): Promise<{ workspaceId: string; id: string; runId: string | null }[]> {
  const { rows } = await sql<{ workspaceId: string; id: string; runId: string | null }>`
    select workspace_id as "workspaceId", id, run_id as "runId" from connections
    where state = 'disconnecting' and state_since < now() - ${olderThanMs} * interval '1 millisecond' limit 200`.execute(
    system,
  );
  return rows;
}

/** Connections whose lifecycle has ended although they are there: it was cancelled or ended from outside. */
export async function endedLifecycles(
  system: Db,
): Promise<{ workspaceId: string; connectionId: string; runId: string }[]> {
  const { rows } = await sql<{ workspaceId: string; connectionId: string; runId: string }>`
    select c.workspace_id as "workspaceId", c.id as "connectionId", r.id as "runId"
    from connections c join runs r on r.workspace_id = c.workspace_id and r.id = c.run_id
    where r.ended_at < now() - interval '10 seconds' limit 100`.execute(system);
  return rows;
}
