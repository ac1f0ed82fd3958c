// Rows of queries, and what opens the services they come from, are searched for afterwards in everything that the product
// keeps: tables, Temporal's histories (opened), every byte of its files with logs and write-ahead log.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formsOf, type Found, searchFiles, searchHistories, searchTables } from '../kit/kept-data.ts';
import type { QueryRunDetail } from '#contracts/queries/query-runs.ts';
import { isEnded } from '#contracts/runs/status.ts';
import { type AmcSimulator, startAmcSimulator } from '#simulators/amc/amc-simulator.ts';
import { quickScenario } from '#simulators/amc/plain-client.ts';
import { addFaults } from '#simulators/sfmc/faults.ts';
import { quick } from '#simulators/sfmc/fixtures/wire.ts';
import { type SfmcSimulator, startSfmcSimulator } from '#simulators/sfmc/sfmc-simulator.ts';
import { type SmtpServer, startSmtpServer } from '#simulators/smtp/smtp-server.ts';
import { type Connected, connectServices } from '../kit/connect-services.ts';
import { type HttpPeer, httpPeer } from '../kit/http-peer.ts';
import { type Supervised, superviseProduct } from '../kit/supervised.ts';
import { type Furnished, furnish, until } from '../kit/test-app.ts';
import { type TestDatabase, testDatabase } from '../kit/test-database.ts';

type Kind = keyof Connected;
/** In the texts of the queries they stand in two pieces: whole, they are in rows alone. */
const markers = {
  sfmc: 'Zebrafink-7f3a91',
  amc: 'Okapiherd-5b2c48',
  postgres: 'Quaggafoal-9d6e07',
  sfmcError: 'Mantaray-quoted-1c',
  amcError: 'Narwhal-quoted-2d',
} as const;
const inPieces = (kind: Kind): string => {
  const marker = markers[kind];
  const [head, tail] = [marker.slice(0, 9), marker.slice(9)];
  return kind === 'sfmc' ? `'${head}' + '${tail}'` : kind === 'amc' ? `CONCAT('${head}', '${tail}')` : `'${head}' || '${tail}'`; // prettier-ignore
};
const texts: Readonly<Record<Kind, string>> = {
  sfmc: `SELECT TOP 50 SubscriberKey, ${inPieces('sfmc')} AS City FROM Members`,
  amc: `SELECT campaign, ${inPieces('amc')} AS word, COUNT(*) AS n FROM dsp_impressions GROUP BY campaign`,
  postgres: `select n, ${inPieces('postgres')} as word from generate_series(1, 50) n`,
};
const kinds = Object.keys(texts) as Kind[];

let product: Supervised;
let api: Furnished;
let sfmc: SfmcSimulator;
let amc: AmcSimulator;
let database: TestDatabase;
let smtp: SmtpServer;
let peer: HttpPeer;
let connections: Connected;
let hook: { id: string };
/** Tokens and addresses that were worth something at any time of this test. */
const passes = new Set<string>();

beforeAll(async () => {
  smtp = await startSmtpServer();
  product = await superviseProduct({ LOG_LEVEL: 'trace', SMTP_URL: smtp.url });
  [sfmc, amc, database, peer] = await Promise.all([
    startSfmcSimulator({ scenario: { knobs: quick } }),
    startAmcSimulator(quickScenario),
    testDatabase({ isEmpty: true }),
    httpPeer(),
    product.start(),
  ]);
  api = await furnish(product.origin);
  const { token } = api.owner;
  connections = await connectServices(
    { origin: product.origin, token, workspaceId: api.workspaceId },
    { sfmc, amc, postgresUrl: database.ownerUrl },
  );
  hook = await api.ok('POST', '/channels', { kind: 'webhook', name: 'lake', url: `${peer.url}/rows` });
}, 240_000);
afterAll(async () => {
  await product?.stop();
  await Promise.all([sfmc?.stop(), amc?.stop(), smtp?.close(), peer?.close(), database?.close()]);
}, 60_000);

const options = (kind: Kind): object =>
  kind === 'amc'
    ? { timeWindow: { type: 'ALL', timeZone: 'UTC' } }
    : kind === 'sfmc'
      ? { columns: ['SubscriberKey', 'City'].map((name) => ({ name, type: 'text', length: 254 })) }
      : {};
const ended = (runId: string): Promise<QueryRunDetail> =>
  until(async () => {
    const run: QueryRunDetail = await api.ok('GET', `/query-runs/${runId}`);
    return isEnded(run.status) && run;
  });
const start = async (kind: Kind, sql = texts[kind]): Promise<QueryRunDetail> => {
  const asked = { connectionId: connections[kind], sql, options: options(kind) };
  return ended((await api.ok('POST', '/query-runs', asked)).runId);
};
let made = 0;
/** A run of a schedule with what it does afterwards. */
async function scheduled(kind: Kind, sql: string, after: object): Promise<QueryRunDetail> {
  const body = { engine: kind, sql, connectionId: connections[kind], options: options(kind) };
  const query = await api.ok('POST', '/queries', { name: `Taken ${++made}`, body });
  const target = { kind: 'query', id: query.id, after };
  const { id } = await api.ok('POST', '/schedules', { name: `Take ${made}`, target, cron: '0 7 * * *' });
  const range = { from: '2026-03-02T06:59:00.000Z', to: '2026-03-02T07:01:00.000Z' };
  await api.ok('POST', `/schedules/${id}/backfill`, range);
  return ended(
    await until<string>(async () => {
      const { data } = await api.ok('GET', `/schedules/${id}/firings`);
      return data.find(({ runId }: { runId: string | null }) => runId !== null)?.runId;
    }),
  );
}
const bytesOf = async (runId: string, format: string): Promise<Response> =>
  fetch(`${product.origin}/api/v1/query-runs/${runId}/export?format=${format}`, {
    headers: { authorization: `Bearer ${api.key}` },
  });

test.each(kinds)('rows of %s are read, exported, mailed and posted', { timeout: 120_000 }, async (kind) => {
  const marker = markers[kind];
  const run = await start(kind);
  expect(run, product.logs()).toMatchObject({ status: 'succeeded' });
  const page = await api.ok('GET', `/query-runs/${run.runId}/rows?limit=10`);
  expect(page.rows[0]).toContain(marker);
  for (const format of ['csv', 'json', 'ndjson', 'xlsx', 'parquet']) {
    const file = await bytesOf(run.runId, format);
    expect([format, file.status]).toEqual([format, 200]);
    const bytes = Buffer.from(await file.arrayBuffer());
    expect(bytes.includes(marker) || format === 'xlsx' || format === 'parquet', format).toBe(true);
  }
  [peer.requests.length, smtp.letters.length] = [0, 0];
  const taken = await scheduled(kind, texts[kind], {
    deliveries: [
      { kind: 'mail', recipients: ['ada@example.org'], format: 'csv' },
      { kind: 'webhook', channelId: hook.id },
    ],
    alerts: [{ channelId: hook.id, when: { on: 'value', column: kind === 'sfmc' ? 'City' : 'word', is: 'equal', value: `${marker.slice(0, 9)}…` } }], // prettier-ignore
  });
  expect(taken, product.logs()).toMatchObject({ status: 'succeeded' });
  expect(peer.requests[0]?.body).toContain(marker);
  expect(smtp.letters).toHaveLength(1);
  for (const access of sfmc.world.access.keys()) passes.add(access);
  for (const token of amc.world.accessTokens.keys()) passes.add(token);
});

test('what a service quotes of a row when it fails is told without it', { timeout: 120_000 }, async () => {
  const words = `Conversion failed when converting the nvarchar value '${markers.sfmcError}' to data type int.`;
  addFaults(sfmc.world, [{ kind: 'query_fails', message: words, times: 1, after: 0 }]);
  const atSfmc = await start('sfmc');
  expect(atSfmc.failure?.message).toBe(`Conversion failed when converting the nvarchar value '…' to data type int.`);

  // The first execution is the one that validates.
  amc.world.outcomes.push(
    { status: 'SUCCEEDED', reasonField: 'statusReason', reason: '' },
    { status: 'FAILED', reasonField: 'statusReason', reason: `Cannot cast '${markers.amcError}' to BIGINT.` },
  );
  const atAmc = await start('amc');
  expect(atAmc).toMatchObject({ status: 'failed', failure: { message: `Cannot cast '…' to BIGINT.` } });

  // Found where rows are read: by a person, who is told all of it, in an export, and in a delivery.
  const cast = `select (${inPieces('postgres')} || n)::int as word from generate_series(1, 50) n`;
  const read = await start('postgres', cast);
  expect(read.status).toBe('succeeded');
  const refused = await api.call('GET', `/query-runs/${read.runId}/rows?limit=10`);
  expect(refused.status).toBeGreaterThanOrEqual(400);
  expect(refused.text).toContain(markers.postgres);
  for (const format of ['csv', 'xlsx'])
    await bytesOf(read.runId, format)
      .then((file) => file.arrayBuffer())
      .catch(() => undefined); // a broken download
  const posted = await scheduled('postgres', cast, { deliveries: [{ kind: 'webhook', channelId: hook.id }] });
  expect(posted).toMatchObject({ status: 'failed', failure: { code: 'undelivered' } });
  expect(posted.failure?.message).toContain('invalid input syntax for type integer: "…"');
  expect(posted.deliveries).toMatchObject([{ state: 'failed', failure: { code: '22P02' } }]);
});

test('tokens are renewed', { timeout: 120_000 }, async () => {
  await api.ok('POST', `/connections/${connections.amc}/refresh`);
  for (const token of [...sfmc.world.access.keys(), ...amc.world.accessTokens.keys()]) passes.add(token);
  for (const { refreshToken } of amc.world.grants) passes.add(refreshToken);
  for (const token of sfmc.world.refresh.keys()) passes.add(token);
  expect(passes.size).toBeGreaterThan(3);
});

const forms = (): string[] => [
  ...[
    ...Object.values(markers),
    ...passes,
    sfmc.packages.server.clientSecret ?? '',
    amc.clientSecret,
    decodeURIComponent(new URL(database.ownerUrl).password),
  ]
    .filter((word) => word.length >= 8)
    .flatMap(formsOf),
  // Of the addresses under which Amazon gives out rows, to whoever has them.
  'X-Amz-Signature',
];
const nothing = ({ open }: Found): void => expect(open).toEqual([]);

test('no row, token or secret is in any table', { timeout: 120_000 }, async () => {
  const found = await searchTables(product, forms());
  nothing(found);
  expect(found.places).toBeGreaterThan(40);
});

test('nor in any history of Temporal', { timeout: 120_000 }, async () => {
  const found = await searchHistories(product, forms());
  nothing(found);
  expect(found.places).toBeGreaterThan(10);
});

test(
  'nor in any file: Temporal’s own, PostgreSQL’s pages and write-ahead log, logs',
  { timeout: 240_000 },
  async () => {
    const found = await searchFiles(product, forms());
    nothing(found);
    expect(found.places).toBeGreaterThan(100);
  },
);

test('the searches find what lies open', { timeout: 120_000 }, async () => {
  const { runId } = await start('postgres', `select 'Lies-open-${made}' as word`);
  const word = formsOf(`Lies-open-${made}`);
  const places = await Promise.all([searchTables(product, word), searchFiles(product, word)]);
  for (const { open } of places) expect(open).not.toEqual([]);
  // An id is in the input of its own workflow.
  expect((await searchHistories(product, [runId])).open).not.toEqual([]);
});
