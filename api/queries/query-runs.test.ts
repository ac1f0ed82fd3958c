import { afterAll, beforeAll, expect, test } from 'vitest';
import { type QueryWorld, membersColumns, membersQuery, queryWorld } from '#tests/kit/query-world.ts';

let world: QueryWorld;
beforeAll(async () => void (world = await queryWorld({ withSweeps: false })));
afterAll(() => world?.close());

const rowsOf = (runId: string, query = '') => world.app.call('GET', `/query-runs/${runId}/rows${query}`);

test('a query on Marketing Cloud goes from text to rows, page by page', async () => {
  const runId = await world.start('sfmc', membersQuery, { options: { columns: membersColumns } });
  const run = await world.until(runId);
  expect(run).toMatchObject({ status: 'succeeded', phase: 'ready', isReadable: true, unit: '7000001', failure: null });
  expect(run.phases.map(({ name }) => name)).toEqual(['queued', 'validating', 'starting', 'remote_queued', 'ready']);
  const first = await rowsOf(runId, '?limit=100');
  expect(first.status).toBe(200);
  expect(first.body.rows).toHaveLength(100);
  expect(first.body).toMatchObject({ offset: 0, source: 'provider', columns: [{ name: 'SubscriberKey' }, {}, {}] });
  const second = await rowsOf(runId, `?limit=100&cursor=${encodeURIComponent(first.body.cursor)}`);
  expect(second.body.offset).toBe(100);
  expect(second.body.rows[0]).not.toEqual(first.body.rows[0]);
});

test('a query on Amazon Marketing Cloud goes from text to rows', async () => {
  const runId = await world.start('amc', 'SELECT campaign, COUNT(*) AS n FROM dsp_impressions GROUP BY campaign', {
    options: { timeWindow: { type: 'ALL', timeZone: 'UTC' } },
  });
  expect(await world.until(runId)).toMatchObject({ status: 'succeeded', failure: null });
  const page = await rowsOf(runId);
  expect(page.status).toBe(200);
  expect(page.body.rows.length).toBeGreaterThan(0);
});

test('a query on PostgreSQL goes from text to rows, with its parameters bound', async () => {
  const runId = await world.start('postgres', 'select n, n::text as name from generate_series(1, {{ most }}) n', {
    parameterDefs: [{ name: 'most', type: 'number' }],
    parameters: { most: 2500 },
  });
  expect(await world.until(runId)).toMatchObject({ status: 'succeeded', failure: null, parameters: { most: 2500 } });
  const page = await rowsOf(runId, '?limit=1000');
  expect(page.body).toMatchObject({ source: 'live', columns: [{ name: 'n' }, { name: 'name' }] });
  expect(page.body.rows[999]).toEqual(['1000', '1000']);
  const last = await rowsOf(runId, `?limit=2000&cursor=${encodeURIComponent(page.body.cursor)}`);
  expect(last.body.rows.at(-1)).toEqual(['2500', '2500']);
});
