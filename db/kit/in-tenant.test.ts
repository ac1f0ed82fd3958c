import { AbortedTransactionError, sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appendEvent } from '../events/append-event.ts';
import { type TestDatabase, testDatabase } from '#tests/kit/test-database.ts';
import { type Db, type TenantTx, openDatabase } from './database.ts';
import { inTenant, readTenant } from './in-tenant.ts';

let database: TestDatabase;
let db: Db;
beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase(database.appUrl, { max: 1 }); // one connection, so that whatever is left behind on it shows
});
afterAll(async () => {
  await db.destroy();
  await database.close();
});

const settings = async (tx: Pick<TenantTx, 'getExecutor'>) =>
  (
    await sql<{ tenant: string | null; mid: string | null }>`
      select current_setting('app.tenant_id', true) as tenant, current_setting('app.mid', true) as mid`.execute(tx)
  ).rows[0];

test('a transaction knows its workspace and units, also with quotes in them', async () => {
  const workspaceId = uuidv7();
  expect(await inTenant(db, { workspaceId, mids: `1,'; drop \\` }, settings)).toEqual({
    tenant: workspaceId,
    mid: `1,'; drop \\`,
  });
});

test('nothing of a workspace is left on the connection, whether the work succeeds or fails', async () => {
  await inTenant(db, uuidv7(), settings);
  expect((await settings(db))?.tenant).toBe('');
  await expect(inTenant(db, uuidv7(), (tx) => sql`select 1 / 0`.execute(tx))).rejects.toThrow('division by zero');
  expect((await settings(db))?.tenant).toBe('');
});

test('a transaction begun elsewhere inside the work is not of this workspace', async () => {
  const other = openDatabase(database.appUrl, { max: 1 });
  try {
    const inside = await inTenant(db, uuidv7(), () => other.transaction().execute(settings));
    expect(inside?.tenant ?? '').toBe('');
  } finally {
    await other.destroy();
  }
});

test('statements that are asked together are answered in their order, each with its own', async () => {
  const answers = await inTenant(db, uuidv7(), (tx) =>
    Promise.all([1, 2, 3].map(async (n) => (await sql<{ n: number }>`select ${n}::int as n`.execute(tx)).rows[0]?.n)),
  );
  expect(answers).toEqual([1, 2, 3]);
});

test('where one of several fails, all of the transaction is undone and the connection goes on', async () => {
  const work = inTenant(db, uuidv7(), (tx) =>
    Promise.all([
      sql`select set_config('app.probe', 'before', false)`.execute(tx),
      sql`select 1 / 0`.execute(tx),
      sql`select set_config('app.probe', 'after', false)`.execute(tx),
    ]),
  );
  await expect(work).rejects.toThrow('division by zero');
  const { rows } = await sql<{ probe: string | null }>`select current_setting('app.probe', true) as probe`.execute(db);
  expect(rows[0]?.probe ?? '').toBe('');
});

test('a failure that the work passes over fails the transaction at its commit', async () => {
  const work = inTenant(db, uuidv7(), (tx) => sql`select 1 / 0`.execute(tx).catch(() => 'passed over'));
  await expect(work).rejects.toThrow(AbortedTransactionError);
});

test('a statement that comes after the end is refused, for the connection is somebody else’s then', async () => {
  let late: TenantTx | undefined;
  await inTenant(db, uuidv7(), async (tx) => void (late = tx));
  await expect(late && sql`select 1`.execute(late)).rejects.toThrow('The transaction is over');
});

test('what is written last fails the transaction like everything before it', async () => {
  // No workspace of this id: the event's row is refused when it is written together with the commit.
  const work = inTenant(db, 'no id', (tx) => appendEvent(tx, { type: 'run.queued' }));
  await expect(work).rejects.toThrow('invalid input syntax for type uuid');
});

test('a statement that comes often keeps its plan on the connection, and answers as before', async () => {
  const plans = async () => (await sql`select 1 from pg_prepared_statements where name like 'wl_%'`.execute(db)).rows;
  const before = (await plans()).length;
  for (let n = 0; n < 30; n++) {
    const { rows } = await sql<{ twice: number }>`select ${n}::int + ${n}::int as twice`.execute(db);
    expect(rows[0]?.twice).toBe(2 * n);
  }
  expect((await plans()).length).toBe(before + 1);
});

test('a transaction that only reads knows its workspace, cannot write, and leaves the connection fit for the next', async () => {
  const workspaceId = uuidv7();
  expect(await readTenant(db, workspaceId, settings)).toEqual({ tenant: workspaceId, mid: '*' });
  await expect(
    readTenant(db, workspaceId, (tx) => sql`update settings set concurrency = 1`.execute(tx)),
  ).rejects.toThrow('read-only');
  expect((await settings(db))?.tenant).toBe('');
});
