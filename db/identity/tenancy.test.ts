import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Db, openDatabase } from '#db/kit/database.ts';
import { inSystem, inTenant } from '#db/kit/in-tenant.ts';
import { createWorkspace } from '#db/system/create-workspace.ts';
import { insertPerson, makeSetupToken, isSetupToken, setUpInstance } from '#db/system/set-up.ts';
import { databaseKeyStore } from '#db/system/vault-keys.ts';
import { type TestDatabase, testDatabase } from '#tests/kit/test-database.ts';

let database: TestDatabase;
let app: Db;
let system: Db;
let mine: string;
let other: string;
let me: string;
let them: string;
const at = { address: null, requestId: null, accessTokenMinutes: 15 };

beforeAll(async () => {
  database = await testDatabase();
  app = openDatabase(database.appUrl, { max: 2 });
  system = openDatabase(database.systemUrl, { max: 3 });
});
afterAll(async () => {
  await app?.destroy();
  await system?.destroy();
  await database?.close();
});

test('a set-up token is known by its hash, the former one stops, and none is made once there is an owner', async () => {
  const [old, token] = [await makeSetupToken(system), await makeSetupToken(system)];
  expect(await inSystem(system, (tx) => isSetupToken(tx, old ?? ''))).toBe(false);
  expect(await inSystem(system, (tx) => isSetupToken(tx, token ?? ''))).toBe(true);
  expect(JSON.stringify(await system.selectFrom('systemNotes').selectAll().execute())).not.toContain(token);
  const first = { email: 'Me@Example.org', name: 'Me', passwordHash: 'x', workspace: 'Mine', ...at };
  const both = await Promise.allSettled([
    inSystem(system, (tx) => setUpInstance(tx, first)),
    inSystem(system, (tx) => setUpInstance(tx, first)),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const done = both.find((result) => result.status === 'fulfilled');
  if (done?.status !== 'fulfilled') throw new Error('no set-up');
  ({ userId: me, workspaceId: mine } = done.value);
  expect(await makeSetupToken(system)).toBeNull();
  expect(await inSystem(system, (tx) => isSetupToken(tx, token ?? ''))).toBe(false);
  them = await inSystem(system, (tx) =>
    insertPerson(tx, { email: 'them@example.org', name: 'Them', passwordHash: 'y' }),
  );
  other = await inSystem(system, (tx) =>
    createWorkspace(tx, { name: 'Mine', ownerId: them, actor: { kind: 'user', id: them, name: 'Them' }, ...at }),
  );
});

test('the app’s role sees its transaction’s workspace and the people in it, and no others', async () => {
  const seen = await inTenant(app, mine, async (tx) => ({
    workspaces: (await tx.selectFrom('workspaces').select(['id', 'slug']).execute()).map(({ slug }) => slug),
    users: (await tx.selectFrom('users').select('email').execute()).map(({ email }) => email),
    members: (await tx.selectFrom('members').select('userId').execute()).map(({ userId }) => userId),
    settings: await tx.selectFrom('settings').select('workspaceId').execute(),
  }));
  expect(seen).toEqual({
    workspaces: ['mine'],
    users: ['me@example.org'],
    members: [me],
    settings: [{ workspaceId: mine }],
  });
  const theirs = await inTenant(app, other, (tx) => tx.selectFrom('workspaces').select(['slug']).execute());
  expect(theirs).toEqual([{ slug: 'mine-2' }]);
});

test('without a workspace the app’s role sees nothing at all', async () => {
  for (const table of [
    'workspaces',
    'members',
    'settings',
    'apiKeys',
    'invitations',
    'auditEntries',
    'workspaceSecrets',
    'variables',
  ] as const) {
    expect(
      await app
        .selectFrom(table)
        .select(sql<number>`1`.as('one'))
        .execute(),
      table,
    ).toEqual([]);
  }
  expect(await app.selectFrom('users').select('id').execute()).toEqual([]);
});

test('the app’s role cannot read passwords, tokens, factors or keys, nor make people or owners of other workspaces', async () => {
  const refused = (work: () => Promise<unknown>) =>
    expect(work()).rejects.toThrow(/permission denied|row-level security/);
  await refused(() => inTenant(app, mine, (tx) => tx.selectFrom('users').select('passwordHash').execute()));
  for (const table of [
    'sessions',
    'refreshTokens',
    'secondFactors',
    'recoveryCodes',
    'securityKeys',
    'keyChallenges',
    'signInThrottle',
    'signingKeys',
    'vaultKeys',
  ] as const) {
    await refused(() =>
      inTenant(app, mine, (tx) =>
        tx
          .selectFrom(table)
          .select(sql<number>`1`.as('one'))
          .execute(),
      ),
    );
  }
  await refused(() => inTenant(app, mine, (tx) => tx.updateTable('users').set({ isInstanceAdmin: true }).execute()));
  await refused(() =>
    inTenant(app, mine, (tx) =>
      tx.insertInto('members').values({ workspaceId: other, userId: me, role: 'owner' }).execute(),
    ),
  );
  await refused(() =>
    inTenant(app, mine, (tx) =>
      tx
        .updateTable('apiKeys')
        .set({ permissions: ['runs:read'] })
        .execute(),
    ),
  );
});

test('a change that names another workspace’s row changes none', async () => {
  const changed = await inTenant(app, mine, (tx) =>
    tx.updateTable('workspaces').set({ name: 'Taken' }).where('id', '=', other).executeTakeFirst(),
  );
  expect(changed.numUpdatedRows).toBe(0n);
  const removed = await inTenant(app, mine, (tx) =>
    tx.deleteFrom('members').where('userId', '=', them).executeTakeFirst(),
  );
  expect(removed.numDeletedRows).toBe(0n);
});

test('of two processes that make the first data key, or replace one, one wins', async () => {
  const keys = databaseKeyStore(system);
  const key = (id: string) => ({ id, scope: mine, purpose: 'token', wrapped: `wrapped ${id}` });
  expect((await Promise.all([keys.insertFirst(key('a')), keys.insertFirst(key('b'))])).sort()).toEqual([false, true]);
  const current = await keys.findCurrent(mine, 'token');
  const replaced = await Promise.all([
    keys.replaceCurrent(current?.id ?? '', key('c')),
    keys.replaceCurrent(current?.id ?? '', key('d')),
  ]);
  expect(replaced.sort()).toEqual([false, true]);
  expect((await keys.findById(current?.id ?? ''))?.retiredAt).toBeInstanceOf(Date);
  await keys.rewrap(current?.id ?? '', 'anew');
  expect((await keys.listAll()).find(({ id }) => id === current?.id)?.wrapped).toBe('anew');
});
