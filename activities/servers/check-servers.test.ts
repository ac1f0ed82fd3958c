import pino from 'pino';
import { createServer } from 'node:net';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPlain } from '#connectors/ssh/exec.ts';
import { NewServer } from '#contracts/servers/servers.ts';
import { type Db, openDatabase } from '#db/kit/database.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { askChecks, listChecks } from '#db/servers/checks.ts';
import { insertCredential, sealParts, updateCredential } from '#db/servers/credentials.ts';
import { trustHostKey } from '#db/servers/host-keys.ts';
import { findServer } from '#db/servers/list-servers.ts';
import { insertServer, updateServer } from '#db/servers/servers.ts';
import { memoryKeyStore } from '#system/vault/key-store.ts';
import { newMasterKey, parseMasterKeys } from '#system/vault/master-key.ts';
import { createVault, type Vault } from '#system/vault/vault.ts';
import { type Sshd, startSshd } from '#tests/kit/sshd.ts';
import { type TestDatabase, testDatabase } from '#tests/kit/test-database.ts';
import type { ActivityTools } from '../kit/tools.ts';
import { checkServer, checkServers } from './check-servers.ts';
import { ownPorts } from './own-ports.ts';
import { type SshHosts, sshHosts } from './ssh-hosts.ts';

let database: TestDatabase;
let db: Db;
let system: Db;
let vault: Vault;
let sshd: Sshd;
let hosts: SshHosts;
let closedPort: number;
const doer = { actor: { kind: 'user' as const, id: uuidv7(), name: 'Ada' } };
const log = pino({ level: 'silent' });
const tenant: ActivityTools['inTenant'] = (workspaceId, work) => inTenant(db, workspaceId, work);

beforeAll(async () => {
  [database, sshd] = await Promise.all([
    testDatabase(),
    startSshd({ hosts: [{}, {}, {}, {}, {}, {}, { loginShell: '/usr/sbin/nologin' }], ownHostKeys: true }),
  ]);
  db = openDatabase(database.appUrl);
  system = openDatabase(database.systemUrl, { max: 2 });
  vault = await createVault({ masterKeys: parseMasterKeys(newMasterKey(), 'test'), keys: memoryKeyStore() });
  closedPort = await freePort();
  const isOwnPort = await ownPorts([
    { host: '127.0.0.1', port: new URL(database.appUrl).port ? Number(new URL(database.appUrl).port) : 5432 },
  ]);
  hosts = sshHosts({ inTenant: tenant, vault, isOwnPort, pool: { connectTimeoutMs: 3_000, attempts: 2 } });
});
afterAll(async () => {
  await hosts.close(0);
  await sshd.stop();
  await Promise.all([db.destroy(), system.destroy()]);
  await database.close();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 1;
}

/** A workspace of a test's own with the sshd's key as a credential. */
async function workspace() {
  const id = uuidv7();
  const work = <T>(act: Parameters<typeof inTenant<T>>[2]) => inTenant(db, id, act);
  const addCredential = async (name: string, parts: Parameters<typeof sealParts>[3], username = sshd.username) => {
    const credentialId = uuidv7();
    const sealed = await sealParts(vault, id, credentialId, parts);
    return work((tx) =>
      insertCredential(tx, doer, {
        id: credentialId,
        name,
        kind: 'ssh_key',
        username,
        description: '',
        key: null,
        sealed,
      }),
    );
  };
  const credential = await addCredential('deploy', { privateKey: sshd.privateKey });
  const host = (index: number) => {
    const found = sshd.hosts[index];
    if (!found) throw new Error(`There is no host ${index}.`);
    return found;
  };
  return {
    id,
    work,
    credential,
    addCredential,
    host,
    add: (index: number, more: Partial<NewServer> = {}) =>
      work((tx) =>
        insertServer(tx, doer, {
          ...NewServer.parse({
            name: host(index).name,
            host: host(index).address,
            port: host(index).port,
            credentialId: credential.id,
          }),
          ...more,
        }),
      ),
    check: async (serverId: string) => {
      await work((tx) => askChecks(tx, [serverId]));
      await system
        .updateTable('servers')
        .set({ nextCheckAt: new Date(Date.now() + 60_000) })
        .where('id', '=', serverId)
        .execute(); // as taken
      await checkServer({ inTenant: tenant, hosts }, { workspaceId: id, serverId });
      const server = await work((tx) => findServer(tx, serverId));
      if (!server) throw new Error('The server is gone.');
      return server;
    },
  };
}

test('a server that answers is healthy, its key pinned at first contact, its facts and latency kept', async () => {
  const { work, add, check, host } = await workspace();
  const { id } = await add(0);
  const server = await check(id);
  expect(server).toMatchObject({
    hostKeyState: 'pinned',
    hostKey: { pinnedBy: 'first_use', key: host(0).hostKey.split(' ')[1] },
    lastCheck: { reachable: true },
  });
  expect(['healthy', 'degraded']).toContain(server.health); // the disk of the machine that tests is not ours to judge
  expect(server.facts).toMatchObject({ user: sshd.username, stateFolder: expect.stringContaining('windlass') });
  expect(server.facts.cpus).toBeGreaterThan(0);
  expect(server.lastCheck?.latencyMs).toBeGreaterThan(0);
  await check(id);
  expect((await work((tx) => listChecks(tx, id, { limit: 10 }))).data).toHaveLength(2);
});

test('a changed host key stops everything until a person names it, and the other servers are unaffected', async () => {
  const { work, add, check, host } = await workspace();
  const [one, two] = [await add(1, { hostKey: host(2).hostKey }), await add(2, { hostKey: host(2).hostKey })];
  const mismatched = await check(one.id);
  expect(mismatched).toMatchObject({
    health: 'unhealthy',
    hostKeyState: 'mismatch',
    lastCheck: { reachable: true, code: 'ssh.host_key_changed' },
    offeredHostKey: { key: host(1).hostKey.split(' ')[1] },
  });
  expect(await check(two.id)).toMatchObject({ hostKeyState: 'pinned', lastCheck: { code: null } });
  await expect(hosts.openHost({ workspaceId: one.id, serverId: one.id })).rejects.toMatchObject({
    code: 'server.gone',
  }); // another workspace knows it not
  await work((tx) => trustHostKey(tx, doer, one.id, mismatched.offeredHostKey?.fingerprint ?? ''));
  expect(await check(one.id)).toMatchObject({
    hostKeyState: 'pinned',
    offeredHostKey: null,
    lastCheck: { code: null },
  });
});

test('what is wrong with a server is told by its own code', async () => {
  const { add, addCredential, check } = await workspace();
  const codeOf = async (serverId: string) => {
    const { health, lastCheck } = await check(serverId);
    return [health, lastCheck?.code, lastCheck?.reachable];
  };
  const gone = await add(3, { name: 'gone', host: '127.0.0.1', port: closedPort });
  expect(await codeOf(gone.id)).toEqual(['no_answer', 'ssh.unreachable', false]);
  const stranger = await addCredential('stranger', { password: 'wrong' });
  const refused = await add(3, { name: 'refused', credentialId: stranger.id });
  expect(await codeOf(refused.id)).toEqual(['unhealthy', 'ssh.auth_refused', true]);
  const bare = await add(3, { name: 'bare', credentialId: null });
  expect(await codeOf(bare.id)).toEqual(['unhealthy', 'server.no_credential', false]);
  const own = await add(3, { name: 'own', host: 'localhost', port: Number(new URL(database.appUrl).port) });
  expect(await codeOf(own.id)).toEqual(['unhealthy', 'server.own_port', false]);
});

test('an account without a shell and a machine that only listens are told apart', async () => {
  const { add, check } = await workspace();
  const shut = await check((await add(6)).id);
  expect([shut.health, shut.lastCheck?.code, shut.lastCheck?.reachable]).toEqual([
    'unhealthy',
    'command.shell_missing',
    true,
  ]);
  const mute = createServer(() => {}).listen(0, '127.0.0.1');
  await new Promise((resolve) => mute.once('listening', resolve));
  const address = mute.address();
  const port = typeof address === 'object' && address ? address.port : 1;
  const hung = await check((await add(0, { name: 'mute', host: '127.0.0.1', port })).id);
  expect([hung.health, hung.lastCheck?.code, hung.lastCheck?.reachable]).toEqual([
    'no_answer',
    'ssh.unreachable',
    false,
  ]);
  mute.close();
});

test('a rotated credential is used from then on', async () => {
  const { id, work, add, addCredential, check } = await workspace();
  const broken = await addCredential('broken', { password: 'wrong' });
  const server = await add(4, { credentialId: broken.id });
  expect((await check(server.id)).lastCheck?.code).toBe('ssh.auth_refused');
  const sealed = await sealParts(vault, id, broken.id, { privateKey: sshd.privateKey, password: null });
  await work((tx) => updateCredential(tx, doer, broken.id, { sealed }));
  expect((await check(server.id)).lastCheck?.code).toBeNull();
});

test('the connection of a first contact serves the next command too', async () => {
  const { id: workspaceId, add } = await workspace();
  const { id: serverId } = await add(3);
  const first = await hosts.openHost({ workspaceId, serverId });
  const { connections } = hosts.pool.size;
  const second = await hosts.openHost({ workspaceId, serverId });
  await readPlain(second.pool, second.target, { command: 'true' });
  expect(second.connection).toBe(first.connection);
  expect(hosts.pool.size.connections).toBe(connections);
});

test('first contacts of two processes at once pin one key, and both go on', async () => {
  const { id: workspaceId, work, add, host } = await workspace();
  const other = sshHosts({ inTenant: tenant, vault, isOwnPort: () => false });
  const { id: serverId } = await add(5);
  await Promise.all([hosts, other, hosts, other].map((each) => each.openHost({ workspaceId, serverId })));
  expect(await work((tx) => findServer(tx, serverId))).toMatchObject({
    hostKeyState: 'pinned',
    hostKey: { key: host(5).hostKey.split(' ')[1] },
    offeredHostKey: null,
  });
  const pins = await work((tx) =>
    tx.selectFrom('auditEntries').select('id').where('action', '=', 'server.host_key_pinned').execute(),
  );
  expect(pins).toHaveLength(1);
  await other.close(0);
});

test('a server behind two jump hosts is reached, each of them pinned', async () => {
  const { id: workspaceId, add, work } = await workspace();
  const outer = await add(3);
  const inner = await add(4, { jumpServerId: outer.id });
  const target = await add(5, { jumpServerId: inner.id });
  const host = await hosts.openHost({ workspaceId, serverId: target.id, runId: uuidv7() });
  const { stdout } = await readPlain(host.pool, host.target, { command: 'echo "$HOME"' });
  expect(stdout.trim()).toBe(sshd.hosts[5]?.home);
  for (const { id } of [outer, inner, target])
    expect(await work((tx) => findServer(tx, id))).toMatchObject({ hostKeyState: 'pinned' });
});

test('a jump host whose key changed is the one that is marked', async () => {
  const { id: workspaceId, add, work, host } = await workspace();
  const jump = await add(0, { hostKey: host(1).hostKey });
  const target = await add(2, { jumpServerId: jump.id });
  await expect(hosts.openHost({ workspaceId, serverId: target.id })).rejects.toMatchObject({
    code: 'ssh.host_key_changed',
  });
  expect(await work((tx) => findServer(tx, jump.id))).toMatchObject({ hostKeyState: 'mismatch' });
  expect(await work((tx) => findServer(tx, target.id))).toMatchObject({ hostKeyState: 'none', offeredHostKey: null });
});

test('opening a secret is written once a run and credential, without the secret', async () => {
  const { id: workspaceId, add, work, credential } = await workspace();
  const [one, two] = [await add(0), await add(1)];
  const runId = uuidv7();
  await Promise.all(
    [one, two, one].map(({ id }) => hosts.openHost({ workspaceId, serverId: id, runId, actor: doer.actor })),
  );
  const entries = await work((tx) =>
    tx.selectFrom('auditEntries').selectAll().where('action', '=', 'credential.read').execute(),
  );
  expect(entries).toMatchObject([
    { subject: `credential:${credential.id}`, title: 'deploy', after: { runId }, actor: { name: 'Ada' } },
  ]);
  expect(JSON.stringify(entries)).not.toContain('PRIVATE KEY');
});

test('the sweep checks what is due and what was asked for; maintenance and a rhythm of 0 are left alone', async () => {
  await system
    .updateTable('servers')
    .set({ nextCheckAt: new Date(Date.now() + 3_600_000) })
    .execute();
  const { id: workspaceId, add, work } = await workspace();
  const [due, resting] = [await add(0), await add(1)];
  await work((tx) => updateServer(tx, doer, resting.id, { maintenance: { reason: 'disk' } }));
  const sweep = checkServers({ inTenant: tenant, system, hosts, log });
  await sweep.run();
  await sweep.settled();
  const now = async (id: string) => (await work((tx) => findServer(tx, id)))?.lastCheck;
  const first = await now(due.id);
  expect(first).toMatchObject({ reachable: true });
  expect(await now(resting.id)).toBeNull();
  const { sweptAt } = await work((tx) =>
    tx.selectFrom('servers').select('sweptAt').where('id', '=', due.id).executeTakeFirstOrThrow(),
  );
  expect(sweptAt).not.toBeNull(); // old durable commands were cleared away, as once a day
  await sweep.run(); // nothing is due
  await sweep.settled();
  expect(await now(due.id)).toEqual(first);
  const nextCheckAt = await work((tx) =>
    tx.selectFrom('servers').select('nextCheckAt').where('id', '=', due.id).executeTakeFirstOrThrow(),
  );
  expect(nextCheckAt.nextCheckAt.getTime() - Date.now()).toBeGreaterThan(4 * 60_000);

  await system.insertInto('workspaces').values({ id: workspaceId, slug: workspaceId, name: 'Quiet' }).execute();
  await inTenant(system, workspaceId, (tx) =>
    tx.insertInto('settings').values({ workspaceId, accessTokenMinutes: 15 }).execute(),
  );
  await work((tx) => tx.updateTable('settings').set({ serverCheckMinutes: 0 }).execute());
  await system.updateTable('servers').set({ nextCheckAt: new Date() }).where('id', '=', due.id).execute();
  await sweep.run();
  await sweep.settled();
  expect(await now(due.id)).toEqual(first);
  await work((tx) => askChecks(tx, [due.id, resting.id]));
  await sweep.run();
  await sweep.settled();
  expect((await now(due.id))?.id).not.toBe(first?.id);
  expect(await now(resting.id)).toMatchObject({ reachable: true });
});
