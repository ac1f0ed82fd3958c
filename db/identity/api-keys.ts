import { v7 as uuidv7 } from 'uuid';
import type { Permission } from '#contracts/identity/permissions.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { TenantTx } from '../kit/database.ts';

export interface ApiKeyRow {
  id: string;
  name: string;
  prefix: string;
  permissions: Permission[];
  createdBy: ActorRef;
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  lastUsedAddress: string | null;
}
const columns = [
  'id',
  'name',
  'prefix',
  'permissions',
  'createdBy',
  'createdAt',
  'expiresAt',
  'lastUsedAt',
  'lastUsedAddress',
] as const;

/** Keys that are not revoked, the newest first; expired ones are among them. */
export const listApiKeys = (tx: TenantTx): Promise<ApiKeyRow[]> =>
  tx.selectFrom('apiKeys').select(columns).where('revokedAt', 'is', null).orderBy('id', 'desc').execute();

export interface NewApiKey {
  name: string;
  prefix: string;
  keyHash: string;
  permissions: readonly Permission[];
  ownerId: string;
  createdBy: ActorRef;
  expiresAt: Date | null;
}

export const insertApiKey = (tx: TenantTx, { permissions, createdBy, ...key }: NewApiKey): Promise<ApiKeyRow> =>
  tx
    .insertInto('apiKeys')
    .values({ ...key, id: uuidv7(), permissions: [...permissions], createdBy: JSON.stringify(createdBy) })
    .returning(columns)
    .executeTakeFirstOrThrow();

/** Who answers for a key: keys made by a key belong to the same person. */
export async function ownerOfKey(tx: TenantTx, id: string): Promise<string | undefined> {
  const row = await tx.selectFrom('apiKeys').select('ownerId').where('id', '=', id).executeTakeFirst();
  return row?.ownerId;
}

/** Revokes a key; undefined where there is none, or it was revoked before. */
export const revokeApiKey = (tx: TenantTx, id: string, now: Date): Promise<ApiKeyRow | undefined> =>
  tx
    .updateTable('apiKeys')
    .set({ revokedAt: now })
    .where('id', '=', id)
    .where('revokedAt', 'is', null)
    .returning(columns)
    .executeTakeFirst();
