import { sql } from 'kysely';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import { type Doer, mustConnection, noteAct } from './connections.ts';

/**
 * Makes a unit the one that is taken where nobody names one. Its token is the connection's own whichever it is; of Marketing
 * Cloud that is not so, where the configuration names the unit.
 * @throws Refusal `connection.unit_unknown` where it is not there, cannot be queried, or the connection has none to choose
 */
export async function chooseDefaultUnit(tx: TenantTx, doer: Doer, connectionId: string, unit: string): Promise<void> {
  const connection = await mustConnection(tx, connectionId);
  const found = await tx
    .selectFrom('connectionUnits')
    .select(['unit', 'isUsable', 'isDefault'])
    .where('connectionId', '=', connectionId)
    .where('unit', '=', unit)
    .executeTakeFirst();
  if (!found?.isUsable || connection.kind !== 'amc') throw new Refusal('connection.unit_unknown', { unit });
  if (found.isDefault) return;
  await tx
    .updateTable('connectionUnits')
    .set({ isDefault: sql<boolean>`unit = ${unit}` })
    .where('connectionId', '=', connectionId)
    .execute();
  await tx
    .updateTable('connections')
    .set({ version: sql<number>`version + 1`, updatedAt: sql<Date>`now()` })
    .where('id', '=', connectionId)
    .execute();
  await noteAct(tx, doer, connection, 'changed', { after: { defaultUnit: unit } });
  await appendEvent(tx, {
    type: 'connection.changed',
    subject: `connection:${connectionId}`,
    actor: doer.actor,
    data: { state: connection.state },
  });
}
