// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Server } from '#contracts/servers/servers.ts';
import { openTestPage, stubApi, type StubbedApi } from '#tests/kit/console-page.tsx';
import { aServer, serverId } from './sample-server.ts';
import { ServersPage } from './servers-page.tsx';

const all = [
  'servers:read',
  'servers:manage',
  'servers:check',
  'playbooks:read',
  'playbooks:run',
  'runs:read',
] as const;
let servers: Server[];
let api: StubbedApi;

const counts = (some: readonly Server[], more: object = {}) => ({
  total: some.length,
  matching: some.length,
  inMaintenance: 0,
  health: { healthy: some.length, degraded: 0, unhealthy: 0, no_answer: 0, unknown: 0 },
  mismatches: 0,
  ...more,
});
const page = (data: readonly Server[]) => ({ data, pagination: { limit: 200, nextCursor: null } });

beforeEach(() => {
  servers = [
    aServer({ id: serverId(1), name: 'web-1', facts: { load1: 1.36, cpus: 4, memoryUsedPercent: 88 } }),
    aServer({ id: serverId(2), name: 'خادم-الويب', tags: [] }),
  ];
  api = stubApi({
    'GET /servers': ({ query }) => page(servers.filter(({ name }) => name.includes(query.get('q') ?? ''))),
    'GET /servers/counts': () => counts(servers),
    'GET /servers/ids': () => ({
      data: Array.from({ length: 412 }, (_, place) => ({ id: serverId(place + 1), name: `web-${place + 1}` })),
      isCapped: false,
    }),
    'GET /tags': () => ({ data: [{ tag: 'eu', servers: 1 }] }),
    'GET /credentials': () => page([]),
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});
const open = (search = '', permissions: readonly string[] = all) =>
  openTestPage(ServersPage, { path: '/servers', search, permissions });
const row = (name: string) => screen.findByRole('row', { name });

test('servers are rows with health, tags, load, memory and the last check; a name in any script stands by itself', async () => {
  open();
  const cells = within(await row('web-1'));
  for (const words of ['Healthy', 'eu', '34%', '88%', 'never']) expect(cells.getByText(words)).toBeTruthy();
  expect(cells.getByTitle('Load 1.36 on 4 CPUs in the last minute')).toBeTruthy();
  const other = within(await row('خادم-الويب'));
  expect(other.getAllByText('no data')).toHaveLength(2);
  expect(other.getByText('خادم-الويب').tagName).toBe('BDI');
});

test('without any server the page says what belongs here and offers both ways to begin', async () => {
  servers = [];
  open();
  expect(await screen.findByText('Add your first server')).toBeTruthy();
  fireEvent.click(screen.getAllByRole('button', { name: 'Import CSV' }).at(-1) as HTMLElement);
  expect(await screen.findByRole('dialog', { name: 'Import servers' })).toBeTruthy();
});

test('a filter that nothing fits says so, and its button shows all again', async () => {
  open('?q=nowhere&tag=eu');
  fireEvent.click(await screen.findByRole('button', { name: 'Clear filters' }));
  expect(await row('web-1')).toBeTruthy();
});

test('a failure stands where the servers would be, with what to quote, and trying again brings them', async () => {
  const failed = { error: 'server.failed', message: 'It did.', statusCode: 500, requestId: 'req-7' };
  api.answers['GET /servers'] = () => ({ status: 500, body: failed });
  open();
  const failure = await screen.findByRole('alert');
  expect(within(failure).getByText(/server\.failed · req-7/)).toBeTruthy();
  api.answers['GET /servers'] = () => page(servers);
  fireEvent.click(within(failure).getByRole('button', { name: 'Try again' }));
  await row('web-1');
});

test('who may not see servers is told, and who may only look keeps every button with its reason', async () => {
  api.answers['GET /servers'] = () => ({
    status: 403,
    body: { error: 'identity.permission_missing', message: 'It needs servers:read.', statusCode: 403, requestId: 'r' },
  });
  open();
  expect(await screen.findByText('You may not see this')).toBeTruthy();
  cleanup();
  api.answers['GET /servers'] = () => page(servers);
  open('', ['servers:read']);
  fireEvent.click(await screen.findByRole('checkbox', { name: 'Select web-1' }));
  const bar = screen.getByRole('toolbar', { name: 'Selected servers' });
  for (const name of ['Run playbook', 'Check', 'Tag', 'Maintenance', 'Delete'])
    expect(within(bar).getByRole('button', { name: new RegExp(`^${name}`) }).ariaDisabled ?? within(bar).getByRole('button', { name: new RegExp(`^${name}`) }).getAttribute('aria-disabled')).toBe('true'); // prettier-ignore
});

test('tags go to all that the filter shows, beyond the page, and what could not be is named and can be taken back', async () => {
  api.answers['GET /servers/counts'] = () => counts(servers, { total: 412, matching: 412 });
  api.answers['POST /servers/bulk'] = ({ body }) => {
    const { ids, addTags } = body as { ids: string[]; addTags?: string[] };
    const [first = '', ...rest] = ids;
    if (!addTags) return { changed: ids, failed: [], undo: [] };
    return {
      changed: rest,
      failed: [{ id: first, name: null, error: 'request.not_found', message: 'There is nothing here by that id.' }],
      undo: [{ ids: rest, removeTags: addTags }],
    };
  };
  open();
  fireEvent.click(await screen.findByRole('checkbox', { name: 'Select web-1' }));
  fireEvent.click(await screen.findByRole('button', { name: 'Select all 412' }));
  await screen.findByText('412 selected');
  fireEvent.click(screen.getByRole('button', { name: 'Tag' }));
  fireEvent.click(await screen.findByRole('button', { name: 'eu' }));
  fireEvent.click(screen.getByRole('button', { name: 'Add tags' }));
  const told = await screen.findByRole('dialog', { name: '5 of 412 could not be done' });
  expect(within(told).getByText('407 servers tagged eu')).toBeTruthy();
  expect(within(told).getByText('web-101')).toBeTruthy();
  expect(api.sent.map(({ body }) => (body as { ids: string[] }).ids.length)).toEqual([100, 100, 100, 100, 12]);
  api.sent.length = 0;
  fireEvent.click(within(told).getByRole('button', { name: 'Undo the rest' }));
  await waitFor(() => expect(api.sent).toHaveLength(5));
  expect(api.sent[0]?.body).toMatchObject({ removeTags: ['eu'] });
});

test('many are deleted only when that was typed', async () => {
  api.answers['POST /servers/bulk'] = ({ body }) => ({
    changed: (body as { ids: string[] }).ids,
    failed: [],
    undo: [],
  });
  open();
  for (const { name } of servers) fireEvent.click(await screen.findByRole('checkbox', { name: `Select ${name}` }));
  fireEvent.click(screen.getByRole('button', { name: 'Delete' }));
  const dialog = await screen.findByRole('alertdialog', { name: 'Delete 2 servers?' });
  const act = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Delete servers' });
  expect(act.disabled).toBe(true);
  fireEvent.change(within(dialog).getByLabelText('Type delete 2'), { target: { value: 'delete 2' } });
  fireEvent.click(act);
  await waitFor(() => expect(api.sent).toEqual([expect.objectContaining({ body: { delete: true, ids: [serverId(1), serverId(2)] } })])); // prettier-ignore
});

test('a playbook is chosen among those that can be told servers; the others say why not', async () => {
  const input = { label: 'Hosts', tags: null, anyTags: null, notTags: null, minItems: null, maxItems: null };
  api.answers['GET /servers/playbooks'] = () => ({
    data: [
      { id: serverId(50), name: 'Restart', version: 3, input: { ...input, name: 'hosts', type: 'servers' } },
      { id: serverId(51), name: 'Only one', version: 1, input: { ...input, name: 'host', type: 'server' } },
      { id: serverId(52), name: 'Fixed', version: 1, input: null },
    ],
    isCapped: false,
  });
  const definition = { name: 'Restart', inputs: [{ name: 'hosts', type: 'servers' }], steps: [] };
  api.answers[`GET /playbooks/${serverId(50)}`] = () => ({ id: serverId(50), name: 'Restart', version: 3, definition });
  api.answers[`POST /playbooks/${serverId(50)}/runs`] = () => ({ runId: serverId(60) });
  open();
  for (const { name } of servers) fireEvent.click(await screen.findByRole('checkbox', { name: `Select ${name}` }));
  fireEvent.click(screen.getByRole('button', { name: 'Run playbook' }));
  const dialog = await screen.findByRole('dialog', { name: 'Run a playbook on 2 servers' });
  expect(await within(dialog).findByText('It takes one server.')).toBeTruthy();
  expect(within(dialog).getByText('It has no input for servers: its steps name their hosts themselves.')).toBeTruthy();
  fireEvent.click(within(dialog).getByRole('button', { name: /Restart/ }));
  const run = await screen.findByRole('dialog', { name: 'Run Restart' });
  expect((await within(run).findByRole<HTMLInputElement>('checkbox', { name: /^web-1/ })).checked).toBe(true);
  fireEvent.click(within(run).getByRole('button', { name: 'Run' }));
  await waitFor(() => expect(api.sent.at(-1)?.body).toMatchObject({ inputs: { hosts: ['web-1', 'خادم-الويب'] } }));
});
