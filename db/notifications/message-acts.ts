import { sql } from 'kysely';
import { rolePermissions } from '#contracts/identity/permissions.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { PageAct } from '#contracts/notifications/page.ts';
import type { TenantTx } from '../kit/database.ts';
import type { MessageActsTable } from './tables.ts';

export type Via = MessageActsTable['via'];

/**
 * Takes an act for oneself. One that was done is refused; one that was begun and not finished may be gone through again, since
 * the incident does what has the same key once.
 * @returns who did it before, or null: go on
 */
export async function claimAct(
  tx: TenantTx,
  { key, incidentId, act, actor, via }: { key: string; incidentId: string; act: PageAct; actor: ActorRef; via: Via },
): Promise<{ by: string; at: Date } | null> {
  const made = await tx
    .insertInto('messageActs')
    .values({ key, incidentId, act, via, actor: JSON.stringify(actor), doneAt: null })
    .onConflict((conflict) => conflict.doNothing())
    .returning('key')
    .executeTakeFirst();
  if (made) return null;
  const before = await tx.selectFrom('messageActs').selectAll().where('key', '=', key).executeTakeFirst();
  return before?.doneAt ? { by: before.actor.name, at: before.doneAt } : null;
}

/** An act was done: its link does no more. */
export const finishAct = async (tx: TenantTx, key: string): Promise<void> => {
  await tx
    .updateTable('messageActs')
    .set({ doneAt: sql<Date>`now()` })
    .where('key', '=', key)
    .execute();
};

/** An act that was refused is not used up. */
export const releaseAct = async (tx: TenantTx, key: string): Promise<void> => {
  await tx.deleteFrom('messageActs').where('key', '=', key).where('doneAt', 'is', null).execute();
};

/** @returns who did it and when, where it was done */
export async function findDoneAct(tx: TenantTx, key: string): Promise<{ by: string; at: Date } | null> {
  const row = await tx.selectFrom('messageActs').selectAll().where('key', '=', key).executeTakeFirst();
  return row?.doneAt ? { by: row.actor.name, at: row.doneAt } : null;
}

/** A member who may act on incidents now, whatever held when the message was sent. */
export async function findActingMember(tx: TenantTx, personId: string): Promise<{ id: string; name: string } | null> {
  const row = await tx
    .selectFrom('members as m')
    .innerJoin('users as u', 'u.id', 'm.userId')
    .select(['u.id', 'u.name', 'm.role'])
    .where('u.id', '=', personId)
    .executeTakeFirst();
  return row && rolePermissions[row.role].has('incidents:act') ? { id: row.id, name: row.name } : null;
}

/** The incident as a message's page names it. */
export async function findActedIncident(
  tx: TenantTx,
  by: { id: string } | { number: number },
): Promise<{ id: string; key: string; title: string; state: string } | null> {
  const { rows } = await sql<{ id: string; key: string; title: string; state: string }>`
    select id, key, title, state from incidents
    where ${'id' in by ? sql`id = ${by.id}::uuid` : sql`number = ${by.number}`}`.execute(tx);
  return rows[0] ?? null;
}
