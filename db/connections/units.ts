import { sql } from 'kysely';
import type { ConnectionUnit } from '#contracts/connections/connections.ts';
import type { SchemaObject } from '#contracts/queries/engine.ts';
import { naturalKey } from '#contracts/servers/server-fields.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import { tellChange } from './connection-states.ts';

/** Business units or instances that the transaction's caller may see, by name. */
export async function listUnits(tx: TenantTx, connectionId: string): Promise<ConnectionUnit[]> {
  const rows = await tx
    .selectFrom('connectionUnits')
    .select(['unit', 'name', 'parentId', 'isUsable', 'isDefault', 'details'])
    .where('connectionId', '=', connectionId)
    .orderBy('nameKey')
    .orderBy('unit')
    .execute();
  return rows.map(({ unit, details, ...row }) => ({ ...row, id: unit, details: { ...details } }));
}

/**
 * The unit that a request names, or the default one; `''` of a connection that has none.
 * @throws Refusal `connection.unit_unknown` where it is not there or not the caller's
 */
export async function unitOf(
  tx: TenantTx,
  { id, kind }: { id: string; kind: string },
  unit: string | undefined,
): Promise<string> {
  if (kind === 'postgres') return '';
  const all = tx.selectFrom('connectionUnits').select('unit').where('connectionId', '=', id);
  const found = await (unit === undefined ? all.where('isDefault', '=', true) : all.where('unit', '=', unit)).executeTakeFirst(); // prettier-ignore
  if (found) return found.unit;
  throw new Refusal('connection.unit_unknown', { unit: unit ?? '' });
}

/** Another account or service: its units and what can be queried there are those of somebody else. */
export async function forgetUnits(tx: TenantTx, connectionId: string): Promise<void> {
  for (const table of ['schemaObjects', 'schemaReads', 'connectionUnits'] as const)
    await tx.deleteFrom(table).where('connectionId', '=', connectionId).execute();
}

/** Units are read anew: which of them can be used may be other than before. */
export const rereadUnits = (tx: TenantTx, connectionId: string) =>
  tx.updateTable('connections').set({ unitsReadAt: null }).where('id', '=', connectionId).execute();

/**
 * Keeps what the service said of its units. Marketing Cloud gives a token for one unit: those are usable that have one, or
 * all where the application signs itself in.
 */
export async function keepUnits(
  tx: TenantTx,
  connectionId: string,
  units: readonly SchemaObject[],
  { areAllUsable }: { areAllUsable: boolean },
): Promise<void> {
  const { rows: tokens } = await sql<{ unit: string }>`
    select unit from connection_tokens where connection_id = ${connectionId} and generation > 0`.execute(tx);
  const { rows: homes } = await sql<{ unit: string }>`
    select unit from connection_units where connection_id = ${connectionId} and is_default`.execute(tx);
  const mine = new Set([...tokens, ...homes].map(({ unit }) => unit));
  const ready = (unit: SchemaObject): boolean =>
    unit.details['isActive'] !== false && unit.details['isReady'] !== false && (areAllUsable || mine.has(unit.id));
  const [first] = units.filter(ready).toSorted((a, b) => Number(a.details['isSandbox'] === true) - Number(b.details['isSandbox'] === true)); // prettier-ignore
  const home = homes[0]?.unit ?? first?.id;
  if (units.length > 0)
    await tx
      .insertInto('connectionUnits')
      .values(
        units.map((unit) => ({
          connectionId,
          unit: unit.id,
          name: unit.name,
          nameKey: naturalKey(unit.name),
          parentId: unit.parentId,
          isUsable: ready(unit),
          isDefault: unit.id === home,
          details: JSON.stringify(unit.details),
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['workspaceId', 'connectionId', 'unit']).doUpdateSet((eb) => ({
          name: eb.ref('excluded.name'),
          nameKey: eb.ref('excluded.nameKey'),
          parentId: eb.ref('excluded.parentId'),
          isUsable: eb.ref('excluded.isUsable'),
          isDefault: eb.ref('excluded.isDefault'),
          details: eb.ref('excluded.details'),
          seenAt: sql<Date>`now()`,
        })),
      )
      .execute();
  await tx
    .deleteFrom('connectionUnits')
    .where('connectionId', '=', connectionId)
    .where('unit', 'not in', [...units.map(({ id }) => id), home ?? ''])
    .execute();
  const read = await tx
    .updateTable('connections')
    .set({ unitsReadAt: sql<Date>`now()` })
    .where('id', '=', connectionId)
    .returning(['id', 'name', 'state'])
    .executeTakeFirst();
  // Whoever has just signed in waits for them, with the page open.
  if (read) await tellChange(tx, read, 'units_read');
}
