import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NewServer, type ServerFilter } from '#contracts/servers/servers.ts';
import { memoryKeyStore } from '#system/vault/key-store.ts';
import { newMasterKey, parseMasterKeys } from '#system/vault/master-key.ts';
import { createVault, type Vault } from '#system/vault/vault.ts';
import { type TestDatabase, testDatabase } from '#tests/kit/test-database.ts';
import { type Db, openDatabase } from '../kit/database.ts';
import { inTenant } from '../kit/in-tenant.ts';
import { takeDueServers } from '../system/due-servers.ts';
import type { Doer } from './acts.ts';
import { askChecks, latestCheck, listChecks, recordCheck } from './checks.ts';
import { openWay, readWay } from './connection.ts';
import { deleteCredential, findCredential, insertCredential, sealParts, updateCredential } from './credentials.ts';
import { judgeHostKey, trustHostKey } from './host-keys.ts';
import { countServers, findServer, inventory, listServers, listTags } from './list-servers.ts';
import { changeOne } from './change-many.ts';
import { deleteServer, insertServer, updateServer } from './servers.ts';

let database: TestDatabase;
let db: Db;
let system: Db;
let vault: Vault;
const doer: Doer = { actor: { kind: 'user', id: uuidv7(), name: 'Ada' }, address: '10.1.2.3', requestId: 'request-1' };

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase(database.appUrl);
  system = openDatabase(database.systemUrl, { max: 2 });
  vault = await createVault({ masterKeys: parseMasterKeys(newMasterKey(), 'test'), keys: memoryKeyStore() });
});
afterAll(async () => {
  await Promise.all([db.destroy(), system.destroy()]);
  await database.close();
});

const filter = (more: Partial<ServerFilter> = {}): ServerFilter => ({ limit: 50, sort: 'name', ...more });
const key = (letter: string) => ({
  algorithm: 'ssh-ed25519',
  fingerprint: `SHA256:${letter.repeat(43)}`,
  key: letter.repeat(68),
});
/** A workspace of a test's own. */
const workspace = () => {
  const id = uuidv7();
  const work = <T>(act: Parameters<typeof inTenant<T>>[2]) => inTenant(db, id, act);
  const add = (name: string, more: Partial<NewServer> = {}) =>
    work((tx) => insertServer(tx, doer, { ...NewServer.parse({ name, host: '10.0.0.1' }), ...more }));
  const addCredential = async (
    name: string,
    parts: Parameters<typeof sealParts>[3] = { password: 'canary-password' },
  ) => {
    const credentialId = uuidv7();
    const sealed = await sealParts(vault, id, credentialId, parts);
    return work((tx) =>
      insertCredential(tx, doer, {
        id: credentialId,
        name,
        kind: 'password',
        username: 'deploy',
        description: '',
        key: null,
        sealed,
      }),
    );
  };
  return { id, work, add, addCredential };
};

test('servers are listed in natural order, page by page in both directions, and filtered', async () => {
  const { work, add, addCredential } = workspace();
  const credential = await addCredential('deploy');
  for (const name of ['web-10', 'web-2', 'db-1', 'Web-1'])
    await add(name, { tags: name.startsWith('db') ? ['db', 'eu'] : ['eu', 'web'] });
  await add('cache', { host: 'cache.internal', description: 'holds 100 % of it', credentialId: credential.id });
  const names: string[] = [];
  for (let cursor: string | undefined | null; cursor !== null;) {
    const page = await work((tx) => listServers(tx, filter({ limit: 2, cursor: cursor ?? undefined })));
    names.push(...page.data.map(({ name }) => name));
    cursor = page.pagination.nextCursor;
  }
  expect(names).toEqual(['cache', 'db-1', 'Web-1', 'web-2', 'web-10']);
  const found = async (more: Partial<ServerFilter>) =>
    (await work((tx) => listServers(tx, filter(more)))).data.map(({ name }) => name);
  const first = await work((tx) => listServers(tx, filter({ limit: 3, sort: '-name' })));
  expect(await found({ sort: '-name', cursor: first.pagination.nextCursor ?? '' })).toEqual(['db-1', 'cache']);
  expect(await found({ tag: ['eu', 'db'] })).toEqual(['db-1']);
  expect(await found({ q: 'WEB-1' })).toEqual(['Web-1', 'web-10']);
  expect(await found({ q: '100 %' })).toEqual(['cache']);
  expect(await found({ q: '%' })).toEqual(['cache']);
  expect(await found({ credential: credential.id })).toEqual(['cache']);
  expect(await found({ health: ['unknown'], tag: ['db'] })).toEqual(['db-1']);
  expect(await found({ health: ['healthy'] })).toEqual([]);
  expect(await work(listTags)).toEqual([
    { tag: 'db', servers: 1 },
    { tag: 'eu', servers: 4 },
    { tag: 'web', servers: 3 },
  ]);
  await expect(work((tx) => listServers(tx, filter({ cursor: 'nonsense' })))).rejects.toMatchObject({
    code: 'contract.broken',
  });
});

test('a change needs the version that it was made from, and says in event and audit what changed', async () => {
  const { work, add } = workspace();
  const server = await add('web-1', { tags: ['eu'] });
  const changed = await work((tx) =>
    updateServer(tx, doer, server.id, { tags: ['eu', 'web'], port: 2222 }, { ifVersion: 1 }),
  );
  expect(changed).toMatchObject({ version: 2, tags: ['eu', 'web'], port: 2222, name: 'web-1' });
  await expect(work((tx) => updateServer(tx, doer, server.id, { port: 1 }, { ifVersion: 1 }))).rejects.toMatchObject({
    code: 'request.stale',
  });
  expect(await work((tx) => findServer(tx, server.id))).toMatchObject({ version: 2, port: 2222 });
  const events = await work((tx) =>
    tx
      .selectFrom('events')
      .select(['type', 'data'])
      .where('subject', '=', `server:${server.id}`)
      .where('type', '=', 'server.changed')
      .orderBy('seq')
      .execute(),
  );
  expect(events.map(({ data }) => data)).toMatchObject([
    { act: 'created', name: 'web-1' },
    { act: 'changed', fields: ['port', 'tags'] },
  ]);
  const audit = await work((tx) =>
    tx.selectFrom('auditEntries').select(['action', 'before', 'after', 'address']).orderBy('id').execute(),
  );
  expect(audit.at(-1)).toEqual({
    action: 'server.changed',
    before: { port: 22, tags: ['eu'] },
    after: { port: 2222, tags: ['eu', 'web'] },
    address: '10.1.2.3',
  });
});

test('names are unique in a workspace, and what a server points at must be there', async () => {
  const { add } = workspace();
  const other = workspace();
  await add('web-1');
  await expect(add('web-1')).rejects.toMatchObject({ code: 'server.name_taken' });
  await expect(add('web-2', { credentialId: uuidv7() })).rejects.toMatchObject({ code: 'credential.unknown' });
  await expect(add('web-2', { jumpServerId: uuidv7() })).rejects.toMatchObject({ code: 'jump.unknown' });
  const foreign = await other.add('web-1');
  await expect(add('web-2', { jumpServerId: foreign.id })).rejects.toMatchObject({ code: 'jump.unknown' });
});

test('jump hosts may not lead in a circle or through more than five, not even when two changes meet', async () => {
  const { work, add } = workspace();
  const ids: string[] = [];
  for (let index = 0; index < 6; index++)
    ids.push((await add(`hop-${index}`, { jumpServerId: ids.at(-1) ?? null })).id);
  await expect(add('hop-6', { jumpServerId: ids[5] })).rejects.toMatchObject({ code: 'jump.too_deep' });
  await expect(work((tx) => updateServer(tx, doer, ids[0] ?? '', { jumpServerId: ids[3] }))).rejects.toMatchObject({
    code: 'jump.cycle',
  });
  for (let round = 0; round < 20; round++) {
    const [a, b] = [await add(`a-${round}`), await add(`b-${round}`)];
    const both = await Promise.allSettled([
      work((tx) => updateServer(tx, doer, a.id, { jumpServerId: b.id })),
      work((tx) => updateServer(tx, doer, b.id, { jumpServerId: a.id })),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find((one) => one.status === 'rejected')).toMatchObject({ reason: { code: 'jump.cycle' } });
  }
  await expect(work((tx) => deleteServer(tx, doer, ids[0] ?? ''))).rejects.toMatchObject({
    code: 'server.in_use',
    details: { servers: [{ name: 'hop-1' }] },
  });
  await work((tx) => deleteServer(tx, doer, ids[5] ?? ''));
});

test('a server in maintenance is counted apart, left out of its health and marked for host selection until its time is over', async () => {
  const { work, add } = workspace();
  const [one, two] = [await add('one'), await add('two')];
  await work((tx) => changeOne(tx, doer, one.id, { maintenance: { reason: 'disk' }, addTags: ['x'] }));
  await work((tx) =>
    changeOne(tx, doer, two.id, { maintenance: { reason: 'over', until: new Date(Date.now() - 1_000).toISOString() } }),
  );
  expect(await work((tx) => findServer(tx, one.id))).toMatchObject({
    maintenance: { reason: 'disk', until: null, by: { name: 'Ada' } },
    tags: ['x'],
  });
  expect(await work((tx) => findServer(tx, two.id))).toMatchObject({ maintenance: null });
  expect((await work(inventory)).map(({ name, inMaintenance }) => [name, inMaintenance])).toEqual([
    ['one', true],
    ['two', false],
  ]);
  expect(await work((tx) => countServers(tx))).toMatchObject({ total: 2, inMaintenance: 1, health: { unknown: 1 } });
  expect(
    (await work((tx) => listServers(tx, filter({ health: ['maintenance'] })))).data.map(({ name }) => name),
  ).toEqual(['one']);
  await work((tx) => changeOne(tx, doer, one.id, { maintenance: null, removeTags: ['x'] }));
  expect(await work((tx) => findServer(tx, one.id))).toMatchObject({ maintenance: null, tags: [] });
});

test('of two first contacts at once one key is pinned and the other is compared with it', async () => {
  const { work, add } = workspace();
  for (let round = 0; round < 10; round++) {
    const { id } = await add(`web-${round}`);
    const verdicts = await Promise.all([
      work((tx) => judgeHostKey(tx, id, key('a'))),
      work((tx) => judgeHostKey(tx, id, key('b'))),
    ]);
    expect([...verdicts].sort()).toEqual(['first_use', 'mismatch']);
    const winner = verdicts[0] === 'first_use' ? 'a' : 'b';
    const server = await work((tx) => findServer(tx, id));
    expect(server?.hostKey?.fingerprint).toBe(key(winner).fingerprint);
    expect(server).toMatchObject({ hostKeyState: 'mismatch', hostKey: { pinnedBy: 'first_use' } });
  }
});

test('another key is kept as the offered one until a person names it or the pinned one is back', async () => {
  const { work, add } = workspace();
  const { id } = await add('web-1', { hostKey: key('a').fingerprint });
  expect(await work((tx) => judgeHostKey(tx, id, key('a')))).toBe('match');
  expect(await work((tx) => findServer(tx, id))).toMatchObject({ hostKey: { key: key('a').key, pinnedBy: 'person' } }); // the key behind the fingerprint is known now
  expect(await work((tx) => judgeHostKey(tx, id, key('b')))).toBe('mismatch');
  expect(await work((tx) => judgeHostKey(tx, id, key('b')))).toBe('mismatch');
  expect(await work((tx) => findServer(tx, id))).toMatchObject({ hostKeyState: 'mismatch', offeredHostKey: key('b') });
  const told = await work((tx) =>
    tx
      .selectFrom('events')
      .select('data')
      .where('type', '=', 'server.changed')
      .where(sql<boolean>`data->>'act' = 'host_key_mismatch'`)
      .execute(),
  );
  expect(told).toHaveLength(1);
  await expect(work((tx) => trustHostKey(tx, doer, id, key('c').fingerprint))).rejects.toMatchObject({
    code: 'server.host_key_not_offered',
  });
  expect(await work((tx) => judgeHostKey(tx, id, key('a')))).toBe('match');
  expect(await work((tx) => findServer(tx, id))).toMatchObject({ hostKeyState: 'pinned', offeredHostKey: null });

  await work((tx) => judgeHostKey(tx, id, key('b')));
  await work((tx) => trustHostKey(tx, doer, id, key('b').fingerprint, 'reinstalled'));
  await work((tx) => trustHostKey(tx, doer, id, key('b').fingerprint)); // the same decision again
  expect(await work((tx) => findServer(tx, id))).toMatchObject({
    hostKeyState: 'pinned',
    hostKey: { ...key('b'), pinnedBy: 'person' },
  });
  const audit = await work((tx) =>
    tx
      .selectFrom('auditEntries')
      .select(['before', 'after', 'actor'])
      .where('action', '=', 'server.host_key_trusted')
      .execute(),
  );
  expect(audit).toMatchObject([
    {
      before: { hostKey: key('a').fingerprint },
      after: { hostKey: key('b').fingerprint, reason: 'reinstalled' },
      actor: { name: 'Ada' },
    },
  ]);
});

test('where the workspace forbids first use, a key is only offered', async () => {
  const { id: workspaceId, work, add } = workspace();
  await system.insertInto('workspaces').values({ id: workspaceId, slug: workspaceId, name: 'Strict' }).execute();
  await inTenant(system, workspaceId, (tx) =>
    tx.insertInto('settings').values({ workspaceId, accessTokenMinutes: 15 }).execute(),
  );
  await work((tx) => tx.updateTable('settings').set({ hostKeyFirstUse: false }).execute());
  const { id } = await add('web-1');
  expect(await work((tx) => judgeHostKey(tx, id, key('a')))).toBe('unpinned');
  expect(await work((tx) => findServer(tx, id))).toMatchObject({
    hostKeyState: 'none',
    hostKey: null,
    offeredHostKey: key('a'),
  });
  await work((tx) => trustHostKey(tx, doer, id, key('a').fingerprint));
  expect(await work((tx) => judgeHostKey(tx, id, key('a')))).toBe('match');
});

test('a pinned key is replaced only by who may trust; the same key in other words is no change', async () => {
  const { work, add } = workspace();
  const { id } = await add('web-1', { hostKey: key('a').fingerprint });
  await expect(work((tx) => updateServer(tx, doer, id, { hostKey: key('b').fingerprint }))).rejects.toMatchObject({
    code: 'server.trust_needed',
  });
  await expect(work((tx) => updateServer(tx, doer, id, { hostKey: null }))).rejects.toMatchObject({
    code: 'server.trust_needed',
  });
  expect(await work((tx) => updateServer(tx, doer, id, { hostKey: `${key('a').fingerprint}=` }))).toMatchObject({
    version: 1,
  });
  expect(
    await work((tx) => updateServer(tx, doer, id, { hostKey: key('b').fingerprint }, { mayTrust: true })),
  ).toMatchObject({ hostKey: { fingerprint: key('b').fingerprint } });
});

test('secrets are sealed in the table, open only at their place, and appear in no event or audit entry', async () => {
  const { id, work, add, addCredential } = workspace();
  const canary = `canary-${uuidv7()}`;
  const credential = await addCredential('deploy', { password: canary, sudoPassword: `${canary}-sudo` });
  expect(credential).toMatchObject({
    hasPassword: true,
    hasSudoPassword: true,
    hasPassphrase: false,
    usedBy: 0,
    lastUsedAt: null,
  });
  await work((tx) => updateCredential(tx, doer, credential.id, { sealed: {}, username: 'root' }));
  const jump = await add('bastion', { credentialId: credential.id });
  const server = await add('web-1', { credentialId: credential.id, jumpServerId: jump.id });
  const way = await work((tx) => readWay(tx, server.id));
  expect(way.map(({ name }) => name)).toEqual(['web-1', 'bastion']);
  const [hop] = await openWay(vault, id, way);
  expect(hop?.login.password?.reveal()).toBe(canary);
  expect(hop?.sudoPassword?.reveal()).toBe(`${canary}-sudo`);
  expect(JSON.stringify(hop)).not.toContain('canary');
  // Sealed for its field: a password pasted into another column does not open there.
  const swapped = way.map((one) => ({
    ...one,
    credential: { ...one.credential, sealedSudoPassword: one.credential.sealedPassword },
  }));
  await expect(openWay(vault, id, swapped)).rejects.toMatchObject({ code: 'credential.unreadable' });
  const dump = await inTenant(db, id, async (tx) =>
    JSON.stringify([
      await tx.selectFrom('events').selectAll().execute(),
      await tx.selectFrom('auditEntries').selectAll().execute(),
      await tx.selectFrom('credentials').selectAll().execute(),
    ]),
  );
  expect(dump).not.toContain(canary);
  await expect(work((tx) => deleteCredential(tx, doer, credential.id))).rejects.toMatchObject({
    code: 'credential.in_use',
    details: { total: 2, servers: [{ name: 'bastion' }, { name: 'web-1' }] },
  });
  await expect(
    work((tx) => updateCredential(tx, doer, credential.id, { sealed: {}, name: 'x' }, 1)),
  ).rejects.toMatchObject({ code: 'request.stale' });
  expect(await work((tx) => findCredential(tx, credential.id))).toMatchObject({
    usedBy: 2,
    username: 'root',
    version: 2,
  });
});

test('a server without credential cannot be reached, and says so', async () => {
  const { work, add } = workspace();
  const { id } = await add('bare');
  await expect(work((tx) => readWay(tx, id))).rejects.toMatchObject({ code: 'server.no_credential' });
  await expect(work((tx) => readWay(tx, uuidv7()))).rejects.toMatchObject({ code: 'request.not_found' });
});

test('a check is kept in history and on the server without making a new version, and the old ones go', async () => {
  const { work, add } = workspace();
  const { id } = await add('web-1');
  const result = {
    reachable: true,
    health: 'healthy',
    latencyMs: 12.5,
    code: null,
    message: null,
    facts: { os: 'Debian 12', cpus: 2 },
  } as const;
  const later = new Date(Date.now() + 300_000);
  await work((tx) => askChecks(tx, [id]));
  expect((await work((tx) => latestCheck(tx, id)))?.checkAskedAt).not.toBeNull();
  await work((tx) =>
    tx
      .insertInto('serverChecks')
      .values({
        serverId: id,
        id: '01900000-0000-7000-8000-000000000000',
        reachable: true,
        health: 'healthy',
        latencyMs: 1,
        code: null,
        message: null,
      })
      .execute(),
  );
  await work((tx) => recordCheck(tx, id, result, later));
  expect((await work((tx) => latestCheck(tx, id)))?.checkAskedAt).not.toBeNull(); // asked for while it was under way: it stays due
  await takeDueServers(system, 100, 60_000);
  await work((tx) =>
    recordCheck(
      tx,
      id,
      {
        ...result,
        reachable: false,
        health: 'no_answer',
        latencyMs: null,
        code: 'ssh.unreachable',
        message: 'gone',
        facts: null,
      },
      later,
    ),
  );
  const server = await work((tx) => findServer(tx, id));
  expect(server).toMatchObject({
    health: 'no_answer',
    version: 1,
    facts: { os: 'Debian 12' },
    lastCheck: { code: 'ssh.unreachable', latencyMs: null },
  });
  const first = await work((tx) => listChecks(tx, id, { limit: 1 }));
  expect(first.data).toEqual([server?.lastCheck]);
  const rest = await work((tx) => listChecks(tx, id, { limit: 5, cursor: first.pagination.nextCursor ?? '' }));
  expect(rest.data).toMatchObject([{ health: 'healthy', latencyMs: 12.5 }]);
  expect((await work((tx) => latestCheck(tx, id)))?.checkAskedAt).toBeNull();
  expect(await work((tx) => recordCheck(tx, uuidv7(), result, later))).toBeUndefined();
});

test('due servers of all workspaces are taken once, the longest overdue first', async () => {
  await sql`update servers set next_check_at = now() + interval '1 hour'`.execute(system);
  const [one, two] = [workspace(), workspace()];
  const [a, b] = [await one.add('a'), await two.add('b')];
  const taken = (await Promise.all([takeDueServers(system, 1, 60_000), takeDueServers(system, 1, 60_000)])).flat();
  expect(taken.map(({ serverId }) => serverId).sort()).toEqual([a.id, b.id].sort());
  expect(taken.find(({ serverId }) => serverId === a.id)?.workspaceId).toBe(one.id);
  expect(await takeDueServers(system, 10, 60_000)).toEqual([]);
  await two.work((tx) => askChecks(tx, [b.id]));
  expect(await takeDueServers(system, 10, 60_000)).toEqual([{ workspaceId: two.id, serverId: b.id }]);
});

test('the app’s own role sees, changes and adds nothing of another workspace, and nothing without one', async () => {
  const [mine, other] = [workspace(), workspace()];
  const theirs = await other.add('secret-server', { credentialId: (await other.addCredential('theirs')).id });
  for (const table of ['servers', 'credentials', 'serverChecks'] as const) {
    await other.work((tx) =>
      recordCheck(
        tx,
        theirs.id,
        { reachable: true, health: 'healthy', latencyMs: 1, code: null, message: null, facts: null },
        new Date(),
      ),
    );
    expect(await mine.work((tx) => tx.selectFrom(table).selectAll().execute())).toEqual([]);
    expect(await db.selectFrom(table).selectAll().execute()).toEqual([]);
  }
  const { numUpdatedRows } = await mine.work((tx) =>
    tx.updateTable('servers').set({ host: 'evil' }).executeTakeFirstOrThrow(),
  );
  expect(numUpdatedRows).toBe(0n);
  await expect(
    mine.work((tx) =>
      tx
        .insertInto('servers')
        .values({ workspaceId: other.id, id: uuidv7(), name: 'x', nameKey: 'x', host: 'x', port: 22 })
        .execute(),
    ),
  ).rejects.toThrow('row-level security');
  await expect(sql`select sealed_password from credentials`.execute(system)).rejects.toThrow('permission denied');
  await expect(sql`select host from servers`.execute(system)).rejects.toThrow('permission denied');
});
