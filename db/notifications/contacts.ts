import { type Selectable, sql } from 'kysely';
import type { Contact } from '#contracts/notifications/my-notifications.ts';
import type { NotificationPreferences } from '#contracts/notifications/plan-pages.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';
import { readPreferences } from './page-people.ts';
import type { ContactsTable } from './tables.ts';

export type ContactRow = Selectable<ContactsTable>;

/** A code is good for so long, and for so many tries. */
export const codeLifeMs = 15 * 60_000;
const mostCodeTries = 5;
/** Between two codes to one contact: nobody is flooded by somebody who types their number. */
const codePauseMs = 60_000;
/** Codes to one contact that is not proven, in all. */
const mostCodes = 10;

/** What a contact's address is sealed for. */
export const contactSeal = (workspaceId: string, contactId: string) => ({
  workspaceId,
  purpose: 'secret' as const,
  subject: `contact/${contactId}`,
});
/** By this hash a contact is found by its address, as when somebody answers to an SMS. */
export const contactHash = 'contact-address';

export const listContacts = (tx: TenantTx, personId: string): Promise<ContactRow[]> =>
  tx.selectFrom('contacts').selectAll().where('personId', '=', personId).orderBy('createdAt').orderBy('id').execute();

export const showContact = ({ id, kind, label, shown, verifiedAt, createdAt }: ContactRow): Contact => ({
  id,
  kind,
  label,
  shown,
  verifiedAt: verifiedAt?.toISOString() ?? null,
  createdAt: createdAt.toISOString(),
});

/** @throws Refusal `notify.contact_known` */
export async function insertContact(
  tx: TenantTx,
  values: Pick<ContactRow, 'id' | 'personId' | 'kind' | 'label' | 'shown' | 'sealedAddress' | 'addressHash'>,
): Promise<void> {
  await tx
    .insertInto('contacts')
    .values({ ...values, verifiedAt: null, codeHash: null, codeExpiresAt: null, codeSentAt: null })
    .execute()
    .catch((error: unknown) => {
      throw violates(error, 'contacts_once') ? new Refusal('notify.contact_known') : error;
    });
}

/** One of a person's own contacts, locked for a change. */
export const lockContact = (tx: TenantTx, personId: string, id: string): Promise<ContactRow | undefined> =>
  tx
    .selectFrom('contacts')
    .selectAll()
    .where('id', '=', id)
    .where('personId', '=', personId)
    .forUpdate()
    .executeTakeFirst();

/** Notes that a code is on its way. @throws Refusal `notify.too_many_codes` */
export async function setCode(tx: TenantTx, row: ContactRow, codeHash: string, now: number): Promise<void> {
  const isTooSoon = row.codeSentAt !== null && now - row.codeSentAt.getTime() < codePauseMs;
  if (isTooSoon || row.codesSent >= mostCodes) throw new Refusal('notify.too_many_codes');
  await tx
    .updateTable('contacts')
    .set({
      codeHash,
      codeExpiresAt: new Date(now + codeLifeMs),
      codeTries: 0,
      codesSent: sql<number>`codes_sent + 1`,
      codeSentAt: new Date(now),
    })
    .where('id', '=', row.id)
    .execute();
}

/** Takes a code back. A wrong one is counted, and after five the code is void. @returns whether it was right */
export async function useCode(tx: TenantTx, row: ContactRow, isRight: boolean, now: number): Promise<boolean> {
  const isGood =
    isRight && row.codeHash !== null && (row.codeExpiresAt?.getTime() ?? 0) > now && row.codeTries < mostCodeTries;
  await tx
    .updateTable('contacts')
    .set(
      isGood
        ? { verifiedAt: new Date(now), codeHash: null, codeExpiresAt: null }
        : { codeTries: sql<number>`code_tries + 1` },
    )
    .where('id', '=', row.id)
    .execute();
  return isGood;
}

/** Removes a contact; wishes that named it no longer do, and what was to go there goes by the next way. */
export async function removeContact(tx: TenantTx, personId: string, id: string): Promise<boolean> {
  const gone = await tx
    .deleteFrom('contacts')
    .where('id', '=', id)
    .where('personId', '=', personId)
    .returning('id')
    .executeTakeFirst();
  if (!gone) return false;
  const wishes = await readPreferences(tx, personId);
  const steps = wishes.steps.filter(({ contactId }) => contactId !== id);
  if (steps.length !== wishes.steps.length) await writePreferences(tx, personId, { ...wishes, steps });
  return true;
}

export async function writePreferences(
  tx: TenantTx,
  personId: string,
  preferences: NotificationPreferences,
): Promise<void> {
  const values = { preferences: JSON.stringify(preferences), updatedAt: new Date() };
  await tx
    .insertInto('notificationPreferences')
    .values({ personId, ...values })
    .onConflict((conflict) => conflict.columns(['workspaceId', 'personId']).doUpdateSet(values))
    .execute();
}

/** Whose proven contact an address is; null where it is nobody's or several people's. */
export async function personByAddress(
  tx: TenantTx,
  kind: ContactRow['kind'],
  addressHash: string,
): Promise<{ id: string; name: string } | null> {
  const people = await tx
    .selectFrom('contacts as c')
    .innerJoin('members as m', 'm.userId', 'c.personId')
    .innerJoin('users as u', 'u.id', 'c.personId')
    .select(['u.id', 'u.name'])
    .where('c.kind', '=', kind)
    .where('c.addressHash', '=', addressHash)
    .where('c.verifiedAt', 'is not', null)
    .execute();
  const [only] = people;
  return only && people.length === 1 ? only : null;
}
