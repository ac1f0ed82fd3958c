import { SignJWT, decodeProtectedHeader, generateKeyPair } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Db, openDatabase } from '#db/kit/database.ts';
import { standingClock } from '#system/clock.ts';
import { memoryKeyStore } from '#system/vault/key-store.ts';
import { newMasterKey, parseMasterKeys } from '#system/vault/master-key.ts';
import { type Vault, createVault } from '#system/vault/vault.ts';
import { type TestDatabase, testDatabase } from '#tests/kit/test-database.ts';
import { createAccessTokens } from './access-tokens.ts';

const dayMs = 86_400_000;
const claims = { sessionId: 'session', userId: 'person' };
const config = { publicUrl: 'https://ops.example.org', host: '0.0.0.0', port: 3000 };
const clock = standingClock(new Date('2026-11-21T12:00:00Z'));
let database: TestDatabase;
let system: Db;
let vault: Vault;
beforeAll(async () => {
  database = await testDatabase();
  system = openDatabase(database.systemUrl, { max: 4 });
  vault = await createVault({ masterKeys: parseMasterKeys(newMasterKey(), 'test'), keys: memoryKeyStore() });
});
afterAll(async () => {
  await system?.destroy();
  await database?.close();
});

const tokens = (more: object = {}) => createAccessTokens({ system, vault, config: { ...config, ...more }, clock });
const kidOf = (token: string) => decodeProtectedHeader(token).kid;

test('two processes that sign for the first time agree on one key, and each knows the other’s tokens', async () => {
  const [one, two] = [tokens(), tokens()];
  const [a, b] = await Promise.all([one.mint(claims, 60_000), two.mint(claims, 60_000)]);
  expect(kidOf(a)).toBe(kidOf(b));
  expect(await two.verify(a)).toEqual(claims);
  expect((await one.jwks()).keys).toHaveLength(1);
});

test('a token of another issuer, audience, type or key is none of ours', async () => {
  const ours = tokens();
  expect(await ours.verify(await tokens({ publicUrl: 'https://other.example' }).mint(claims, 60_000))).toBeUndefined();
  const { privateKey } = await generateKeyPair('RS256');
  const kid = kidOf(await ours.mint(claims, 60_000));
  const now = Math.floor(clock.now() / 1_000);
  const forged = await new SignJWT({
    sid: 'session',
    sub: 'person',
    iss: config.publicUrl,
    aud: 'windlass',
    iat: now,
    exp: now + 60,
  })
    .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', ...(kid && { kid }) })
    .sign(privateKey);
  expect(await ours.verify(forged)).toBeUndefined();
  const symmetric = await new SignJWT({
    sid: 'session',
    sub: 'person',
    iss: config.publicUrl,
    aud: 'windlass',
    iat: now,
    exp: now + 60,
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', ...(kid && { kid }) })
    .sign(new TextEncoder().encode(JSON.stringify((await ours.jwks()).keys[0])));
  expect(await ours.verify(symmetric)).toBeUndefined();
});

test('after 30 days another key signs, and the old one is published for as long as its tokens can live', async () => {
  const [one, two] = [tokens(), tokens()];
  const old = await one.mint(claims, dayMs);
  await two.verify(old);
  clock.move(30 * dayMs - dayMs / 2);
  const beforeRotation = await one.mint(claims, dayMs);
  expect(kidOf(beforeRotation)).toBe(kidOf(old));
  clock.move(dayMs / 2);
  const fresh = await one.mint(claims, dayMs);
  expect(kidOf(fresh)).not.toBe(kidOf(old));
  expect(await two.verify(fresh)).toEqual(claims); // it has not seen this key yet, and looks
  expect(await two.verify(beforeRotation)).toEqual(claims);
  expect((await tokens().jwks()).keys.map(({ kid }) => kid).sort()).toEqual([kidOf(old), kidOf(fresh)].sort());
  clock.move(3 * dayMs);
  expect((await tokens().jwks()).keys.map(({ kid }) => kid)).toEqual([kidOf(fresh)]);
});

test('the private half is sealed in the database', async () => {
  const rows = await system.selectFrom('signingKeys').selectAll().execute();
  expect(rows.length).toBeGreaterThan(0);
  for (const { sealedPrivate, publicJwk } of rows) {
    expect(sealedPrivate).toMatch(/^wl1\./);
    expect(publicJwk).not.toHaveProperty('d');
  }
});
