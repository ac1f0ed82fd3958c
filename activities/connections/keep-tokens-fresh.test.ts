import { v7 as uuidv7 } from 'uuid';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepSecrets, sealSecrets } from '#db/connections/connection-secrets.ts';
import { moveConnection } from '#db/connections/connection-states.ts';
import { insertConnection } from '#db/connections/connections.ts';
import { keepTokens, listRefreshes, openTokens, readTokenRow, sealTokens } from '#db/connections/token-sets.ts';
import { type Db, openDatabase } from '#db/kit/database.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { databaseKeyStore } from '#db/system/vault-keys.ts';
import { type AmcSimulator, startAmcSimulator } from '#simulators/amc/amc-simulator.ts';
import { loadConfig } from '#system/config.ts';
import { createLog } from '#system/log.ts';
import { Secret } from '#system/secret.ts';
import { newMasterKey, readMasterKeys } from '#system/vault/master-key.ts';
import { createVault, type Vault } from '#system/vault/vault.ts';
import { type TestDatabase, testDatabase } from '#tests/kit/test-database.ts';
import { keepTokensFresh } from './keep-tokens-fresh.ts';

let database: TestDatabase;
let owner: Db;
let db: Db;
let system: Db;
let vault: Vault;
let amc: AmcSimulator;
const workspaceId = uuidv7();
const doer = { actor: { kind: 'system' as const, id: null, name: 'Test' } };
const signals: unknown[][] = [];

beforeAll(async () => {
  database = await testDatabase();
  owner = openDatabase(database.ownerUrl, { max: 1 });
  db = openDatabase(database.appUrl);
  system = openDatabase(database.systemUrl);
  const config = loadConfig({ WINDLASS_MASTER_KEY: newMasterKey() });
  vault = await createVault({ masterKeys: readMasterKeys(config, { say: () => {} }), keys: databaseKeyStore(system) });
  amc = await startAmcSimulator();
  await sql`insert into workspaces (id, slug, name) values (${workspaceId}, 'w', 'W')`.execute(owner);
  await sql`insert into settings (workspace_id, egress_allow) values (${workspaceId}, '{127.0.0.1}')
    on conflict (workspace_id) do update set egress_allow = excluded.egress_allow`.execute(owner);
});
afterAll(async () => {
  for (const each of [db, system, owner]) await each?.destroy();
  await database?.close();
  await amc?.stop();
});

/** A connection that is signed in, whose token is to be renewed now. */
async function due(name: string, refreshToken = amc.refreshToken): Promise<string> {
  const connectionId = uuidv7();
  const place = { workspaceId, connectionId, unit: '' };
  const tokens = {
    accessToken: new Secret('Atza|old'),
    refreshToken: new Secret(refreshToken),
    expiresAtMs: Date.now() + 600_000,
    refreshAtMs: Date.now() - 1_000,
    scopes: [],
    restUrl: '',
    soapUrl: '',
  };
  const sealed = await sealTokens(vault, place, tokens);
  const secrets = await sealSecrets(vault, workspaceId, connectionId, { clientSecret: amc.clientSecret });
  await inTenant(db, workspaceId, async (tx) => {
    await insertConnection(tx, doer, {
      id: connectionId,
      name,
      description: '',
      config: { kind: 'amc', clientId: amc.clientId, region: 'na', endpoints: amc.regions.na },
      slots: 10,
      callsPerSecond: null,
      sealed: secrets,
      runId: uuidv7(),
    });
    await keepSecrets(tx, connectionId, secrets);
    await keepTokens(tx, place, sealed, tokens, { cause: 'sign_in', tookMs: 0 });
    await moveConnection(tx, connectionId, { state: 'connected', failure: null });
  });
  return connectionId;
}
const sweep = ({ onTx = () => {} }: { onTx?: () => void } = {}) =>
  keepTokensFresh({
    system,
    vault,
    inTenant: (id, work) => {
      onTx();
      return inTenant(db, id, work);
    },
    log: createLog({ level: 'silent', name: 'test' }),
    signalRun: async (...asked) => {
      signals.push([...asked]);
      return true;
    },
  });
const rowOf = (connectionId: string) =>
  inTenant(db, workspaceId, (tx) => readTokenRow(tx, { workspaceId, connectionId, unit: '' }));

test('what is due is renewed once, however many sweeps look', async () => {
  const ids = await Promise.all(Array.from({ length: 12 }, (_, n) => due(`Due ${n}`)));
  const sweeps = [sweep(), sweep(), sweep()];
  await Promise.all(sweeps.map((each) => each.run()));
  await Promise.all(sweeps.map((each) => each.settled()));
  for (const id of ids) {
    const row = await rowOf(id);
    expect(row).toMatchObject({ generation: 2, renewingGeneration: null });
    if (!row) continue;
    const kept = await openTokens(vault, { workspaceId, connectionId: id, unit: '' }, row);
    expect(kept.accessToken.reveal()).not.toBe('Atza|old');
    // On a tick of ten minutes, with jitter, and never later.
    expect(kept.refreshAtMs ?? 0).toBeGreaterThan(Date.now() + 8 * 60_000);
    expect(kept.refreshAtMs ?? 0).toBeLessThanOrEqual(Date.now() + 10 * 60_000);
  }
  expect(signals).toEqual([]);
});

test('what cannot be renewed is handed to its lifecycle, and not tried again by the sweep', async () => {
  const id = await due('Refused', 'Atzr|nobody');
  const only = sweep();
  await only.run();
  await only.settled();
  expect(signals).toHaveLength(1);
  expect(signals[0]?.[2]).toBe('renewalFailed');
  expect(signals[0]?.[3]).toMatchObject([{ unit: '', outcome: 'refused', failure: { code: 'invalid_grant' } }]);
  expect(JSON.stringify(signals)).not.toContain('Atzr|');
  expect(await rowOf(id)).toMatchObject({ generation: 1, refreshAt: null });
  const [last] = await inTenant(db, workspaceId, (tx) => listRefreshes(tx, id));
  expect(last).toMatchObject({ outcome: 'refused', cause: 'ahead' });
  await only.run();
  await only.settled();
  expect(signals).toHaveLength(1);
});

test('a pass takes all its turns in one transaction and writes each set by itself', async () => {
  const ids = await Promise.all(Array.from({ length: 6 }, (_, n) => due(`Pass ${n}`)));
  let transactions = 0;
  const only = sweep({ onTx: () => void (transactions += 1) });
  await only.run();
  expect(transactions).toBe(1);
  await only.settled();
  expect(transactions).toBe(1 + ids.length);
  for (const id of ids) expect(await rowOf(id)).toMatchObject({ generation: 2, renewingGeneration: null });
});

test('a set whose last answer was lost says so where it is refused now; one that somebody is at is left to them', async () => {
  const [lost, busy] = [await due('Lost', 'Atzr|nobody'), await due('Busy')];
  await sql`update connection_tokens set renewing_generation = 1, renewing_until = now() - interval '1 second' where connection_id = ${lost}`.execute(
    owner,
  );
  await sql`update connection_tokens set renewing_generation = 1, renewing_until = now() + interval '1 second' where connection_id = ${busy}`.execute(
    owner,
  );
  const before = signals.length;
  const only = sweep();
  await only.run();
  await only.settled();
  expect(signals.slice(before)).toMatchObject([
    [workspaceId, expect.anything(), 'renewalFailed', [{ failure: { hint: expect.stringContaining('lost') } }]],
  ]);
  // Taken once their turn was over.
  expect(await rowOf(busy)).toMatchObject({ generation: 2 });
});
