import { afterAll, beforeAll, expect, test } from 'vitest';
import { sql } from 'kysely';
import { type Db, openDatabase } from '#db/kit/database.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { type TestDatabase, testDatabase } from '#tests/kit/test-database.ts';
import { recordAudit } from './audit-entries.ts';

let database: TestDatabase;
let app: Db;
beforeAll(async () => {
  database = await testDatabase();
  app = openDatabase(database.appUrl, { max: 2 });
});
afterAll(async () => {
  await app?.destroy();
  await database?.close();
});

const mine = '019aa000-0000-7000-8000-000000000001';
const other = '019aa000-0000-7000-8000-000000000002';
const actor = { kind: 'user' as const, id: '019aa000-0000-7000-8000-00000000000a', name: 'Mara' };

test('an entry keeps who, what and the change, and tells open screens in the same transaction', async () => {
  await inTenant(app, mine, (tx) =>
    recordAudit(tx, {
      actor,
      action: 'server.changed',
      subject: 'server:1',
      title: 'web-1',
      before: { port: 22 },
      after: { port: 2222 },
      address: '10.0.0.1',
      requestId: 'req-1',
    }),
  );
  const { entries, events } = await inTenant(app, mine, async (tx) => ({
    entries: await tx.selectFrom('auditEntries').selectAll().execute(),
    events: await tx.selectFrom('events').select(['type', 'subject', 'data']).execute(),
  }));
  expect(entries).toMatchObject([
    {
      action: 'server.changed',
      subject: 'server:1',
      title: 'web-1',
      before: { port: 22 },
      after: { port: 2222 },
      actor,
      requestId: 'req-1',
    },
  ]);
  expect(events).toEqual([
    { type: 'audit.appended', subject: 'server:1', data: { id: entries[0]?.id, action: 'server.changed' } },
  ]);
});

test('a secret never reaches the table, whether told by its name or by its look', async () => {
  const canary = 'canary-7f3a';
  const key = `wl_${'a'.repeat(40)}`;
  const pem = '-----BEGIN OPENSSH PRIVATE KEY-----\nabc';
  await inTenant(app, mine, (tx) =>
    recordAudit(tx, {
      actor,
      action: 'credential.created',
      after: {
        password: canary,
        nested: [{ privateKey: canary, note: key }],
        text: pem,
        credentialId: 'kept',
        accessTokenMinutes: 15,
      },
    }),
  );
  const { rows } = await inTenant(app, mine, (tx) =>
    sql<{ after: string }>`select after::text as after from audit_entries where action = 'credential.created'`.execute(
      tx,
    ),
  );
  expect(rows[0]?.after).not.toMatch(/canary|wl_a|OPENSSH/);
  expect(JSON.parse(rows[0]?.after ?? '{}')).toMatchObject({
    password: '[secret]',
    credentialId: 'kept',
    accessTokenMinutes: 15,
  });
});

test('the app’s role can neither change nor remove an entry, and sees none of another workspace', async () => {
  await inTenant(app, other, (tx) => recordAudit(tx, { actor, action: 'run.canceled' }));
  await expect(inTenant(app, other, (tx) => tx.deleteFrom('auditEntries').execute())).rejects.toThrow(
    /permission denied/,
  );
  await expect(inTenant(app, other, (tx) => sql`update audit_entries set action = 'x'`.execute(tx))).rejects.toThrow(
    /permission denied/,
  );
  const seen = await inTenant(app, other, (tx) => tx.selectFrom('auditEntries').select('action').execute());
  expect(seen).toEqual([{ action: 'run.canceled' }]);
  await expect(
    inTenant(app, other, (tx) =>
      tx
        .insertInto('auditEntries')
        .values({ workspaceId: mine, id: '019aa000-0000-7000-8000-0000000000ff', actor: '{}', action: 'forged' })
        .execute(),
    ),
  ).rejects.toThrow(/row-level security/);
});
