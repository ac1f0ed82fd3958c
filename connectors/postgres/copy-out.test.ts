import { text as readText } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Cell } from '#contracts/queries/engine.ts';
import { postgresWorld, type PostgresWorld } from '#tests/kit/postgres-world.ts';
import { failureOf } from '#tests/kit/query-failure.ts';
import { startTcpProxy } from '#tests/kit/tcp-proxy.ts';
import type { CopiedOut, CopyOutOptions } from './copy-out.ts';
import type { PostgresEngine } from './engine.ts';

let world: PostgresWorld;
beforeAll(async () => {
  world = await postgresWorld();
});
afterAll(() => world.close());

type Csv = Extract<CopiedOut, { kind: 'csv' }>;
type Rows = Extract<CopiedOut, { kind: 'rows' }>;
async function csvOf(
  sql: string,
  options: Partial<CopyOutOptions> = {},
  engine: PostgresEngine = world.engine,
): Promise<Csv> {
  const out = await engine.copyOut({ sql }, { as: 'csv', ...options });
  if (out.kind !== 'csv') throw new Error('These are rows.');
  return out;
}
async function rowsOf(out: CopiedOut): Promise<(readonly Cell[])[]> {
  const rows: (readonly Cell[])[] = [];
  for await (const page of (out as Rows).pages) rows.push(...page);
  return rows;
}

test('CSV is what COPY writes of the same query', async () => {
  const sql = `select n, 'a,"b"' as quoted, null as nothing, '' as empty, E'two\\nlines' as lines, true as ok, '😀' as face
    from generate_series(1, 3) n; -- done`;
  const { columns, stream, rowCount } = await csvOf(sql);
  expect(columns.map(({ name }) => name)).toEqual(['n', 'quoted', 'nothing', 'empty', 'lines', 'ok', 'face']);
  expect(rowCount()).toBeNull();
  expect(await readText(stream)).toBe([1, 2, 3].map((n) => `${n},"a,""b""",,"","two\nlines",t,😀\n`).join(''));
  expect(rowCount()).toBe(3);
  await expect.poll(() => world.sessions()).toEqual([]);
});

test('delimiter and the text of null are the reader’s choice, and cannot be more than that', async () => {
  const { stream } = await csvOf("select 1, null, 'x;y'", { delimiter: ';', nullText: "NULL'" });
  expect(await readText(stream)).toBe(`1;NULL';"x;y"\n`);
  const broken = world.engine.copyOut({ sql: 'select 1' }, { as: 'csv', delimiter: "') to program 'true' --" });
  expect(await failureOf(broken.then((out) => readText((out as Csv).stream)))).toMatchObject({ code: '0A000' });
});

test.each([
  "select 1) to program 'true' --",
  'select 1); drop table x; (select 1',
  'table nothing',
  'select 1 as a; select 2',
])('%j goes out of no door', async (sql) => {
  expect(await failureOf(world.engine.copyOut({ sql }, { as: 'csv' }))).toMatchObject({ kind: 'syntax' });
  await expect.poll(() => world.sessions()).toEqual([]);
});

test('with values the rows come by a cursor they are bound to, all of them', async () => {
  const sql =
    "select n, $1 as said, n = any ($2) as picked, timestamp '2026-01-31 08:00' from generate_series(1, 5500) n";
  const out = await world.engine.copyOut({ sql, parameters: { 1: "'; drop", 2: ['2', '3'] } }, { as: 'csv' });
  expect(out.kind).toBe('rows');
  const rows = await rowsOf(out);
  expect(rows).toHaveLength(5_500);
  expect(rows[1]).toEqual(['2', "'; drop", 't', '2026-01-31 08:00:00']);
  expect(rows.at(-1)?.[0]).toBe('5500');
  await expect.poll(() => world.sessions()).toEqual([]);
});

test('EXPLAIN and SHOW can be taken as files too', async () => {
  expect(await rowsOf(await world.engine.copyOut({ sql: 'show server_encoding' }, { as: 'csv' }))).toEqual([['UTF8']]);
});

const broken = "select repeat('x', 1000), 1 / (50000 - n) from generate_series(1, 100000) n";

test('a result that breaks off ends as an error: bytes and rows', async () => {
  const { stream, rowCount } = await csvOf(broken);
  expect(await failureOf(readText(stream))).toMatchObject({ kind: 'syntax', code: '22012' });
  expect(rowCount()).toBeNull();
  expect(await failureOf(rowsOf(await world.engine.copyOut({ sql: broken }, { as: 'rows' })))).toMatchObject({
    code: '22012',
  });
  await expect.poll(() => world.sessions()).toEqual([]);
});

test('a network that breaks in the middle ends the stream as an error', async () => {
  const { host, port } = world.access.target;
  const proxy = await startTcpProxy({ address: host, port });
  onTestFinished(() => proxy.stop());
  const engine = world.with({ target: { host: '127.0.0.1', port: proxy.port } });
  const { stream } = await csvOf("select repeat('x', 1000) from generate_series(1, 1000000) n", {}, engine);
  const taken = (async () => {
    let bytes = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (bytes === 0) proxy.reset();
      bytes += chunk.length;
    }
  })();
  expect(await failureOf(taken)).toMatchObject({ kind: 'network' });
});

test('nobody takes the bytes: the server waits, and memory stays as it is', async () => {
  const { stream } = await csvOf("select repeat('x', 1000) from generate_series(1, 10000000) n");
  await new Promise((resolve) => stream.once('readable', resolve));
  for (let turns = 0; turns < 200; turns++) await turn();
  expect(stream.readableLength).toBeLessThan(2_000_000);
  stream.destroy();
  await expect.poll(() => world.sessions()).toEqual([]);
});

test('a reader that leaves stops the query at the server', async () => {
  const stop = new AbortController();
  const ending = (async () => {
    const { stream } = await csvOf("select repeat('x', 1000), pg_sleep(0.01) from generate_series(1, 100000) n", {
      signal: stop.signal,
    });
    stop.abort(new Error('left'));
    return readText(stream);
  })();
  await expect(ending).rejects.toThrow('left');
  const out = (await world.engine.copyOut(
    { sql: 'select pg_sleep(0.01) from generate_series(1, 100000)' },
    { as: 'rows' },
  )) as Rows;
  for await (const _ of out.pages) break;
  await expect.poll(() => world.sessions()).toEqual([]);
});
