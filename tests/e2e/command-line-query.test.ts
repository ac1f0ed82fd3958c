// `windlass query` as a process, through API, worker and engine to a real PostgreSQL.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type CommandLine, commandLine } from '../kit/command-line.ts';
import { type FaultyProxy, startFaultyProxy } from '../kit/faulty-proxy.ts';
import { type QueryWorld, membersQuery, mid, queryWorld } from '../kit/query-world.ts';
import { until } from '../kit/test-app.ts';

let world: QueryWorld;
let proxy: FaultyProxy;
let cli: CommandLine;
beforeAll(async () => {
  world = await queryWorld({
    withSweeps: false,
    // A query at the service that would take ten minutes.
    knobs: { queueMs: [0, 0], runMs: [600_000, 600_000], statusLagMs: [0, 0] },
  });
  proxy = await startFaultyProxy(world.app.origin);
});
afterAll(async () => {
  await proxy?.close();
  await world?.close();
});
beforeEach(() => {
  cli = commandLine({ WINDLASS_URL: proxy.origin, WINDLASS_API_KEY: world.app.key });
  mkdirSync(join(cli.home, 'got'));
  proxy.calls.length = 0;
});
afterEach(() => cli.close());

const runOf = (err: string): string => /^run (\S+)$/m.exec(err)?.[1] ?? '';
const exported = async (runId: string, format: string): Promise<Buffer> => {
  const answer = await fetch(`${world.app.origin}/api/v1/query-runs/${runId}/export?format=${format}`, {
    headers: { authorization: `Bearer ${world.app.key}` },
  });
  return Buffer.from(await answer.arrayBuffer());
};
const series = `select n, n * 1.5 as price, 'text "' || n as t from generate_series(1, 20000) n`;

test('the result is what the export gives, on standard output and as a file of each kind', async () => {
  const { code, bytes, err } = await cli.run(['query', '--connection', 'postgres', series]);
  expect([code, err]).toEqual([0, expect.stringContaining('\nready\n')]);
  expect(err).toMatch(/^queued|^running/m);
  expect(bytes.equals(await exported(runOf(err), 'csv'))).toBe(true);
  expect(bytes.toString().split('\n', 2)).toEqual(['n,price,t', '1,1.5,"text ""1"']);
  for (const format of ['ndjson', 'parquet', 'xlsx']) {
    const file = `got/rows.${format}`;
    const taken = await cli.run(['query', '--connection', world.connections.postgres, '--out', file, series]);
    expect([taken.code, taken.out]).toEqual([0, '']);
    expect(readFileSync(join(cli.home, file)).equals(await exported(runOf(taken.err), format))).toBe(true);
  }
});

test('a text comes from a file, from standard input or from a saved query, with its parameters', async () => {
  const sql = `select n, {{ word }} as word, {{ since: date }} as since from generate_series(1, {{ most: number }}) n where n in ({{ ids }})`;
  const parameterDefs = [
    { name: 'word', type: 'text' },
    { name: 'since', type: 'date' },
    { name: 'most', type: 'number' },
    { name: 'ids', type: 'list', itemType: 'number' },
  ];
  await world.app.ok('POST', '/queries', {
    name: 'By day',
    body: { engine: 'postgres', sql, parameters: parameterDefs, connectionId: world.connections.postgres },
  });
  const params = [
    '--param',
    'word=it=is',
    '--param',
    'since=2026-01-31',
    '--param',
    'most=9',
    '--param',
    'ids=2',
    '--param',
    'ids=7',
  ];
  const rows = '{"n":2,"word":"it=is","since":"2026-01-31"}\n{"n":7,"word":"it=is","since":"2026-01-31"}\n';
  const saved = await cli.run(['query', '--saved', 'By day', '--format', 'ndjson', ...params]);
  expect([saved.code, saved.out]).toEqual([0, rows]);
  expect(await world.app.ok('GET', `/query-runs/${runOf(saved.err)}`)).toMatchObject({
    title: 'By day',
    queryVersion: 1,
  });
  const plain = 'select {{ word }} as word';
  writeFileSync(join(cli.home, 'q.sql'), plain);
  const one = ['--connection', 'postgres', '--param', 'word=x'];
  expect((await cli.run(['query', ...one, '--file', 'q.sql'])).out).toBe('word\nx\n');
  expect((await cli.run(['query', ...one, '-'], { input: plain })).out).toBe('word\nx\n');
  const missing = await cli.run(['query', '--saved', 'By day']);
  expect([missing.code, missing.out]).toEqual([1, '']);
  expect(missing.err).toMatch(/^windlass: \S+: /m);
  const unknown = await cli.run(['query', '--connection', 'postgers', 'select 1']);
  expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('Did you mean postgres?')]);
});

test('a query that fails, or that the service refuses, is a failure with its code', async () => {
  const { code, out, err } = await cli.run(['query', '--connection', 'postgres', 'select nothing_of_that_name']);
  expect([code, out]).toEqual([1, '']);
  expect(err).toContain('nothing_of_that_name');
});

test('a start whose answer was lost is one run', async () => {
  proxy.befall('POST /api/v1/query-runs', { lose: true });
  const { code, err } = await cli.run(['query', '--connection', 'postgres', '--title', 'Only once', 'select 1 as one']);
  expect(code).toBe(0);
  const { data } = await world.app.ok('GET', '/query-runs?q=Only%20once');
  expect(data.map(({ runId }: { runId: string }) => runId)).toEqual([runOf(err)]);
});

test.each(['csv', 'parquet'] as const)(
  'a download that breaks is taken up at its byte, and is the very file: %s',
  async (format) => {
    for (let times = 0; times < 2; times++) proxy.befall('/export?', { cutAfter: 60_000 });
    const before = proxy.calls.length;
    const { code, err } = await cli.run(['query', '--connection', 'postgres', '--out', `got/rows.${format}`, series]);
    expect([code, err.match(/It broke off/g)?.length]).toEqual([0, 2]);
    expect(readFileSync(join(cli.home, `got/rows.${format}`)).equals(await exported(runOf(err), format))).toBe(true);
    // What had come is not asked for again.
    const asked = proxy.calls.slice(before).flatMap(({ line }) => /\/export\?.*fromByte=(\d+)/.exec(line)?.[1] ?? []);
    const cameBefore = [...err.matchAll(/after (\d+) bytes/g)].map(([, bytes]) => bytes);
    expect(asked).toEqual(cameBefore.filter((bytes) => bytes !== '0'));
    expect(Number(asked.at(-1))).toBeGreaterThan(0);
    rmSync(join(cli.home, `got/rows.${format}`));
  },
);

test('a download that breaks again and again, is spoiled, or fails at its making leaves no file that looks whole', async () => {
  const files = (): string[] => readdirSync(join(cli.home, 'got'));
  for (const fault of [{ cutAfter: 10_000 }, { spoil: true }] as const) {
    const befall = (): void => {
      for (let times = 0; times < ('cutAfter' in fault ? 4 : 1); times++) proxy.befall('/export?', fault);
    };
    befall();
    const { code, err } = await cli.run(['query', '--connection', 'postgres', '--out', 'got/rows.csv', series]);
    expect([code, files()]).toEqual([1, []]);
    expect(err).toMatch(/download\.broken|export\.differs/);
    const again = await cli.run(['export-query-rows', runOf(err), '--out', 'got/rows.csv']);
    expect([again.code, files()]).toEqual([0, ['rows.csv']]);
    expect(readFileSync(join(cli.home, 'got/rows.csv')).equals(await exported(runOf(err), 'csv'))).toBe(true);
    await cli.run(['close-query-run', runOf(err)]);
    writeFileSync(join(cli.home, 'got/rows.csv'), 'of yesterday');
    befall();
    expect((await cli.run(['query', '--connection', 'postgres', '--out', 'got/rows.csv', series])).code).toBe(1);
    expect(readFileSync(join(cli.home, 'got/rows.csv'), 'utf8')).toBe('of yesterday');
    rmSync(join(cli.home, 'got/rows.csv'));
  }
  const late = 'select n, repeat(md5(n::text), 20) as t, 1 / (12000 - n) as late from generate_series(1, 16000) n';
  const { code } = await cli.run(['query', '--connection', 'postgres', '--out', 'got/rows.csv', late]);
  expect([code, files()]).toEqual([1, []]);
});

const slow = ['query', '--connection', 'sfmc', '--unit', mid, membersQuery];

test('an interrupt cancels the query at the service, tells what that stopped, and the exit code says so', async () => {
  const query = cli.start([...slow, '--out', 'got/rows.csv']);
  await until(() => query.said().includes('running at the service'));
  query.interrupt();
  const { code, out, err } = await query.ended;
  expect([code, out]).toEqual([3, '']);
  expect(err).toContain(`Asked to cancel ${runOf(err)}`);
  expect(err).toMatch(/^canceled$/m);
  const { status, note } = await world.until(runOf(err));
  expect([status, err]).toEqual(['canceled', expect.stringContaining(note ?? 'a note of the run')]);
  expect(readdirSync(join(cli.home, 'got'))).toEqual([]);
});

test('an interrupt while the start is on its way cancels what was started', async () => {
  proxy.befall('POST /api/v1/query-runs', { answer: 503, retryAfter: 2 });
  const query = cli.start([...slow, '--verbose']);
  await until(() => query.said().includes('again in'));
  query.interrupt();
  const { code, err } = await query.ended;
  expect([code, err]).toEqual([3, expect.stringContaining('Asked to cancel')]);
  expect((await world.until(runOf(err))).status).toBe('canceled');
});

test('who may not cancel is told that it goes on', async () => {
  const { key } = await world.app.makeKey(['queries:run', 'queries:read', 'queries:export', 'connections:read']);
  const query = cli.start(slow, { env: { WINDLASS_API_KEY: key } });
  await until(() => query.said().includes('running'));
  query.interrupt();
  const { code, err } = await query.ended;
  expect(code).toBe(3);
  expect(err).toContain('It could not be canceled and goes on');
  expect(err).toContain('runs:cancel');
  await world.app.ok('POST', `/runs/${runOf(err)}/cancel`, {});
  expect((await world.until(runOf(err))).status).toBe('canceled');
});

test('an interrupt while rows come ends the reading, at the database too, and leaves no file', async () => {
  const sleeping = async (): Promise<number> => {
    const { rows } = await world.own.query(
      `select 1 from pg_stat_activity where query like '%the long one%' and state = 'active' and pid <> pg_backend_pid()`,
    );
    return rows.length;
  };
  const long = 'select pg_sleep(600) as "the long one"';
  const query = cli.start(['query', '--connection', 'postgres', '--out', 'got/rows.csv', long]);
  await until(async () => (await sleeping()) === 1);
  query.interrupt();
  const { code, err } = await query.ended;
  expect([code, err]).toEqual([3, expect.stringContaining(`windlass export-query-rows ${runOf(err)}`)]);
  await until(async () => (await sleeping()) === 0);
  expect(readdirSync(join(cli.home, 'got'))).toEqual([]);
});
