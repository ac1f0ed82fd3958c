import type { TenantTx } from '../kit/database.ts';

/** What an engine is made of, as the database has it. Undefined where there is no such connection. */
export const connectionForCalls = (tx: TenantTx, id: string) =>
  tx
    .selectFrom('connections')
    .select(['id', 'name', 'kind', 'config', 'slots', 'callsPerSecond', 'state', 'failure', 'runId', 'version'])
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

/** Egress of the workspace: what outgoing calls may reach beyond the open internet. */
export async function egressOf(tx: TenantTx): Promise<readonly string[]> {
  return (await tx.selectFrom('settings').select('egressAllow').executeTakeFirst())?.egressAllow ?? [];
}
