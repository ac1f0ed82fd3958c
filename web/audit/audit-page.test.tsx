// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AuditEntry } from '#contracts/audit/audit.ts';
import { openTestPage, stubApi, type StubbedApi } from '#tests/kit/console-page.tsx';
import { AuditPage } from './audit-page.tsx';
import { anEntry, entryId } from './sample-entry.ts';

let entries: AuditEntry[];
let api: StubbedApi;
let asked: URLSearchParams[];
const copied: string[] = [];

beforeEach(() => {
  asked = [];
  copied.length = 0;
  entries = [
    anEntry({ id: entryId(2), action: 'secret.read', title: 'سرّ', before: null, after: null }),
    anEntry({ id: entryId(1) }),
  ];
  api = stubApi({
    'GET /audit': ({ query }) => {
      asked.push(query);
      const q = query.get('q') ?? '';
      return { data: entries.filter(({ action }) => action.includes(q)), pagination: { limit: 100, nextCursor: null } };
    },
    'GET /audit/total': () => ({ total: entries.length, isCapped: false, keptDays: 400 }),
    'GET /audit/names': () => ({
      actors: [{ kind: 'user', id: entryId(800), name: 'Mara Lindqvist' }],
      actions: ['secret.read', 'server.changed', 'server.created'],
    }),
  });
  Object.defineProperty(navigator, 'clipboard', {
    value: { writeText: async (text: string) => void copied.push(text) },
    configurable: true,
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});
const open = (search = '') => openTestPage(AuditPage, { path: '/settings/audit', search, permissions: ['audit:read'] });
const row = (name: string) => screen.findByRole('row', { name });

test('entries are rows with who, what and what changed; the page says how many there are and how long they are kept', async () => {
  open();
  const cells = within(await row('server.changed web-1'));
  expect(cells.getByText('Mara Lindqvist')).toBeTruthy();
  expect(cells.getByText('port: 22 → 2222')).toBeTruthy();
  expect(within(await row('secret.read سرّ')).getByText('سرّ').tagName).toBe('BDI');
  expect(await screen.findByText('2 entries')).toBeTruthy();
  expect(screen.getByText('Kept 400 days, append-only')).toBeTruthy();
});

test('an entry opens with its request id to copy, and before and after as one comparison', async () => {
  const { router } = open();
  fireEvent.click(await row('server.changed web-1'));
  const entry = await screen.findByTestId('audit.entry');
  fireEvent.click(within(entry).getByRole('button', { name: /Copy request id/ }));
  await waitFor(() => expect(copied).toEqual(['req-42']));
  const diff = await within(entry).findByRole('region', { name: 'Before and after' });
  expect(await within(diff).findByText('port: 22')).toBeTruthy();
  expect(within(diff).getByText('port: 2222')).toBeTruthy();
  fireEvent.click(within(entry).getByRole('button', { name: 'All of this request' }));
  await waitFor(() => expect(router.state.location.search).toEqual({ q: 'req-42' }));
});

test('a link leads to an entry that is not among those that are loaded', async () => {
  api.answers[`GET /audit/${entryId(99)}`] = () => anEntry({ id: entryId(99), title: 'An old one' });
  open(`?sel=${entryId(99)}`);
  expect(await screen.findByRole('heading', { name: 'An old one' })).toBeTruthy();
});

test('actions are chosen by their noun, or all but those, and stand in the address', async () => {
  const { router } = open();
  await row('server.changed web-1');
  fireEvent.click(screen.getByRole('button', { name: /^Action/ }));
  fireEvent.click(await screen.findByRole('checkbox', { name: 'server.*' }));
  await waitFor(() => expect(router.state.location.search).toEqual({ action: 'server.*' }));
  fireEvent.click(screen.getByRole('radio', { name: 'Is not' }));
  await waitFor(() => expect(router.state.location.search).toEqual({ action: '!server.*' }));
  await waitFor(() => expect(asked.at(-1)?.get('action')).toBe('!server.*'));
});

test('what is written meanwhile waits while a row has focus, and comes when it is asked for', async () => {
  const { client } = open();
  const focused = await row('server.changed web-1');
  fireEvent.focus(focused);
  entries = [anEntry({ id: entryId(3), action: 'run.started', title: 'Deploy' }), ...entries];
  await client.invalidateQueries({ queryKey: ['audit'] });
  expect(await screen.findByRole('button', { name: '1 new entry' })).toBeTruthy();
  expect(screen.queryByRole('row', { name: 'run.started Deploy' })).toBeNull();
  fireEvent.blur(focused);
  expect(await row('run.started Deploy')).toBeTruthy();
});

test('nothing by this filter, nothing at all, a failure and a missing permission are told apart', async () => {
  open('?q=nowhere');
  fireEvent.click(await screen.findByRole('button', { name: 'Clear filters' }));
  expect(await row('server.changed web-1')).toBeTruthy();
  cleanup();
  entries = [];
  open();
  expect(await screen.findByText('Nothing was done yet')).toBeTruthy();
  cleanup();
  const refused = (status: number, error: string) => () => ({
    status,
    body: { error, message: 'It needs audit:read.', statusCode: status, requestId: 'req-9' },
  });
  api.answers['GET /audit'] = refused(500, 'server.failed');
  open();
  expect(await screen.findByText(/server\.failed · req-9/)).toBeTruthy();
  cleanup();
  api.answers['GET /audit'] = refused(403, 'identity.permission_missing');
  open();
  expect(await screen.findByText('You may not see this')).toBeTruthy();
});
