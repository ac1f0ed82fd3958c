// @vitest-environment jsdom
import { cleanup, screen } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import type { QueryRunDetail } from '#contracts/queries/query-runs.ts';
import { openTestPage, stubApi } from '#tests/kit/console-page.tsx';
import QueryRunBody from './query-run-body.tsx';

const id = '019a0000-0000-7000-8000-000000000001';
const at = '2026-03-02T06:00:00.000Z';
const run = (more: Partial<QueryRunDetail>): QueryRunDetail => ({
  runId: id,
  title: 'Orders',
  status: 'succeeded',
  waitingFor: null,
  trigger: 'schedule',
  actor: { kind: 'system', id: null, name: 'At seven' },
  connectionId: id,
  connectionName: 'Shop',
  engine: 'postgres',
  unit: null,
  unitName: null,
  queryId: null,
  queryVersion: null,
  sqlHead: 'select 1',
  phase: 'delivering',
  rowCount: null,
  failure: null,
  createdAt: at,
  startedAt: at,
  endedAt: at,
  sql: 'select 1',
  parameters: {},
  parameterDefs: [],
  timeWindow: null,
  options: {},
  phases: [{ name: 'delivering', startedAt: at, endedAt: null }],
  columns: null,
  schema: null,
  remote: {},
  isAdopted: false,
  remarks: [],
  note: null,
  expiresAt: null,
  isReadable: false,
  cleanup: { state: 'nothing', removed: 0, left: 0, at: null },
  deliveries: [],
  queuePlace: null,
  expectedStartAt: null,
  ...more,
});
const open = (more: Partial<QueryRunDetail>): void => {
  stubApi({ [`GET /query-runs/${id}`]: () => run(more) });
  openTestPage(() => <QueryRunBody runId={id} />, { path: `/runs/${id}`, permissions: ['queries:read'] });
};
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test('a run that delivers says of each target whether its rows arrived, how many, and why not', async () => {
  const delivery = { attempts: 1, endedAt: at, failure: null };
  open({
    deliveries: [
      { ...delivery, index: 0, kind: 'mail', target: 'ada@example.org', state: 'delivered', rows: 1200, bytes: 2048 },
      {
        ...delivery,
        index: 1,
        kind: 'webhook',
        target: '#lake',
        state: 'failed',
        rows: null,
        bytes: null,
        attempts: 3,
        failure: { code: 'c', message: 'The receiver answered 400.', hint: 'Mend the delivery in its schedule.' },
      },
    ],
  });
  const items = await screen.findAllByText(/Mail to|Webhook/);
  expect(items.map(({ textContent }) => textContent)).toEqual([
    'Mail to ada@example.org: delivered',
    'Webhook #lake: not delivered',
  ]);
  expect(screen.getByText(/1,200 rows/)).toBeTruthy();
  expect(screen.getByText(/3 attempts · The receiver answered 400\. Mend the delivery/)).toBeTruthy();
});

test('a run that delivers nothing has no such section', async () => {
  open({});
  await screen.findByText('Phases');
  expect(screen.queryByText('Deliveries')).toBeNull();
});
