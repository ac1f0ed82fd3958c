import { v7 as uuidv7 } from 'uuid';
import { looksAfter, type Role } from '#contracts/identity/permissions.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import { midsOf, unitsIn } from './members.ts';

export const invitationDays = 7;

export interface InvitationRow {
  id: string;
  email: string;
  role: Role;
  /** The business units that who accepts may see; null: all. */
  units: string[] | null;
  invitedBy: ActorRef;
  createdAt: Date;
  expiresAt: Date;
}
const columns = ['id', 'email', 'role', unitsIn('mids').as('units'), 'invitedBy', 'createdAt', 'expiresAt'] as const;

/** Invitations that may still be accepted, the newest first. */
export const listInvitations = (tx: TenantTx, now: Date): Promise<InvitationRow[]> =>
  tx
    .selectFrom('invitations')
    .select(columns)
    .where('acceptedAt', 'is', null)
    .where('withdrawnAt', 'is', null)
    .where('expiresAt', '>', now)
    .orderBy('id', 'desc')
    .execute();

/**
 * Invites somebody; a former open invitation of the same address is withdrawn.
 * @throws Refusal `identity.already_member`; `identity.sees_all` where units are to bind who looks after the workspace
 */
export async function insertInvitation(
  tx: TenantTx,
  {
    email,
    role,
    units,
    tokenHash,
    invitedBy,
    now,
  }: {
    email: string;
    role: Role;
    units: readonly string[] | null;
    tokenHash: string;
    invitedBy: ActorRef;
    now: Date;
  },
): Promise<InvitationRow> {
  if (units && looksAfter(role)) throw new Refusal('identity.sees_all');
  const there = await tx.selectFrom('users').select('id').where('email', '=', email).executeTakeFirst();
  if (there) throw new Refusal('identity.already_member', { email });
  await tx
    .updateTable('invitations')
    .set({ withdrawnAt: now })
    .where('email', '=', email)
    .where('acceptedAt', 'is', null)
    .where('withdrawnAt', 'is', null)
    .execute();
  return tx
    .insertInto('invitations')
    .values({
      id: uuidv7(),
      email,
      role,
      mids: midsOf(units),
      tokenHash,
      invitedBy: JSON.stringify(invitedBy),
      createdAt: now,
      expiresAt: new Date(now.getTime() + invitationDays * 86_400_000),
    })
    .returning(columns)
    .executeTakeFirstOrThrow();
}

/** Withdraws an open invitation; undefined where there is none. */
export const withdrawInvitation = (tx: TenantTx, id: string, now: Date): Promise<InvitationRow | undefined> =>
  tx
    .updateTable('invitations')
    .set({ withdrawnAt: now })
    .where('id', '=', id)
    .where('acceptedAt', 'is', null)
    .where('withdrawnAt', 'is', null)
    .returning(columns)
    .executeTakeFirst();
