import type { Voter } from '#contracts/approvals/may-decide.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { TenantTx } from '../kit/database.ts';

/**
 * The person who decides when this actor does: a key stands for the person who answers for it, so that nobody counts
 * twice by owning keys. Null where that person is no member (any more).
 */
export async function voterOf(tx: TenantTx, actor: Pick<ActorRef, 'kind' | 'id'>): Promise<Voter | null> {
  if (actor.id === null) return null;
  const key =
    actor.kind === 'key'
      ? await tx.selectFrom('apiKeys').select('ownerId').where('id', '=', actor.id).executeTakeFirst()
      : undefined;
  const personId = actor.kind === 'key' ? key?.ownerId : actor.id;
  return personId === undefined ? null : voterById(tx, personId);
}

export async function voterById(tx: TenantTx, personId: string): Promise<Voter | null> {
  const member = await tx
    .selectFrom('members as m')
    .innerJoin('users as u', 'u.id', 'm.userId')
    .select(['u.id as personId', 'u.email', 'm.role'])
    .where('u.id', '=', personId)
    .executeTakeFirst();
  return member ?? null;
}
