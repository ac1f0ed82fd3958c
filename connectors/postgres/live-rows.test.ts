import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { RunRef } from '#contracts/queries/engine.ts';
import { postgresWorld, type PostgresWorld } from '#tests/kit/postgres-world.ts';
import { failureOf } from '#tests/kit/query-failure.ts';
import { startTcpProxy } from '#tests/kit/tcp-proxy.ts';
import type { PostgresEngine } from './engine.ts';
import { LiveRows, type LiveRowsOptions } from './live-rows.ts';

let world: PostgresWorld;
beforeAll(async () => {
  world = await postgresWorld();
});
afterAll(() => world.close());

/** An engine with open results of its own. */
const engineWith = (limits: LiveRowsOptions = {}, connectionId = 'connection'): PostgresEngine => {
  const live = new LiveRows(limits);
  onTestFinished(() => live.end());
  return world.with({ live, options: { connectionId } });
};
const read = (engine: PostgresEngine, ref: RunRef, cursor: string | null = null, limit = 100, signal?: AbortSignal) =>
  engine.page({ ref, columns: [], cursor, limit }, { signal });

test('a result is read forwards to its end, and every row once', async () => {
  const engine = engineWith();
  const ref = world.run('select n from generate_series(1, 2500) n order by n');
  const seen: (string | null)[] = [];
  let cursor: string | null = null;
  do {
    const page = await read(engine, ref, cursor, 1_000);
    expect(page.offset).toBe(seen.length);
    seen.push(...page.rows.map(([cell]) => cell ?? null));
    expect(page.total).toBe(page.cursor === null ? 2_500 : null);
    cursor = page.cursor;
  } while (cursor !== null);
  expect(seen).toEqual(Array.from({ length: 2_500 }, (_, at) => String(at + 1)));
  // All is read: the server need not hold its snapshot.
  await expect.poll(() => world.sessions()).toEqual([]);
});

test('all pages are of one moment, whatever is written meanwhile', async () => {
  await world.owner.query('create table moving (n int); insert into moving select generate_series(1, 200)');
  const engine = engineWith();
  const ref = world.run('select n from moving order by n');
  const first = await read(engine, ref, null, 50);
  await world.owner.query('delete from moving where n > 60; insert into moving values (0)');
  const second = await read(engine, ref, first.cursor, 1_000);
  expect(second.rows).toHaveLength(150);
  expect(second.rows[0]).toEqual(['51']);
});

test('the last page is given again to whoever lost its answer; an earlier one has passed', async () => {
  const engine = engineWith();
  const ref = world.run('select n from generate_series(1, 400) n');
  const first = await read(engine, ref);
  expect(await read(engine, ref)).toMatchObject({ rows: first.rows, cursor: first.cursor });
  const [second, twin] = await Promise.all([read(engine, ref, first.cursor), read(engine, ref, first.cursor)]);
  expect(twin.rows).toEqual(second.rows);
  const third = await read(engine, ref, second.cursor);
  expect(third.offset).toBe(200);
  expect(await failureOf(read(engine, ref, first.cursor))).toMatchObject({ code: 'rows_expired', status: 410 });
  // From the beginning it is another reading, in a transaction of its own.
  expect((await read(engine, ref)).offset).toBe(0);
  expect(await world.sessions()).toHaveLength(2);
  expect((await read(engine, ref, third.cursor)).offset).toBe(300);
});

test('cells are text as the server prints it, times as ISO 8601, null is not empty', async () => {
  const engine = engineWith();
  const ref = world.run(`select true, false, null, '', 12345678901234567890.10::numeric,
    1e100::float8, 0.1::float4, 'NaN'::numeric, timestamptz '2026-01-31 08:00:00.25+02', timestamp '2026-01-31 08:00',
    timestamp 'infinity', date '0044-03-15 BC', '{"a": [1, "é"]}'::json, '\\x00ff'::bytea, array['a"b', null], interval '1 day 02:00',
    E'tab\\t\\\\ 😀', 'a'::char(3), int8 '-9223372036854775808'`);
  const { rows } = await read(engine, ref);
  expect(rows[0]).toEqual([
    'true',
    'false',
    null,
    '',
    '12345678901234567890.10',
    '1e+100',
    '0.1',
    'NaN',
    '2026-01-31T06:00:00.25+00:00',
    '2026-01-31T08:00:00',
    'infinity',
    '0044-03-15 BC',
    '{"a": [1, "é"]}',
    '\\x00ff',
    '{"a\\"b",NULL}',
    '1 day 02:00:00',
    'tab\t\\ 😀',
    'a  ',
    '-9223372036854775808',
  ]);
});

test('1,600 columns and rows of a megabyte are read; a page of wide rows ends before its limit', async () => {
  const engine = engineWith({ mostPageChars: 1_000_000 });
  const wide = world.run(`select ${Array.from({ length: 1_600 }, (_, at) => `${at} as c${at}`).join(', ')}`);
  const { columns, rows } = await read(engine, wide);
  expect([columns.length, rows[0]?.length, rows[0]?.[1_599]]).toEqual([1_600, 1_600, '1599']);
  const long = world.run(`select n, repeat('x', 100000) from generate_series(1, 30) n`);
  const page = await read(engine, long, null, 30);
  expect(page.rows).toHaveLength(16);
  expect((await read(engine, long, page.cursor, 30)).offset).toBe(16);
});

test('a row beyond all measure ends in a failure that says so, not in our memory', async () => {
  const engine = engineWith({ mostPageBytes: 2_000_000 });
  const ref = world.run(`select repeat('x', 10000000) from generate_series(1, 16)`);
  expect(await failureOf(read(engine, ref))).toMatchObject({ kind: 'provider', code: 'rows_too_wide' });
  await expect.poll(() => world.sessions()).toEqual([]);
});

test('a result without columns or rows is a result', async () => {
  const engine = engineWith();
  expect(await read(engine, world.run('select'))).toMatchObject({ columns: [], rows: [[]], total: 1 });
  expect(await read(engine, world.run('select 1 as a where false'))).toMatchObject({
    columns: [{ name: 'a', type: 'integer' }],
    rows: [],
    total: 0,
    cursor: null,
  });
});

test('nobody reads on: the transaction ends, and its rows are gone', async () => {
  const engine = engineWith({ idleMs: 100 });
  const ref = world.run('select n from generate_series(1, 400) n');
  const { cursor } = await read(engine, ref);
  await expect.poll(() => world.sessions()).toEqual([]);
  expect(await failureOf(read(engine, ref, cursor))).toMatchObject({ code: 'rows_expired', retryable: false });
  expect((await read(engine, ref)).offset).toBe(0);
});

test('a connection has so many open results and no more; who has them is told', async () => {
  const live = new LiveRows({ mostPerConnection: 3 });
  onTestFinished(() => live.end());
  const of = (reader: string, connectionId = 'busy') => world.with({ live, options: { reader, connectionId } });
  const sql = 'select n from generate_series(1, 400) n';
  await read(of('Ada'), world.run(sql));
  await read(of('Ada'), world.run(sql));
  const ben = world.run(sql);
  await read(of('Ben'), ben);
  const facts = await failureOf(read(of('Cleo'), world.run(sql)));
  expect(facts).toMatchObject({ kind: 'quota', code: 'too_many_open_results' });
  expect(facts.message).toContain('3 results are open on this connection');
  expect(facts.message).toContain('Ada (2), Ben');
  await read(of('Cleo', 'another'), world.run(sql));
  await of('Ben').cleanup(ben);
  await read(of('Cleo'), world.run(sql));
});

test('a query that was stopped says so, and to its reader too', async () => {
  const engine = engineWith();
  const ref = world.run('select pg_sleep(60)');
  const reading = failureOf(read(engine, ref));
  await expect.poll(() => world.sessions()).toMatchObject([{ state: 'active' }]);
  expect(await engine.cancel(ref)).toEqual({
    outcome: 'stopped',
    note: 'The query was stopped at the database, and its transaction ended.',
  });
  expect(await reading).toMatchObject({ code: 'canceled', retryable: false });
  await expect.poll(() => world.sessions()).toEqual([]);
  expect(await engine.cancel(ref)).toMatchObject({ outcome: 'ended_before' });
});

test('an EXPLAIN ANALYZE is stopped while it opens', async () => {
  const engine = engineWith();
  const ref = world.run('explain analyze select pg_sleep(60)');
  const reading = failureOf(read(engine, ref));
  await expect.poll(() => world.sessions()).toMatchObject([{ state: 'active' }]);
  expect(await engine.cancel(ref)).toMatchObject({ outcome: 'stopped' });
  expect(await reading).toMatchObject({ kind: 'provider', retryable: false });
  await expect.poll(() => world.sessions()).toEqual([]);
});

test('another process stops it as well', async () => {
  const ref = world.run('select pg_sleep(60)');
  const reading = failureOf(read(engineWith(), ref));
  await expect.poll(() => world.sessions()).toMatchObject([{ state: 'active' }]);
  expect(await engineWith().cancel(ref)).toMatchObject({ outcome: 'stopped' });
  expect(await reading).toMatchObject({ kind: 'network', code: '57P01' });
});

test('a reader that hung up may come back for a while; then its query is stopped', async () => {
  const engine = engineWith({ graceMs: 200 });
  const hangUp = new AbortController();
  const slow = world.run('select n, pg_sleep(0.005) from generate_series(1, 40) n');
  const lost = read(engine, slow, null, 100, hangUp.signal);
  await expect.poll(() => world.sessions()).toMatchObject([{ state: 'active' }]);
  hangUp.abort(new Error('gone'));
  await expect(lost).rejects.toThrow('gone');
  expect((await read(engine, slow)).rows).toHaveLength(40);
  const endless = world.run('select pg_sleep(60)');
  const hangUpAgain = new AbortController();
  const left = read(engine, endless, null, 40, hangUpAgain.signal);
  await expect.poll(() => world.sessions()).toMatchObject([{ state: 'active' }]);
  hangUpAgain.abort(new Error('gone'));
  await expect(left).rejects.toThrow('gone');
  await expect.poll(() => world.sessions()).toEqual([]);
});

test('a server that ends the session in the middle is a lost result, not a whole one', async () => {
  const engine = engineWith();
  const ref = world.run('select n from generate_series(1, 100000) n');
  const { cursor } = await read(engine, ref);
  await world.superuser.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1`, [
    `windlass ${ref.runId}`,
  ]);
  await expect.poll(() => world.sessions()).toEqual([]);
  expect(['network', 'provider']).toContain((await failureOf(read(engine, ref, cursor))).kind);
  expect(await failureOf(read(engine, ref, cursor))).toMatchObject({ code: 'rows_expired' });
});

test('a network that breaks in the middle of a page is a failure of the network', async () => {
  const { host, port } = world.access.target;
  const proxy = await startTcpProxy({ address: host, port });
  onTestFinished(() => proxy.stop());
  const live = new LiveRows();
  onTestFinished(() => live.end());
  const engine = world.with({ target: { host: '127.0.0.1', port: proxy.port }, live });
  const ref = world.run(`select repeat('x', 10000), pg_sleep(0.01) from generate_series(1, 10000) n`);
  const reading = failureOf(read(engine, ref, null, 10_000));
  await expect.poll(() => world.sessions()).toMatchObject([{ state: 'active' }]);
  const before = proxy.received();
  await expect.poll(() => proxy.received()).toBeGreaterThan(before);
  proxy.reset();
  expect(await reading).toMatchObject({ kind: 'network', retryable: true });
  await expect.poll(() => world.sessions(), { timeout: 20_000 }).toEqual([]); // once the server has written to nobody
});

test('a statement ends at its limit, and the limit is told', async () => {
  const live = new LiveRows();
  onTestFinished(() => live.end());
  const engine = world.with({ access: { statementTimeoutMs: 200 }, live });
  expect(await failureOf(read(engine, world.run('select pg_sleep(60)')))).toMatchObject({
    kind: 'timeout',
    code: 'statement_timeout',
    retryable: false,
  });
  await expect.poll(() => world.sessions()).toEqual([]);
});

test('a value that does not fit fails where its row is read', async () => {
  const engine = engineWith();
  expect(await failureOf(read(engine, world.run('select 1 / (n - 3) from generate_series(1, 5) n')))).toMatchObject({
    kind: 'syntax',
    code: '22012',
  });
});

test.each(['', 'x', Buffer.from('{"reading":"no","offset":-1}').toString('base64url')])(
  'the cursor %j is none',
  async (cursor) => {
    const engine = engineWith();
    expect(await failureOf(read(engine, world.run('select 1'), cursor))).toMatchObject({ code: 'cursor_invalid' });
  },
);

test('a cursor of one run opens no other', async () => {
  const engine = engineWith();
  const { cursor } = await read(engine, world.run('select n from generate_series(1, 400) n'));
  expect(await failureOf(read(engine, world.run('select 1'), cursor))).toMatchObject({ code: 'rows_expired' });
});

test('an end of the process ends all its transactions', async () => {
  const live = new LiveRows();
  const engine = world.with({ live });
  await read(engine, world.run('select n from generate_series(1, 400) n'));
  await read(engine, world.run('select n from generate_series(1, 400) n'));
  await live.end();
  await expect.poll(() => world.sessions()).toEqual([]);
});
