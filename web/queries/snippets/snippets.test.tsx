// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openTestPage, stubApi, type StubbedApi } from '#tests/kit/console-page.tsx';
import { SnippetDialog } from './snippet-dialog.tsx';
import { SnippetPanel } from './snippet-panel.tsx';
import type { SnippetDraft } from './use-snippets.ts';

const idOf = (n: number): string => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const at = '2026-11-20T10:00:00Z';
const mine = {
  id: idOf(1), trigger: 'subs30', description: 'Who opened', text: 'SELECT ${1:a}\nFROM t', engine: 'sfmc', sharing: 'private',
  owner: { kind: 'user', id: '', name: 'Mia' }, createdAt: at, updatedAt: at, version: 3,
}; // prettier-ignore
const theirs = { ...mine, id: idOf(2), trigger: 'shared', description: '', engine: null, sharing: 'workspace', owner: { kind: 'user', id: idOf(9), name: 'Max' } }; // prettier-ignore
const inserted: string[] = [];
let api: StubbedApi;

function Both() {
  const [draft, setDraft] = useState<SnippetDraft | null>(null);
  return (
    <>
      <SnippetPanel engine="sfmc" onInsert={(text) => void inserted.push(text)} onEdit={setDraft} />
      {draft && <SnippetDialog draft={draft} onClose={() => setDraft(null)} />}
    </>
  );
}
const open = (permissions: readonly string[] = ['queries:read', 'queries:edit']) =>
  openTestPage(Both, { path: '/queries', permissions });

beforeEach(() => {
  inserted.length = 0;
  api = stubApi({ 'GET /query-snippets': () => ({ data: [mine, theirs] }) });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test('one’s own, the workspace’s and those of the product are listed for the engine, found by their words, shown and put in', async () => {
  open();
  expect(await screen.findByRole('button', { name: /^subs30/ })).toBeDefined();
  expect(screen.getByText('Max')).toBeDefined();
  expect(screen.getByRole('button', { name: /^dedupe/ })).toBeDefined();
  expect(screen.queryByRole('button', { name: /^byperiod/ })).toBeNull();
  fireEvent.change(screen.getByRole('searchbox'), { target: { value: 'who opened' } });
  expect(screen.queryByRole('button', { name: /^dedupe/ })).toBeNull();
  const row = screen.getByRole('button', { name: /^subs30/ });
  fireEvent.click(row);
  expect(row.getAttribute('aria-expanded')).toBe('true');
  expect(screen.getByText(/FROM t/)).toBeDefined();
  fireEvent.click(screen.getByRole('button', { name: 'Insert subs30' }));
  expect(inserted).toEqual(['SELECT ${1:a}\nFROM t']);
  fireEvent.change(screen.getByRole('searchbox'), { target: { value: 'nothing of it' } });
  expect(await screen.findByText('No snippet matches')).toBeDefined();
});

test('a new snippet is saved once its trigger and its text are right, and says what is wrong until then', async () => {
  api.answers['POST /query-snippets'] = ({ body }) => ({ ...mine, ...(body as object) });
  open();
  fireEvent.click(await screen.findByRole('button', { name: 'New snippet' }));
  const dialog = within(await screen.findByRole('dialog'));
  const save = dialog.getByRole<HTMLButtonElement>('button', { name: 'Save snippet' });
  expect(save.disabled).toBe(true);
  fireEvent.change(dialog.getByLabelText(/^Trigger/), { target: { value: '3 days' } });
  expect(dialog.getByRole('alert').textContent).toContain('A letter first');
  fireEvent.change(dialog.getByLabelText(/^Trigger/), { target: { value: 'days' } });
  fireEvent.change(dialog.getByLabelText(/^Text/), { target: { value: 'x = ${1:a' } });
  expect(dialog.getByRole('alert').textContent).toContain('Line 1: The stop ${1:… has no }.');
  expect(save.disabled).toBe(true);
  fireEvent.change(dialog.getByLabelText(/^Text/), { target: { value: 'x >= {{ since: date }} and ${1:a}' } });
  expect(dialog.getByText('One stop. Parameter: since.')).toBeDefined();
  fireEvent.click(save);
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(api.sent.find(({ method }) => method === 'POST')?.body).toEqual({
    trigger: 'days',
    description: '',
    text: 'x >= {{ since: date }} and ${1:a}',
    engine: 'sfmc',
    sharing: 'workspace',
  });
});

test('a trigger that is taken is told in the form, which stays open', async () => {
  api.answers['POST /query-snippets'] = () => ({
    status: 409,
    body: { error: 'query_snippet.trigger_taken', message: 'There is already a snippet days here.', requestId: 'r1' },
  });
  open();
  fireEvent.click(await screen.findByRole('button', { name: 'New snippet' }));
  const dialog = within(await screen.findByRole('dialog'));
  fireEvent.change(dialog.getByLabelText(/^Trigger/), { target: { value: 'days' } });
  fireEvent.change(dialog.getByLabelText(/^Text/), { target: { value: 'x' } });
  fireEvent.click(dialog.getByRole('button', { name: 'Save snippet' }));
  expect(await dialog.findByText('There is already a snippet days here.')).toBeDefined();
});

test('who may not edit sees them and puts them in, and is told why not more', async () => {
  open(['queries:read']);
  const add = await screen.findByRole('button', { name: 'New snippet' });
  expect(add.getAttribute('aria-disabled')).toBe('true');
  fireEvent.click(await screen.findByRole('button', { name: 'Insert subs30' }));
  expect(inserted).toHaveLength(1);
});
