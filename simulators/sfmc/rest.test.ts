import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Json, quick, wire } from './fixtures/wire.ts';
import { type SfmcSimulator, startSfmcSimulator } from './sfmc-simulator.ts';

let simulator: SfmcSimulator;
let on: ReturnType<typeof wire>;
let token: string;
beforeAll(async () => {
  simulator = await startSfmcSimulator({ scenario: { knobs: quick } });
  on = wire(simulator);
  token = await on.token();
});
afterAll(() => simulator.stop());

const rowset = (key: string, query = '') =>
  on.rest('GET', `/data/v1/customobjectdata/key/${encodeURIComponent(key)}/rowset?${query}`, token);

test('rows come in pages of 2,500 at most, lower-cased and as texts, followed by links', async () => {
  const first = await rowset('Members', '$page=1&$pageSize=2500');
  expect(first.body).toMatchObject({ count: 5_000, page: 1, pageSize: 2_500, top: 0, customObjectKey: 'Members' });
  const items = first.body['items'] as unknown as { keys: object; values: Record<string, unknown> }[];
  expect(items[0]?.keys).toEqual({ subscriberkey: 'sub-000001' });
  expect(Object.values(items[0]?.values ?? {}).every((value) => typeof value === 'string')).toBe(true);
  expect(items[0]?.values['joineddate']).toMatch(/^\d{1,2}\/\d{1,2}\/\d{4} \d{1,2}:\d\d:\d\d [AP]M$/);
  const next = String(first.body['links']?.['next']);
  expect(next).toMatch(/^\/v1\/customobjectdata\/token\/[^/]+\/rowset\?\$page=2$/);
  const second = await on.rest('GET', `/data${next}`, token);
  expect(second.body['links']).not.toHaveProperty('next');
  expect((second.body['items'] as unknown as unknown[]).length).toBe(2_500);
  expect((await rowset('Members', '$pageSize=2501')).status).toBe(400);
});

test('the million rows are there without being stored, from the first to the last', async () => {
  const last = await rowset('Purchases', '$page=400&$pageSize=2500');
  expect(last.body['count']).toBe(1_000_000);
  const items = last.body['items'] as unknown as { keys: Record<string, string>; values: object }[];
  expect([items.length, items.at(-1)?.keys['purchaseid'], Object.keys(items[0]?.values ?? {}).length]).toEqual([
    2_500,
    '1000000',
    19,
  ]);
});

test('an empty data extension has no items at all, an unknown one is 404', async () => {
  const empty = await rowset('empty_audience');
  expect(empty.body).toMatchObject({ count: 0 });
  expect(empty.body).not.toHaveProperty('items');
  expect(await rowset('nothing')).toMatchObject({ status: 404, body: { errorcode: 404 } });
  expect((await rowset('_Sent')).status).toBe(404);
});

test('filter and order', async () => {
  const found = await rowset('stores', "$filter=city eq 'Oslo'&$orderBy=store desc&$pageSize=100");
  const items = found.body['items'] as unknown as { keys: Record<string, string>; values: Record<string, string> }[];
  expect(new Set(items.map(({ values }) => values['city']))).toEqual(new Set(['Oslo']));
  const keys = items.map(({ keys }) => keys['store'] ?? '');
  expect(keys).toEqual(keys.toSorted().reverse());
  expect(await rowset('stores', '$filter=nonsense')).toMatchObject({ status: 400, body: { errorcode: 10_003 } });
});

const define = (name: string, queryText: string, more: object = {}) =>
  on.rest('POST', '/automation/v1/queries', token, {
    name,
    key: name,
    description: '',
    queryText,
    targetKey: 'empty_audience',
    targetUpdateTypeId: 0,
    categoryId: 0,
    ...more,
  });

test('a query is made, started only by an empty body, seen running in the log, and deleted', async () => {
  const made = await define('q1', 'SELECT SubscriberKey, EmailAddress FROM Members WHERE Points < 500');
  expect(made).toMatchObject({
    status: 200,
    body: {
      targetUpdateTypeName: 'Overwrite',
      isFrozen: false,
      validatedQueryText: expect.stringContaining('AS querydef'),
    },
  });
  const id = String(made.body['queryDefinitionId']);
  expect((await on.rest('POST', `/automation/v1/queries/${id}/actions/start/`, token, {})).body).toBe('OK');
  expect((await on.rest('GET', `/automation/v1/queries/${id}/log`, token)).body).toMatchObject({ count: 0 });
  expect((await on.rest('POST', `/automation/v1/queries/${id}/actions/start`, token)).status).toBe(404);
  expect((await on.rest('POST', `/automation/v1/queries/${id}/actions/start/`, token)).body).toBe('OK');
  await expect
    .poll(async () => (await on.rest('GET', `/automation/v1/queries/${id}/actions/isrunning/`, token)).body)
    .toEqual({ queryDefinitionId: id, isRunning: false });
  expect((await on.rest('GET', `/automation/v1/queries/${id}/log`, token)).body).toMatchObject({
    count: 1,
    items: [{ status: 'Complete' }],
  });
  expect((await rowset('empty_audience')).body['count']).toBeGreaterThan(0);
  expect((await on.rest('DELETE', `/automation/v1/queries/${id}`, token)).body).toBe('OK');
  expect((await on.rest('GET', `/automation/v1/queries/${id}`, token)).status).toBe(404);
});

test('what cannot be saved is told with the service’s prefix; a nested target is an error of its own', async () => {
  const bad = await define('q2', 'SELECT EmailAddress FROM Members');
  expect(bad).toMatchObject({
    status: 400,
    body: {
      message: "Error saving the Query field.<br />Field 'SubscriberKey' is required for the Target Data Extension",
    },
  });
  expect((await define('q3', 'SELECT 1 AS a', { target: { key: 'x' } })).status).toBe(500);
  expect(await define('q4', 'x', { targetKey: undefined, name: undefined })).toMatchObject({
    status: 400,
    body: { errorcode: 10_006 },
  });
});

test('errors have the service’s form, and the limits of a unit are kept', async () => {
  const text = await fetch(`${simulator.origin}/rest/automation/v1/queries`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'text/plain' },
    body: 'x',
  });
  expect(text.status).toBe(415);
  const weak = await on.token({ scope: 'automations_read' });
  expect(await on.rest('GET', '/data/v1/customobjectdata/key/Members/rowset', weak)).toMatchObject({
    status: 403,
    body: { errorcode: 20_000, message: expect.stringContaining('Insufficient privileges') },
  });
  await on.admin('knobs', { callsPerSecond: 3 });
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => on.rest('GET', '/platform/v1/tokenContext', token)),
  );
  await on.admin('knobs', { callsPerSecond: null });
  const limited = answers.find(({ status }) => status === 429);
  expect(limited).toMatchObject({ body: { errorcode: 50_100, retryAfter: 1 } });
  expect(limited?.headers.get('retry-after')).toBe('1');
});

test('rows in are told by a request id', async () => {
  const sent = await on.rest('PUT', '/data/v1/async/dataextensions/key:preferences/rows', token, {
    items: [{ SubscriberKey: 'sub-new', Topic: 'news', OptIn: 'true' }],
  });
  expect(sent).toMatchObject({ status: 202, body: { requestId: expect.any(String), resultMessages: [] } });
  const id = String(sent.body['requestId']);
  expect((await on.rest('GET', `/data/v1/async/${id}/status`, token)).body).toMatchObject({
    status: { resultStatus: 'OK' },
  });
  expect((await rowset('preferences', "$filter=subscriberkey eq 'sub-new'")).body).toMatchObject({
    count: 1,
    items: [{ values: { optin: 'True' } }],
  });
});

test('a fault by the admin route comes as often as it says, where it says', async () => {
  await on.admin('faults', [{ kind: 'rate_limited', at: 'rowset', times: 2, retryAfter: 'date' }]);
  const answers: number[] = [];
  for (let at = 0; at < 3; at++) answers.push((await rowset('stores')).status);
  expect(answers).toEqual([429, 429, 200]);
  const one: Json = (
    await on.rest('GET', '/platform/v1/tokenContext', token, undefined, { 'x-sim-fault': 'unauthorized' })
  ).body;
  expect(one).toMatchObject({ message: 'Not Authorized' });
});
