// Connections as they are set up and taken down through the API, and what becomes of queries meanwhile.
import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { exportFormatNames } from '#contracts/queries/export-formats.ts';
import type { QueryRunDetail } from '#contracts/queries/query-runs.ts';
import { isEnded } from '#contracts/runs/status.ts';
import { type AmcSimulator, startAmcSimulator } from '#simulators/amc/amc-simulator.ts';
import { quickScenario } from '#simulators/amc/plain-client.ts';
import { quick } from '#simulators/sfmc/fixtures/wire.ts';
import { type SfmcSimulator, startSfmcSimulator } from '#simulators/sfmc/sfmc-simulator.ts';
import { type Connected, connectServices } from '../kit/connect-services.ts';
import { startTcpProxy, type TcpProxy } from '../kit/tcp-proxy.ts';
import { startTestApp, type TestApp, until } from '../kit/test-app.ts';
import { type TestDatabase, testDatabase } from '../kit/test-database.ts';

type Kind = keyof Connected;
let app: TestApp;
let sfmc: SfmcSimulator;
let amc: AmcSimulator;
let database: TestDatabase;
let connections: Connected;
let owner: pg.Pool;
let proxy: TcpProxy;

beforeAll(async () => {
  [app, sfmc, amc, database] = await Promise.all([
    startTestApp({ withHosts: false, withQueries: true, withSweeps: false }),
    startSfmcSimulator({ scenario: { knobs: quick } }),
    startAmcSimulator(quickScenario),
    testDatabase({ isEmpty: true }),
  ]);
  owner = new pg.Pool({ connectionString: app.database.ownerUrl, max: 2 });
  // By a port of its own: that of the product's own database is refused, whatever a workspace allows.
  const url = new URL(database.ownerUrl);
  proxy = await startTcpProxy({ address: url.hostname, port: Number(url.port) });
  url.port = String(proxy.port);
  const { token } = app.owner;
  const person = { origin: app.origin, token, workspaceId: app.workspaceId };
  connections = await connectServices(person, { sfmc, amc, postgresUrl: url.href });
});
afterAll(async () => {
  await owner?.end();
  await app?.close();
  await proxy?.stop();
  await Promise.all([sfmc?.stop(), amc?.stop(), database?.close()]);
});

const texts: Readonly<Record<Exclude<Kind, 'postgres'>, { sql: string; options: object }>> = {
  sfmc: {
    sql: 'SELECT SubscriberKey FROM Members WHERE Points < 1000',
    options: { columns: [{ name: 'SubscriberKey', type: 'text', length: 254 }] },
  },
  amc: {
    sql: 'SELECT campaign, COUNT(*) AS n FROM dsp_impressions GROUP BY campaign',
    options: { timeWindow: { type: 'ALL', timeZone: 'UTC' } },
  },
};
const start = async (connectionId: string, asked: { sql: string; options?: object }): Promise<string> =>
  (await app.ok('POST', '/query-runs', { connectionId, ...asked })).runId;
const when = (runId: string, isWanted: (run: QueryRunDetail) => boolean): Promise<QueryRunDetail> =>
  until(async () => {
    const run: QueryRunDetail = await app.ok('GET', `/query-runs/${runId}`);
    return isWanted(run) && run;
  });
const ended = (runId: string): Promise<QueryRunDetail> => when(runId, ({ status }) => isEnded(status));
const onRecord = async (connectionId: string): Promise<number> =>
  (await owner.query('select 1 from remote_assets where connection_id = $1', [connectionId])).rows.length;
/** Disconnects, and says what its lifecycle tells of it. */
async function disconnect(id: string): Promise<Record<string, unknown>> {
  const { runId } = await app.ok('GET', `/connections/${id}`);
  await app.ok('DELETE', `/connections/${id}`);
  const run = await app.untilRun(runId);
  await until(async () => (await app.call('GET', `/connections/${id}`)).status === 404);
  return run.outputs as Record<string, unknown>;
}

test('a result of 1,200 columns from a database that was set up through the API is read and exported whole', async () => {
  const names = Array.from({ length: 1_200 }, (_, at) => `c${at}`);
  const sql = `select ${names.map((name, at) => `n + ${at} as ${name}`).join(', ')} from generate_series(0, 2) n`;
  const run = await ended(await start(connections.postgres, { sql }));
  expect(run).toMatchObject({ status: 'succeeded', failure: null });
  expect(run.columns?.map(({ name }) => name)).toEqual(names);
  const page = await app.ok('GET', `/query-runs/${run.runId}/rows?limit=10`);
  expect(page.rows.map((row: string[]) => [row.length, row[0], row.at(-1)])).toEqual([
    [1_200, '0', '1199'],
    [1_200, '1', '1200'],
    [1_200, '2', '1201'],
  ]);
  const files = new Map<string, Buffer>();
  for (const format of exportFormatNames) {
    const file = await fetch(`${app.origin}/api/v1/query-runs/${run.runId}/export?format=${format}`, {
      headers: { authorization: `Bearer ${app.key}` },
    });
    files.set(format, Buffer.from(await file.arrayBuffer()));
    expect([format, file.status, (files.get(format)?.length ?? 0) > 3_000]).toEqual([format, 200, true]);
  }
  const lastLine = files.get('csv')?.toString().trim().split('\n').at(-1);
  expect(lastLine?.split(',')).toHaveLength(1_200);
  expect(files.get('ndjson')?.toString().split('\n')[0]).toContain('"c1199":1199');
});

test('whoever may see one business unit finds nothing of another in history, queue, assets or rows, and ends nothing there', async () => {
  const { runId } = await ended(await start(connections.sfmc, texts.sfmc));
  const isThere = async (path: string, as?: object): Promise<boolean> =>
    (await app.call('GET', path, undefined, as)).text.includes(runId);
  const lists = ['/query-runs?limit=50', '/query-runs?q=members', '/query-assets', '/runs?limit=50', '/runs/ids', '/runs/export']; // prettier-ignore
  const ones = [
    `/query-runs/${runId}`,
    `/query-runs/${runId}/rows`,
    `/query-runs/${runId}/export?format=csv`,
    `/runs/${runId}`,
    `/runs/${runId}/events`,
    `/runs/${runId}/logs`,
    `/runs/${runId}/logs.txt`,
  ];
  for (const path of [...lists, ...ones]) expect([path, (await app.call('GET', path)).status]).toEqual([path, 200]);
  for (const path of lists) expect([path, await isThere(path)]).toEqual([path, true]);

  const person = await app.addMember(`Outlet${Date.now()}`, 'member');
  await owner.query('update members set mids = $1 where user_id = $2', ['7000002', person.id]);
  const login = { email: person.email, password: 'a long enough word', client: 'api' };
  const { accessToken: token } = await app.ok('POST', '/auth/login', login, { token: null });
  for (const path of lists) expect([path, await isThere(path, { token })]).toEqual([path, false]);
  for (const path of ones) expect([path, (await app.call('GET', path, undefined, { token })).status]).toEqual([path, 404]); // prettier-ignore
  const { data: load } = await app.ok('GET', '/query-queue', undefined, { token });
  const own = load.find(({ connectionId }: { connectionId: string }) => connectionId === connections.sfmc);
  expect(own?.temporaryAssets ?? 0).toBe(0);
  for (const act of [`/query-runs/${runId}/close`, `/runs/${runId}/cancel`])
    expect([act, (await app.call('POST', act, undefined, { token })).status]).toEqual([act, 404]);
  expect((await app.call('GET', `/query-runs/${runId}/rows`)).status).toBe(200);
});

test('a disconnect during runs ends them, says what could be stopped, and leaves nothing at the services', async () => {
  sfmc.world.knobs.runMs = [60_000, 60_000];
  onTestFinished(() => void Object.assign(sfmc.world.knobs, quick));
  amc.world.knobs = { ...amc.world.knobs, runningMs: [60_000, 60_000], pendingMs: [0, 0] };
  const [atSfmc, atAmc] = [await start(connections.sfmc, texts.sfmc), await start(connections.amc, texts.amc)];
  await Promise.all([atSfmc, atAmc].map((runId) => when(runId, ({ phase }) => phase === 'running')));
  const told = await Promise.all([connections.sfmc, connections.amc].map(disconnect));
  for (const outputs of told)
    expect(outputs).toMatchObject({ runsEnded: true, temporaryObjectsLeft: 0, sweepFailure: null });
  expect(await ended(atSfmc)).toMatchObject({
    status: 'canceled',
    note: expect.stringContaining('cannot stop a query that has begun'),
    isReadable: false,
  });
  expect(await ended(atAmc)).toMatchObject({ status: 'canceled', note: 'Amazon stopped the query.' });
  const { world } = sfmc;
  expect({
    extensions: [...world.extensions.values()].filter(({ madeAt }) => madeAt !== null).length,
    folders: [...world.folders.values()].filter(({ madeAt }) => madeAt !== null).length,
    queries: world.queries.size,
    workflows: amc.assets().workflows.length,
    executions: amc.assets().openExecutions.length,
  }).toEqual({ extensions: 0, folders: 0, queries: 0, workflows: 0, executions: 0 });
  expect([await onRecord(connections.sfmc), await onRecord(connections.amc)]).toEqual([0, 0]);
  // What was asked and how it went stays in the history; its rows do not.
  expect((await app.call('GET', `/query-runs/${atSfmc}/rows`)).status).toBe(409);
});

test('a database that is disconnected while its rows are read ends the reading and its transaction', async () => {
  const sql = 'select n from generate_series(1, 100000) n';
  const { runId } = await ended(await start(connections.postgres, { sql }));
  const page = await app.ok('GET', `/query-runs/${runId}/rows?limit=10`);
  await disconnect(connections.postgres);
  const next = await app.call('GET', `/query-runs/${runId}/rows?limit=10&cursor=${encodeURIComponent(page.cursor)}`);
  expect(next.status).toBeGreaterThanOrEqual(400);
  // The server takes a moment to end what was cut off.
  const sessions = () => owner.query('select 1 from pg_stat_activity where application_name = $1', [`windlass ${runId}`]); // prettier-ignore
  await until(async () => (await sessions()).rows.length === 0);
});

test('a service that lets nobody in any more when it is left: how much may be left there is told', async () => {
  const { server } = sfmc.packages;
  const { id } = await app.ok('POST', '/connections', {
    kind: 'sfmc',
    name: `Locked out ${Date.now()}`,
    config: { authUrl: sfmc.authUrl, clientId: server.clientId, clientSecret: server.clientSecret, grant: 'server' },
  });
  await until(async () => {
    const { data } = await app.ok('GET', `/connections/${id}/units`);
    return data.some(({ isUsable }: { isUsable: boolean }) => isUsable);
  });
  await ended(await start(id, texts.sfmc));
  const count = await onRecord(id);
  expect(count).toBeGreaterThan(0);
  const { clientSecret } = server;
  server.clientSecret = 'changed at the service';
  for (const access of sfmc.world.access.values()) access.expiresAt = 0;
  try {
    expect(await disconnect(id)).toMatchObject({
      temporaryObjectsLeft: count,
      sweepFailure: expect.stringMatching(/\S/),
    });
  } finally {
    if (clientSecret !== undefined) server.clientSecret = clientSecret;
  }
  // Nobody of ours can reach them: the record lets them go.
  expect(await onRecord(id)).toBe(0);
});
