import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunDetail } from '#contracts/runs/runs.ts';
import { until } from '#tests/kit/test-app.ts';
import { type QueryWorld, membersQuery, queryWorld } from '#tests/kit/query-world.ts';

let world: QueryWorld;
beforeAll(async () => void (world = await queryWorld({ knobs: { queueMs: [3_000, 3_000] } })), 180_000);
afterAll(() => world?.close());

const mark = (): string => Math.random().toString(36).slice(2, 10);
/** Saves a playbook of these steps and says its id. */
const save = async (steps: object[], more: object = {}): Promise<string> => {
  const name = `Query steps ${mark()}`;
  return (await world.app.ok('POST', '/playbooks', { name, definition: { name, steps, ...more } })).id;
};
const run = async (steps: object[], more: object = {}, inputs: object = {}): Promise<string> =>
  (await world.app.ok('POST', `/playbooks/${await save(steps, more)}/runs`, { inputs })).runId;
const ended = (runId: string): Promise<RunDetail> => world.app.untilRun(runId);
const childOf = (runId: string): Promise<string> =>
  until(async () => (await world.sql('select id from runs where parent_run_id = $1', [runId]))[0]?.['id'] as string);

test('a text runs with values from expressions; the step has the count and the columns, and no row is kept', async () => {
  const secret = `marker-${mark()}`;
  const steps = [
    {
      id: 'q',
      kind: 'query',
      sql: 'select n, {{ word }} as word from generate_series(1, {{ most: number }}) n',
      connection: 'postgres',
      parameters: { most: '${{ inputs.most * 2 }}', word: 'x' },
      expect: 'result.rowCount > 0',
    },
    { id: 'rows', kind: 'query', sql: `select '${secret.slice(0, 7)}' || '${secret.slice(7)}' as told`, connection: 'postgres' },
  ]; // prettier-ignore
  const more = {
    inputs: [{ name: 'most', type: 'integer' }],
    outputs: { count: '${{ steps.q.output.rowCount }}', columns: '${{ steps.q.output.columns.map(c, c.name) }}' },
  };
  const runId = await run(steps, more, { most: 6 });
  const done = await ended(runId);
  expect(done).toMatchObject({ status: 'succeeded', outputs: { count: 12, columns: ['n', 'word'] } });
  const child = done.steps.find(({ id }) => id === 'q')?.childRunId;
  const history = await world.app.ok('GET', `/query-runs/${child}`);
  expect(history).toMatchObject({
    status: 'succeeded',
    trigger: 'run',
    rowCount: 12,
    parameters: { most: 12, word: 'x' },
  });
  expect(await world.app.ok('GET', `/runs/${child}`)).toMatchObject({ parentRunId: runId });
  expect(history.actor).toEqual(done.actor);
  for (const table of ['runs', 'run_steps', 'query_runs', 'events', 'run_logs'])
    expect(await world.sql(`select 1 from ${table} t where t::text like $1`, [`%${secret}%`]), table).toEqual([]);
});

test('a saved query runs by its name with its defaults, or by its id and version with other values', async () => {
  const name = `Members ${mark()}`;
  const { id } = await world.app.ok('POST', '/queries', {
    name,
    sharing: 'workspace',
    body: { engine: 'sfmc', connectionId: world.connections.sfmc, sql: `${membersQuery} AND Points >= {{ least }}`, parameters: [{ name: 'least', type: 'number', default: 0 }], options: {} },
  }); // prettier-ignore
  const runId = await run(
    [
      {
        id: 'both',
        kind: 'parallel',
        branches: [
          [{ id: 'named', kind: 'query', query: name }],
          [{ id: 'byId', kind: 'query', query: id, version: 1, parameters: { least: 500 } }],
        ],
      },
    ],
    { outputs: { n: '${{ [steps.named.output.rowCount, steps.byId.output.rowCount] }}' } },
  );
  const done = await ended(runId);
  expect(done.status, JSON.stringify(done.error)).toBe('succeeded');
  // Not none: where a service tells of no row, it is asked for a while whether there are more.
  const [all = 0, some = 0] = (done.outputs as { n: number[] }).n;
  expect(all).toBeGreaterThan(100);
  expect(some).toBeGreaterThan(0);
  expect(some).toBeLessThan(all);
  expect(await world.sql('select query_id, query_version from query_runs where query_id = $1', [id])).toHaveLength(2);
});

test('a step asks Amazon by name of the connection, with a value and a span of time, and leaves nothing there', async () => {
  const sql = 'SELECT campaign, COUNT(*) AS n FROM dsp_impressions WHERE impressions >= {{ least: number }} GROUP BY campaign'; // prettier-ignore
  const window = { from: 'today - 30d', to: 'today', timeZone: 'Europe/Berlin' };
  const steps = [
    {
      id: 'q',
      kind: 'query',
      sql,
      connection: 'amc',
      timeWindow: window,
      parameters: { least: '${{ inputs.least }}' },
    },
  ];
  const more = {
    inputs: [{ name: 'least', type: 'integer' }],
    outputs: { count: '${{ steps.q.output.rowCount }}', columns: '${{ steps.q.output.columns.map(c, c.name) }}' },
  };
  const done = await ended(await run(steps, more, { least: 0 }));
  expect(done).toMatchObject({ status: 'succeeded' });
  const child = done.steps.find(({ id }) => id === 'q')?.childRunId;
  const query = await world.app.ok('GET', `/query-runs/${child}`);
  expect(query).toMatchObject({ status: 'succeeded', engine: 'amc', trigger: 'run', parameters: { least: 0 }, timeWindow: window }); // prettier-ignore
  // It was asked there once, by the id of the run, and can be read as any other.
  const page = await world.app.ok('GET', `/query-runs/${child}/rows?limit=1000`);
  // Which columns it has, Amazon says with its rows alone; those of privacy stand behind the query's own.
  const names = page.columns.map(({ name }: { name: string }) => name);
  expect(names.slice(0, 2)).toEqual(['campaign', 'n']);
  expect((done.outputs as { columns: string[] }).columns).toEqual(names);
  expect(page.rows.length).toBeGreaterThan(0);
  // Amazon may tell no count.
  expect([page.rows.length, null]).toContain((done.outputs as { count: number | null }).count);
  await until(async () => (await world.assets()).workflows === 0);
});

test('a guard that does not hold fails the run, and what stands in the way of a query is told before it begins', async () => {
  const guarded = await ended(
    await run([{ id: 'q', kind: 'query', sql: 'select 1 where false', connection: 'postgres', expect: 'result.rowCount > 0' }]),
  ); // prettier-ignore
  expect(guarded).toMatchObject({ status: 'failed', error: { code: 'query.unexpected_result', step: 'q' } });
  const wrong = await ended(await run([{ id: 'q', kind: 'query', sql: 'select nope', connection: 'postgres' }]));
  expect(wrong).toMatchObject({ status: 'failed', error: { code: 'query.syntax', step: 'q' } });
  const codes = async (step: object) => (await ended(await run([{ id: 'q', kind: 'query', ...step }]))).error?.code;
  expect(await codes({ query: `gone ${mark()}` })).toBe('query.unknown');
  expect(await codes({ sql: 'select 1', connection: 'gone' })).toBe('query.connection_unknown');
  expect(await codes({ sql: 'select {{ a }}', connection: 'postgres', parameters: { a: { b: 1 } } })).toBe(
    'query.parameter_invalid',
  );
  const misspelt = { sql: 'select 1 where true [[ and {{ day: date }} < now() ]]', connection: 'postgres', parameters: { dya: 'today' } }; // prettier-ignore
  expect(await codes(misspelt)).toBe('query.parameter_invalid');
});

test('who starts the playbook must be let run queries, and sees no more of saved ones than in the console', async () => {
  const secret = `Private ${mark()}`;
  await world.app.ok(
    'POST',
    '/queries',
    { name: secret, sharing: 'private', body: { engine: 'postgres', connectionId: world.connections.postgres, sql: 'select 1', parameters: [], options: {} } },
    { token: world.app.owner.token },
  ); // prettier-ignore
  const own = await save([{ id: 'q', kind: 'query', query: secret }]);
  const start = async (id: string, token: string) =>
    ended((await world.app.ok('POST', `/playbooks/${id}/runs`, { inputs: {} }, { token })).runId);
  expect((await start(own, world.app.owner.token)).status).toBe('succeeded');
  const guest = await world.app.addMember(`Guest${mark()}`, 'member');
  expect((await start(own, guest.token)).error?.code).toBe('query.unknown');
  const text = await save([{ id: 'q', kind: 'query', sql: 'select 1', connection: 'postgres' }]);
  const { key } = await world.app.makeKey(['playbooks:run', 'playbooks:read', 'runs:read']);
  expect((await start(text, key)).error?.code).toBe('query.not_allowed');
  const unit = await save([{ id: 'q', kind: 'query', sql: membersQuery, connection: 'sfmc', unit: '7000001' }]);
  await world.sql('update members set mids = $1 where user_id = $2', ['7000002', guest.id]);
  expect((await start(unit, guest.token)).error?.code).toBe('connection.unit_unknown');
});

test('queries of playbooks wait for a slot of their connection in one line with those of the console', async () => {
  await world.sql('update connections set slots = 1 where id = $1', [world.connections.sfmc]);
  const ahead = await world.start('sfmc', membersQuery);
  const playbook = await run([{ id: 'q', kind: 'query', sql: membersQuery, connection: 'sfmc' }]);
  const query = await childOf(playbook);
  const inLine = await until(async () => {
    const found = await world.app.ok('GET', `/query-runs/${query}`);
    return found.queuePlace === 1 && found;
  });
  expect(inLine).toMatchObject({ status: 'queued', waitingFor: 'concurrency' });
  expect((await ended(playbook)).status).toBe('succeeded');
  const order = await world.sql('select id, started_at, ended_at from runs where id = any($1) order by started_at', [[ahead, query]]); // prettier-ignore
  expect(order.map(({ id }) => id)).toEqual([ahead, query]);
  expect(Number(order[1]?.['started_at'])).toBeGreaterThanOrEqual(Number(order[0]?.['ended_at']));
  await world.sql('update connections set slots = 4 where id = $1', [world.connections.sfmc]);
});

test('a cancel of the playbook is handed on to its query', async () => {
  const runId = await run([{ id: 'q', kind: 'query', sql: membersQuery, connection: 'sfmc' }]);
  const child = await childOf(runId);
  await until(async () => (await world.app.ok('GET', `/query-runs/${child}`)).phase === 'remote_queued');
  await world.app.ok('POST', `/runs/${runId}/cancel`, {});
  expect((await ended(runId)).status).toBe('canceled');
  expect(await world.until(child)).toMatchObject({ status: 'canceled' });
});

test('a dry run shows the text and the values, and starts nothing', async () => {
  const id = await save(
    [
      {
        id: 'q',
        kind: 'query',
        sql: 'select {{ day }}',
        connection: 'postgres',
        parameters: { day: '${{ inputs.day }}' },
      },
      { id: 'none', kind: 'query', query: `gone ${mark()}` },
    ],
    { inputs: [{ name: 'day', type: 'string' }] },
  );
  const { runId } = await world.app.ok('POST', `/playbooks/${id}/runs`, { inputs: { day: 'today' }, dryRun: true });
  const { outputs } = await ended(runId);
  expect((outputs as { entries: unknown[] }).entries).toMatchObject([
    { id: 'q', action: 'run', rendered: 'select {{ day }}', details: { connection: 'postgres', engine: 'postgres', parameters: { day: 'today' } } },
    { id: 'none', error: { code: 'query.unknown' } },
  ]); // prettier-ignore
  expect(await world.sql('select 1 from runs where parent_run_id = $1', [runId])).toEqual([]);
});
