// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Connection } from '#contracts/connections/connections.ts';
import { openTestPage, stubApi, type StubbedApi } from '#tests/kit/console-page.tsx';
// Fetched here already: what a page loads later is not waited for in each test.
import './connect-later.tsx';
import { ConnectPage } from './connect-page.tsx';
import { aConnection, aDatabase, aRefusal, aUnit, connectionId } from './sample-connection.ts';

const all = ['connections:read', 'connections:use', 'connections:manage', 'queries:read'] as const;
const id = connectionId(1);
let connection: Connection;
let api: StubbedApi;

beforeEach(() => {
  connection = aConnection({ state: 'new', account: null, failure: null });
  api = stubApi({
    'POST /connections': () => connection,
    [`GET /connections/${id}`]: () => connection,
    [`GET /connections/${id}/units`]: () => ({ data: [aUnit('510002', 'Northwind Retail', { isDefault: true })] }),
    [`POST /connections/${id}/test`]: () => ({ isWorking: true, tookMs: 312, failure: null }),
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});
const open = (search = '') => openTestPage(ConnectPage, { path: '/connections/new', search, permissions: all });
const type = (label: RegExp, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } });

test('a system is chosen, its details are asked for with where to find them, and the draft is made on the server', async () => {
  const { router } = open();
  fireEvent.click(await screen.findByRole('button', { name: /^Marketing Cloud/ }));
  expect(await screen.findByRole('heading', { name: 'Where to find these' })).toBeTruthy();
  expect(screen.getByText(/\/api\/v1\/oauth\/callback$/)).toBeTruthy();
  type(/^Name/, 'Retail');
  type(/^Authentication base URI/, 'mc00000000000000000000000000');
  type(/^Client ID/, 'client-1');
  type(/^Client secret/, 'a secret');
  fireEvent.click(screen.getByRole('button', { name: 'Continue' }));
  await waitFor(() => expect(api.sent).toHaveLength(1));
  expect(api.sent[0]).toMatchObject({
    path: '/connections',
    body: {
      kind: 'sfmc',
      name: 'Retail',
      config: {
        clientId: 'client-1',
        clientSecret: 'a secret',
        authUrl: 'https://mc00000000000000000000000000.auth.marketingcloudapis.com/',
        grant: 'user',
      },
    },
  });
  expect(await screen.findByRole('region', { name: 'Sign in' })).toBeTruthy();
  expect(router.state.location.searchStr).toContain(`id=${id}`);
  expect(router.state.location.searchStr).not.toContain('secret');
});

test('what is missing is said at its field, and nothing is sent', async () => {
  open('?kind=postgres&step=details');
  fireEvent.click(await screen.findByRole('button', { name: 'Continue' }));
  await waitFor(() => expect(screen.getByLabelText(/^Host/).getAttribute('aria-invalid')).toBe('true'));
  expect(screen.getByText('The password is needed to sign in.')).toBeTruthy();
  expect(api.sent).toEqual([]);
});

test('a way back without a sign-in leads to the same step, with the service’s words and what to do', async () => {
  connection = aConnection({
    state: 'new',
    failure: aRefusal({ code: 'access_denied', message: 'The user said no.', hint: 'Sign in again and choose Allow.' }),
  });
  open(`?id=${id}&connection=${id}&signIn=failed&reason=access_denied`);
  expect(await screen.findByText('The user said no.')).toBeTruthy();
  expect(screen.getByText('Sign in again and choose Allow.')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy();
});

test('who has signed in sees the business units, tests, and is done', async () => {
  connection = aConnection();
  open(`?id=${id}&connection=${id}&signIn=ok`);
  const step = within(await screen.findByRole('region', { name: 'business unit' }));
  expect(await step.findByText('Northwind Retail')).toBeTruthy();
  fireEvent.click(step.getByRole('button', { name: 'Continue' }));
  expect(await screen.findByText('It answered in 0.3 s')).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Continue' }));
  expect(await screen.findByText(/is connected$/)).toBeTruthy();
});

test('a test that fails says what to do and can be asked again', async () => {
  connection = aDatabase({ id, state: 'new' });
  const failure = aRefusal({
    kind: 'network',
    code: 'ECONNREFUSED',
    message: 'Nobody listens there.',
    hint: 'Is it up?',
  });
  api.answers[`POST /connections/${id}/test`] = () => ({ isWorking: false, tookMs: 20, failure });
  open(`?id=${id}`);
  expect(await screen.findByText('Nobody listens there.')).toBeTruthy();
  api.answers[`POST /connections/${id}/test`] = () => ({ isWorking: true, tookMs: 90, failure: null });
  fireEvent.click(screen.getByRole('button', { name: 'Test again' }));
  expect(await screen.findByText('It answered in 0 s')).toBeTruthy();
});
