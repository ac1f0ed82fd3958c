import { expect, test } from 'vitest';
import { testDatabase } from '#tests/kit/test-database.ts';
import { isDatabaseAway, untilDatabase } from './database-away.ts';
import { openDatabase } from './database.ts';

test('a database that is not there, or ends the connection, is away; one that refuses what was asked is not', async () => {
  const database = await testDatabase();
  const db = openDatabase(database.superuserUrl, { max: 1 });
  const ended = openDatabase(database.superuserUrl, { max: 1 });
  const nobody = openDatabase('postgresql://x:x@127.0.0.1:1/x', { max: 1 });
  const failureOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );
  const query = (on: typeof db, text: string) => on.executeQuery({ sql: text, parameters: [] } as never);
  expect(isDatabaseAway(await failureOf(query(nobody, 'select 1')))).toBe(true);
  expect(isDatabaseAway(await failureOf(query(ended, 'select pg_terminate_backend(pg_backend_pid())')))).toBe(true);
  expect(isDatabaseAway(await failureOf(query(db, 'select * from no_such_table')))).toBe(false);
  expect(isDatabaseAway(await failureOf(query(db, 'select 1 / 0')))).toBe(false);
  expect(isDatabaseAway(new Error('away'))).toBe(false);
  await Promise.all([db.destroy(), ended.destroy(), nobody.destroy()]);
  await database.close();
});

const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

test('work is done again until the database is back', async () => {
  let tries = 0;
  const done = await untilDatabase(async () => {
    tries += 1;
    if (tries < 3) throw away;
    return 'done';
  });
  expect([done, tries]).toEqual(['done', 3]);
});

test('any other failure is told at once, and a stop ends the waiting', async () => {
  const fault = new Error('a fault');
  await expect(untilDatabase(() => Promise.reject(fault))).rejects.toBe(fault);
  const stop = new AbortController();
  const waiting = untilDatabase(() => Promise.reject(away), stop.signal);
  stop.abort();
  await expect(waiting).rejects.toBe(away);
});
