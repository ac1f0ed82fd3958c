// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Connection } from '#contracts/connections/connections.ts';
import { openTestPage, stubApi, type StubbedApi } from '#tests/kit/console-page.tsx';
// Fetched here already: what a page loads later is not waited for in each test.
import './connection-drawer.tsx';
import { ConnectionsPage } from './connections-page.tsx';
import { aConnection, aDatabase, aRefusal, aUnit, connectionId, someRefreshes } from './sample-connection.ts';

const all = ['connections:read', 'connections:use', 'connections:manage', 'queries:read'] as const;
let connections: Connection[];
let api: StubbedApi;

const page = (data: readonly unknown[]) => ({ data, pagination: { limit: 200, nextCursor: null } });

beforeEach(() => {
  const soon = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
  connections = [
    aConnection({ refreshedAt: soon(-10), refreshAt: soon(6), expiresAt: soon(10) }),
    aDatabase(),
    aConnection({
      id: connectionId(2),
      name: 'AMC · Brand DE',
      kind: 'amc',
      config: { kind: 'amc', clientId: 'c', region: 'eu' },
      state: 'needs_reauth',
      failure: aRefusal(),
      waiting: 3,
    }),
  ];
  api = stubApi({
    'GET /connections': () => page(connections),
    [`GET /connections/${connectionId(1)}/units`]: () => ({
      data: [aUnit('510001', 'Northwind Group'), aUnit('510002', 'Northwind Retail', { isDefault: true })],
    }),
    [`GET /connections/${connectionId(1)}/refreshes`]: () => ({ data: someRefreshes(['renewed', 'refused']) }),
    'GET /queries': () => page([{ connectionId: connectionId(1) }, { connectionId: connectionId(2) }]),
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});
const open = (search = '', permissions: readonly string[] = all) =>
  openTestPage(ConnectionsPage, { path: '/connections', search, permissions });
const card = (name: string) => screen.findByRole('region', { name });

test('a card says how the connection stands, as whom, until when, where queries go, and what runs and waits', async () => {
  open();
  const retail = within(await card('Marketing Cloud · Retail'));
  expect(retail.getByText('Connected')).toBeTruthy();
  expect(retail.getByTitle('Signed in as Ada Admin')).toBeTruthy();
  expect(retail.getByRole('meter', { name: 'Life of the token' }).getAttribute('aria-valuetext')).toMatch(
    /^Token renews in /,
  );
  expect(await retail.findByText('Northwind Retail')).toBeTruthy();
  expect(retail.getByText('2 of 5')).toBeTruthy();
  expect(await retail.findByRole('img', { name: 'Last 2 renewals: 1 not good' })).toBeTruthy();
});

test('a connection that needs a sign-in says why, what to do and what waits, and Reconnect leaves for the service', async () => {
  const assign = vi.fn<(address: string) => void>();
  vi.stubGlobal('location', { assign, origin: 'http://w.test', pathname: '/w/w/connections' });
  const asked: string[] = [];
  api.answers[`GET /connections/${connectionId(2)}/authorize`] = ({ query }) => {
    asked.push(query.get('returnTo') ?? '');
    return { url: 'https://consent.example/ap/oa', expiresAt: '2026-11-21T14:10:00.000Z' };
  };
  open();
  const amc = within(await card('AMC · Brand DE'));
  expect(amc.getByText('Needs a sign-in')).toBeTruthy();
  expect(amc.getByText(/^Sign in again: somebody took the access back/)).toBeTruthy();
  expect(amc.getByText('invalid_grant')).toBeTruthy();
  fireEvent.click(amc.getByRole('button', { name: 'Reconnect AMC · Brand DE' }));
  await waitFor(() => expect(assign).toHaveBeenCalledWith('https://consent.example/ap/oa'));
  expect(asked).toEqual(['/w/w/connections']);
});

test('the way back from a sign-in says how it went', async () => {
  open(`?connection=${connectionId(2)}&signIn=failed&reason=sign_in_expired`);
  expect(await screen.findByText('This sign-in is not open any more.')).toBeTruthy();
  cleanup();
  open(`?connection=${connectionId(1)}&signIn=ok`);
  expect((await screen.findByText(/What waited for it goes on\.$/)).textContent).toContain(
    'Signed in on Marketing Cloud · Retail as Ada Admin',
  );
});

test('without any connection the page says what belongs here; with a filter that nothing fits it offers to clear it', async () => {
  open('?q=nowhere');
  fireEvent.click(await screen.findByRole('button', { name: 'Clear filters' }));
  await card('Shop, read replica');
  cleanup();
  connections = [];
  open();
  expect(await screen.findByText('Connect your first system')).toBeTruthy();
});

test('a failure stands where the connections would be, and trying again brings them', async () => {
  const failed = { error: 'connections.failed', message: 'It did.', statusCode: 500, requestId: 'req-7' };
  api.answers['GET /connections'] = () => ({ status: 500, body: failed });
  open();
  const failure = await screen.findByRole('alert');
  expect(within(failure).getByText(/connections\.failed · req-7/)).toBeTruthy();
  api.answers['GET /connections'] = () => page(connections);
  fireEvent.click(within(failure).getByRole('button', { name: 'Try again' }));
  await card('Shop, read replica');
});

test('who may only look keeps every button with its reason', async () => {
  open('', ['connections:read']);
  const reconnect = within(await card('AMC · Brand DE')).getByRole('button', { name: 'Reconnect AMC · Brand DE' });
  expect(reconnect.getAttribute('aria-disabled')).toBe('true');
  expect(screen.getByRole('button', { name: 'New connection' }).getAttribute('aria-disabled')).toBe('true');
});

test('disconnecting says what stops and what goes, and asks for the name', async () => {
  api.answers[`DELETE /connections/${connectionId(1)}`] = () => ({});
  open(`?sel=${connectionId(1)}`);
  const drawer = within(await screen.findByRole('dialog', { name: 'Marketing Cloud · Retail' }));
  fireEvent.click(drawer.getByRole('button', { name: 'Disconnect' }));
  const dialog = within(await screen.findByRole('alertdialog', { name: 'Disconnect Marketing Cloud · Retail?' }));
  expect(dialog.getByText('2 queries stop: 2 running, 0 waiting.')).toBeTruthy();
  expect(dialog.getByText('4 temporary objects at the service are removed.')).toBeTruthy();
  expect(await dialog.findByText('1 saved query has no connection any more.')).toBeTruthy();
  const act = dialog.getByRole('button', { name: 'Disconnect' });
  expect(act.hasAttribute('disabled')).toBe(true);
  fireEvent.change(dialog.getByLabelText(/^Type/), { target: { value: 'Marketing Cloud · Retail' } });
  fireEvent.click(act);
  await waitFor(() => expect(api.sent).toMatchObject([{ method: 'DELETE', path: `/connections/${connectionId(1)}` }]));
});

test('the drawer keeps its tab in the address; objects are counted and can be read again', async () => {
  const schema = {
    unit: '510002',
    readAt: '2026-11-21T13:00:00.000Z',
    isReading: false,
    objects: 2,
    cut: null,
    failure: null,
  };
  const object = (name: string, kind: string) => ({
    id: name, kind, name, sqlName: name, parentId: null, description: null, rowCount: null, hasColumns: true, details: {},
  }); // prettier-ignore
  api.answers[`GET /connections/${connectionId(1)}/objects`] = () => ({
    ...page([object('Orders', 'table'), object('_Sent', 'view')]),
    schema,
  });
  api.answers[`POST /connections/${connectionId(1)}/objects/refresh`] = () => schema;
  const { router } = open(`?sel=${connectionId(1)}&tab=objects`);
  expect(await screen.findByText('1 table, 1 view')).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Read again' }));
  expect(await screen.findByText(': as many as before')).toBeTruthy();
  fireEvent.click(screen.getByRole('tab', { name: 'Renewals' }));
  await waitFor(() => expect(router.state.location.searchStr).toContain('tab=refreshes'));
  expect(await screen.findByText('Refused')).toBeTruthy();
});
