import { sql } from 'kysely';
import type { ConnectionState } from '#contracts/connections/connections.ts';
import type { QueryFailureFacts } from '#contracts/queries/failures.ts';
import { naturalKey } from '#contracts/servers/server-fields.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';

/** Machinery that looks after connections. */
export const keeper: ActorRef = { kind: 'system', id: null, name: 'Connections' };

/** Tells who shows a connection that something of it is other than before. */
export const tellChange = (
  tx: TenantTx,
  { id, name, state }: { id: string; name: string; state: ConnectionState },
  change: string,
  actor: ActorRef = keeper,
): Promise<void> =>
  appendEvent(tx, {
    type: 'connection.changed',
    subject: `connection:${id}`,
    actor,
    data: { id, name, state, change },
  });

/**
 * Moves a connection, and says so. One that is being disconnected moves nowhere else.
 * @returns the state before; undefined where it did not move
 */
export async function moveConnection(
  tx: TenantTx,
  id: string,
  { state, failure }: { state: ConnectionState; failure: QueryFailureFacts | null },
): Promise<ConnectionState | undefined> {
  const before = await tx
    .selectFrom('connections')
    .select(['id', 'name', 'state', 'failure'])
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!before || before.state === 'disconnecting') return undefined;
  if (before.state === state && before.failure?.code === failure?.code) return undefined;
  await tx
    .updateTable('connections')
    .set({
      state,
      failure: failure && JSON.stringify(failure),
      ...(before.state !== state && { stateSince: sql<Date>`now()` }),
    })
    .where('id', '=', id)
    .execute();
  if (before.state === state) return undefined;
  await tellChange(tx, { ...before, state }, state);
  // Told to people as a notice, once: whoever may mend it should know without looking.
  if (state === 'needs_reauth')
    await appendEvent(tx, {
      type: 'connection.signed_out',
      subject: `connection:${id}`,
      actor: keeper,
      data: { id, name: before.name, code: failure?.code ?? null, message: failure?.message ?? null },
    });
  return before.state;
}

/** A business unit that gives no token any more: it can be signed in to again. */
export async function loseUnit(tx: TenantTx, connectionId: string, unit: string): Promise<void> {
  await tx.deleteFrom('connectionTokens').where('connectionId', '=', connectionId).where('unit', '=', unit).execute();
  await tx
    .updateTable('connectionUnits')
    .set({ isUsable: false })
    .where('connectionId', '=', connectionId)
    .where('unit', '=', unit)
    .execute();
}

/** Notes as whom a connection is signed in, and that its home unit can be used. */
export async function noteSignedIn(
  tx: TenantTx,
  { connectionId, unit }: { connectionId: string; unit: string },
  as: { account: { id: string; name: string }; unit: { id: string; name: string } | null },
): Promise<void> {
  if (unit === '')
    await tx
      .updateTable('connections')
      .set({ account: JSON.stringify(as.account) })
      .where('id', '=', connectionId)
      .execute();
  if (!as.unit) return;
  const isHome = unit === '';
  if (isHome)
    await tx
      .updateTable('connectionUnits')
      .set({ isDefault: false })
      .where('connectionId', '=', connectionId)
      .where('unit', '<>', as.unit.id)
      .where('isDefault', '=', true)
      .execute();
  await tx
    .insertInto('connectionUnits')
    .values({
      connectionId,
      unit: as.unit.id,
      name: as.unit.name,
      nameKey: naturalKey(as.unit.name),
      parentId: null,
      isUsable: true,
      isDefault: isHome,
      details: '{}',
    })
    .onConflict((conflict) =>
      conflict
        .columns(['workspaceId', 'connectionId', 'unit'])
        .doUpdateSet({ isUsable: true, ...(isHome && { isDefault: true }) }),
    )
    .execute();
}
