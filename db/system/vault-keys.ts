import type { KeyStore, NewKey, StoredKey } from '#system/vault/key-store.ts';
import type { Db } from '../kit/database.ts';
import { inSystem } from '../kit/in-tenant.ts';

const columns = ['id', 'scope', 'purpose', 'wrapped', 'retiredAt'] as const;

/** The vault's data keys in `vault_keys`, by the system role. Only wrapped keys come here. */
export function databaseKeyStore(system: Db): KeyStore {
  const insert = async (db: Pick<Db, 'insertInto'>, { id, scope, purpose, wrapped }: NewKey): Promise<boolean> => {
    const inserted = await db
      .insertInto('vaultKeys')
      .values({ id, scope, purpose, wrapped })
      .onConflict((conflict) => conflict.columns(['scope', 'purpose']).where('retiredAt', 'is', null).doNothing())
      .returning('id')
      .executeTakeFirst();
    return inserted !== undefined;
  };
  return {
    findCurrent: (scope, purpose): Promise<StoredKey | undefined> =>
      system
        .selectFrom('vaultKeys')
        .select(columns)
        .where('scope', '=', scope)
        .where('purpose', '=', purpose)
        .where('retiredAt', 'is', null)
        .executeTakeFirst(),
    findById: (id): Promise<StoredKey | undefined> =>
      system.selectFrom('vaultKeys').select(columns).where('id', '=', id).executeTakeFirst(),
    listAll: (): Promise<StoredKey[]> => system.selectFrom('vaultKeys').select(columns).orderBy('createdAt').execute(),
    insertFirst: (key) => insert(system, key),
    replaceCurrent: (oldId, key) =>
      inSystem(system, async (tx) => {
        const { numUpdatedRows } = await tx
          .updateTable('vaultKeys')
          .set({ retiredAt: new Date() })
          .where('id', '=', oldId)
          .where('retiredAt', 'is', null)
          .executeTakeFirst();
        return numUpdatedRows > 0n && insert(tx, key);
      }),
    rewrap: async (id, wrapped) => {
      await system.updateTable('vaultKeys').set({ wrapped }).where('id', '=', id).execute();
    },
  };
}
