import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Schedule, ScheduleFiring } from '#contracts/schedules/schedules.ts';
import { membersQuery, type QueryWorld, queryWorld } from '#tests/kit/query-world.ts';
import { until } from '#tests/kit/test-app.ts';

let world: QueryWorld;
let queryId = '';
beforeAll(async () => {
  world = await queryWorld({ withSweeps: false });
  const saved = await world.app.ok('POST', '/queries', {
    name: 'Days since',
    body: {
      engine: 'postgres',
      sql: `select n from generate_series({{ since }}::date, date '2026-03-04', interval '1 day') n`,
      parameters: [{ name: 'since', type: 'date', isRequired: true }],
      connectionId: world.connections.postgres,
    },
  });
  queryId = saved.id;
});
afterAll(() => world?.close());

const body = (target: object = {}) => ({
  name: 'Weekdays at seven',
  target: { kind: 'query', id: queryId, parameters: { since: 'yesterday' }, ...target },
  cron: '0 7 * * 1-5',
  timeZone: 'Europe/Berlin',
});

test('a schedule of a query shows what it starts, and refuses at once what could never run', async () => {
  const schedule: Schedule = await world.app.ok('POST', '/schedules', body());
  expect(schedule.target).toMatchObject({
    kind: 'query',
    id: queryId,
    name: 'Days since',
    parameters: { since: 'yesterday' },
  });
  expect(schedule.sentence).toBe('At 07:00, Monday through Friday');
  const refused = async (target: object) => (await world.app.call('POST', '/schedules', body(target))).body;
  expect(await refused({ version: 7 })).toMatchObject({ error: 'schedule.version_unknown' });
  expect(await refused({ parameters: {} })).toMatchObject({ error: 'query.parameter_invalid' });
  expect(await refused({ connectionId: world.connections.amc })).toMatchObject({ error: 'query.connection_unknown' });
});

/** The run of one past time: Monday, 2 March 2026, 07:00 in Berlin, which is 06:00 UTC. */
async function madeUpFor(schedule: Schedule): Promise<ScheduleFiring> {
  const range = { from: '2026-03-02T05:59:00.000Z', to: '2026-03-02T06:01:00.000Z' };
  expect(await world.app.ok('POST', `/schedules/${schedule.id}/backfill`, range)).toEqual({ times: 1 });
  return until<ScheduleFiring>(async () => {
    const { data } = await world.app.ok('GET', `/schedules/${schedule.id}/firings`);
    return data.find(({ runId }: ScheduleFiring) => runId !== null);
  });
}

test('a past time is made up for: relative dates count from that time, and the run is the schedule’s', async () => {
  const schedule: Schedule = await world.app.ok('POST', '/schedules', { ...body(), name: 'Made up for' });
  const firing = await madeUpFor(schedule);
  expect(firing.nominalAt).toBe('2026-03-02T06:00:00.000Z');
  const run = await world.until(firing.runId ?? '');
  expect(run).toMatchObject({
    status: 'succeeded',
    trigger: 'schedule',
    queryId,
    queryVersion: 1,
    parameters: { since: '2026-03-01' },
  });
  const rows = await world.app.ok('GET', `/query-runs/${run.runId}/rows`);
  expect(rows.rows).toHaveLength(4);
});

test('where a service must know the columns before, they are told from text and schema when the time comes', async () => {
  const { id } = await world.app.ok('POST', '/queries', {
    name: 'Members',
    body: { engine: 'sfmc', sql: membersQuery, connectionId: world.connections.sfmc, unit: '7000001' },
  });
  const target = { kind: 'query', id, parameters: {} };
  const schedule: Schedule = await world.app.ok('POST', '/schedules', { ...body(), name: 'Members', target });
  const run = await world.until((await madeUpFor(schedule)).runId ?? '');
  expect(run).toMatchObject({ status: 'succeeded', failure: null });
  expect(run.columns?.map(({ name }) => name)).toEqual(['SubscriberKey', 'City', 'Points']);
});
