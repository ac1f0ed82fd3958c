// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openTestPage, stubApi, type StubbedApi } from '#tests/kit/console-page.tsx';
import { QueriesPage } from './queries-page.tsx';

// The editor draws on a canvas of its own; here it is a field with the same ends.
vi.mock('./editor/query-editor.tsx', () => ({
  default: ({ tab, onValue }: { tab: { sql: string }; onValue: (sql: string) => void }) => (
    <textarea aria-label="Query" value={tab.sql} onChange={(event) => onValue(event.target.value)} />
  ),
}));

const all = [
  'queries:read', 'queries:run', 'queries:rows', 'queries:edit', 'connections:read', 'connections:use', 'connections:manage', 'runs:cancel',
] as const; // prettier-ignore
const idOf = (n: number): string => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const page = (data: readonly object[]) => ({ data, pagination: { limit: 200, nextCursor: null } });
const sfmc = (state = 'connected') => ({ id: idOf(1), kind: 'sfmc', name: 'SFMC Production', state, slots: 5 });
const units = [
  { id: '510', name: 'AF Europe', parentId: null, isUsable: true, isDefault: true, details: {} },
  { id: '511', name: 'AF Loyalty', parentId: null, isUsable: true, isDefault: false, details: {} },
];
const tab = {
  id: idOf(5), title: 'Lapsed', sql: 'SELECT a FROM b WHERE c = {{ since: date }}', parameters: {}, parameterDefs: [], connectionId: idOf(1),
  unit: '510', timeWindow: null, queryId: null, queryVersion: null, runId: null, cursor: null, position: 1, updatedAt: '2026-11-20T10:00:00Z', revision: 3,
}; // prettier-ignore
const schema = { unit: '510', readAt: '2026-11-20T10:00:00Z', isReading: false, objects: 1, cut: null, failure: null };
const members = {
  id: 'de:1', kind: 'table', name: 'Loyalty_Members', sqlName: 'Loyalty_Members', parentId: null, description: 'Who is in', rowCount: 412_806,
  hasColumns: true, details: {},
}; // prettier-ignore
let api: StubbedApi;

beforeEach(() => {
  api = stubApi({
    'GET /connections': () => page([sfmc()]),
    [`GET /connections/${idOf(1)}/units`]: () => ({ data: units }),
    [`GET /connections/${idOf(1)}/objects`]: () => ({ ...page([members]), schema }),
    'GET /query-tabs': () => ({ data: [tab] }),
    'GET /query-runs': () => page([]),
    [`PUT /query-tabs/${idOf(5)}`]: ({ body }) => ({ ...tab, ...(body as object), revision: 4, hasConflict: false }),
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});
const open = (permissions: readonly string[] = all, search = '') =>
  openTestPage(QueriesPage, { path: '/queries', permissions, search });
const where = (): string => new URL(location.href).search;

test('with nothing connected the console says what to do first, and who may not is told why', async () => {
  api.answers['GET /connections'] = () => page([]);
  open(['queries:read', 'connections:read']);
  expect(await screen.findByText('Nothing is connected yet')).toBeDefined();
  expect(screen.getByRole('button', { name: 'Connect a system' }).getAttribute('aria-disabled')).toBe('true');
});

test('connections that do not load are told with what to quote, and are asked for again', async () => {
  const answer = api.answers['GET /connections'];
  api.answers['GET /connections'] = () => ({
    status: 403,
    body: { error: 'identity.permission_missing', message: 'It needs connections:read.', requestId: 'r1' },
  });
  open();
  expect(await screen.findByText('It needs connections:read.')).toBeDefined();
  expect(answer).toBeDefined();
});

test('a kept tab opens with its connection, its unit, its parameters and the objects of the unit', async () => {
  open();
  expect(await screen.findByRole('tab', { name: /Lapsed/ })).toBeDefined();
  expect(await screen.findByRole('button', { name: 'Connection SFMC Production: Connected' })).toBeDefined();
  expect(await screen.findByRole('button', { name: 'Business unit: AF Europe' })).toBeDefined();
  expect(await screen.findByRole('treeitem', { name: /Loyalty_Members/ })).toBeDefined();
  const field = await screen.findByRole('combobox', { name: /since, Date/ });
  fireEvent.change(field, { target: { value: 'some day' } });
  expect(await screen.findByText('No date')).toBeDefined();
});

test('a run is started once, with what is in the fields, and a missing value is asked for instead', async () => {
  api.answers['POST /query-runs'] = () => ({ runId: idOf(7) });
  open();
  await screen.findByRole('button', { name: 'Business unit: AF Europe' });
  fireEvent.click(await screen.findByRole('button', { name: /^Run/ }));
  expect(await screen.findByText('Needs a value')).toBeDefined();
  expect(api.sent.filter(({ path }) => path === '/query-runs')).toEqual([]);
  fireEvent.change(screen.getByRole('combobox', { name: /since, Date/ }), { target: { value: 'today - 7d' } });
  fireEvent.click(screen.getByRole('button', { name: /^Run/ }));
  await waitFor(() => expect(api.sent.filter(({ path }) => path === '/query-runs')).toHaveLength(1));
  expect(api.sent.find(({ path }) => path === '/query-runs')?.body).toMatchObject({
    connectionId: idOf(1),
    unit: '510',
    sql: tab.sql,
    parameters: { since: 'today - 7d' },
    parameterDefs: [{ name: 'since', type: 'date' }],
    title: 'Lapsed',
  });
});

test('who may not run sees why; a connection that needs a sign-in says so and leads there', async () => {
  api.answers['GET /connections'] = () => page([sfmc('needs_reauth')]);
  open(all.filter((permission) => permission !== 'queries:run'));
  const run = await screen.findByRole('button', { name: /^Run/ });
  expect(run.getAttribute('aria-disabled')).toBe('true');
  expect(screen.queryByRole('button', { name: 'Dry run' })).toBeNull();
  expect((await screen.findAllByRole('link', { name: 'Reconnect' }))[0]?.getAttribute('href')).toContain(
    '/connections',
  );
});

test('rows of another unit than is chosen are not shown, and the address follows the tab', async () => {
  const run = { runId: idOf(7), connectionId: idOf(1), unit: '511', title: 'Lapsed', status: 'succeeded' };
  api.answers['GET /query-tabs'] = () => ({ data: [{ ...tab, runId: idOf(7) }] });
  api.answers[`GET /query-runs/${idOf(7)}`] = () => run;
  open();
  await screen.findByRole('tab', { name: /Lapsed/ });
  await screen.findByRole('button', { name: 'Business unit: AF Europe' });
  expect(screen.queryByTestId('queries.run')).toBeNull();
  expect(where()).toBe('');
});
