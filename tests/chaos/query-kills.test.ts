// kill -9 of the real product's processes in each phase of queries on all three engines: every run ends as it would have,
// the service started it once, nothing is left there, and what was delivered is one delivery to its receiver.
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { workflowIdOf } from '#connectors/amc/engine-options.ts';
import { sessionName } from '#connectors/postgres/session.ts';
import { keyOfRun } from '#connectors/sfmc/run-state.ts';
import type { QueryRunDetail } from '#contracts/queries/query-runs.ts';
import { isEnded } from '#contracts/runs/status.ts';
import { type AmcSimulator, startAmcSimulator } from '#simulators/amc/amc-simulator.ts';
import { freshToken, PlainClient, quickScenario } from '#simulators/amc/plain-client.ts';
import { addFaults } from '#simulators/sfmc/faults.ts';
import { quick } from '#simulators/sfmc/fixtures/wire.ts';
import { type SfmcSimulator, startSfmcSimulator } from '#simulators/sfmc/sfmc-simulator.ts';
import { type Connected, connectServices } from '../kit/connect-services.ts';
import { type HttpPeer, httpPeer, type PeerRequest } from '../kit/http-peer.ts';
import { type Supervised, superviseProduct } from '../kit/supervised.ts';
import { type Furnished, furnish, until } from '../kit/test-app.ts';
import { type TestDatabase, testDatabase } from '../kit/test-database.ts';

type Kind = keyof Connected;
let product: Supervised;
let api: Furnished;
let sfmc: SfmcSimulator;
let amc: AmcSimulator;
let database: TestDatabase;
let own: pg.Client;
let peer: HttpPeer;
let connections: Connected;
let hook: { id: string };

beforeAll(async () => {
  product = await superviseProduct();
  [sfmc, amc, database, peer] = await Promise.all([
    startSfmcSimulator({ scenario: { knobs: quick } }),
    startAmcSimulator(quickScenario),
    testDatabase({ isEmpty: true }),
    httpPeer(),
    product.start(),
  ]);
  own = new pg.Client({ connectionString: database.ownerUrl });
  own.on('error', () => undefined);
  await own.connect();
  await own.query('create table held as select n from generate_series(1, 3) n');
  api = await furnish(product.origin);
  const { token } = api.owner;
  const person = { origin: product.origin, token, workspaceId: api.workspaceId };
  connections = await connectServices(person, { sfmc, amc, postgresUrl: database.ownerUrl });
  hook = await api.ok('POST', '/channels', { kind: 'webhook', name: 'lake', url: `${peer.url}/rows` });
}, 240_000);
afterAll(async () => {
  await product?.stop();
  await own?.end();
  await Promise.all([sfmc?.stop(), amc?.stop(), peer?.close(), database?.close()]);
}, 60_000);

const texts: Readonly<Record<Kind, string>> = {
  sfmc: 'SELECT SubscriberKey, City FROM Members WHERE Points < 1000',
  amc: 'SELECT campaign, COUNT(*) AS n FROM dsp_impressions GROUP BY campaign',
  postgres: 'select n from held',
};
const options = (kind: Kind): object =>
  kind === 'amc'
    ? { timeWindow: { type: 'ALL', timeZone: 'UTC' } }
    : kind === 'sfmc'
      ? { columns: ['SubscriberKey', 'City'].map((name) => ({ name, type: 'text', length: 254 })) }
      : {};
const start = async (kind: Kind, sql = texts[kind]): Promise<string> =>
  (await api.ok('POST', '/query-runs', { connectionId: connections[kind], sql, options: options(kind) })).runId;

let made = 0;
/** A run of a schedule that takes its rows to the webhook. */
async function deliver(kind: Kind, sql = texts[kind]): Promise<string> {
  const body = { engine: kind, sql, connectionId: connections[kind], options: options(kind) };
  const query = await api.ok('POST', '/queries', { name: `Taken ${++made}`, body });
  const after = { deliveries: [{ kind: 'webhook', channelId: hook.id }] };
  const { id } = await api.ok('POST', '/schedules', {
    name: `Take ${made}`,
    target: { kind: 'query', id: query.id, after },
    cron: '0 7 * * *',
  });
  const range = { from: '2026-03-02T06:59:00.000Z', to: '2026-03-02T07:01:00.000Z' };
  await api.ok('POST', `/schedules/${id}/backfill`, range);
  return until(async () => {
    const { data } = await api.ok('GET', `/schedules/${id}/firings`);
    return data.find(({ runId }: { runId: string | null }) => runId !== null)?.runId;
  });
}
/** The run once it has ended, whatever is away meanwhile. */
const ended = (runId: string): Promise<QueryRunDetail> =>
  until(async () => {
    const run = await api.ok('GET', `/query-runs/${runId}`).catch(() => undefined);
    return run && isEnded(run.status) ? (run as QueryRunDetail) : undefined;
  }, 100);

const waiting = (): number => sfmc.world.unanswered.length + amc.world.unanswered.length;
/** Does it, and settles when a service has done what was asked of it and keeps its answer to itself. */
async function caught(work: () => Promise<string>): Promise<string> {
  const before = waiting();
  const runId = await work();
  await until(() => waiting() > before, 10);
  return runId;
}
const sfmcHolds = (at: string): void => addFaults(sfmc.world, [{ kind: 'hang_after', at, times: 1, after: 0 }]);
const amcHolds = (match: string, after = 0): void =>
  amc.world.addFault({ kind: 'hang_after', match, after, times: 1, status: 500, delayMs: 0 });
const executions = '/amc/reporting/amcsim0001/workflowExecutions';
const asked = (): number =>
  amc.world.requests.filter(({ method, path }) => method === 'POST' && path.endsWith(executions)).length;

/** Requests of one run's delivery. */
const takenOf = (runId: string): PeerRequest[] =>
  peer.requests.filter(({ headers }) => headers['x-windlass-run'] === runId);

interface Caught {
  readonly runs: ReadonlyMap<string, { kind: Kind; runId: string }>;
  /** Lets go what the test itself holds. */
  release(): Promise<void>;
}

/** One run in each phase of each engine, all of them in the middle of it. */
async function inEachPhase(): Promise<Caught> {
  const runs = new Map<string, { kind: Kind; runId: string }>();
  const note = (phase: string, kind: Kind, runId: string) => void runs.set(`${kind} ${phase}`, { kind, runId });
  const locks = new pg.Client({ connectionString: database.ownerUrl });
  locks.on('error', () => undefined);
  await locks.connect();
  await locks.query('select pg_advisory_lock(7)');

  // A receiver that takes all of it and says nothing.
  peer.answerWith(() => null);
  const silent = await deliver('sfmc');
  await until(() => takenOf(silent).length === 1);
  peer.answerWith(() => ({ body: 'ok' }));
  note('delivery, its answer lost', 'sfmc', silent);
  note('delivery, rows on their way', 'postgres', await deliver('postgres', 'select n, pg_advisory_xact_lock_shared(7)::text from generate_series(1, 3) n')); // prettier-ignore
  await until(async () => {
    const { rows } = await own.query(`select 1 from pg_stat_activity where wait_event = 'advisory' and datname = $1`, [
      database.name,
    ]);
    return rows.length > 0;
  });
  amcHolds('GET /s3/');
  note('delivery, rows on their way', 'amc', await caught(() => deliver('amc')));

  sfmcHolds('Perform');
  note('start, its answer lost', 'sfmc', await caught(() => start('sfmc')));
  amcHolds(`POST ${executions}`, 1);
  note('start, its answer lost', 'amc', await caught(() => start('amc')));

  sfmcHolds('Delete QueryDefinition');
  note('cleanup', 'sfmc', await caught(() => start('sfmc')));
  amcHolds('DELETE /amc/reporting/amcsim0001/workflows/');
  note('cleanup', 'amc', await caught(() => start('amc')));

  sfmcHolds('Retrieve AsyncActivityStatus');
  note('poll', 'sfmc', await caught(() => start('sfmc')));
  const before = asked();
  const polled = await start('amc');
  // One to validate and one to start; the first look comes a second later.
  await until(() => asked() === before + 2, 5);
  amcHolds(`GET ${executions}/`);
  note('poll', 'amc', await caught(async () => polled));

  await locks.query('begin');
  await locks.query('lock table held in access exclusive mode');
  note('validate', 'postgres', await start('postgres'));
  await until(async () => {
    const { rows } = await own.query(
      `select 1 from pg_stat_activity where wait_event_type = 'Lock' and wait_event = 'relation' and datname = $1`,
      [database.name],
    );
    return rows.length > 0;
  });
  amcHolds(`POST ${executions}`);
  note('validate', 'amc', await caught(() => start('amc')));
  sfmcHolds('actions/validate');
  note('validate', 'sfmc', await caught(() => start('sfmc')));
  return { runs, release: () => locks.end() };
}

/** What its receiver has seen of a run. */
function howDelivered({ runId, deliveries }: QueryRunDetail): object {
  const taken = takenOf(runId);
  return {
    states: deliveries.map(({ state }) => state),
    keys: new Set(taken.map(({ headers }) => headers['idempotency-key'])).size,
    bodies: new Set(taken.map(({ body }) => body)).size,
    isWhole: taken.every(({ body }) => body.trim().split('\n').length === deliveries[0]?.rows),
    isRepeatedOnce: taken.length <= 2,
  };
}
/** Where the receiver had taken it already nobody can know: it sees by the key that it is the same. */
const deliveredOnce = { states: ['delivered'], keys: 1, bodies: 1, isWhole: true, isRepeatedOnce: true };
const notDelivered = { states: [], keys: 0, bodies: 0, isWhole: true, isRepeatedOnce: true };

/** How often the service began this run. */
async function startsOf(kind: Kind, runId: string): Promise<number> {
  if (kind === 'postgres') return 1; // its run is a check, which may be made again; nothing is begun there
  if (kind === 'sfmc') return sfmc.world.performs.get(keyOfRun(runId)) ?? 0;
  const plain = new PlainClient(amc, await freshToken(amc), 'amcsim0001', {
    id: 'ENTITYSIM1',
    marketplace: 'ATVPDKIKX0DER',
  });
  const id = workflowIdOf(runId);
  const { json } = await plain.send('GET', `/workflowExecutions?workflowId=${id}&includeCancelled=true`);
  return (json['executions'] as { workflowId: string }[]).filter(({ workflowId }) => workflowId === id).length;
}
const assets = async (): Promise<object> => {
  const { rows } = await own.query('select 1 from pg_stat_activity where application_name = any($1)', [
    allRuns.map(sessionName),
  ]);
  return {
    extensions: [...sfmc.world.extensions.values()].filter(({ madeAt }) => madeAt !== null).length,
    queries: sfmc.world.queries.size,
    workflows: amc.assets().workflows.length,
    sessions: rows.length,
  };
};
const allRuns: string[] = [];

test.each([
  ['the worker of queries', async () => product.kill('work')],
  ['API and workflows', async () => product.kill('app')],
  [
    'everything at once',
    async () => {
      await product.killAll();
      await product.start();
    },
  ],
])(
  'kill -9 of %s in each phase: every run ends, was started once, leaves nothing, and is delivered once',
  { timeout: 180_000 },
  async (_what, kill) => {
    const { runs, release } = await inEachPhase();
    expect(runs.size).toBe(12);
    await kill();
    // Whoever lives on and waits for an answer learns that none comes.
    for (const { unanswered } of [sfmc.world, amc.world]) for (const one of unanswered.splice(0)) one.destroy();
    peer.hangUp();
    await release();
    for (const [phase, { kind, runId }] of runs) {
      const run = await ended(runId);
      allRuns.push(runId);
      expect(run, `${phase}\n${product.logs()}`).toMatchObject({ status: 'succeeded', failure: null });
      expect(await startsOf(kind, runId), phase).toBe(1);
      expect(run.isAdopted || !phase.includes('start'), phase).toBe(true);
      expect(howDelivered(run), phase).toEqual(phase.includes('delivery') ? deliveredOnce : notDelivered);
      await api.ok('POST', `/query-runs/${runId}/close`);
    }
    await expect
      .poll(assets, { timeout: 120_000, interval: 250 })
      .toEqual({ extensions: 0, queries: 0, workflows: 0, sessions: 0 });
    peer.requests.length = 0;
  },
);

test(
  'kill -9 of the API while a page and an export are read: both break, a cursor reads on, no session is left',
  {
    timeout: 180_000,
  },
  async () => {
    const bearer = { headers: { authorization: `Bearer ${api.key}` } };
    const { runId } = await ended(await start('sfmc'));
    const rows = `/query-runs/${runId}/rows?limit=10`;
    const first = await api.ok('GET', rows);
    const next = `${rows}&cursor=${encodeURIComponent(first.cursor)}`;
    sfmcHolds('GET /rest/data/v1/customobjectdata');
    const page = fetch(`${product.origin}/api/v1${next}`, bearer).then(
      (answer) => answer.status,
      () => 'broken',
    );
    await until(() => waiting() > 0, 10);

    const large = await ended(await start('postgres', `select n, repeat('x', 500) from generate_series(1, 1000000) n`));
    const file = await fetch(`${product.origin}/api/v1/query-runs/${large.runId}/export?format=csv`, bearer);
    const reader = file.body?.getReader();
    expect((await reader?.read())?.done).toBe(false);
    const whole = (async () => {
      for (;;) if ((await reader?.read())?.done !== false) return 'whole';
    })().catch(() => 'broken');
    await product.kill('app');
    expect([await page, await whole]).toEqual(['broken', 'broken']);

    for (const one of sfmc.world.unanswered.splice(0)) one.destroy();
    const second = await until(() => api.ok('GET', next).catch(() => undefined), 100);
    expect([second.offset, second.rows.length]).toEqual([10, 10]);
    const names = [runId, large.runId].map(sessionName);
    await until(async () => {
      const { rows: left } = await own.query('select 1 from pg_stat_activity where application_name = any($1)', [
        names,
      ]);
      return left.length === 0;
    });
  },
);
