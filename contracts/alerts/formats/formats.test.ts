import { expect, test } from 'vitest';
import type { IncomingAlert, ReadAlerts } from '../incoming-alert.ts';
import { readAlertGroup, readGrafana, readPrometheusAlerts } from './alertmanager.ts';
import { readCloudEventAlerts, readCloudEvents } from './cloudevents.ts';
import { datadogTemplate, readDatadog } from './datadog.ts';
import { AlertMapping, readByMapping } from './generic.ts';
import { readPagerDuty, readPagerDutyChange } from './pagerduty.ts';

function alertsIn(read: ReadAlerts): IncomingAlert[] {
  if (!read.ok) throw new Error(JSON.stringify(read));
  return read.alerts;
}
const problemsIn = (read: ReadAlerts) => (read.ok ? [] : read.problems.map(({ path }) => path));

const group = {
  version: '4',
  groupKey: '{}/{severity="critical"}:{alertname="DiskFull"}',
  truncatedAlerts: 3,
  status: 'firing',
  receiver: 'windlass',
  groupLabels: { alertname: 'DiskFull' },
  commonLabels: { alertname: 'DiskFull', severity: 'critical' },
  commonAnnotations: {},
  externalURL: 'http://alertmanager.example:9093',
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'DiskFull', severity: 'critical', instance: 'db-1:9100' },
      annotations: {
        summary: 'Disk of db-1 is full',
        runbook_url: 'https://runbooks.example/disk',
        description: '2 % left',
      },
      startsAt: '2026-11-21T10:00:00.123456789Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus.example/graph',
      fingerprint: '0a1b2c3d4e5f6071',
    },
    {
      status: 'resolved',
      labels: { alertname: 'DiskFull', instance: 'db-2:9100' },
      annotations: {},
      startsAt: '2026-11-21T09:00:00Z',
      endsAt: '2026-11-21T10:05:00+01:00',
      generatorURL: 'javascript:alert(1)',
      fingerprint: '1111111111111111',
    },
  ],
};

test('Alertmanager: each alert has its own state and fingerprint, the group its key', () => {
  const read = readAlertGroup(group);
  expect(read).toMatchObject({ ok: true, leftOut: 3 });
  expect(alertsIn(read)).toEqual([
    {
      key: '0a1b2c3d4e5f6071',
      groupKey: group.groupKey,
      status: 'firing',
      severity: 'critical',
      title: 'Disk of db-1 is full',
      description: '2 % left',
      labels: { alertname: 'DiskFull', severity: 'critical', instance: 'db-1:9100' },
      startsAt: '2026-11-21T10:00:00.123Z',
      endsAt: null,
      links: [
        { label: 'Source', url: 'http://prometheus.example/graph' },
        { label: 'Runbook', url: 'https://runbooks.example/disk' },
      ],
    },
    {
      key: '1111111111111111',
      groupKey: group.groupKey,
      status: 'resolved',
      severity: 'info',
      title: 'DiskFull',
      description: '',
      labels: { alertname: 'DiskFull', instance: 'db-2:9100' },
      startsAt: '2026-11-21T09:00:00.000Z',
      endsAt: '2026-11-21T09:05:00.000Z',
      links: [],
    },
  ]);
});

test('Alertmanager: what is none is refused with the field that is wrong, what is unknown is passed over', () => {
  expect(problemsIn(readAlertGroup({ ...group, alerts: 'none' }))).toEqual(['alerts']);
  expect(problemsIn(readAlertGroup({ alerts: [{ status: 'firing', labels: { a: 1 } }] }))).toEqual([
    'alerts.0.labels.a',
  ]);
  expect(alertsIn(readAlertGroup({ ...group, somethingNew: { a: 1 } }))).toHaveLength(2);
  expect(alertsIn(readAlertGroup({ alerts: [] }))).toEqual([]);
});

test('Prometheus itself: the same labels are the same alert in any order; past its end it is resolved', () => {
  const now = Date.parse('2026-11-21T10:00:00Z');
  const alerts = alertsIn(
    readPrometheusAlerts(
      [
        {
          labels: { alertname: 'Up', job: 'api' },
          annotations: {},
          startsAt: '2026-11-21T09:00:00Z',
          endsAt: '2026-11-21T10:04:00Z',
        },
        {
          labels: { job: 'api', alertname: 'Up' },
          annotations: {},
          startsAt: '2026-11-21T09:00:00Z',
          endsAt: '2026-11-21T09:59:00Z',
        },
      ],
      now,
    ),
  );
  expect(alerts.map(({ status }) => status)).toEqual(['firing', 'resolved']);
  expect(alerts[0]?.key).toBe(alerts[1]?.key);
});

test('Grafana: its values are shown, and are no part of what tells alerts apart', () => {
  const grafana = {
    ...group,
    version: '1',
    orgId: 1,
    title: '[FIRING:1] DiskFull',
    state: 'alerting',
    message: 'x',
    alerts: [
      {
        ...group.alerts[0],
        fingerprint: undefined,
        values: { A: 97.5, B: null },
        panelURL: 'https://grafana.example/p',
      },
    ],
  };
  const later = { ...grafana, alerts: [{ ...grafana.alerts[0], values: { A: 98 } }] };
  const [first] = alertsIn(readGrafana(grafana));
  expect(first?.labels).toMatchObject({ 'value.A': '97.5' });
  expect(first?.links.at(-1)).toEqual({ label: 'Panel', url: 'https://grafana.example/p' });
  expect(alertsIn(readGrafana(later))[0]?.key).toBe(first?.key);
});

test('Grafana of old: one alert by rule; paused and pending say nothing', () => {
  const legacy = {
    title: '[Alerting] CPU', ruleId: 7, ruleName: 'CPU', ruleUrl: 'https://grafana.example/r/7', state: 'alerting',
    message: 'Too hot', evalMatches: [{ value: 99, metric: 'cpu', tags: null }],
  }; // prettier-ignore
  expect(alertsIn(readGrafana(legacy))).toMatchObject([
    { key: 'rule 7', status: 'firing', severity: 'high', title: '[Alerting] CPU', description: 'Too hot\ncpu = 99' },
  ]);
  expect(alertsIn(readGrafana({ ...legacy, state: 'ok' }))).toMatchObject([{ status: 'resolved' }]);
  expect(alertsIn(readGrafana({ ...legacy, state: 'paused' }))).toEqual([]);
});

const trigger = {
  routing_key: '0123456789abcdef0123456789abcdef',
  event_action: 'trigger',
  payload: {
    summary: 'The queue is stuck',
    source: 'mq-1',
    severity: 'error',
    timestamp: '2026-11-21T08:42:58.315+0000',
    component: 'broker',
    custom_details: { depth: 12_000 },
  },
  links: [{ href: 'https://example.com/mq', text: 'Queue' }, { href: 'ftp://example.com/x' }],
};

test('PagerDuty: a trigger without a key is given one and told it; acknowledge and resolve find it by that key', () => {
  const { read, answer } = readPagerDuty(trigger, 'made-for-you');
  expect(answer).toEqual({
    status: 202,
    body: { status: 'success', message: 'Event processed', dedup_key: 'made-for-you' },
  });
  expect(alertsIn(read)).toMatchObject([
    {
      key: 'made-for-you',
      status: 'firing',
      severity: 'high',
      title: 'The queue is stuck',
      labels: { depth: '12000', source: 'mq-1', component: 'broker' },
      startsAt: '2026-11-21T08:42:58.315Z',
      links: [{ label: 'Queue', url: 'https://example.com/mq' }],
    },
  ]);
  const of = (event_action: string) => alertsIn(readPagerDuty({ event_action, dedup_key: 'k' }, 'unused').read)[0];
  expect([of('acknowledge'), of('resolve')]).toMatchObject([
    { key: 'k', status: 'acknowledged' },
    { key: 'k', status: 'resolved' },
  ]);
});

test('PagerDuty: its own answer for what is no event', () => {
  const { answer } = readPagerDuty({ event_action: 'trigger' }, 'k');
  expect(answer).toEqual({
    status: 400,
    body: { status: 'invalid event', message: 'Event object is invalid', errors: ["payload: 'payload' is missing"] },
  });
  expect(readPagerDuty({ event_action: 'resolve' }, 'k').answer.status).toBe(400);
  expect(readPagerDuty({ ...trigger, payload: { ...trigger.payload, severity: 'bad' } }, 'k').answer.status).toBe(400);
});

test('PagerDuty: a change is a mark, no alert', () => {
  const read = readPagerDutyChange({
    routing_key: 'r',
    payload: { summary: 'Deployed 2.1', source: 'ci', timestamp: '2026-11-21T08:00:00Z' },
  });
  expect(read).toMatchObject({
    ok: true,
    alerts: [],
    marks: [{ title: 'Deployed 2.1', at: '2026-11-21T08:00:00.000Z' }],
  });
});

test('Datadog: the template as published is read, and the cycle links alert to recovery', () => {
  const sent = { ...datadogTemplate, cycle_key: '77', title: '[P1] CPU', transition: 'Triggered', type: 'error', priority: 'P1', date: '1763719200000', tags: 'env:prod,web', link: 'https://app.datadog.example/m' }; // prettier-ignore
  const [fired] = alertsIn(readDatadog(sent));
  expect(fired).toMatchObject({
    key: '77',
    status: 'firing',
    severity: 'critical',
    startsAt: '2025-11-21T10:00:00.000Z',
    labels: { env: 'prod', web: 'true' },
  });
  expect(alertsIn(readDatadog({ ...sent, transition: 'Recovered', type: 'success' }))).toMatchObject([
    { key: '77', status: 'resolved' },
  ]);
  expect(alertsIn(readDatadog({ id: 12, title: 'x', event_type: 'metric' }))).toMatchObject([
    { key: '12', severity: 'warning' },
  ]);
  expect(readDatadog({ hello: 1 }).ok).toBe(false);
});

test('CloudEvents: batch, single and headers are told apart, the batch first', () => {
  const event = {
    id: '1',
    source: '/ci',
    specversion: '1.0',
    type: 'build.failed',
    subject: 'main',
    data: { severity: 'high' },
  };
  const ids = (headers: Record<string, string>, body: string) => {
    const read = readCloudEvents(headers, body);
    return read.ok ? read.events.map(({ id, source }) => `${source} ${id}`) : read.message;
  };
  expect(ids({ 'content-type': 'application/cloudevents-batch+json' }, JSON.stringify([event, { ...event, id: '2' }]))).toEqual(['/ci 1', '/ci 2']); // prettier-ignore
  expect(ids({ 'content-type': 'application/cloudevents-batch+json' }, '[]')).toEqual([]);
  expect(ids({ 'content-type': 'application/cloudevents+json; charset=utf-8' }, JSON.stringify(event))).toEqual([
    '/ci 1',
  ]);
  const headers = {
    'ce-id': '3',
    'ce-source': '"/a%20b"',
    'ce-type': 't',
    'ce-specversion': '1.0',
    'content-type': 'application/json',
  };
  expect(ids(headers, '{"title":"Hot"}')).toEqual(['/a b 3']);
  expect(ids({ ...headers, 'ce-subject': '%ff' }, '')).toBe('The header ce-subject is not percent-encoded UTF-8.');
  expect(ids(headers, '{')).toBe('The body is no JSON, though its content type says so.');
  expect(ids({ 'content-type': 'application/json' }, '{}')).toMatch(/There is no CloudEvent/);
  expect(ids({ 'content-type': 'application/cloudevents+json' }, JSON.stringify({ ...event, specversion: '0.3' }))).toBe('This is no CloudEvent 1.0.'); // prettier-ignore
});

test('CloudEvents: type and subject speak where the data does not, and a type may say that it is over', () => {
  const headers = (type: string) => ({ 'ce-id': '1', 'ce-source': '/s', 'ce-type': type, 'ce-subject': 'db', 'ce-specversion': '1.0', 'content-type': 'application/json' }); // prettier-ignore
  expect(alertsIn(readCloudEventAlerts(headers('disk.full'), '{"severity":"critical","percent":98}'))).toMatchObject([
    { title: 'disk.full · db', severity: 'critical', status: 'firing', labels: { percent: '98', subject: 'db' } },
  ]);
  expect(alertsIn(readCloudEventAlerts(headers('disk.resolved'), ''))).toMatchObject([{ status: 'resolved' }]);
});

test('a mapping reads JSON of any shape, one or many, and says which of its expressions does not fit', () => {
  const mapping = AlertMapping.parse({
    items: 'body.checks',
    key: 'item.name',
    title: '"Check " + item.name',
    severity: 'item.level',
    isResolved: 'item.ok',
    labels: '{"host": item.host}',
  });
  const checks = [
    { name: 'disk', level: 'error', ok: false, host: 'db-1' },
    { name: 'cpu', level: 'warning', ok: true, host: 'db-2' },
  ];
  expect(alertsIn(readByMapping(mapping, { body: { checks }, headers: {}, query: {} }, 0))).toMatchObject([
    { key: 'disk', title: 'Check disk', severity: 'high', status: 'firing', labels: { host: 'db-1' } },
    { key: 'cpu', severity: 'warning', status: 'resolved' },
  ]);
  const wrong = readByMapping(mapping, { body: { checks: [{ name: 'x' }] }, headers: {}, query: {} }, 0);
  expect(problemsIn(wrong)).toContain('severity');
  expect(problemsIn(readByMapping(mapping, { body: { checks: 3 }, headers: {}, query: {} }, 0))).toEqual(['items']);
});
