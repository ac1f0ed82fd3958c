import { type KeyObject, createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto';
import { Secret } from '../secret.ts';
import { systemClock, type Clock } from '../clock.ts';
import { ALGORITHMS, decrypt, encrypt, readyCiphers, type Algorithm } from './ciphers.ts';
import type { KeyStore, StoredKey } from './key-store.ts';
import { unwrapKey, WrongMasterKey, wrapKey, type MasterKeys } from './master-key.ts';

/** Kinds of secrets, each with data keys of its own. A new kind is a line here. */
export const purposes = {
  /** Keys, passphrases and passwords of hosts. */
  credential: 'xs20p',
  /** OAuth and other tokens of outside systems. */
  token: 'a256gcm',
  /** Payloads in Temporal's histories. */
  payload: 'a256gcm',
  /** Secret inputs, headers, TOTP seeds and whatever else is kept. */
  secret: 'a256gcm',
  /** Private parts of our own signing keys, and cookies. */
  signing: 'a256gcm',
} as const satisfies Record<string, Algorithm>;
export type Purpose = keyof typeof purposes;

/** What a sealed value belongs to; all of it must be the same to open it again. */
export interface SealContext {
  /** A workspace's id, or `instance` for what belongs to none. */
  readonly workspaceId: string;
  readonly purpose: Purpose;
  /** The one thing it belongs to (a credential's id, a workflow's id): the value opens nowhere else. */
  readonly subject?: string;
}

/** A sealed value that cannot be opened: it was altered, belongs elsewhere, or its key is gone. */
export class SealBroken extends Error {
  constructor(cause?: unknown) {
    super('A sealed value could not be opened: it was altered, belongs elsewhere, or its key is gone.', { cause });
    this.name = 'SealBroken';
  }
}

export interface Vault {
  /** `wl1.<algorithm>.<key id>.<bytes>`. */
  seal(plain: string | Secret, context: SealContext): Promise<string>;
  /** The value as a `Secret`; throws `SealBroken`. */
  open(sealed: string, context: SealContext): Promise<Secret>;
  /** The same for bytes: a header of length and text, then the sealed bytes. */
  sealBytes(plain: Uint8Array, context: SealContext): Promise<Uint8Array>;
  openBytes(sealed: Uint8Array, context: SealContext): Promise<Uint8Array>;
  /** Whether a sealed text is under its kind's current key; if not, open it, seal it anew and keep that. */
  isCurrent(sealed: string, context: SealContext): Promise<boolean>;
  /** A hash that only this installation can make: the same text gives the same hash in one workspace and use, for ever. */
  keyedHash(text: string, use: { workspaceId: string; use: string }): Promise<string>;
  /** Whether two hashes are the same, in constant time. */
  isSameHash(one: string, other: string): boolean;
  /** New values get a new data key from now on; old values still open. */
  rotate(workspaceId: string, purpose: Purpose): Promise<void>;
  /** Puts every data key under the current master key; then the older one may go. Returns how many were moved. */
  rewrapAll(): Promise<number>;
}

const FORMAT = 'wl1';
const HASH_PURPOSE = 'hash';
/** Another process may rotate: after this a process seals with the new key too. Old ones open for ever. */
const CURRENT_TTL_MS = 60_000;

interface OpenKey {
  readonly id: string;
  readonly bytes: KeyObject;
}

const placeOf = ({ id, scope, purpose }: Pick<StoredKey, 'id' | 'scope' | 'purpose'>): string =>
  `${id}|${scope}|${purpose}`;
const boundTo = ({ workspaceId, purpose, subject = '' }: SealContext): string =>
  JSON.stringify([workspaceId, purpose, subject]);

/** Opens the vault over a store of data keys. */
export async function createVault({
  masterKeys,
  keys,
  clock = systemClock,
}: {
  masterKeys: MasterKeys;
  keys: KeyStore;
  clock?: Clock;
}): Promise<Vault> {
  await readyCiphers();
  const byId = new Map<string, OpenKey & { scope: string; purpose: string }>();
  const currents = new Map<string, { key: Promise<OpenKey>; until: number }>();

  const unwrapStored = (stored: StoredKey): Uint8Array => {
    try {
      return unwrapKey(masterKeys, stored.wrapped, placeOf(stored)).key;
    } catch (error) {
      throw error instanceof WrongMasterKey ? error : new SealBroken(error);
    }
  };

  const unlock = (stored: StoredKey) => {
    const known = byId.get(stored.id);
    if (known) return known;
    const key = unwrapStored(stored);
    const open = { id: stored.id, bytes: createSecretKey(key), scope: stored.scope, purpose: stored.purpose };
    byId.set(stored.id, open);
    return open;
  };

  const newKey = (scope: string, purpose: string) => {
    const id = randomBytes(9).toString('base64url').replaceAll(/[-_]/g, 'x');
    return { id, scope, purpose, wrapped: wrapKey(masterKeys, randomBytes(32), placeOf({ id, scope, purpose })) };
  };

  const loadCurrent = async (scope: string, purpose: string): Promise<OpenKey> => {
    const found = await keys.findCurrent(scope, purpose);
    if (found) return unlock(found);
    const key = newKey(scope, purpose);
    if (await keys.insertFirst(key)) return unlock({ ...key, retiredAt: null });
    const other = await keys.findCurrent(scope, purpose);
    if (!other) throw new Error('A data key appeared and vanished.');
    return unlock(other);
  };

  const currentKey = (scope: string, purpose: string): Promise<OpenKey> => {
    const name = `${scope}|${purpose}`;
    const kept = currents.get(name);
    if (kept && kept.until > clock.now()) return kept.key;
    const key = loadCurrent(scope, purpose);
    currents.set(name, { key, until: clock.now() + CURRENT_TTL_MS });
    key.catch(() => currents.delete(name)); // a failed look-up is asked again, not remembered
    return key;
  };

  const keyById = async (id: string): Promise<OpenKey & { scope: string; purpose: string }> => {
    const known = byId.get(id);
    if (known) return known;
    const stored = await keys.findById(id);
    if (!stored) throw new SealBroken();
    return unlock(stored);
  };

  const sealWith = async (plain: Uint8Array, context: SealContext) => {
    const algorithm = purposes[context.purpose];
    const key = await currentKey(context.workspaceId, context.purpose);
    return { head: `${FORMAT}.${algorithm}.${key.id}`, bytes: encrypt(algorithm, key.bytes, plain, boundTo(context)) };
  };

  const openWith = async (head: string, bytes: Uint8Array, context: SealContext): Promise<Uint8Array> => {
    const { algorithm, keyId } = readHead(head);
    const key = await keyById(keyId);
    // The key must be of this workspace and kind: a value copied into another one does not open.
    if (key.scope !== context.workspaceId || key.purpose !== context.purpose) throw new SealBroken();
    try {
      return decrypt(algorithm, key.bytes, bytes, boundTo(context));
    } catch (error) {
      throw new SealBroken(error);
    }
  };

  return {
    seal: async (plain, context) => {
      const { head, bytes } = await sealWith(Buffer.from(typeof plain === 'string' ? plain : plain.reveal()), context);
      return `${head}.${Buffer.from(bytes).toString('base64url')}`;
    },
    open: async (sealed, context) => {
      const cut = sealed.lastIndexOf('.');
      const plain = await openWith(
        sealed.slice(0, Math.max(cut, 0)),
        Buffer.from(sealed.slice(cut + 1), 'base64url'),
        context,
      );
      return new Secret(Buffer.from(plain).toString());
    },
    sealBytes: async (plain, context) => {
      const { head, bytes } = await sealWith(plain, context);
      return Buffer.concat([Buffer.of(head.length), Buffer.from(head), bytes]);
    },
    openBytes: (sealed, context) => {
      const length = sealed[0] ?? 0;
      return openWith(Buffer.from(sealed.subarray(1, 1 + length)).toString(), sealed.subarray(1 + length), context);
    },
    isCurrent: async (sealed, context) => {
      const { keyId } = readHead(sealed.slice(0, Math.max(sealed.lastIndexOf('.'), 0)));
      return keyId === (await currentKey(context.workspaceId, context.purpose)).id;
    },
    keyedHash: async (text, { workspaceId, use }) => {
      const key = await currentKey(workspaceId, HASH_PURPOSE);
      return createHmac('sha256', key.bytes)
        .update(JSON.stringify([use, text]))
        .digest('base64url');
    },
    isSameHash: (one, other) => {
      const [a, b] = [Buffer.from(one), Buffer.from(other)];
      return a.length === b.length && timingSafeEqual(a, b);
    },
    rotate: async (workspaceId, purpose) => {
      const old = await keys.findCurrent(workspaceId, purpose);
      const key = newKey(workspaceId, purpose);
      await (old ? keys.replaceCurrent(old.id, key) : keys.insertFirst(key)); // false: another process rotates too, which is enough
      currents.delete(`${workspaceId}|${purpose}`);
    },
    rewrapAll: async () => {
      let moved = 0;
      for (const stored of await keys.listAll()) {
        const { key, isStale } = unwrapKey(masterKeys, stored.wrapped, placeOf(stored));
        if (!isStale) continue;
        await keys.rewrap(stored.id, wrapKey(masterKeys, key, placeOf(stored)));
        moved++;
      }
      return moved;
    },
  };
}

function readHead(head: string): { algorithm: Algorithm; keyId: string } {
  const [format, name, keyId, ...rest] = head.split('.');
  const algorithm = ALGORITHMS.find((known) => known === name);
  if (format !== FORMAT || !algorithm || !keyId || rest.length > 0) throw new SealBroken();
  return { algorithm, keyId };
}
