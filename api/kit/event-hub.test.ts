import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { appendEvent } from '#db/events/append-event.ts';
import { type Db, openDatabase } from '#db/kit/database.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { createLog } from '#system/log.ts';
import { type TestDatabase, testDatabase } from '#tests/kit/test-database.ts';
import { startEventHub } from './event-hub.ts';

let database: TestDatabase;
let system: Db;
let app: Db;
const workspaceId = uuidv7();
beforeAll(async () => {
  database = await testDatabase();
  system = openDatabase(database.systemUrl);
  app = openDatabase(database.appUrl, { max: 2 });
  const owner = openDatabase(database.ownerUrl, { max: 1 });
  await sql`insert into workspaces (id, slug, name) values (${workspaceId}, 'w', 'W')`.execute(owner);
  await owner.destroy();
});
afterAll(async () => {
  await Promise.all([system?.destroy(), app?.destroy()]);
  await database?.close();
});

const log = createLog({ level: 'silent', name: 'test' });
/** A database whose answers take so long; counts what it is asked. */
function slow(ms: number): { db: Db; asked: () => number } {
  let asked = 0;
  const db = system.withPlugin({
    transformQuery: ({ node }) => (asked++, node),
    transformResult: async ({ result }) => (await delay(ms), result),
  });
  return { db, asked: () => asked };
}

test('where looks take long, those who commit one after the other do not keep the hub looking all the time', async () => {
  const answerMs = 30;
  const { db, asked } = slow(answerMs);
  const hub = await startEventHub({ system: db, log });
  const before = asked();
  const begun = performance.now();
  while (performance.now() - begun < 1_200) {
    hub.wake();
    await delay(2);
  }
  const looks = asked() - before;
  const lasted = performance.now() - begun;
  await hub.close();
  expect(looks).toBeGreaterThan(2);
  expect(looks).toBeLessThan(lasted / answerMs / 2);
});

test('what is committed while it rests is told right after', async () => {
  const hub = await startEventHub({ system: slow(5).db, log });
  const told: string[] = [];
  hub.listen({ onEvent: ({ event }) => told.push(event.subject ?? '') });
  for (const subject of ['run:1', 'run:2', 'run:3']) {
    await inTenant(app, workspaceId, (tx) => appendEvent(tx, { type: 'run.queued', subject }));
    hub.wake();
    await delay(7);
  }
  await expect.poll(() => told, { timeout: 5_000 }).toEqual(['run:1', 'run:2', 'run:3']);
  await hub.close();
});
