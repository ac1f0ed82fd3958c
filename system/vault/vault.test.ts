import { beforeEach, expect, test } from 'vitest';
import { standingClock } from '../clock.ts';
import { memoryKeyStore, type KeyStore } from './key-store.ts';
import { checkMasterKey, newMasterKey, parseMasterKeys, WrongMasterKey, type MasterKeys } from './master-key.ts';
import { createVault, purposes, SealBroken, type Purpose, type SealContext, type Vault } from './vault.ts';

const [oldKey, nextKey] = [newMasterKey(), newMasterKey()];
const keysOf = (...texts: string[]): MasterKeys => parseMasterKeys(texts.join(','), 'the test');
const credential: SealContext = { workspaceId: 'w-1', purpose: 'credential', subject: 'c-1' };

let keys: KeyStore;
let vault: Vault;
beforeEach(async () => {
  keys = memoryKeyStore();
  vault = await createVault({ masterKeys: keysOf(oldKey), keys });
});

test.each(Object.keys(purposes) as Purpose[])(
  'a %s opens as what it was, and no two sealings look alike',
  async (purpose) => {
    const context = { ...credential, purpose };
    const [one, two] = [await vault.seal('pässword\n', context), await vault.seal('pässword\n', context)];
    expect(one).not.toBe(two);
    expect((await vault.open(one, context)).reveal()).toBe('pässword\n');
    expect(String(await vault.open(two, context))).toBe('[secret]');
  },
);

test('a sealed text names its cipher: credentials XSalsa20-Poly1305, tokens AES-256-GCM', async () => {
  expect(await vault.seal('x', credential)).toMatch(/^wl1\.xs20p\.\w+\./);
  expect(await vault.seal('x', { ...credential, purpose: 'token' })).toMatch(/^wl1\.a256gcm\.\w+\./);
});

test.each([{ workspaceId: 'w-2' }, { purpose: 'token' as const }, { subject: 'c-2' }])(
  'what was sealed elsewhere does not open here: %o',
  async (other) => {
    for (const purpose of ['credential', 'secret'] as const) {
      const context = { ...credential, purpose };
      const sealed = await vault.seal('x', context);
      await vault.seal('y', { ...context, ...other });
      await expect(vault.open(sealed, { ...context, ...other })).rejects.toThrow(SealBroken);
    }
  },
);

test('an altered byte, a cut end, a foreign text or another cipher is refused', async () => {
  for (const purpose of ['credential', 'secret'] as const) {
    const context = { ...credential, purpose };
    const sealed = await vault.seal('a longer value', context);
    const [format, cipher, id, text = ''] = sealed.split('.');
    const bytes = Buffer.from(text, 'base64url');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    const other = cipher === 'xs20p' ? 'a256gcm' : 'xs20p';
    const broken = [
      [format, cipher, id, bytes.toString('base64url')].join('.'),
      sealed.slice(0, -6),
      [format, other, id, text].join('.'),
      [format, cipher, 'nokey', text].join('.'),
      'x',
      '',
      'a.b.c.d',
    ];
    for (const attempt of broken) await expect(vault.open(attempt, context)).rejects.toThrow(SealBroken);
  }
});

test('bytes go the same way, and fail the same way', async () => {
  const context: SealContext = { workspaceId: 'w-1', purpose: 'payload', subject: 'run-1' };
  const plain = Buffer.from([0, 255, 10, 0]);
  const sealed = await vault.sealBytes(plain, context);
  expect(Buffer.from(await vault.openBytes(sealed, context))).toEqual(plain);
  await expect(vault.openBytes(sealed, { ...context, subject: 'run-2' })).rejects.toThrow(SealBroken);
  await expect(vault.openBytes(Buffer.from('{"clear":1}'), context)).rejects.toThrow(SealBroken);
});

test('a rotated data key seals anew while the old one still opens, in other processes too', async () => {
  const clock = standingClock(0);
  const elsewhere = await createVault({ masterKeys: keysOf(oldKey), keys, clock });
  const before = await elsewhere.seal('x', credential);
  await vault.rotate('w-1', 'credential');
  const after = await vault.seal('x', credential);
  expect(after.split('.')[2]).not.toBe(before.split('.')[2]);
  expect((await vault.open(before, credential)).reveal()).toBe('x');
  expect((await elsewhere.open(after, credential)).reveal()).toBe('x');
  expect([await vault.isCurrent(before, credential), await vault.isCurrent(after, credential)]).toEqual([false, true]);
  expect(await elsewhere.isCurrent(before, credential)).toBe(true);
  clock.move(60_001);
  expect(await elsewhere.isCurrent(before, credential)).toBe(false);
});

test('the master key changes without downtime: new beside old, all keys moved, old one gone', async () => {
  const sealed = await vault.seal('x', credential);
  const both = await createVault({ masterKeys: keysOf(nextKey, oldKey), keys });
  expect((await both.open(sealed, credential)).reveal()).toBe('x');
  await expect((await createVault({ masterKeys: keysOf(nextKey), keys })).open(sealed, credential)).rejects.toThrow(
    WrongMasterKey,
  );
  expect(await both.rewrapAll()).toBe(1);
  expect(await both.rewrapAll()).toBe(0);
  expect((await (await createVault({ masterKeys: keysOf(nextKey), keys })).open(sealed, credential)).reveal()).toBe(
    'x',
  );
  await expect((await createVault({ masterKeys: keysOf(oldKey), keys })).open(sealed, credential)).rejects.toThrow(
    WrongMasterKey,
  );
});

test('two processes that need the first key at once agree on one', async () => {
  const other = await createVault({ masterKeys: keysOf(oldKey), keys });
  const sealed = await Promise.all([vault, other, vault, other].map((each) => each.seal('x', credential)));
  expect(new Set(sealed.map((text) => text.split('.')[2])).size).toBe(1);
  expect(await keys.listAll()).toHaveLength(1);
});

test('a key moved to another workspace in the store is of no use there', async () => {
  const [key] = (await vault.seal('x', credential), await keys.listAll());
  const stolen = memoryKeyStore();
  if (key) await stolen.insertFirst({ ...key, scope: 'w-2' });
  const thief = await createVault({ masterKeys: keysOf(oldKey), keys: stolen });
  await expect(thief.seal('x', { ...credential, workspaceId: 'w-2' })).rejects.toThrow(SealBroken);
});

test('a keyed hash is the same for the same text, workspace and use, and for nothing else', async () => {
  const use = { workspaceId: 'w-1', use: 'plan' };
  const hash = await vault.keyedHash('secret input', use);
  await vault.rotate('w-1', 'secret');
  const restarted = await createVault({ masterKeys: keysOf(oldKey), keys });
  expect(vault.isSameHash(hash, await restarted.keyedHash('secret input', use))).toBe(true);
  for (const other of [
    await vault.keyedHash('secret inpu', use),
    await vault.keyedHash('secret input', { ...use, use: 'key' }),
    await vault.keyedHash('secret input', { ...use, workspaceId: 'w-2' }),
  ]) {
    expect(vault.isSameHash(hash, other)).toBe(false);
  }
});

test('the key check tells a wrong master key, accepts an old one beside a new one, and asks to be renewed then', () => {
  const kept = checkMasterKey(keysOf(oldKey), null);
  expect(kept).toBeDefined();
  expect(checkMasterKey(keysOf(oldKey), kept)).toBeUndefined();
  expect(() => checkMasterKey(keysOf(nextKey), kept)).toThrow(WrongMasterKey);
  const renewed = checkMasterKey(keysOf(nextKey, oldKey), kept);
  expect(checkMasterKey(keysOf(nextKey), renewed)).toBeUndefined();
});
