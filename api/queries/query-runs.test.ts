import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type QueryWorld, membersQuery, queryWorld } from '#tests/kit/query-world.ts';

let world: QueryWorld;
beforeAll(async () => void (world = await queryWorld({ withSweeps: false })));
afterAll(() => world?.close());

const rowsOf = (runId: string, query = '') => world.app.call('GET', `/query-runs/${runId}/rows${query}`);

test('a query on Marketing Cloud goes from text to rows, page by page', async () => {
  const runId = await world.start('sfmc', membersQuery);
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

test('the whole result is one file, as many rows as the service said, and what is not wanted any more is removed', async () => {
  const runId = await world.start('sfmc', membersQuery);
  const run = await world.until(runId, ({ cleanup }) => cleanup.removed === 1);
  expect(await world.assets()).toMatchObject({ queries: 0 });
  const file = await world.app.call('GET', `/query-runs/${runId}/export?format=csv`);
  expect(file.status).toBe(200);
  expect(file.headers.get('content-disposition')).toContain('attachment');
  expect(file.text.trim().split('\n')).toHaveLength((run.rowCount ?? 0) + 1);
  expect((await world.app.call('POST', `/query-runs/${runId}/close`)).status).toBe(204);
  const closed = await world.until(runId, ({ cleanup }) => cleanup.state === 'done');
  expect(closed).toMatchObject({ phase: 'closed', isReadable: false, cleanup: { removed: 2, left: 0 } });
  expect(await rowsOf(runId)).toMatchObject({ status: 410, body: { error: 'rows.expired' } });
  expect((await world.app.call('GET', `/query-runs/${runId}/export?format=csv`)).status).toBe(410);
});

test('closing a tab removes the rows that stood for it alone, not those of somebody else’s run', async () => {
  const runId = await world.start('sfmc', membersQuery);
  await world.until(runId);
  const guest = await world.app.addMember('Guest', 'member');
  const { accessToken } = await world.app.ok(
    'POST',
    '/auth/login',
    { email: guest.email, password: 'a long enough word', client: 'api' },
    { token: null },
  );
  const keep = (id: string, as?: { token: string }) => world.app.ok('PUT', `/query-tabs/${id}`, { base: 0, runId }, as);
  const [own, other, looked] = [uuidv7(), uuidv7(), uuidv7()];
  await Promise.all([keep(own), keep(other), keep(looked, { token: accessToken })]);
  await world.app.call('DELETE', `/query-tabs/${looked}`, undefined, { token: accessToken });
  await world.app.call('DELETE', `/query-tabs/${other}`);
  expect((await rowsOf(runId)).status).toBe(200);
  await world.app.call('DELETE', `/query-tabs/${own}`);
  expect((await rowsOf(runId)).status).toBe(410);
});

test('a reading of a live result that ended is no end of the run: it can be read again from its beginning', async () => {
  const runId = await world.start('postgres', 'select n from generate_series(1, 30) n');
  await world.until(runId);
  expect((await rowsOf(runId, '?limit=10')).body.rows).toHaveLength(10);
  // Of a transaction that is open no more.
  const ended = Buffer.from(JSON.stringify({ reading: randomUUID(), offset: 10 })).toString('base64url');
  expect(await rowsOf(runId, `?cursor=${ended}`)).toMatchObject({ status: 410, body: { error: 'rows.expired' } });
  expect((await rowsOf(runId, '?limit=10')).body.rows[0]).toEqual(['1']);
});

test('what the service refuses is told at the place that the user wrote, and nothing is left there', async () => {
  const columns = [{ name: 'City', type: 'text', length: 50 }];
  const runId = await world.start('sfmc', 'SELECT Town AS City FROM Members', { options: { columns } });
  const run = await world.until(runId);
  expect(run).toMatchObject({ status: 'failed', phase: 'validating', failure: { kind: 'syntax' }, isReadable: false });
  expect(await rowsOf(runId)).toMatchObject({ status: 409, body: { error: 'rows.none' } });
  expect(await world.sql('select * from remote_assets where run_id = $1', [runId])).toEqual([]);
});

test('a parameter that does not fit refuses the start; a relative date is a date from then on', async () => {
  const body = {
    connectionId: world.connections.postgres,
    sql: 'select {{ day }}::date',
    parameterDefs: [{ name: 'day', type: 'date' }],
  };
  const wrong = await world.app.call('POST', '/query-runs', { ...body, parameters: { day: 'some day' } });
  expect(wrong).toMatchObject({ status: 422, body: { error: 'query.parameter_invalid' } });
  const { runId } = await world.app.ok('POST', '/query-runs', { ...body, parameters: { day: 'yesterday' } });
  const run = await world.until(runId);
  expect(run.parameters['day']).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect((await rowsOf(runId)).body.rows).toEqual([[run.parameters['day']]]);
});

test('who may not see a business unit sees neither its runs nor their rows, and can start none there', async () => {
  const runId = await world.start('sfmc', membersQuery);
  await world.until(runId);
  const person = await world.app.addMember('Outlet', 'member');
  await world.sql('update members set mids = $1 where user_id = $2', ['7000002', person.id]);
  const token = {
    token: (
      await world.app.ok(
        'POST',
        '/auth/login',
        { email: person.email, password: 'a long enough word', client: 'api' },
        { token: null },
      )
    ).accessToken,
  };
  expect((await world.app.call('GET', `/query-runs/${runId}`, undefined, token)).status).toBe(404);
  expect((await world.app.call('GET', `/query-runs/${runId}/rows`, undefined, token)).status).toBe(404);
  expect((await world.app.call('GET', `/query-runs/${runId}/export`, undefined, token)).status).toBe(404);
  expect((await world.app.ok('GET', '/query-runs?q=members', undefined, token)).data).toEqual([]);
  const start = { connectionId: world.connections.sfmc, sql: membersQuery, unit: '7000001' };
  expect(await world.app.call('POST', '/query-runs', start, token)).toMatchObject({
    status: 422,
    body: { error: 'connection.unit_unknown' },
  });
});

test('the history is found by any part of a title or a text', async () => {
  const runId = await world.start('postgres', 'select 1 as needle_in_the_text', { title: 'Haystack of 100%' });
  await world.until(runId);
  for (const q of ['NEEDLE_in', 'haystack', '100%']) {
    const { data } = await world.app.ok('GET', `/query-runs?q=${encodeURIComponent(q)}`);
    expect(
      data.map((run: { runId: string }) => run.runId),
      q,
    ).toEqual([runId]);
  }
  expect((await world.app.ok('GET', '/query-runs?q=needleXin')).data).toEqual([]);
  expect((await world.app.ok('GET', `/query-runs?q=haystack&connection=${world.connections.sfmc}`)).data).toEqual([]);
  expect((await world.app.ok('GET', '/query-runs?q=haystack&status=failed')).data).toEqual([]);
});

test('on a drained connection a query waits, visibly, and begins when it is resumed; what failed is run again as it was', async () => {
  const { postgres } = world.connections;
  const queue = async () =>
    (await world.app.ok('GET', '/query-queue')).data.find(({ connectionId }: Record<string, unknown>) => connectionId === postgres); // prettier-ignore
  await world.app.call('POST', `/query-queue/${postgres}/drain`, { reason: 'Backup' });
  const runId = await world.start('postgres', 'select 1 / {{ by }} as n', {
    parameterDefs: [{ name: 'by', type: 'number' }],
    parameters: { by: 0 },
  });
  expect(await queue()).toMatchObject({
    drain: { reason: 'Backup' },
    running: [],
    waiting: [{ runId, queuePlace: 1 }],
  });
  expect(await world.app.ok('GET', `/runs/${runId}`)).toMatchObject({ status: 'queued', waitingFor: 'drain' });
  await world.app.call('POST', `/query-queue/${postgres}/resume`);
  expect(await world.until(runId)).toMatchObject({ status: 'failed', parameters: { by: 0 } });
  expect(await queue()).toMatchObject({ drain: null, waiting: [] });
  expect((await queue()).failed.map((run: { runId: string }) => run.runId)).toContain(runId);
  const again = (await world.app.ok('POST', `/query-runs/${runId}/again`)).runId;
  expect(await world.until(again)).toMatchObject({
    status: 'failed',
    parameters: { by: 0 },
    sql: 'select 1 / {{ by }} as n',
  });
  // What was run again is answered for; what failed then is there in its place.
  const failed = (await queue()).failed.map((run: { runId: string }) => run.runId);
  expect([failed.includes(runId), failed.includes(again)]).toEqual([false, true]);
  expect(await world.app.ok('GET', `/runs/${again}`)).toMatchObject({ rerunOf: runId });
  expect((await world.app.call('POST', `/query-runs/${again}/again`)).status).toBe(202);
}, 60_000);
