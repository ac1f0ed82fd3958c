import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Db, openDatabase } from '#db/kit/database.ts';
import { inSystem, inTenant } from '#db/kit/in-tenant.ts';
import { acceptInvitation, findInvitation } from '#db/system/accept-invitation.ts';
import { insertPerson, setUpInstance } from '#db/system/set-up.ts';
import { hashToken } from '#db/system/tokens.ts';
import { type TestDatabase, testDatabase } from '#tests/kit/test-database.ts';
import { insertInvitation } from './invitations.ts';
import { changeMember, countRoles } from './members.ts';

let database: TestDatabase;
let app: Db;
let system: Db;
let workspaceId: string;
let one: string;
let two: string;
const now = new Date();
const origin = { address: null, requestId: null };

beforeAll(async () => {
  database = await testDatabase();
  app = openDatabase(database.appUrl, { max: 3 });
  system = openDatabase(database.systemUrl, { max: 2 });
  const first = {
    email: 'one@example.org',
    name: 'One',
    passwordHash: 'x',
    workspace: 'W',
    accessTokenMinutes: 15,
    ...origin,
  };
  ({ userId: one, workspaceId } = await inSystem(system, (tx) => setUpInstance(tx, first)));
  two = await inSystem(system, (tx) => insertPerson(tx, { email: 'two@example.org', name: 'Two', passwordHash: 'x' }));
});
afterAll(async () => {
  await app?.destroy();
  await system?.destroy();
  await database?.close();
});

test('an invitation makes one member: who read it before it was used is refused', async () => {
  const invitedBy = { kind: 'user' as const, id: one, name: 'One' };
  await inTenant(app, workspaceId, (tx) =>
    insertInvitation(tx, {
      email: 'two@example.org',
      role: 'owner',
      units: null,
      tokenHash: hashToken('t'),
      invitedBy,
      now,
    }),
  );
  const read = await inSystem(system, (tx) => findInvitation(tx, 't', now));
  const accept = (id: string) =>
    inSystem(system, (tx) => acceptInvitation(tx, read, { id, name: 'Two' }, { now, ...origin }));
  await accept(two);
  const third = await inSystem(system, (tx) =>
    insertPerson(tx, { email: 'three@example.org', name: 'Three', passwordHash: 'x' }),
  );
  await expect(accept(third)).rejects.toMatchObject({ code: 'identity.invitation_gone' });
  expect(await inTenant(app, workspaceId, countRoles)).toEqual(new Map([['owner', 2]]));
});

test('two owners who leave their role at once wait for each other, and the second is refused', async () => {
  const held = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const first = inTenant(app, workspaceId, async (tx) => {
    await changeMember(tx, one, { role: 'viewer' }, 'owner');
    begun.resolve();
    await held.promise;
  });
  await begun.promise;
  const second = inTenant(app, workspaceId, (tx) => changeMember(tx, two, { role: 'viewer' }, 'owner')).then(
    () => 'done',
    (error: { code: string }) => error.code,
  );

  // Go on only when the second waits for the first, or has ended without waiting.
  const isWaiting = async () =>
    (await sql`select from pg_locks where locktype = 'advisory' and not granted`.execute(system)).rows.length > 0;
  await Promise.race([second, vi.waitUntil(isWaiting, { timeout: 10_000 })]);
  held.resolve();
  await first;
  expect(await second).toBe('identity.last_owner');
});
