// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Artifact } from '#contracts/playbooks/artifacts.ts';
import { openTestPage, stubApi, type StubbedApi } from '#tests/kit/console-page.tsx';
import { FilesPage } from './files-page.tsx';

const idOf = (place: number): string => `01900000-0000-7000-8000-${String(place).padStart(12, '0')}`;
const aFile = (parts: Partial<Artifact> = {}): Artifact => ({
  id: idOf(1),
  name: 'app-1.2.tar.gz',
  bytes: 1_400_000,
  sha256: 'ab'.repeat(32),
  createdAt: '2026-11-20T10:00:00.000Z',
  createdBy: { kind: 'user', id: idOf(800), name: 'Mara' },
  expiresAt: null,
  usedBy: [],
  ...parts,
});
let files: Artifact[];
let api: StubbedApi;

/** A request of the browser's older kind, which alone tells how much was sent. */
class Request extends EventTarget {
  static sent: { address: string; headers: Record<string, string>; body: unknown }[] = [];
  static answer: (address: string) => { status: number; body: object };
  upload = new EventTarget();
  status = 0;
  responseText = '';
  readonly #asked = { address: '', headers: {} as Record<string, string>, body: null as unknown };
  open(_method: string, address: string) {
    this.#asked.address = address;
  }
  setRequestHeader(name: string, value: string) {
    this.#asked.headers[name] = value;
  }
  abort() {
    this.dispatchEvent(new Event('abort'));
  }
  send(body: unknown) {
    Request.sent.push({ ...this.#asked, body });
    this.upload.dispatchEvent(Object.assign(new Event('progress'), { loaded: 3 }));
    const { status, body: said } = Request.answer(this.#asked.address);
    queueMicrotask(() => {
      this.status = status;
      this.responseText = JSON.stringify(said);
      this.dispatchEvent(new Event('load'));
    });
  }
}

beforeEach(() => {
  files = [aFile({ usedBy: [{ id: idOf(50), name: 'Roll out' }] }), aFile({ id: idOf(2), name: 'motd' })];
  Request.sent = [];
  Request.answer = () => ({ status: 201, body: aFile() });
  api = stubApi({
    'GET /artifacts': ({ query }) => ({
      data: files.filter(({ name }) => name.includes(query.get('q') ?? '')),
      pagination: { limit: 200, nextCursor: null },
    }),
    'GET /artifacts/usage': () => ({ files: files.length, bytes: 2_800_000, mostBytes: 2_147_483_648, mostFileBytes: 67_108_864 }),
    [`GET /artifacts/${idOf(1)}`]: () => files[0],
    [`GET /artifacts/${idOf(1)}/runs`]: () => ({ data: [{ id: idOf(60), title: 'Roll out to eu', status: 'waiting', createdAt: '2026-11-20T10:00:00.000Z' }] }),
    [`DELETE /artifacts/${idOf(1)}`]: () => ({}),
  }); // prettier-ignore
  vi.stubGlobal('XMLHttpRequest', Request);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});
const open = (search = '', permissions = ['playbooks:read', 'playbooks:edit']) =>
  openTestPage(FilesPage, { path: '/files', search, permissions });
const row = (name: string) => screen.findByRole('row', { name });
const choose = (...chosen: File[]) =>
  fireEvent.change(screen.getByLabelText('Files to upload'), { target: { files: chosen } });

test('files are rows with size, hash, who uses them and who stored them; the head says how much place is taken', async () => {
  open();
  const cells = within(await row('app-1.2.tar.gz'));
  for (const words of ['1.4 MB', 'Roll out', 'Mara']) expect(cells.getByText(words)).toBeTruthy();
  expect(cells.getByRole('button', { name: /Copy SHA-256/ })).toBeTruthy();
  expect(await screen.findByText('2 · 2.8 MB of 2.1 GB')).toBeTruthy();
});

test('a file is sent by a name that may be stored, and the dialog closes when it is there', async () => {
  open();
  await row('motd');
  const file = new File(['abcdef'], 'My Tool (1).zip');
  choose(file);
  const dialog = await screen.findByRole('dialog', { name: 'Upload a file' });
  expect(within(dialog).getByLabelText<HTMLInputElement>('Name').value).toBe('My-Tool-1.zip');
  fireEvent.click(within(dialog).getByRole('button', { name: 'Upload file' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(Request.sent).toEqual([
    { address: '/api/v1/artifacts?name=My-Tool-1.zip', headers: expect.objectContaining({ 'X-Workspace': 'w' }), body: file },
  ]); // prettier-ignore
});

test('a name that is taken is said at its file with another to use; the other files are stored', async () => {
  Request.answer = (address) =>
    address.endsWith('motd')
      ? { status: 409, body: { error: 'artifact.name_taken', message: 'There is a file called motd.', statusCode: 409, requestId: 'req-3' } }
      : { status: 201, body: aFile() }; // prettier-ignore
  open();
  await row('motd');
  choose(new File(['a'], 'motd'), new File(['b'], 'other.txt'));
  const dialog = await screen.findByRole('dialog', { name: 'Upload 2 files' });
  fireEvent.click(within(dialog).getByRole('button', { name: 'Upload 2 files' }));
  expect(await within(dialog).findByText(/There is a file called motd\..*req-3/)).toBeTruthy();
  expect(await within(dialog).findByText('Stored')).toBeTruthy();
  fireEvent.click(within(dialog).getByRole('button', { name: 'Use another name' }));
  fireEvent.click(within(dialog).getByRole('button', { name: 'Upload file' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(Request.sent.map(({ address }) => address.split('name=')[1])).toEqual(['motd', 'other.txt', 'motd-2']);
});

test('what is dropped on the page is asked for its name', async () => {
  open();
  await row('motd');
  const dataTransfer = { types: ['Files'], files: [new File(['a'], 'dropped.bin')] };
  fireEvent.drop(screen.getByRole('grid', { name: 'Files' }), { dataTransfer });
  expect(await screen.findByDisplayValue('dropped.bin')).toBeTruthy();
});

test('before a file goes that playbooks upload, they and the open runs are named, and its name is typed', async () => {
  open(`?sel=${idOf(1)}`);
  fireEvent.click(await screen.findByRole('button', { name: 'Delete file' }));
  const dialog = await screen.findByRole('alertdialog', { name: 'Delete app-1.2.tar.gz?' });
  expect(await within(dialog).findByText('Roll out to eu')).toBeTruthy();
  expect(within(dialog).getByText('Roll out')).toBeTruthy();
  const act = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Delete file' });
  expect(act.disabled).toBe(true);
  fireEvent.change(within(dialog).getByLabelText('Type app-1.2.tar.gz'), { target: { value: 'app-1.2.tar.gz' } });
  fireEvent.click(act);
  await waitFor(() => expect(api.sent).toEqual([{ method: 'DELETE', path: `/artifacts/${idOf(1)}`, body: null }]));
});

test('nothing by this search, nothing at all, a failure and a missing permission are told apart', async () => {
  open('?q=nowhere');
  fireEvent.click(await screen.findByRole('button', { name: 'Clear the search' }));
  expect(await row('motd')).toBeTruthy();
  cleanup();
  files = [];
  open('', ['playbooks:read']);
  expect(await screen.findByText('Store your first file')).toBeTruthy();
  for (const button of screen.getAllByRole('button', { name: /^Upload file/ }))
    expect(button.getAttribute('aria-disabled')).toBe('true');
  cleanup();
  const refused = (status: number, error: string) => () => ({
    status,
    body: { error, message: 'It needs playbooks:read.', statusCode: status, requestId: 'req-9' },
  });
  api.answers['GET /artifacts'] = refused(500, 'server.failed');
  open();
  expect(await screen.findByText(/server\.failed · req-9/)).toBeTruthy();
  cleanup();
  api.answers['GET /artifacts'] = refused(403, 'identity.permission_missing');
  open();
  expect(await screen.findByText('You may not see this')).toBeTruthy();
});
