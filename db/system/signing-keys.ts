import type { Json } from '#contracts/kit/schemas.ts';
import type { Db } from '../kit/database.ts';
import { inSystem } from '../kit/in-tenant.ts';

export interface SigningKeyRow {
  id: string;
  publicJwk: Record<string, Json>;
  sealedPrivate: string;
  createdAt: Date;
  retiredAt: Date | null;
}
export type NewSigningKey = Pick<SigningKeyRow, 'id' | 'publicJwk' | 'sealedPrivate' | 'createdAt'>;

/** Keys that sign or still verify: the current one and those retired after `since`. */
export const listSigningKeys = (system: Db, since: Date): Promise<SigningKeyRow[]> =>
  system
    .selectFrom('signingKeys')
    .select(['id', 'publicJwk', 'sealedPrivate', 'createdAt', 'retiredAt'])
    .where((eb) => eb.or([eb('retiredAt', 'is', null), eb('retiredAt', '>', since)]))
    .orderBy('createdAt', 'desc')
    .execute();

/**
 * Makes a key the one that signs, in place of `oldId` (null: of none).
 * @returns false where another process was quicker: its key counts
 */
export const replaceSigningKey = (system: Db, oldId: string | null, key: NewSigningKey): Promise<boolean> =>
  inSystem(system, async (tx) => {
    if (oldId !== null) {
      const { numUpdatedRows } = await tx
        .updateTable('signingKeys')
        .set({ retiredAt: key.createdAt })
        .where('id', '=', oldId)
        .where('retiredAt', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
    }
    const inserted = await tx
      .insertInto('signingKeys')
      .values({ ...key, publicJwk: JSON.stringify(key.publicJwk) })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    return inserted !== undefined;
  });

/** Removes keys whose last token has long expired. */
export async function dropSigningKeys(system: Db, retiredBefore: Date): Promise<void> {
  await system.deleteFrom('signingKeys').where('retiredAt', '<', retiredBefore).execute();
}
