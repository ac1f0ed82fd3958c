// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RunSummary } from '#contracts/runs/runs.ts';
import { layOut, openTestPage } from '#tests/kit/console-page.tsx';
import { undoLast } from '../ui/toast.tsx';
import { RunsPage } from './runs-page.tsx';
import { aRun } from './sample-run.ts';

const idOf = (place: number): string => `01900000-0000-7000-8000-${String(place).padStart(12, '0')}`;
const permissions = ['runs:read', 'runs:cancel', 'runs:rerun', 'runs:manage'];

interface Server {
  runs: RunSummary[];
  failWith?: { status: number; body: Record<string, unknown> };
  sent: { method: string; path: string; body: unknown }[];
}
let server: Server;

/** The API as far as the page asks for it; each answer is what the server would say. */
function answer(path: string, query: URLSearchParams): unknown {
  if (path === '/runs') {
    const q = query.get('q');
    const data = server.runs.filter(({ title }) => !q || title.includes(q));
    return { data, pagination: { limit: 100, nextCursor: null } };
  }
  if (path === '/runs/total') return { total: server.runs.length + 398, isCapped: false };
  if (path === '/runs/ids') return { ids: Array.from({ length: 400 }, (_, place) => idOf(place)), isCapped: false };
  if (path === '/runs/counts') return { counts: { queued: 0, running: 1, waiting: 0 }, limit: 100 };
  if (path === '/runs/children') return { counts: {} };
  if (path === '/runs/histogram') return { bucketMs: 900_000, buckets: [] };
  if (path === '/run-views') return [];
  return { data: [] };
}

beforeEach(() => {
  server = { runs: [aRun({ id: idOf(2), title: 'Second' }), aRun({ id: idOf(1), title: 'First' })], sent: [] };
  layOut();
  vi.stubGlobal('fetch', async (address: string, init: RequestInit = {}) => {
    const url = new URL(address, 'http://w.test');
    const path = url.pathname.replace('/api/v1', '');
    const json = (body: unknown, status = 200) =>
      new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
    if (init.method && init.method !== 'GET') {
      const body = JSON.parse(String(init.body)) as { ids: string[]; add: string[]; remove: string[] };
      server.sent.push({ method: init.method, path, body });
      if (path === '/runs/tag')
        return json({ results: body.ids.map((id) => ({ id, ok: true, added: body.add, removed: body.remove })) });
      const results = body.ids.map((id, place) =>
        place === 0
          ? { id, ok: false, error: { code: 'run.already_ended', message: 'The run has already ended as failed.' } }
          : { id, ok: true },
      );
      return json({ results });
    }
    if (path === '/runs' && server.failWith) return json(server.failWith.body, server.failWith.status);
    return json(answer(path, url.searchParams));
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const open = (search = '') => openTestPage(RunsPage, { path: '/runs', search, permissions });
const titles = () =>
  screen
    .queryAllByRole('row', { name: /^(First|Second|Third|Fourth)$/ })
    .map((row) => row.ariaLabel ?? row.getAttribute('aria-label'));

test('runs are rows, newest first, and the foot says how many the filter shows', async () => {
  open();
  await screen.findByRole('row', { name: 'Second' });
  expect(titles()).toEqual(['Second', 'First']);
  expect(await screen.findByText(/^400 runs ·/)).toBeTruthy();
});

test('a filter that nothing fits says so and is cleared by its button', async () => {
  open('?q=nowhere');
  fireEvent.click(await screen.findByRole('button', { name: 'Clear filters' }));
  await screen.findByRole('row', { name: 'First' });
  expect(titles()).toEqual(['Second', 'First']);
});

test('without any run the page says what belongs here and leads on', async () => {
  server.runs = [];
  open();
  expect(await screen.findByText('No run yet')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Go to playbooks' })).toBeTruthy();
});

test('a failure stands where the runs would be, with what to quote and a way to try again', async () => {
  server.failWith = {
    status: 500,
    body: { error: 'server.failed', message: 'It did.', statusCode: 500, requestId: 'req-7' },
  };
  open();
  const failure = await screen.findByRole('alert');
  expect(within(failure).getByText(/server\.failed · req-7/)).toBeTruthy();
  delete server.failWith;
  fireEvent.click(within(failure).getByRole('button', { name: 'Try again' }));
  await screen.findByRole('row', { name: 'First' });
});

test('who may not see runs is told', async () => {
  server.failWith = {
    status: 403,
    body: { error: 'identity.permission_missing', message: 'It needs runs:read.', statusCode: 403, requestId: 'r' },
  };
  open();
  expect(await screen.findByText('You may not see this')).toBeTruthy();
});

test('new runs wait while a row has focus, and come when they are asked for', async () => {
  const { client } = open();
  const row = await screen.findByRole('row', { name: 'Second' });
  fireEvent.focus(row);
  server.runs = [aRun({ id: idOf(4), title: 'Fourth' }), aRun({ id: idOf(3), title: 'Third' }), ...server.runs];
  await client.invalidateQueries({ queryKey: ['runs'] });
  const button = await screen.findByRole('button', { name: '2 new runs' });
  expect(titles()).toEqual(['Second', 'First']);
  fireEvent.blur(row);
  await waitFor(() => expect(titles()).toEqual(['Fourth', 'Third', 'Second', 'First']));
  expect(button.isConnected).toBe(false);
});

test('all that the filter shows can be selected and canceled, and what could not be is named', async () => {
  open();
  await screen.findByRole('row', { name: 'Second' });
  fireEvent.click(screen.getByRole('checkbox', { name: 'Select Second' }));
  fireEvent.click(await screen.findByRole('button', { name: 'Select all 400' }));
  await screen.findByText('400 selected');
  const bar = screen.getByRole('toolbar', { name: 'Selected runs' });
  fireEvent.click(within(bar).getByRole('button', { name: 'Cancel' }));
  fireEvent.click(await screen.findByRole('button', { name: 'Cancel runs' }));
  const told = await screen.findByRole('dialog', { name: '4 of 400 could not be done' });
  expect(within(told).getAllByText('The run has already ended as failed.')).toHaveLength(4);
  expect(server.sent.map(({ path, body }) => [path, (body as { ids: string[] }).ids.length])).toEqual(
    Array.from({ length: 4 }, () => ['/runs/cancel', 100]),
  );
});

test('tags of several runs are changed in one press, and Z takes back what it did', async () => {
  server.runs = [aRun({ id: idOf(2), title: 'Second', tags: ['old'] }), aRun({ id: idOf(1), title: 'First' })];
  open();
  await screen.findByRole('row', { name: 'Second' });
  for (const name of ['First', 'Second']) fireEvent.click(screen.getByRole('checkbox', { name: `Select ${name}` }));
  fireEvent.click(await screen.findByRole('button', { name: 'Tags' }));
  const dialog = await screen.findByRole('dialog', { name: 'Tags of 2 runs' });
  fireEvent.change(within(dialog).getByLabelText('Add'), { target: { value: 'eu' } });
  fireEvent.keyDown(within(dialog).getByLabelText('Add'), { key: 'Enter' });
  fireEvent.click(within(dialog).getByRole('button', { name: /^old/ }));
  fireEvent.click(within(dialog).getByRole('button', { name: 'Add 1, take off 1' }));
  await waitFor(() => expect(dialog.isConnected).toBe(false));
  undoLast();
  await waitFor(() =>
    expect(server.sent.map(({ body }) => body)).toEqual([
      { ids: [idOf(1), idOf(2)], add: ['eu'], remove: ['old'] },
      { ids: [idOf(1), idOf(2)], add: ['old'], remove: ['eu'] },
    ]),
  );
});

test('a column is sorted by the server, the address says so, and the file is that of the same filter', async () => {
  const { router } = open('?status=failed');
  await screen.findByRole('row', { name: 'Second' });
  fireEvent.click(screen.getByRole('button', { name: 'Duration' }));
  await waitFor(() => expect(router.state.location.search).toMatchObject({ sort: '-duration' }));
  const column = await screen.findByRole('columnheader', { name: /Duration/ });
  await waitFor(() => expect(column.getAttribute('aria-sort')).toBe('descending'));
  const link = await screen.findByRole('link', { name: 'Export 400 runs as CSV' });
  expect(link.getAttribute('href')).toBe('/api/v1/runs/export?status=failed&workspace=w');
});
