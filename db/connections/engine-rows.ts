import { sql } from 'kysely';
import type { TenantTx } from '../kit/database.ts';

/** What an engine is made of, as the database has it. Undefined where there is no such connection. */
export const connectionForCalls = (tx: TenantTx, id: string) =>
  tx
    .selectFrom('connections')
    .select([
      'id',
      'name',
      'kind',
      'config',
      'slots',
      'callsPerSecond',
      'state',
      'failure',
      'runId',
      'version',
      'unitsReadAt',
    ])
    .where('id', '=', id)
    .executeTakeFirst();
export type ConnectionForCalls = NonNullable<Awaited<ReturnType<typeof connectionForCalls>>>;

export interface UnitForCalls {
  unit: string;
  name: string;
  isUsable: boolean;
  details: Readonly<Record<string, string | number | boolean | null>>;
}

/** A unit by its id; without one the connection's default. Undefined where it is not known, or not the caller's. */
export async function unitForCalls(
  tx: TenantTx,
  connectionId: string,
  unit: string | null,
): Promise<UnitForCalls | undefined> {
  const all = tx
    .selectFrom('connectionUnits')
    .select(['unit', 'name', 'isUsable', 'details'])
    .where('connectionId', '=', connectionId);
  return unit === null
    ? all.where('isDefault', '=', true).executeTakeFirst()
    : all.where('unit', '=', unit).executeTakeFirst();
}

/** The default unit, and whether what can be queried there was ever read; `''` of a database. Undefined: none is known. */
export async function defaultUnitOf(
  tx: TenantTx,
  connectionId: string,
): Promise<{ unit: string; isRead: boolean } | undefined> {
  const { rows } = await sql<{ unit: string; isRead: boolean }>`
    select d.unit, exists (select from schema_reads r where r.connection_id = ${connectionId} and r.unit = d.unit
      and (r.read_at is not null or r.failure is not null)) as "isRead"
    from (select unit from connection_units where connection_id = ${connectionId} and is_default
      union all select '' from connections where id = ${connectionId} and kind = 'postgres') d limit 1`.execute(tx);
  return rows[0];
}

/** Egress of the workspace: what outgoing calls may reach beyond the open internet. */
export async function egressOf(tx: TenantTx): Promise<readonly string[]> {
  return (await tx.selectFrom('settings').select('egressAllow').executeTakeFirst())?.egressAllow ?? [];
}

/** All that opening an engine reads each time, so that a change is met by the next call. */
export interface EngineRows {
  connection: ConnectionForCalls | undefined;
  unit: UnitForCalls | undefined;
  egress: readonly string[];
}
export async function engineRows(
  tx: TenantTx,
  { connectionId, unit: id }: { connectionId: string; unit: string | null },
): Promise<EngineRows> {
  const [connection, unit, egress] = await Promise.all([
    connectionForCalls(tx, connectionId),
    unitForCalls(tx, connectionId, id),
    egressOf(tx),
  ]);
  return { connection, unit, egress };
}
