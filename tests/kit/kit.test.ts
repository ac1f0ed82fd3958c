import { Client } from 'pg';
import { afterAll, expect, test } from 'vitest';
import { askBroker } from './ask-broker.ts';
import { testDatabase } from './test-database.ts';
import { closeTemporal, connectTemporal, skippingTemporal, testTemporal } from './test-temporal.ts';

afterAll(closeTemporal);

const query = async (url: string, sql: string): Promise<unknown[]> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
};

test('two databases are apart, and each role connects as itself', async () => {
  const [one, two] = await Promise.all([testDatabase(), testDatabase()]);
  await query(one.ownerUrl, 'create table only_here (id int)');
  expect(await query(two.ownerUrl, `select to_regclass('only_here') as found`)).toEqual([{ found: null }]);
  expect(await query(one.appUrl, 'select current_user::text as who')).toEqual([{ who: 'windlass_app' }]);
  expect(await query(one.systemUrl, 'select current_user::text as who')).toEqual([{ who: 'windlass_system' }]);
  await one.close();
  await expect(query(one.ownerUrl, 'select 1')).rejects.toMatchObject({ code: '3D000' });
  await two.close();
});

test('no role but the owner bypasses row security, and none is superuser', async () => {
  const database = await testDatabase({ isEmpty: true });
  const rows = await query(
    database.ownerUrl,
    `select rolname::text as name, rolsuper, rolbypassrls from pg_roles where rolname like 'windlass%' order by 1`,
  );
  expect(rows).toEqual([
    { name: 'windlass_app', rolsuper: false, rolbypassrls: false },
    { name: 'windlass_owner', rolsuper: false, rolbypassrls: true },
    { name: 'windlass_system', rolsuper: false, rolbypassrls: false },
  ]);
  await database.close();
});

test('each caller gets a Temporal namespace of its own that knows our search attributes', async () => {
  const [one, two] = await Promise.all([testTemporal(), testTemporal()]);
  expect(one.namespace).not.toBe(two.namespace);
  const connection = await connectTemporal(one);
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: one.namespace });
    expect(Object.keys(customAttributes ?? {})).toEqual(
      expect.arrayContaining(['WindlassWorkspace', 'WindlassKind', 'WindlassSubject', 'WindlassActor']),
    );
  } finally {
    await connection.close();
  }
});

test('days pass in moments where time is skipped', async () => {
  const { client, worker } = await skippingTemporal(
    'kit',
    {},
    { workflowsPath: new URL('fixtures/sleeper.ts', import.meta.url).pathname },
  );
  const slept = await worker.runUntil(
    client.workflow.execute<(days: number) => Promise<number>>('sleeper', {
      taskQueue: 'kit',
      workflowId: 'kit-sleeper',
      args: [3],
    }),
  );
  expect(slept).toBeGreaterThanOrEqual(3 * 24 * 3_600_000);
});

test('a wrong question is answered with what was wrong', async () => {
  await expect(askBroker({ want: 'drop', name: 'postgres' })).rejects.toThrow(/could not give a drop/);
});
