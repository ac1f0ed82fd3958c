// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openTestPage, stubApi, type StubbedApi } from '#tests/kit/console-page.tsx';
import { QueryQueuePage } from './query-queue-page.tsx';

const all = [
  'queries:read',
  'queries:run',
  'queries:manage',
  'connections:read',
  'runs:cancel',
  'members:read',
] as const;
const idOf = (n: number): string => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const page = (data: readonly object[]) => ({ data, pagination: { limit: 200, nextCursor: null } });
const actor = { kind: 'user', id: idOf(990), name: 'Mara' };
const at = '2026-11-20T10:00:00Z';
const run = {
  runId: idOf(8), title: 'Journeys', status: 'queued', waitingFor: 'slot', connectionId: idOf(1), unitName: 'AF Europe', actor,
  createdAt: at, startedAt: null, endedAt: null, failure: null,
}; // prettier-ignore
const load = {
  connectionId: idOf(1), connectionName: 'SFMC Production', engine: 'sfmc', slots: 1, calls: 12, throttled: 3, temporaryAssets: 1, oldestAssetAt: null,
  running: [{ ...run, runId: idOf(9), title: 'Opens', status: 'running', waitingFor: null, startedAt: at }],
  waiting: [{ ...run, queuePlace: 2, expectedStartAt: null }],
  failed: [] as object[],
  drain: null as object | null,
  lines: [{ unit: null, unitName: null, running: 1, waiting: 1 }],
}; // prettier-ignore
let api: StubbedApi;
beforeEach(() => {
  api = stubApi({
    'GET /query-queue': () => ({ data: [load] }),
    'GET /query-assets': () =>
      page([{ connectionId: idOf(1), unit: '510', runId: idOf(9), madeBy: { ...actor, name: 'Tomas' }, kind: 'data_extension', name: 'WL_tmp_1', createdAt: at, dueAt: '2026-11-21T10:00:00Z', failure: null }]),
  });
}); // prettier-ignore
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});
const open = (permissions: readonly string[] = all) =>
  openTestPage(QueryQueuePage, { path: '/queries/queue', permissions });

test('the queue tells places, slots, and what of ours is at the services, whose it is and when it goes; what waits is canceled', async () => {
  open();
  expect(await screen.findByText('2. in line')).toBeDefined();
  expect(screen.getByText('1 of 1 slots')).toBeDefined();
  expect(screen.getByText('3 refused as too many')).toBeDefined();
  const asset = (await screen.findByText('WL_tmp_1')).closest('li');
  expect(within(asset as HTMLElement).getByText('Tomas')).toBeDefined();
  fireEvent.click(screen.getByRole('button', { name: 'Cancel Journeys' }));
  fireEvent.click(await screen.findByRole('button', { name: 'Cancel the query' }));
  await waitFor(() => expect(api.sent).toContainEqual({ method: 'POST', path: `/runs/${idOf(8)}/cancel`, body: null }));
});

test('what failed lately says why and is run again from here, by those who may run', async () => {
  const failed = { ...run, runId: idOf(7), title: 'Opens of May', status: 'failed', failure: { message: 'The service is away.' }, endedAt: at }; // prettier-ignore
  api.answers['GET /query-queue'] = () => ({ data: [{ ...load, failed: [failed] }] });
  api.answers[`POST /query-runs/${idOf(7)}/again`] = () => ({ runId: idOf(6) });
  open();
  expect(await screen.findByText('The service is away.')).toBeDefined();
  fireEvent.click(screen.getByRole('button', { name: 'Retry Opens of May' }));
  await waitFor(() => expect(api.sent.map(({ path }) => path)).toContain(`/query-runs/${idOf(7)}/again`));
  cleanup();
  open(['queries:read', 'connections:read']);
  expect((await screen.findByRole('button', { name: 'Retry Opens of May' })).getAttribute('aria-disabled')).toBe(
    'true',
  );
});

test('a connection is drained with a reason, says so, and is resumed', async () => {
  api.answers[`POST /query-queue/${idOf(1)}/drain`] = () => ({ status: 204 });
  api.answers[`POST /query-queue/${idOf(1)}/resume`] = () => ({ status: 204 });
  const mayManage = [...all, 'runs:manage'];
  open(mayManage);
  fireEvent.click(await screen.findByRole('button', { name: 'Drain SFMC Production' }));
  fireEvent.change(await screen.findByLabelText(/^Reason/), { target: { value: 'Night of the move' } });
  fireEvent.click(screen.getByRole('button', { name: 'Drain connection' }));
  await waitFor(() =>
    expect(api.sent).toContainEqual({
      method: 'POST',
      path: `/query-queue/${idOf(1)}/drain`,
      body: { reason: 'Night of the move' },
    }),
  );
  cleanup();
  const drain = { by: actor, at, reason: 'Night of the move' };
  api.answers['GET /query-queue'] = () => ({ data: [{ ...load, drain }] });
  open(mayManage);
  expect(await screen.findByText(/Night of the move/)).toBeDefined();
  fireEvent.click(screen.getByRole('button', { name: 'Resume SFMC Production' }));
  await waitFor(() => expect(api.sent.map(({ path }) => path)).toContain(`/query-queue/${idOf(1)}/resume`));
  cleanup();
  open();
  expect((await screen.findByRole('button', { name: 'Resume SFMC Production' })).getAttribute('aria-disabled')).toBe(
    'true',
  );
});

test('Amazon’s slots are counted for each instance', async () => {
  const lines = [
    { unit: 'amc1', unitName: 'Brand', running: 9, waiting: 0 },
    { unit: 'amc2', unitName: 'Shop', running: 10, waiting: 3 },
  ];
  api.answers['GET /query-queue'] = () => ({ data: [{ ...load, engine: 'amc', slots: 10, lines }] });
  open();
  expect(await screen.findByText('Brand: 9 of 10 slots')).toBeDefined();
  expect(screen.getByText('Shop: 10 of 10 slots, 3 waiting')).toBeDefined();
});

test('a rule is made and taken away by those who manage queries, and the others see no such button', async () => {
  const rule = {
    id: idOf(5), personId: null, personName: null, role: 'member', connectionId: idOf(1), connectionName: 'SFMC Production', unit: null, unitName: null,
    folder: null, denied: ['export'], createdBy: actor, createdAt: at,
  }; // prettier-ignore
  let rules: object[] = [];
  api.answers['GET /query-rules'] = () => ({ data: rules });
  api.answers['GET /members'] = () => ({ data: [] });
  api.answers['GET /connections'] = () => page([{ id: idOf(1), kind: 'postgres', name: 'SFMC Production', state: 'connected' }]);
  api.answers['GET /query-folders'] = () => ({ data: [{ folder: 'Board', queries: 2 }] });
  api.answers['POST /query-rules'] = () => {
    rules = [rule];
    return { status: 201, body: rule };
  };
  api.answers[`DELETE /query-rules/${idOf(5)}`] = () => ({ status: 204 });
  open();
  fireEvent.click(await screen.findByRole('button', { name: 'Rules' }));
  expect(await screen.findByText('No rule takes anything away')).toBeDefined();
  fireEvent.click(screen.getByRole('button', { name: 'New rule' }));
  expect((await screen.findByRole('button', { name: 'Make the rule' })).hasAttribute('disabled')).toBe(true);
  rules = [rule];
  cleanup();
  open();
  fireEvent.click(await screen.findByRole('button', { name: 'Rules' }));
  fireEvent.click(await screen.findByRole('button', { name: 'Take away the rule of Members at SFMC Production' }));
  await waitFor(() => expect(api.sent.map(({ method, path }) => `${method} ${path}`)).toContain(`DELETE /query-rules/${idOf(5)}`));
  cleanup();
  open(all.filter((permission) => permission !== 'queries:manage'));
  await screen.findByText('2. in line');
  expect(screen.queryByRole('button', { name: 'Rules' })).toBeNull();
}); // prettier-ignore
