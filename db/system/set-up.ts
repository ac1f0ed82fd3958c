import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { Db, SystemTx } from '../kit/database.ts';
import { inSystem } from '../kit/in-tenant.ts';
import { Refusal } from '../kit/refusal.ts';
import { createWorkspace } from './create-workspace.ts';
import { hashToken, newToken } from './tokens.ts';

const noteName = 'setup token';

/** Whether there is anybody yet. */
export const hasPeople = async (tx: SystemTx): Promise<boolean> =>
  (await tx.selectFrom('users').select('id').limit(1).executeTakeFirst()) !== undefined;

/**
 * A fresh one-time token for the printed set-up link; the former one stops. For the supervisor, at the start.
 * @returns null where the installation has its owner
 */
export const makeSetupToken = (system: Db): Promise<string | null> =>
  inSystem(system, async (tx) => {
    if (await hasPeople(tx)) return null;
    const token = newToken();
    const value = JSON.stringify({ hash: hashToken(token) });
    await tx
      .insertInto('systemNotes')
      .values({ name: noteName, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute();
    return token;
  });

/** Whether this is the token of the link printed last. */
export async function isSetupToken(tx: SystemTx, token: string): Promise<boolean> {
  const note = await tx.selectFrom('systemNotes').select('value').where('name', '=', noteName).executeTakeFirst();
  return (note?.value as { hash?: string } | undefined)?.hash === hashToken(token);
}

export interface FirstOwner {
  email: string;
  name: string;
  passwordHash: string;
  workspace: string;
  accessTokenMinutes: number;
  address: string | null;
  requestId: string | null;
}

/** Makes the first person, an instance administrator, and their workspace. Refused once anybody is there. */
export async function setUpInstance(
  tx: SystemTx,
  { email, name, passwordHash, workspace, ...rest }: FirstOwner,
): Promise<{ userId: string; workspaceId: string }> {
  // Two at once: the second waits, then finds the first one's owner.
  await sql`select pg_advisory_xact_lock(hashtext('windlass set-up'))`.execute(tx);
  if (await hasPeople(tx)) throw new Refusal('identity.already_set_up');
  const userId = await insertPerson(tx, { email, name, passwordHash, isInstanceAdmin: true });
  const actor: ActorRef = { kind: 'user', id: userId, name };
  const workspaceId = await createWorkspace(tx, { name: workspace, ownerId: userId, actor, ...rest });
  await tx.deleteFrom('systemNotes').where('name', '=', noteName).execute();
  return { userId, workspaceId };
}

/** Adds a person. */
export async function insertPerson(
  tx: SystemTx,
  { email, ...person }: { email: string; name: string; passwordHash: string; isInstanceAdmin?: boolean },
): Promise<string> {
  const id = uuidv7();
  const inserted = await tx
    .insertInto('users')
    .values({ id, email: email.toLowerCase(), ...person })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!inserted) throw new Refusal('identity.email_taken');
  return id;
}
