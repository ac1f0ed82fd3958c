/** A data key as it is kept: wrapped by the master key. `scope` is a workspace's id or `instance`. */
export interface StoredKey {
  readonly id: string;
  readonly scope: string;
  readonly purpose: string;
  readonly wrapped: string;
  readonly retiredAt: Date | null;
}
export type NewKey = Omit<StoredKey, 'retiredAt'>;

/** Where data keys live. The db floor keeps them in `vault_keys`; `memoryKeyStore` is for tests. */
export interface KeyStore {
  /** The key that seals now: the one not retired. */
  findCurrent(scope: string, purpose: string): Promise<StoredKey | undefined>;
  findById(id: string): Promise<StoredKey | undefined>;
  listAll(): Promise<StoredKey[]>;
  /** Adds the first key of its scope and purpose; false where one stands already (another process was quicker). */
  insertFirst(key: NewKey): Promise<boolean>;
  /** Retires `oldId` and adds `key` in one transaction; false where `oldId` is no longer the current one. */
  replaceCurrent(oldId: string, key: NewKey): Promise<boolean>;
  /** Puts the same key under another wrapping. */
  rewrap(id: string, wrapped: string): Promise<void>;
}

/** Keys in memory. */
export function memoryKeyStore(): KeyStore {
  const keys = new Map<string, StoredKey>();
  const current = (scope: string, purpose: string): StoredKey | undefined =>
    [...keys.values()].find((key) => key.scope === scope && key.purpose === purpose && key.retiredAt === null);
  return {
    findCurrent: async (scope, purpose) => current(scope, purpose),
    findById: async (id) => keys.get(id),
    listAll: async () => [...keys.values()],
    insertFirst: async (key) => {
      if (current(key.scope, key.purpose)) return false;
      keys.set(key.id, { ...key, retiredAt: null });
      return true;
    },
    replaceCurrent: async (oldId, key) => {
      const old = keys.get(oldId);
      if (!old || old.retiredAt !== null) return false;
      keys.set(oldId, { ...old, retiredAt: new Date() });
      keys.set(key.id, { ...key, retiredAt: null });
      return true;
    },
    rewrap: async (id, wrapped) => {
      const key = keys.get(id);
      if (key) keys.set(id, { ...key, wrapped });
    },
  };
}
