import { sql } from 'kysely';
import type { Permission, Role } from '#contracts/identity/permissions.ts';
import type { Db } from '../kit/database.ts';
import { hiddenFrom } from './hidden-queries.ts';
import { hashToken } from './tokens.ts';

export interface FoundKey {
  workspaceId: string;
  slug: string;
  id: string;
  name: string;
  permissions: Permission[];
  ownerId: string;
  /** The role of the person who answers for the key, now. */
  ownerRole: Role;
  mids: string;
  /** What rules hide from its owner. */
  hidden: string;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  requestsPerMinute: number;
}

/** The API key behind a text; undefined where it is unknown, revoked, or its owner is no member any more. */
export const lookUpKey = (system: Db, key: string): Promise<FoundKey | undefined> =>
  system
    .selectFrom('apiKeys as k')
    .innerJoin('workspaces as w', 'w.id', 'k.workspaceId')
    .innerJoin('members as m', (join) =>
      join.onRef('m.workspaceId', '=', 'k.workspaceId').onRef('m.userId', '=', 'k.ownerId'),
    )
    .leftJoin('settings as s', 's.workspaceId', 'k.workspaceId')
    .select([
      'k.workspaceId',
      'w.slug',
      'k.id',
      'k.name',
      'k.permissions',
      'k.ownerId',
      'm.role as ownerRole',
      'm.mids',
      hiddenFrom('m').as('hidden'),
      'k.expiresAt',
      'k.lastUsedAt',
      sql<number>`coalesce(s.requests_per_minute, 6000)`.as('requestsPerMinute'),
    ])
    .where('k.keyHash', '=', hashToken(key))
    .where('k.revokedAt', 'is', null)
    .executeTakeFirst();

/** Notes that a key was used. */
export async function touchKey(
  system: Db,
  { workspaceId, id }: Pick<FoundKey, 'workspaceId' | 'id'>,
  address: string,
  now: Date,
): Promise<void> {
  await system
    .updateTable('apiKeys')
    .set({ lastUsedAt: now, lastUsedAddress: address })
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', id)
    .execute();
}
