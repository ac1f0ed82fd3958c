import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { Page } from '#contracts/notifications/page.ts';
import { findMember, membersWithRoles } from '../identity/members.ts';
import type { TenantTx } from '../kit/database.ts';
import { pagePeople } from './page-people.ts';

/**
 * Tells whoever made a thing that it needs a person: where that was a machine, or is no member any more, the owners and
 * administrators. The same `dedupKey` tells once.
 */
export async function pageKeeper(
  tx: TenantTx,
  createdBy: ActorRef,
  page: Pick<Page, 'dedupKey' | 'subject' | 'text' | 'path' | 'incidentId' | 'severity'>,
): Promise<void> {
  const told = await tx.selectFrom('pages').select('id').where('dedupKey', '=', page.dedupKey).limit(1).execute();
  if (told.length > 0) return;
  const maker = createdBy.kind === 'user' && createdBy.id !== null ? await findMember(tx, createdBy.id) : undefined;
  const keepers = maker ? [maker] : await membersWithRoles(tx, ['owner', 'admin']);
  await pagePeople(tx, {
    ...page,
    targets: keepers.map(({ id }) => ({ kind: 'person', id })),
    acts: [],
    // Whoever is on call for the incident was told of it; this can wait for the end of somebody's night.
    isUrgent: false,
    at: new Date(),
  });
}
