import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PlainClient, quickScenario, startPlain } from './plain-client.ts';

const sql = 'SELECT campaign, SUM(impressions) AS i FROM dsp_impressions GROUP BY campaign';
const knobs = (client: PlainClient, turned: object) =>
  client.send('PATCH', `${client.simulator.origin}/simulator/knobs`, turned);
let client: PlainClient;
beforeAll(async () => {
  client = await startPlain();
});
afterAll(() => client.simulator.stop());

test('an ad hoc execution answers its fields flat, or wrapped where that is switched on', async () => {
  const { json } = await client.start(sql);
  expect(json).toMatchObject({
    status: 'PENDING',
    executionCategory: 'AD_HOC',
    workflowId: expect.stringMatching(/^transient_/),
    timeWindowTimeZoneOriginal: 'UTC',
    workflowExecutionTimeoutSeconds: 21_600,
    dataGaps: [],
  });
  expect(json['createTime']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  await knobs(client, { wrapsAnswers: true });
  const wrapped = await client.start(sql);
  expect(wrapped.json).toMatchObject({ workflowExecution: { status: 'PENDING' } });
  await knobs(client, { wrapsAnswers: false });
});

test.each([
  ['neither or both of workflow and workflowId', { workflowId: 'x' }],
  ['an unknown time zone', { timeWindowTimeZone: 'Mars/Phobos' }],
  ['EXPLICIT without times', { timeWindowType: 'EXPLICIT' }],
  [
    'times with a zone',
    { timeWindowType: 'EXPLICIT', timeWindowStart: '2026-01-01T00:00:00Z', timeWindowEnd: '2026-01-02T00:00:00' },
  ],
  [
    'a window that ends before it begins',
    { timeWindowType: 'EXPLICIT', timeWindowStart: '2026-01-02T00:00:00', timeWindowEnd: '2026-01-01T00:00:00' },
  ],
  ['a timeout below 900 seconds', { workflowExecutionTimeoutSeconds: 899 }],
  ['sandbox flags on a standard instance', { disableAggregationControls: true }],
  ['a value for a parameter that is not declared', { parameterValues: { p: 1 } }],
])('%s is refused with 400', async (_, more) => {
  expect(await client.start(sql, more)).toMatchObject({
    status: 400,
    json: { code: '400', details: expect.any(String) },
  });
});

test('a window is cut by the clocks of its zone, the change of clocks included', async () => {
  const count = async (zone: string, start: string, end: string) => {
    const rows = await client.rows(
      'SELECT SUM(impressions) AS i, MIN(impression_dt_hour_utc) AS a, MAX(impression_dt_hour_utc) AS b FROM dsp_impressions',
      {
        timeWindowType: 'EXPLICIT',
        timeWindowStart: start,
        timeWindowEnd: end,
        timeWindowTimeZone: zone,
      },
      { privacyFilteringBehavior: 'REMOVE_ROWS' },
    );
    return rows[1] ?? [];
  };
  // On 2026-03-08 New York loses an hour: the day begins at 05:00 UTC and lasts 23 hours.
  const day = await count('America/New_York', '2026-03-08T00:00:00', '2026-03-09T00:00:00');
  const same = await count('UTC', '2026-03-08T05:00:00', '2026-03-09T04:00:00');
  expect(Number(day[0])).toBeGreaterThan(20);
  expect(day).toEqual(same);
  expect((day[1] ?? '') >= '2026-03-08T05:00:00.000' && (day[2] ?? '') < '2026-03-09T04:00:00.000').toBe(true);
});

test('parameters reach the query as values: text, number and list', async () => {
  const rows = await client.rows(
    "SELECT advertiser, COUNT(*) AS c FROM dsp_impressions WHERE ARRAY_CONTAINS(CUSTOM_PARAMETER('names'), advertiser) AND impressions >= CUSTOM_PARAMETER('least') AND campaign <> CUSTOM_PARAMETER('not') GROUP BY 1",
    { parameterValues: { names: ['Aurora Home', "Cirrus Kids'; --"], least: 1, not: "O'Neill" } },
    {
      inputParameters: [
        { name: 'names', dataType: { type: 'ARRAY', elementDataType: 'STRING' } },
        { name: 'least', dataType: 'INTEGER' },
        { name: 'not', dataType: 'STRING' },
      ],
    },
  );
  expect(rows.map(([name]) => name)).toEqual(['advertiser', 'Aurora Home']);
});

test('a dry run ends without rows; a query of a window it may name runs saved and by its id', async () => {
  const dry = await client.start(sql, { dryRun: true });
  expect(await client.ended(String(dry.json['workflowExecutionId']))).toMatchObject({ status: 'SUCCEEDED' });
  const urls = await client.send('GET', `/workflowExecutions/${String(dry.json['workflowExecutionId'])}/downloadUrls`);
  expect([urls.status, urls.json['details']]).toEqual([400, expect.stringContaining('is unavailable for download')]);
  expect((await client.send('POST', '/workflows', { workflowId: 'reach.v1', sqlQuery: sql })).json).toEqual({});
  expect((await client.send('POST', '/workflows', { workflowId: 'reach.v1', sqlQuery: sql })).status).toBe(422);
  const { json } = await client.send('POST', '/workflowExecutions', { workflowId: 'reach.v1', timeWindowType: 'ALL' });
  expect(await client.ended(String(json['workflowExecutionId']))).toMatchObject({
    status: 'SUCCEEDED',
    workflowId: 'reach.v1',
    executionCategory: 'WORKFLOW',
  });
  await client.send('POST', '/schedules', { scheduleId: 's', workflowId: 'reach.v1', aggregationPeriod: 'Daily' });
  expect((await client.send('DELETE', '/workflows/reach.v1')).status).toBe(400);
  await client.send('DELETE', '/schedules/s');
  expect((await client.send('DELETE', '/workflows/reach.v1')).status).toBe(200);
});

test('ten run at once on an instance, the rest wait; cancelling is done for what is open and refused for what has ended', async () => {
  const own = await startPlain({ ...quickScenario, knobs: { ...quickScenario.knobs, runningMs: [60_000, 60_000] } });
  try {
    const started = await Promise.all(Array.from({ length: 12 }, () => own.start(sql)));
    const ids = started.map(({ json }) => String(json['workflowExecutionId']));
    const statuses = async () => {
      const { json } = await own.send('GET', '/workflowExecutions?sortAscending=true&limit=100');
      return (json['executions'] as { status: string }[]).map(({ status }) => status);
    };
    await expect
      .poll(async () => (await statuses()).filter((status) => status === 'RUNNING').length, { timeout: 20_000 })
      .toBe(10);
    const running = (await own.send('GET', '/workflowExecutions?limit=100')).json['executions'] as {
      status: string;
      workflowExecutionId: string;
    }[];
    const first = running.find(({ status }) => status === 'RUNNING')?.workflowExecutionId ?? '';
    expect((await own.send('PUT', `/workflowExecutions/${first}`, { status: 'CANCELLED' })).status).toBe(200);
    await expect
      .poll(async () => (await statuses()).filter((status) => status === 'RUNNING').length, { timeout: 20_000 })
      .toBe(10);
    expect((await statuses()).length).toBe(11); // the cancelled one only comes when asked for
    const again = await own.send('PUT', `/workflowExecutions/${first}`, { status: 'CANCELLED' });
    expect([again.status, again.json['details']]).toEqual([400, expect.stringContaining('cannot be cancelled')]);
    for (const id of ids) await own.send('DELETE', `/workflowExecutions/${id}`);
    expect(own.simulator.assets()).toMatchObject({ openExecutions: [], mostAtOnce: 10 });
  } finally {
    await own.simulator.stop();
  }
});

test('overlap is rejected in the words of the service, a timeout fails, and each reason field can be had', async () => {
  const own = await startPlain({
    ...quickScenario,
    knobs: { ...quickScenario.knobs, runningMs: [60_000, 60_000], rejectsOverlap: true },
  });
  try {
    const first = String((await own.start(sql)).json['workflowExecutionId']);
    const second = String((await own.start(sql)).json['workflowExecutionId']);
    const rejected = await own.ended(second);
    expect(rejected['status']).toBe('REJECTED');
    expect(rejected['statusReason']).toMatch(
      /^Execution ".+" of workflow ".+" could not be run because too many workflows have already been run against the same input data sources in the same or overlapping time windows\.$/,
    );
    await expect
      .poll(async () => (await own.send('GET', `/workflowExecutions/${first}`)).json['status'], { timeout: 20_000 })
      .toBe('RUNNING');
    await own.send('POST', `${own.simulator.origin}/simulator/clock`, { skipMs: 21_601_000 });
    expect((await own.send('GET', '/workflows')).status).toBe(401); // the hour of the token has passed as well
    own.simulator.world.knobs = { ...own.simulator.world.knobs, rejectsOverlap: false };
  } finally {
    await own.simulator.stop();
  }
  for (const reasonField of ['statusReason', 'message', 'details', 'messageSubject']) {
    await client.send('POST', `${client.simulator.origin}/simulator/outcomes`, {
      status: 'REJECTED',
      reasonField,
      reason: 'No.',
    });
    expect(await client.ended(String((await client.start(sql)).json['workflowExecutionId']))).toMatchObject({
      status: 'REJECTED',
      [reasonField]: 'No.',
    });
  }
});

test('headers are judged: no token and an expired one 401, another account 403, a missing account 400', async () => {
  const url = `${client.base}/dataSources`;
  expect((await client.send('GET', url, undefined, { authorization: 'Bearer nothing' })).status).toBe(401);
  expect((await client.send('GET', url, undefined, { 'amazon-advertising-api-clientid': 'other' })).status).toBe(401);
  expect(
    (
      await client.send('GET', url, undefined, {
        'amazon-advertising-api-advertiserid': 'ENTITYSIM2',
        'amazon-advertising-api-marketplaceid': 'A1F83G8C2ARO7P',
      })
    ).status,
  ).toBe(403);
  expect(
    (
      await fetch(url, {
        headers: {
          authorization: client.headers['authorization'] ?? '',
          'amazon-advertising-api-clientid': client.simulator.clientId,
        },
      })
    ).status,
  ).toBe(400);
  await knobs(client, { needsTerms: true });
  expect((await client.send('GET', url)).json['details']).toMatch(/terms and conditions must be accepted/);
  await knobs(client, { needsTerms: false });
});

test('data sources come in pages with sensitivity, two of them deprecated and one the customer’s own', async () => {
  const found: {
    dataSourceId: string;
    owner: string;
    tags: { type: string }[];
    columns: { name: string; sensitivity: string; columnType: string }[];
  }[] = [];
  let pages = 0;
  for (let token = ''; ; pages++) {
    const { json } = await client.send('GET', `/dataSources${token && `?nextToken=${token}`}`);
    found.push(...(json['dataSources'] as typeof found));
    if (typeof json['nextToken'] !== 'string') break;
    token = json['nextToken'];
  }
  expect(pages).toBeGreaterThan(0);
  expect(found.length).toBeGreaterThanOrEqual(40);
  expect(found.filter(({ tags }) => tags.some(({ type }) => type === 'DEPRECATED'))).toHaveLength(2);
  expect(found.filter(({ owner }) => owner === 'CUSTOMER').length).toBeGreaterThan(0);
  const impressions = found.find(({ dataSourceId }) => dataSourceId === 'dsp_impressions')?.columns ?? [];
  const sensitivity = (name: string) => impressions.find((column) => column.name === name)?.sensitivity;
  expect(['user_id', 'city_name', 'impression_dt', 'bid_price', 'campaign', 'impressions'].map(sensitivity)).toEqual([
    'VERY_HIGH',
    'HIGH',
    'MEDIUM',
    'MEDIUM',
    'LOW',
    'NONE',
  ]);
});
