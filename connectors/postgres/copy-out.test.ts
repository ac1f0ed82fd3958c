import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Cell } from '#contracts/queries/engine.ts';
import { postgresWorld, type PostgresWorld } from '#tests/kit/postgres-world.ts';
import { failureOf } from '#tests/kit/query-failure.ts';
import { startTcpProxy } from '#tests/kit/tcp-proxy.ts';
import { textRows } from '../engines/cell-batch.ts';
import type { CopiedOut, CopyOutOptions } from './copy-out.ts';
import type { PostgresEngine } from './engine.ts';

let world: PostgresWorld;
beforeAll(async () => {
  world = await postgresWorld();
});
afterAll(() => world.close());

type Csv = Extract<CopiedOut, { kind: 'csv' }>;
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
  if (out.kind === 'rows') for await (const page of out.pages) rows.push(...page);
  else for await (const batch of out.batches) rows.push(...textRows(batch));
  return rows;
}
const readText = async (out: CopiedOut): Promise<string> => (await rowsOf(out)).flat().join('');

test('CSV is what COPY writes of the same query', async () => {
  const sql = `select n, 'a,"b"' as quoted, null as nothing, '' as empty, E'two\\nlines' as lines, true as ok, '😀' as face
    from generate_series(1, 3) n; -- done`;
  const out = await csvOf(sql);
  const { columns, rowCount } = out;
  expect(columns.map(({ name }) => name)).toEqual(['n', 'quoted', 'nothing', 'empty', 'lines', 'ok', 'face']);
  expect(rowCount()).toBeNull();
  expect(await readText(out)).toBe([1, 2, 3].map((n) => `${n},"a,""b""",,"","two\nlines",t,😀\n`).join(''));
  expect(rowCount()).toBe(3);
  await expect.poll(() => world.sessions()).toEqual([]);
});

test('delimiter and the text of null are the reader’s choice, and cannot be more than that', async () => {
  const out = await csvOf("select 1, null, 'x;y'", { delimiter: ';', nullText: "NULL'" });
  expect(await readText(out)).toBe(`1;NULL';"x;y"\n`);
  const broken = world.engine.copyOut({ sql: 'select 1' }, { as: 'csv', delimiter: "') to program 'true' --" });
  expect(await failureOf(broken.then(readText))).toMatchObject({ code: '0A000' });
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

test('with values the rows come by the query they are bound to, all of them', async () => {
  const sql =
    "select n, $1 as said, n = any ($2) as picked, timestamp '2026-01-31 08:00' from generate_series(1, 5500) n";
  const out = await world.engine.copyOut({ sql, parameters: { 1: "'; drop", 2: ['2', '3'] } }, { as: 'csv' });
  expect(out.kind).toBe('cells');
  const rows = await rowsOf(out);
  expect(rows).toHaveLength(5_500);
  expect(rows[1]).toEqual(['2', "'; drop", 't', '2026-01-31 08:00:00']);
  expect(rows.at(-1)?.[0]).toBe('5500');
  await expect.poll(() => world.sessions()).toEqual([]);
});

test('EXPLAIN and SHOW can be taken as files too', async () => {
  expect(await rowsOf(await world.engine.copyOut({ sql: 'show server_encoding' }, { as: 'csv' }))).toEqual([['UTF8']]);
});

/** What the servers of our sessions wait for. */
async function waits(): Promise<string[]> {
  const { rows } = await world.superuser.query<{ on: string }>(
    `select wait_event as on from pg_stat_activity where datname = $1 and application_name like 'windlass%'`,
    [world.access.target.database],
  );
  return rows.map(({ on }) => on);
}

const broken = "select repeat('x', 1000), 1 / (50000 - n) from generate_series(1, 100000) n";

test('a result that breaks off ends as an error: bytes and rows', async () => {
  const out = await csvOf(broken);
  const { rowCount } = out;
  expect(await failureOf(readText(out))).toMatchObject({ kind: 'syntax', code: '22012' });
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
  for (const as of ['csv', 'rows'] as const) {
    const sql = "select repeat('x', 1000) from generate_series(1, 1000000) n";
    const out = await engine.copyOut({ sql }, { as });
    if (out.kind === 'rows') throw new Error('These are pages.');
    const taken = (async () => {
      let rows = 0;
      for await (const batch of out.batches) {
        if (rows === 0) proxy.reset();
        rows += batch.rows;
      }
    })();
    expect(await failureOf(taken)).toMatchObject({ kind: 'network' });
  }
});

test('nobody takes the bytes: the server waits, and memory stays as it is', async () => {
  for (const as of ['csv', 'rows'] as const) {
    const sql = "select repeat('x', 1000) from generate_series(1, 10000000) n";
    const out = await world.engine.copyOut({ sql }, { as });
    if (out.kind === 'rows') throw new Error('These are pages.');
    const batches = out.batches[Symbol.asyncIterator]();
    expect((await batches.next()).value?.bytes.length).toBeLessThan(1_000_000);
    // It has filled what lies between us and waits for its reader, who has what he was given and no more.
    await expect.poll(waits).toEqual(['ClientWrite']);
    await batches.return?.();
    await expect.poll(() => world.sessions()).toEqual([]);
  }
});

test('a reader that leaves stops the query at the server', async () => {
  const stop = new AbortController();
  const ending = (async () => {
    const out = await csvOf("select repeat('x', 1000), pg_sleep(0.01) from generate_series(1, 100000) n", {
      signal: stop.signal,
    });
    stop.abort(new Error('left'));
    return readText(out);
  })();
  await expect(ending).rejects.toThrow('left');
  const out = await world.engine.copyOut(
    { sql: 'select pg_sleep(0.01), n from generate_series(1, 100000) n' },
    { as: 'rows' },
  );
  if (out.kind === 'rows') throw new Error('These are pages.');
  for await (const _ of out.batches) break;
  await expect.poll(() => world.sessions()).toEqual([]);
});

test('cells are what their types promise, wherever a piece of the wire ends', async () => {
  const sql = `select n, n % 2 = 0 as even, timestamptz '2026-01-31 08:00:00.5+02' as at, timestamp '2026-01-31 08:00' as seen,
    null as nothing, '' as empty, repeat('é', n % 700) as some, timestamptz 'infinity' as never
    from generate_series(1, 3000) n`;
  const rows = await rowsOf(await world.engine.copyOut({ sql }, { as: 'rows' }));
  expect(rows).toEqual(
    Array.from({ length: 3_000 }, (_, at) => [
      String(at + 1),
      at % 2 === 1 ? 'true' : 'false',
      expect.stringMatching(/^2026-01-31T\d\d:\d\d:00\.5[+-]\d\d:\d\d$/),
      '2026-01-31T08:00:00',
      null,
      '',
      'é'.repeat((at + 1) % 700),
      'infinity',
    ]),
  );
});

test('a row that is larger than any piece comes whole, and one beyond measure is refused', async () => {
  const wide = (chars: number) => `select repeat('x', ${chars}) as wide, 'end' as after from generate_series(1, 2)`;
  const rows = await rowsOf(await world.engine.copyOut({ sql: wide(5_000_000) }, { as: 'rows' }));
  expect(rows.map((row) => [row[0]?.length, row[1]])).toEqual([
    [5_000_000, 'end'],
    [5_000_000, 'end'],
  ]);
  const beyond = world.engine.copyOut({ sql: wide(70_000_000) }, { as: 'rows' });
  expect(await failureOf(beyond.then(rowsOf))).toMatchObject({ code: 'rows_too_wide' });
  const csv = await csvOf(wide(70_000_000));
  let bytes = 0;
  let largest = 0;
  for await (const batch of csv.batches) {
    largest = Math.max(largest, batch.bytes.length);
    for (let at = 0; at < 2 * batch.rows; at += 2) bytes += (batch.spans[at + 1] ?? 0) - (batch.spans[at] ?? 0);
  }
  expect(largest).toBeLessThan(1_000_000);
  expect(bytes).toBe(2 * 70_000_005);
  await expect.poll(() => world.sessions()).toEqual([]);
});
