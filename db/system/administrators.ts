import { sql } from 'kysely';
import type { SystemTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';

export interface AdministratorRow {
  id: string;
  name: string;
  email: string;
}

export const listAdministrators = (tx: SystemTx): Promise<AdministratorRow[]> =>
  tx
    .selectFrom('users')
    .select(['id', 'name', 'email'])
    .where('isInstanceAdmin', '=', true)
    .orderBy('name')
    .orderBy('id')
    .execute();

/** Makes a person an instance administrator; undefined where nobody has this address. */
export const grantAdministrator = (tx: SystemTx, email: string): Promise<AdministratorRow | undefined> =>
  tx
    .updateTable('users')
    .set({ isInstanceAdmin: true })
    .where('email', '=', email.toLowerCase())
    .returning(['id', 'name', 'email'])
    .executeTakeFirst();

/** Takes the right away; refused for the last one. Undefined where the person had it not. */
export async function revokeAdministrator(tx: SystemTx, id: string): Promise<AdministratorRow | undefined> {
  // Two revokes at once must not each see the other's administrator remain.
  await sql`select pg_advisory_xact_lock(hashtext('windlass administrators'))`.execute(tx);
  const all = await listAdministrators(tx);
  const found = all.find((administrator) => administrator.id === id);
  if (!found) return undefined;
  if (all.length === 1) throw new Refusal('identity.last_administrator');
  await tx.updateTable('users').set({ isInstanceAdmin: false }).where('id', '=', id).execute();
  return found;
}
