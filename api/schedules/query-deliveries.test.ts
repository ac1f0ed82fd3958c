import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { AfterQuery } from '#contracts/queries/delivery.ts';
import type { QueryRunDetail } from '#contracts/queries/query-runs.ts';
import type { Schedule } from '#contracts/schedules/schedules.ts';
import { startSmtpServer, type SmtpServer } from '#simulators/smtp/smtp-server.ts';
import { httpPeer, type HttpPeer } from '#tests/kit/http-peer.ts';
import { type QuerySchedules, querySchedules } from '#tests/kit/query-schedules.ts';
import { type QueryWorld, queryWorld } from '#tests/kit/query-world.ts';

let world: QueryWorld;
let smtp: SmtpServer;
let peer: HttpPeer;
let hook: { id: string; secret: string };
let ops: { id: string };
let schedules: QuerySchedules;
beforeAll(async () => {
  smtp = await startSmtpServer();
  peer = await httpPeer();
  world = await queryWorld({ withSweeps: false, environment: { SMTP_URL: smtp.url } });
  schedules = querySchedules(world);
  hook = await world.app.ok('POST', '/channels', { kind: 'webhook', name: 'lake', url: `${peer.url}/rows` });
  ops = await world.app.ok('POST', '/channels', { kind: 'email', name: 'ops', recipients: ['ops@example.org'] });
});
afterAll(async () => {
  await world?.close();
  await smtp.close();
  await peer.close();
});
beforeEach(() => {
  smtp.letters.length = 0;
  peer.requests.length = 0;
  peer.answerWith(() => ({ body: 'ok' }));
});

type After = Parameters<QuerySchedules['bodyOf']>[1];
const fire = (...of: Parameters<QuerySchedules['run']>): Promise<QueryRunDetail> => schedules.run(...of);
const scheduleOf = (...of: Parameters<QuerySchedules['bodyOf']>) => schedules.bodyOf(...of);
const signature = (body: string): string => `v1=${createHmac('sha256', hook.secret).update(body).digest('hex')}`;
const attachmentOf = (raw: string): string =>
  Buffer.from(/base64\r\n(?:[\w-]+:.*\r\n)*\r\n([\s\S]+?)\r\n--/.exec(raw)?.[1] ?? '', 'base64').toString();
const campaigns = 'SELECT campaign, COUNT(*) AS n FROM dsp_impressions GROUP BY campaign';
const orders = (count: number): string => `select n, 'plan' || 'ted' || n as word from generate_series(1, ${count}) n`;

test('rows go by mail and to a webhook, signed, and only their count is kept', async () => {
  const run = await fire(orders(1000), {
    deliveries: [
      { kind: 'mail', recipients: ['ada@example.org', 'max@example.org'] },
      { kind: 'webhook', channelId: hook.id },
    ],
  });
  expect(run).toMatchObject({ status: 'succeeded', failure: null });
  expect(run.phases.map(({ name }) => name)).toContain('delivering');
  expect(smtp.letters.map(({ to }) => to[0]).sort()).toEqual(['ada@example.org', 'max@example.org']);
  const csv = attachmentOf(smtp.letters[0]?.raw ?? '');
  expect(csv.split('\n').slice(0, 2)).toEqual(['n,word', '1,planted1']);
  const [request] = peer.requests;
  expect(request?.headers).toMatchObject({
    'content-type': 'application/x-ndjson',
    'idempotency-key': `${run.runId}/delivery/1`,
    'x-windlass-signature': signature(request?.body ?? ''),
  });
  expect(request?.body.trim().split('\n')).toHaveLength(1000);
  expect(run.deliveries).toMatchObject([
    {
      index: 0,
      kind: 'mail',
      target: 'ada@example.org, max@example.org',
      state: 'delivered',
      rows: 1000,
      bytes: csv.length,
    },
    { index: 1, kind: 'webhook', target: '#lake', state: 'delivered', rows: 1000, bytes: request?.body.length },
  ]);
  for (const table of ['query_runs', 'deliveries', 'runs', 'events', 'schedules'])
    expect(await world.sql(`select 1 from ${table} t where to_jsonb(t)::text like '%planted1%'`)).toEqual([]);
});

test('what is larger than a letter may carry is a link', async () => {
  const run = await fire(
    campaigns,
    { deliveries: [{ kind: 'mail', recipients: ['ada@example.org'], attachUpToBytes: 10 }] },
    'amc',
  );
  expect(run.deliveries).toMatchObject([{ state: 'linked', bytes: null, rows: run.rowCount }]);
  const [letter] = smtp.letters;
  expect(letter?.raw.replaceAll('=\r\n', '')).toContain(`/runs/${run.runId}`);
  expect(letter?.raw).not.toContain('base64');
});

test('a body too large to be signed ahead is streamed, and its signature follows it', async () => {
  const run = await fire(`select n, repeat('x', 90) pad from generate_series(1, 60000) n`, {
    deliveries: [{ kind: 'webhook', channelId: hook.id, format: 'csv' }],
  });
  expect(run.deliveries).toMatchObject([{ state: 'delivered', rows: 60_000 }]);
  const [request] = peer.requests;
  expect(request?.headers).toMatchObject({ 'transfer-encoding': 'chunked', trailer: 'x-windlass-signature' });
  expect(request?.trailers).toEqual({ 'x-windlass-signature': signature(request?.body ?? '') });
  expect(request?.body.length).toBe(run.deliveries[0]?.bytes);
});

test('a receiver that is busy is tried again under the same key; what was delivered before is not sent twice', async () => {
  let answers = 0;
  peer.answerWith(() => ({ status: ++answers < 3 ? 503 : 200 }));
  smtp.refuseNext('451 later');
  const run = await fire(orders(3), {
    deliveries: [
      { kind: 'mail', recipients: ['ada@example.org', 'max@example.org'] },
      { kind: 'webhook', channelId: hook.id },
    ],
  });
  expect(run.deliveries).toMatchObject([
    { state: 'delivered', attempts: 2 },
    { state: 'delivered', attempts: 3 },
  ]);
  expect(smtp.letters.map(({ to }) => to[0])).toEqual(['max@example.org', 'ada@example.org']);
  expect(new Set(peer.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
});

test('a delivery that is refused fails the run, says what arrived, and is told where failures are', async () => {
  peer.answerWith(() => ({ status: 400 }));
  const run = await fire(orders(3), {
    deliveries: [
      { kind: 'webhook', channelId: hook.id },
      { kind: 'mail', recipients: ['ada@example.org'] },
    ],
    alerts: [{ channelId: ops.id, when: { on: 'failure' } }],
  });
  expect(run).toMatchObject({ status: 'failed', failure: { code: 'undelivered' } });
  expect(run.failure?.message).toContain('1 of 2 deliveries did not arrive: The receiver answered 400.');
  expect(run.deliveries).toMatchObject([
    { state: 'failed', attempts: 1, failure: { code: 'http.unexpected_status' } },
    { state: 'delivered', rows: 3 },
  ]);
  expect(smtp.letters.map(({ to }) => to[0])).toEqual(['ada@example.org', 'ops@example.org']);
  expect(peer.requests).toHaveLength(1);
});

test('alerts on rows, none and values reach their channel where they hold, and name no value', async () => {
  const alerts: AfterQuery['alerts'] = [
    { channelId: ops.id, when: { on: 'rows', is: 'above', count: 2 } },
    { channelId: ops.id, when: { on: 'rows', is: 'above', count: 3 } },
    { channelId: ops.id, when: { on: 'no_rows' } },
    { channelId: ops.id, when: { on: 'value', column: 'word', is: 'not_equal', value: 'fine' } },
    { channelId: ops.id, when: { on: 'value', column: 'n', is: 'above', value: 1 } },
    { channelId: ops.id, when: { on: 'failure' } },
  ];
  const subjects = () =>
    smtp.letters.map(({ raw }) => /word is not fine|more than \d rows|no rows|failed/.exec(raw)?.[0]);
  await fire(orders(3), { alerts });
  expect(subjects().sort()).toEqual(['more than 2 rows', 'word is not fine']);
  expect(smtp.letters.some(({ raw }) => raw.includes('planted'))).toBe(false);
  smtp.letters.length = 0;
  await fire(`${campaigns} HAVING COUNT(*) < 0`, { alerts }, 'amc');
  expect(subjects()).toEqual(['no rows']);
  smtp.letters.length = 0;
  await fire('select nothing from nowhere', { alerts });
  expect(subjects()).toEqual(['failed']);
});

test('what cannot be done with the rows is refused when the schedule is made; a change of its name keeps it', async () => {
  const slack = await world.app.ok('POST', '/channels', {
    kind: 'slack',
    name: 'talk',
    url: 'https://hooks.example.org/x',
  });
  const refused = async (after: After) =>
    (await world.app.call('POST', '/schedules', await scheduleOf('select 1', after))).body;
  const unfit = { error: 'schedule.after_unfit' };
  expect(await refused({ deliveries: [{ kind: 'webhook', channelId: slack.id }] })).toMatchObject(unfit);
  expect(await refused({ alerts: [{ channelId: world.connections.amc, when: { on: 'no_rows' } }] })).toMatchObject(
    unfit,
  );
  expect(await refused({ deliveries: [{ kind: 'sftp', host: 'files.example.org' }] })).toMatchObject({
    error: 'contract.broken',
  });
  const after = { deliveries: [{ kind: 'webhook', channelId: hook.id }], alerts: [] };
  const made: Schedule = await world.app.ok('POST', '/schedules', await scheduleOf('select 1', after));
  const changed: Schedule = await world.app.ok('PATCH', `/schedules/${made.id}`, { name: 'Another name' });
  expect(changed.target).toMatchObject({
    after: { deliveries: [{ kind: 'webhook', channelId: hook.id, format: 'ndjson' }], alerts: [] },
  });
});
