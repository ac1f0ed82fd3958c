import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createVault, type Vault } from '#system/vault/vault.ts';
import { Secret } from '#system/secret.ts';
import { databaseKeyStore } from '#db/system/vault-keys.ts';
import { newMasterKey, readMasterKeys } from '#system/vault/master-key.ts';
import { loadConfig } from '#system/config.ts';
import { type TestDatabase, testDatabase } from '#tests/kit/test-database.ts';
import { type Db, openDatabase } from '../kit/database.ts';
import { inTenant } from '../kit/in-tenant.ts';
import { takeCalls } from './call-budget.ts';
import { insertConnection } from './connections.ts';
import { keepObjects, listObjects } from './schema-objects.ts';
import { keepTokens, listRefreshes, noteFailedRefresh, openTokens, readTokenRow, sealTokens, takeTurn } from './token-sets.ts'; // prettier-ignore
import { keepUnits, listUnits } from './units.ts';

let database: TestDatabase;
let owner: Db;
let db: Db;
let system: Db;
let vault: Vault;
const [mine, theirs, connectionId] = [uuidv7(), uuidv7(), uuidv7()];
const place = { workspaceId: mine, connectionId, unit: '' };
const doer = { actor: { kind: 'system' as const, id: null, name: 'Test' } };
const canary = `canary-${randomBytes(12).toString('hex')}`;
const tokens = {
  accessToken: new Secret(`access-${canary}`),
  refreshToken: new Secret(`refresh-${canary}`),
  expiresAtMs: Date.now() + 3_600_000,
  refreshAtMs: Date.now() + 600_000,
  scopes: ['a'],
  restUrl: 'https://rest/',
  soapUrl: 'https://soap/',
};

beforeAll(async () => {
  database = await testDatabase();
  owner = openDatabase(database.ownerUrl, { max: 1 });
  db = openDatabase(database.appUrl);
  system = openDatabase(database.systemUrl);
  const config = loadConfig({ WINDLASS_MASTER_KEY: newMasterKey() });
  vault = await createVault({ masterKeys: readMasterKeys(config, { say: () => {} }), keys: databaseKeyStore(system) });
  for (const [id, slug] of [
    [mine, 'mine'],
    [theirs, 'theirs'],
  ])
    await sql`insert into workspaces (id, slug, name) values (${id}, ${slug}, ${slug})`.execute(owner);
  await inTenant(db, mine, (tx) =>
    insertConnection(tx, doer, {
      id: connectionId,
      name: 'C',
      description: '',
      config: { kind: 'amc', clientId: 'c', region: 'na' },
      slots: 5,
      callsPerSecond: 10,
      sealed: {},
      runId: uuidv7(),
    }),
  );
});
afterAll(async () => {
  for (const each of [db, system, owner]) await each?.destroy();
  await database?.close();
});

const turn = (spent: number | null, leaseMs = 60_000) =>
  inTenant(db, mine, (tx) => takeTurn(tx, place, { spent, leaseMs, isFirst: false }));

test('a token set opens in its own place alone, and is in no row in clear', async () => {
  const sealed = await sealTokens(vault, place, tokens);
  await inTenant(db, mine, (tx) => keepTokens(tx, place, sealed, tokens, { cause: 'sign_in', tookMs: 1 }));
  const row = await inTenant(db, mine, (tx) => readTokenRow(tx, place));
  if (!row) throw new Error('No row.');
  expect((await openTokens(vault, place, row)).refreshToken?.reveal()).toBe(`refresh-${canary}`);
  await expect(openTokens(vault, { ...place, unit: '7' }, row)).rejects.toThrow('could not be opened');
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from connection_tokens t where t::text like ${`%${canary}%`}`.execute(owner); // prettier-ignore
  expect(rows[0]?.n).toBe(0);
});

test('the turn to renew is one: who comes meanwhile waits, who comes late is given what was renewed', async () => {
  const [first, second] = await Promise.all([turn(1), turn(1)]);
  expect([first?.kind, second?.kind].toSorted()).toEqual(['busy', 'ours']);
  const sealed = await sealTokens(vault, place, tokens);
  expect(await inTenant(db, mine, (tx) => keepTokens(tx, place, sealed, tokens, { cause: 'ahead', tookMs: 1 }))).toBe(
    2,
  );
  expect(await turn(1)).toMatchObject({ kind: 'fresh', row: { generation: 2 } });
});

test('a use whose answer was lost is known to the next attempt', async () => {
  expect(await turn(2)).toMatchObject({ kind: 'ours', isAfterLoss: false });
  const failure = { kind: 'network' as const, code: 'reset', message: 'Lost.', hint: 'Wait.', retryable: true, retryAfterMs: null, mayHaveActed: true, status: null, position: null }; // prettier-ignore
  await inTenant(db, mine, (tx) => noteFailedRefresh(tx, place, { cause: 'ahead', tookMs: 5, failure, isOpen: true }));
  expect(await turn(2)).toMatchObject({ kind: 'ours', isAfterLoss: true });
  // A process that died with its turn holds it no longer than the lease.
  await inTenant(db, mine, (tx) => noteFailedRefresh(tx, place, { cause: 'ahead', tookMs: 5, failure, isOpen: false }));
  expect(await turn(2, 0)).toMatchObject({ kind: 'ours', isAfterLoss: false });
  expect(await turn(2)).toMatchObject({ kind: 'ours', isAfterLoss: true });
});

test('of renewals the last twenty are kept', async () => {
  const sealed = await sealTokens(vault, place, tokens);
  for (let i = 0; i < 25; i++)
    await inTenant(db, mine, (tx) => keepTokens(tx, place, sealed, tokens, { cause: 'ahead', tookMs: i }));
  const all = await inTenant(db, mine, (tx) => listRefreshes(tx, connectionId));
  expect(all).toHaveLength(20);
  expect(all[0]?.tookMs).toBe(24);
});

test('another workspace sees and changes nothing of a connection', async () => {
  await inTenant(db, theirs, async (tx) => {
    expect(await readTokenRow(tx, place)).toBeUndefined();
    expect(await listRefreshes(tx, connectionId)).toEqual([]);
    expect(await takeTurn(tx, place, { spent: null, leaseMs: 1, isFirst: false })).toBeNull();
  });
});

const unit = (id: string) => ({ id, kind: 'unit' as const, name: `Unit ${id}`, sqlName: null, parentId: null, description: null, columns: null, details: {} }); // prettier-ignore

test('who may see one business unit sees neither another nor what can be queried there', async () => {
  await inTenant(db, mine, (tx) => keepUnits(tx, connectionId, [unit('7'), unit('8')], { areAllUsable: true }));
  for (const id of ['7', '8'])
    await inTenant(db, mine, (tx) =>
      keepObjects(tx, { connectionId, unit: id }, 1, [{ ...unit('t'), kind: 'table', name: `Of ${id}` }]),
    );
  const scope = { workspaceId: mine, mids: '7' };
  await inTenant(db, scope, async (tx) => {
    expect((await listUnits(tx, connectionId)).map(({ id }) => id)).toEqual(['7']);
    expect((await listObjects(tx, { connectionId, unit: '7' }, { limit: 10 })).data).toHaveLength(1);
    expect((await listObjects(tx, { connectionId, unit: '8' }, { limit: 10 })).data).toEqual([]);
  });
  await expect(
    inTenant(db, scope, (tx) => keepObjects(tx, { connectionId, unit: '8' }, 2, [{ ...unit('x'), kind: 'table' }])),
  ).rejects.toThrow(/row-level security/);
});

test('calls of all processes are laid out one behind the other, and places are counted over all of them', async () => {
  const of = { connectionId, unit: '' };
  const limits = { parallel: 5, perSecond: 10 };
  const wanted = { places: 4, calls: 5, made: 0, throttled: 0, pauseMs: 0 };
  const ask = (holder: string) => inTenant(db, mine, (tx) => takeCalls(tx, of, limits, { ...wanted, holder }));
  const [one, two] = await Promise.all([ask('one'), ask('two')]);
  expect(one.places + two.places).toBe(5);
  const [first, later] = [one, two].toSorted((a, b) => a.startInMs - b.startInMs);
  // Five calls take half a second of the limit: whoever comes second begins behind them.
  expect(later?.startInMs ?? 0).toBeGreaterThan(first?.startInMs ?? 0);
  expect(one.spaceMs).toBeGreaterThan(100);
  expect(one.spaceMs).toBeLessThan(105.3);
});
