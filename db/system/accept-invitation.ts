import type { Role } from '#contracts/identity/permissions.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { recordAudit } from '../audit/audit-entries.ts';
import { appendEvent } from '../events/append-event.ts';
import type { SystemTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import { boundTo } from './people.ts';
import { hashToken } from './tokens.ts';

export interface OpenInvitation {
  workspaceId: string;
  id: string;
  workspace: string;
  email: string;
  role: Role;
  /** The business units that they shall see: a comma list, or `*`. */
  mids: string;
  invitedBy: ActorRef;
  expiresAt: Date;
}

/** The invitation behind a link; refused where it has expired, was withdrawn or used. */
export async function findInvitation(tx: SystemTx, token: string, now: Date): Promise<OpenInvitation> {
  const found = await tx
    .selectFrom('invitations as i')
    .innerJoin('workspaces as w', 'w.id', 'i.workspaceId')
    .select([
      'i.workspaceId',
      'i.id',
      'w.name as workspace',
      'i.email',
      'i.role',
      'i.mids',
      'i.invitedBy',
      'i.expiresAt',
    ])
    .where('i.tokenHash', '=', hashToken(token))
    .where('i.acceptedAt', 'is', null)
    .where('i.withdrawnAt', 'is', null)
    .where('i.expiresAt', '>', now)
    .executeTakeFirst();
  if (!found) throw new Refusal('identity.invitation_gone');
  return found;
}

/**
 * Makes a person a member by an invitation, once, bound from the first moment on to the units that it names. One who
 * belongs to the workspace already keeps the role and the units they have.
 */
export async function acceptInvitation(
  tx: SystemTx,
  invitation: OpenInvitation,
  person: { id: string; name: string },
  { now, address, requestId }: { now: Date; address: string | null; requestId: string | null },
): Promise<void> {
  const { workspaceId, id, role, mids } = invitation;
  const { numUpdatedRows } = await tx
    .updateTable('invitations')
    .set({ acceptedAt: now })
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', id)
    .where('acceptedAt', 'is', null)
    .where('withdrawnAt', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new Refusal('identity.invitation_gone');
  await tx
    .insertInto('members')
    .values({ workspaceId, userId: person.id, role, mids })
    .onConflict((conflict) => conflict.columns(['workspaceId', 'userId']).doNothing())
    .execute();
  const actor: ActorRef = { kind: 'user', id: person.id, name: person.name };
  const bound = await boundTo(tx, workspaceId);
  const subject = `member:${person.id}`;
  await recordAudit(bound, {
    actor,
    action: 'member.joined',
    subject,
    title: person.name,
    after: { role, ...(mids !== '*' && { units: mids === '' ? [] : mids.split(',') }), invitationId: id },
    address,
    requestId,
  });
  await appendEvent(bound, {
    type: 'member.changed',
    subject,
    actor,
    data: { userId: person.id, role, change: 'added' },
  });
}
