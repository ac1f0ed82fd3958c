import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '#tests/kit/test-database.ts';
import { type Db, type TenantTx, openDatabase } from './database.ts';
import { inTenant } from './in-tenant.ts';

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
