import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ListedAlert } from '#contracts/alerts/alerts.ts';
import { openIncident } from '#db/incidents/open-incident.ts';
import { triggerWorld, type TriggerWorld } from '#tests/kit/trigger-world.ts';
import { alertRoom } from './alerts.ts';
import { alertRuleRoom } from './alert-rules.ts';
import { alertSourceRoom } from './alert-sources.ts';
import { silenceRoom } from './silences.ts';

let world: TriggerWorld;
let made = 0;
beforeAll(async () => {
  world = await triggerWorld(
    { alerts: alertRoom, sources: alertSourceRoom, rules: alertRuleRoom, silences: silenceRoom },
    { connections: { renew: () => Promise.reject(new Error('None here.')), publicUrl: 'http://windlass.example' } },
  );
});
afterAll(() => world?.close());

const source = async (fields: object = {}): Promise<{ id: string; token: string; tokenId: string; url: string }> => {
  const answer = await world.post('/alert-sources', { name: `Source ${(made += 1)}`, ...fields });
  expect(answer.statusCode, answer.body).toBe(201);
  const { source: shown, address } = answer.json();
  return { id: shown.id, ...address };
};
const send = (path: string, body: unknown, headers: Record<string, string> = {}, method: 'POST' | 'PUT' = 'POST') =>
  world.call(
    method,
    `/ingest${path}`,
    null,
    typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    {
      'content-type': 'application/json',
      ...headers,
    },
  );
const alertsOf = async (id: string): Promise<ListedAlert[]> =>
  (await world.get(`/alerts?source=${id}&limit=200`)).json().data;
const shown = async (id: string) => (await world.get(`/alert-sources/${id}`)).json();

const group = (fields: object = {}) => ({
  version: '4',
  groupKey: '{}:{alertname="DiskFull"}',
  truncatedAlerts: 0,
  status: 'firing',
  receiver: 'windlass',
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'DiskFull', severity: 'critical', instance: 'db-1:9100' },
      annotations: { summary: 'Disk of db-1 is full' },
      startsAt: '2026-11-21T10:00:00.123456789Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus.example/graph',
      fingerprint: '0a1b2c3d4e5f6071',
      ...fields,
    },
  ],
});

test('200: Alertmanager’s group is stored alert by alert; repeats count, the end ends it', async () => {
  const { id, token } = await source();
  const first = await send(`/${token}`, group());
  expect([first.statusCode, first.json()]).toEqual([200, { status: 'success', accepted: 1 }]);
  await send(`/${token}`, group());
  await send(`/${token}`, group({ status: 'resolved', endsAt: '2026-11-21T11:00:00Z' }));
  const [alert, ...more] = await alertsOf(id);
  expect(more).toEqual([]);
  expect(alert).toMatchObject({
    title: 'Disk of db-1 is full',
    severity: 'critical',
    status: 'resolved',
    count: 2,
    labels: { instance: 'db-1:9100' },
  });
  expect(alert?.hours.reduce((sum, n) => sum + n, 0)).toBe(2);
  const whole = (await world.get(`/alerts/${alert?.id}`)).json();
  expect(whole.payload).toContain('"fingerprint":"0a1b2c3d4e5f6071"');
  expect(whole.groupKey).toBe('{}:{alertname="DiskFull"}');
  expect((await shown(id)).counters).toMatchObject({ requests: 3, accepted: 3, refused: 0 });
  expect(await world.eventTypes(`alert_source:${id}`)).toContain('alert.received');
});

test('Prometheus posts lists to its own path and reads an empty 200; an end in the past is the end', async () => {
  const { id, token } = await source();
  const labels = { alertname: 'Up', instance: 'a' };
  const answer = await send(`/${token}/api/v2/alerts`, [
    { labels, annotations: {}, startsAt: '2026-11-21T10:00:00Z', endsAt: '2099-01-01T00:00:00Z', generatorURL: '' },
  ]);
  expect([answer.statusCode, answer.body]).toEqual([200, '']);
  expect(await alertsOf(id)).toMatchObject([{ status: 'firing', title: 'Up' }]);
  await send(`/${token}/api/v2/alerts`, [{ labels, endsAt: '2026-11-21T10:05:00Z' }]);
  expect(await alertsOf(id)).toMatchObject([{ status: 'resolved' }]);
});

test('Grafana may put, and its older versions speak of rules', async () => {
  const { id, token } = await source();
  const grafana = { ...group(), version: '1', orgId: 1, title: 'x', state: 'alerting', message: 'm' };
  expect((await send(`/${token}`, grafana, {}, 'PUT')).statusCode).toBe(200);
  const old = { title: '[Alerting] CPU', ruleId: 7, ruleName: 'CPU', ruleUrl: 'http://g.example/r', state: 'alerting' };
  expect((await send(`/${token}`, old)).json()).toEqual({ status: 'success', accepted: 1 });
  expect((await alertsOf(id)).map(({ title }) => title)).toEqual(['[Alerting] CPU', 'Disk of db-1 is full']);
});

test('202, 400: PagerDuty’s own bodies, by path or routing key; a trigger without a key is given one', async () => {
  const { id, token } = await source();
  const payload = { summary: 'Queue is full', source: 'mq-1', severity: 'error' };
  const first = await send('/v2/enqueue', { routing_key: token, event_action: 'trigger', payload });
  expect(first.statusCode, first.body).toBe(202);
  const { dedup_key: key, ...rest } = first.json();
  expect([rest, typeof key]).toEqual([{ status: 'success', message: 'Event processed' }, 'string']);
  const [alert] = await alertsOf(id);
  expect(alert).toMatchObject({ title: 'Queue is full', severity: 'high', status: 'firing' });
  expect((await world.get(`/alerts/${alert?.id}`)).json().payload).not.toContain(token);
  await send(`/${token}/v2/enqueue`, { event_action: 'acknowledge', dedup_key: key });
  expect(await alertsOf(id)).toMatchObject([{ title: 'Queue is full', status: 'acknowledged' }]);
  await send(`/${token}/v2/enqueue`, { event_action: 'resolve', dedup_key: key });
  expect(await alertsOf(id)).toMatchObject([
    { title: 'Queue is full', severity: 'high', status: 'resolved', count: 1 },
  ]);
  const bad = await send(`/${token}/v2/enqueue`, { event_action: 'trigger' });
  expect([bad.statusCode, bad.json()]).toMatchObject([
    400,
    { status: 'invalid event', errors: ["payload: 'payload' is missing"] },
  ]);
  const stranger = await send('/v2/enqueue', { routing_key: 'x'.repeat(32), event_action: 'trigger', payload });
  expect([stranger.statusCode, stranger.json().errors]).toEqual([400, ['Invalid routing key']]);
});

test('a change event is a mark and no alert', async () => {
  const { id, token } = await source();
  const answer = await send(`/${token}/v2/change/enqueue`, {
    payload: { summary: 'Deployed 1.2', timestamp: '2026-11-21T10:00:00Z', source: 'ci' },
  });
  expect([answer.statusCode, answer.json()]).toEqual([202, { status: 'success', message: 'Change event processed' }]);
  expect(await alertsOf(id)).toEqual([]);
  expect((await world.get('/alerts/marks')).json().data).toMatchObject([
    { title: 'Deployed 1.2', at: '2026-11-21T10:00:00.000Z', labels: { source: 'ci' } },
  ]);
  const incident = { title: 'Checkout fails', description: '', severity: 'sev2' as const, service: 'shop', links: [] };
  const by = { kind: 'system' as const, id: null, name: 'Test' };
  await world.tx((tx) => openIncident(tx, { ...incident, ownerId: null, escalationPolicyId: null, actor: by }));
  await send(`/${token}/v2/change/enqueue`, {
    payload: { summary: 'Deployed 1.3', source: 'ci', custom_details: { service: 'shop' } },
  });
  expect(await world.sql("select text from incident_timeline where kind = 'mark'")).toEqual([{ text: 'Deployed 1.3' }]);
});

test('Datadog’s template links an alert to its recovery', async () => {
  const { id, token } = await source();
  const event = { cycle_key: 'c1', title: 'CPU', transition: 'Triggered', priority: 'P1', tags: 'env:prod' };
  expect((await send(`/${token}`, event)).json()).toEqual({ status: 'ok' });
  await send(`/${token}`, { ...event, transition: 'Recovered' });
  expect(await alertsOf(id)).toMatchObject([{ status: 'resolved', severity: 'critical', labels: { env: 'prod' } }]);
});

test('CloudEvents come in three modes, and their handshake is answered', async () => {
  const { id, token } = await source();
  const event = { specversion: '1.0', id: '1', source: '/a', type: 'disk.full', data: { severity: 'critical' } };
  const types = ['application/cloudevents+json', 'application/cloudevents-batch+json'];
  expect((await send(`/${token}`, event, { 'content-type': types[0] ?? '' })).statusCode).toBe(202);
  const batch = [
    { ...event, id: '2', type: 'cpu.high' },
    { ...event, id: '3', type: 'cpu.hot' },
  ];
  expect((await send(`/${token}`, batch, { 'content-type': types[1] ?? '' })).json()).toEqual({ accepted: 2 });
  const ce = { 'ce-id': '3', 'ce-source': '/b', 'ce-type': 'mem%20low', 'ce-specversion': '1.0' };
  expect((await send(`/${token}`, { severity: 'warning' }, ce)).statusCode).toBe(202);
  expect((await alertsOf(id)).map(({ title }) => title).sort()).toEqual([
    'cpu.high',
    'cpu.hot',
    'disk.full',
    'mem low',
  ]);
  const hello = await world.call('OPTIONS', `/ingest/${token}`, null, undefined, {
    'webhook-request-origin': 'events.example',
  });
  expect([hello.statusCode, hello.headers['webhook-allowed-origin']]).toEqual([200, 'events.example']);
});

test('a CloudEvent that is sent again counts once, by its source and id: alone, in a batch, and while the first is under way', async () => {
  const { id, token } = await source();
  const event = { specversion: '1.0', id: '1', source: '/a', type: 'disk.full', data: { severity: 'critical' } };
  const one = (of: object) => send(`/${token}`, of, { 'content-type': 'application/cloudevents+json' });
  const many = (of: object[]) => send(`/${token}`, of, { 'content-type': 'application/cloudevents-batch+json' });
  const both = await Promise.all([one(event), one(event)]);
  expect(both.map(({ statusCode }) => statusCode)).toEqual([202, 202]);
  expect(both.map((answer) => answer.json().accepted).sort()).toEqual([0, 1]);
  expect((await one(event)).json()).toEqual({ accepted: 0, duplicates: 1 });
  // Another id, or the same id of another source, is another event.
  const others = [{ ...event, id: '2' }, event, { ...event, id: '2' }, { ...event, source: '/b' }];
  expect((await many(others)).json()).toEqual({ accepted: 2, duplicates: 2 });
  const shownAlerts = await alertsOf(id);
  expect(shownAlerts.map(({ labels, count }) => [labels['source'], count]).sort()).toEqual([
    ['/a', 2],
    ['/b', 1],
  ]);
  // An end that was told before does not end what fires since.
  const over = { ...event, id: '3', type: 'disk.full', data: { status: 'resolved' } };
  await one(over);
  await one({ ...event, id: '4' });
  await one(over);
  expect((await alertsOf(id)).find(({ labels }) => labels['source'] === '/a')).toMatchObject({
    status: 'firing',
    count: 3,
  });
  // Another source of ours hears it for the first time.
  const second = await source();
  expect((await send(`/${second.token}`, event, { 'content-type': 'application/cloudevents+json' })).json()).toEqual({ accepted: 1 }); // prettier-ignore
});

test('JSON of any shape is read by the source’s mapping; what does not fit is told, and counted', async () => {
  const mapping = { items: 'body.events', title: 'item.what', key: 'item.id', severity: 'item.level' };
  const { id, token } = await source({ format: 'generic', mapping });
  const answer = await send(`/${token}`, { events: [{ id: 'a', what: 'Fan broken', level: 'major' }] });
  expect([answer.statusCode, answer.json()]).toEqual([202, { accepted: 1 }]);
  expect(await alertsOf(id)).toMatchObject([{ title: 'Fan broken', severity: 'high' }]);
  const bad = await send(`/${token}`, { other: 1 });
  expect([bad.statusCode, bad.json().error]).toEqual([400, 'alert.unreadable']);
  expect(await shown(id)).toMatchObject({ counters: { refused: 1 }, lastRefusal: expect.stringContaining('mapping') });
});

test('400: JSON that no format fits names its reason; text is no JSON', async () => {
  const { token } = await source();
  expect((await send(`/${token}`, { hello: 'world' })).json()).toMatchObject({ error: 'alert.format_unknown' });
  expect((await send(`/${token}`, 'hello', { 'content-type': 'text/plain' })).json()).toMatchObject({
    error: 'alert.unreadable',
    statusCode: 400,
  });
});

test('gzip is inflated, and both sizes have an end', async () => {
  const { id, token } = await source();
  const gzip = { 'content-encoding': 'gzip' };
  expect((await send(`/${token}`, gzipSync(JSON.stringify(group())), gzip)).statusCode).toBe(200);
  expect(await alertsOf(id)).toHaveLength(1);
  const bomb = gzipSync(Buffer.alloc(20_000_000, 32));
  expect(bomb.length).toBeLessThan(30_000);
  expect((await send(`/${token}`, bomb, gzip)).statusCode).toBe(413);
  expect((await send(`/${token}`, Buffer.alloc(5_000_000, 32))).statusCode).toBe(413);
});

test('two tokens live at once, by path, bearer or basic password; a third ends the oldest, and none is kept', async () => {
  const { id, token, url } = await source();
  expect(url).toBe(`http://windlass.example/api/v1/ingest/${token}`);
  const second = (await world.post(`/alert-sources/${id}/tokens`)).json().address;
  const basic = `Basic ${Buffer.from(`any:${token}`).toString('base64')}`;
  const statuses = async () => [
    (await send(`/${token}`, group())).statusCode,
    (await send(`/${second.token}`, group())).statusCode,
    (await send('', group(), { authorization: basic })).statusCode,
    (await send('', group(), { authorization: `Bearer ${second.token}` })).statusCode,
  ];
  expect(await statuses()).toEqual([200, 200, 200, 200]);
  const third = (await world.post(`/alert-sources/${id}/tokens`)).json();
  expect(third.source.tokens).toHaveLength(2);
  expect(await statuses()).toEqual([404, 200, 404, 200]);
  expect((await world.del(`/alert-sources/${id}/tokens/${second.tokenId}`)).statusCode).toBe(204);
  expect(await statuses()).toEqual([404, 404, 404, 404]);
  expect(JSON.stringify(await world.sql('select * from alert_source_tokens'))).not.toContain(third.address.token);
});

test('beyond its rate a sender is told to come again in the words that it understands', async () => {
  const { id, token } = await source({ rateLimit: 1 });
  expect((await send(`/${token}`, group())).statusCode).toBe(200);
  const busy = await send(`/${token}`, group());
  // Alertmanager repeats after 5xx alone.
  expect([busy.statusCode, Number(busy.headers['retry-after'])]).toEqual([503, expect.any(Number)]);
  const duty = await send(`/${token}/v2/enqueue`, { event_action: 'trigger' });
  expect([duty.statusCode, duty.json().status]).toEqual([429, 'throttle exceeded']);
  expect((await shown(id)).counters.limited).toBeGreaterThan(0);
});

test('a switched-off or removed source takes nothing; alerts of a removed one are over', async () => {
  const { id, token } = await source();
  await send(`/${token}`, group());
  await world.patch(`/alert-sources/${id}`, { enabled: false });
  expect((await send(`/${token}`, group())).statusCode).toBe(404);
  expect((await world.del(`/alert-sources/${id}`)).statusCode).toBe(204);
  expect(await alertsOf(id)).toMatchObject([{ status: 'resolved', count: 1 }]);
});

test('requests that name the same alerts at once wait for each other and lose none', async () => {
  const { id, token } = await source();
  const alerts = (shift: number) => ({
    ...group(),
    alerts: Array.from({ length: 200 }, (_, n) => ({
      status: 'firing',
      labels: { alertname: 'Flood', n: String((n * 7 + shift) % 200) },
    })),
  });
  const answers = await Promise.all(Array.from({ length: 12 }, (_, shift) => send(`/${token}`, alerts(shift))));
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array.from({ length: 12 }, () => 200));
  const [sums] = await world.sql(
    'select count(*)::int as alerts, sum(count)::int as reports from alerts where source_id = $1',
    [id],
  );
  expect(sums).toEqual({ alerts: 200, reports: 2_400 });
});

test('the list is searched, filtered and paged; by hand an alert is seen and over', async () => {
  const { id, token } = await source();
  const alerts = ['critical', 'warning', 'info'].map((severity, n) => ({
    status: 'firing',
    labels: { alertname: `Needle${n}`, severity, team: 'search-team' },
  }));
  await send(`/${token}`, { ...group(), alerts });
  const titles = async (query: string) =>
    (await world.get(`/alerts?source=${id}&${query}`)).json().data.map(({ title }: ListedAlert) => title);
  expect(await titles('severity=critical,warning&search=needle')).toHaveLength(2);
  expect(await titles('search=search-team%20Needle2')).toEqual(['Needle2']);
  const page = (await world.get(`/alerts?source=${id}&limit=2`)).json();
  const rest = (await world.get(`/alerts?source=${id}&limit=2&cursor=${page.pagination.nextCursor}`)).json();
  expect(new Set([...page.data, ...rest.data].map(({ title }: ListedAlert) => title)).size).toBe(3);
  const [one] = await alertsOf(id);
  expect((await world.post(`/alerts/${one?.id}/acknowledge`)).json().status).toBe('acknowledged');
  expect((await world.post(`/alerts/${one?.id}/resolve`)).json().status).toBe('resolved');
  expect(await titles('status=live')).toHaveLength(2);
});

test('rules keep their order, refuse what cannot hold, and are tried on what came', async () => {
  const rule = { name: 'Disks', when: 'alert.labels.alertname == "Back"', groupBy: ['cluster'] };
  const { id, token } = await source();
  const alerts = ['a', 'a', 'b'].map((cluster, n) => ({
    status: 'firing',
    labels: { alertname: 'Back', cluster, n: String(n) },
  }));
  await send(`/${token}`, { ...group(), alerts });
  expect(await alertsOf(id)).toHaveLength(3);
  const tried = (await world.post('/alert-rules/back-test', { rule, days: 7 })).json();
  expect(tried).toMatchObject({ matched: 3, incidents: 2, failed: 0, groups: [{ alerts: 2 }, { alerts: 1 }] });
  const strict = (await world.post('/alert-rules/back-test', { rule: { ...rule, threshold: 2 } })).json();
  expect(strict.incidents).toBe(1);
  const bad = await world.post('/alert-rules', { ...rule, when: 'alarm.x' });
  expect([bad.statusCode, bad.json().details]).toMatchObject([422, [{ path: '/body/when' }]]);
  const first = (await world.post('/alert-rules', rule)).json();
  const second = (await world.post('/alert-rules', { ...rule, name: 'Second' })).json();
  const ordered = await world.post('/alert-rules/order', { ids: [second.id, first.id] });
  expect(ordered.json().data.map(({ name, position }: { name: string; position: number }) => [name, position])).toEqual(
    [
      ['Second', 1],
      ['Disks', 2],
    ],
  );
  expect((await world.post('/alert-rules/order', { ids: [first.id] })).json().error).toBe(
    'alert_rule.order_incomplete',
  );
  expect(
    (await world.call('PUT', `/alert-rules/${first.id}`, world.people.olga, { ...rule, mode: 'monitor' })).json(),
  ).toMatchObject({ mode: 'monitor', version: 2 });
  for (const { id: rest } of [first, second]) expect((await world.del(`/alert-rules/${rest}`)).statusCode).toBe(204);
});

test('silences say whether they hold; one that is ended is over', async () => {
  const matchers = [{ label: 'team', op: '=', value: 'db' }];
  const now = Date.now();
  const time = { kind: 'once', from: new Date(now - 1_000).toISOString(), to: new Date(now + 3_600_000).toISOString() };
  const answer = await world.post('/silences', { name: 'Move', matchers, time });
  expect([answer.statusCode, answer.json()]).toMatchObject([
    201,
    { openUntil: time.to, isOver: false, mode: 'suppress' },
  ]);
  const ended = (await world.post(`/silences/${answer.json().id}/end`)).json();
  expect(ended).toMatchObject({ isOver: true, openUntil: null });
  const weekly = { kind: 'recurring', cron: '0 22 * * 6', timeZone: 'Europe/Berlin', lasts: '2h' };
  const { id, opensAt, openUntil } = (
    await world.post('/silences', { name: 'Saturdays', matchers, time: weekly })
  ).json();
  expect([opensAt, openUntil].filter(Boolean)).toHaveLength(1);
  expect((await world.del(`/silences/${id}`)).statusCode).toBe(204);
});
