import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertConnection } from '#db/connections/connections.ts';
import { type Db, openDatabase } from '#db/kit/database.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { createLog } from '#system/log.ts';
import { type TestDatabase, testDatabase } from '#tests/kit/test-database.ts';
import { CallBudgets } from './call-budget.ts';

let database: TestDatabase;
let db: Db;
const workspaceId = uuidv7();
const connectionId = uuidv7();
const open: CallBudgets[] = [];

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase(database.appUrl);
  const owner = openDatabase(database.ownerUrl, { max: 1 });
  await sql`insert into workspaces (id, slug, name) values (${workspaceId}, 'w', 'W')`.execute(owner);
  await owner.destroy();
  await inTenant(db, workspaceId, (tx) =>
    insertConnection(
      tx,
      { actor: { kind: 'system', id: null, name: 'Test' } },
      {
        id: connectionId,
        name: 'One',
        description: '',
        config: {
          kind: 'sfmc',
          clientId: 'c',
          authUrl: 'https://mc0000000000000000000000000a.auth.marketingcloudapis.com/',
          grant: 'server',
          folder: 'Windlass',
          accountId: null,
        },
        slots: 10,
        callsPerSecond: null,
        sealed: {},
        runId: uuidv7(),
      },
    ),
  );
});
afterAll(async () => {
  await Promise.all(open.map((each) => each.close()));
  await db?.destroy();
  await database?.close();
});

/** Times that the database was asked. */
let asked = 0;
/** The slot of one process. */
const slot = (unit: string, perSecond: number) => {
  const budgets = new CallBudgets({
    inTenant: (id, work) => (asked++, inTenant(db, id, work)),
    log: createLog({ level: 'silent', name: 'test' }),
  });
  open.push(budgets);
  return budgets.slotOf({ workspaceId, connectionId, unit }, { parallel: 5, perSecond });
};
/** Keeps this process from everything else, as a large answer that is read does. */
const hold = (ms: number): void => {
  for (const until = performance.now() + ms; performance.now() < until;);
};

test('no second holds more calls than it may, also where some begin late', async () => {
  const perSecond = 20;
  const call = slot('late', perSecond);
  const begun: number[] = [];
  await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      call(async () => {
        begun.push(performance.now());
        if (n % 10 === 5) hold(150);
      }),
    ),
  );
  expect(begun).toHaveLength(50);
  const spans = begun.slice(perSecond).map((at, n) => at - (begun[n] ?? 0));
  expect(spans).toHaveLength(30);
  expect(Math.min(...spans)).toBeGreaterThanOrEqual(1_000);
});

test('a call that reaches the service late keeps those behind it away', async () => {
  const perSecond = 20;
  const call = slot('slow way', perSecond);
  const reached: number[] = [];
  await Promise.all(
    Array.from({ length: 60 }, (_, n) =>
      call(async () => {
        await delay(n === 12 ? 200 : 10);
        reached.push(performance.now());
        await delay(10);
      }),
    ),
  );
  expect(reached).toHaveLength(60);
  const spans = reached.slice(perSecond).map((at, n) => at - (reached[n] ?? 0));
  expect(Math.min(...spans)).toBeGreaterThanOrEqual(995); // timers are a few milliseconds early or late
});

test('also where most calls are late no second holds more than it may', async () => {
  const perSecond = 20;
  const call = slot('shaky way', perSecond);
  // How long the service takes is known by the answers that nothing held up.
  for (let n = 0; n < 5; n++) await call(() => delay(10));
  const reached: number[] = [];
  await Promise.all(
    Array.from({ length: 80 }, (_, n) =>
      call(async () => {
        await delay((n * 7) % 13 < 8 ? 70 : 5);
        reached.push(performance.now());
        await delay(5);
      }),
    ),
  );
  expect(reached).toHaveLength(80);
  const ordered = reached.toSorted((a, b) => a - b);
  const spans = ordered.slice(perSecond).map((at, n) => at - (ordered[n] ?? 0));
  expect(Math.min(...spans)).toBeGreaterThanOrEqual(995);
});

test('who calls one after the other does not ask the database for each', async () => {
  const call = slot('one by one', 50);
  asked = 0;
  for (let n = 0; n < 100; n++) await call(() => Promise.resolve());
  // The first second is asked for by ones, since nobody knows yet that more will come.
  expect(asked).toBeLessThan(50);
});
