// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import type { Notice } from '#contracts/notices/notices.ts';
import { type Answer, type Answers, openTestPage, refused } from '#tests/kit/open-page.tsx';
import NoticePanel from './notice-panel.tsx';

const notice = (id: number, more: Partial<Notice> = {}): Notice => ({
  id: `run:${id}`, kind: 'run.failed', title: `Run ${id}`, detail: 'It did.', by: [], runId: null, serverId: null, tookMs: null,
  expiresAt: null, at: `2026-01-01T00:00:0${id}.000Z`, isNew: true, ...more,
}); // prettier-ignore
const listed = (data: Notice[], { waiting = [] as Notice[], nextCursor = null as string | null } = {}): Answer => ({
  body: { data, pagination: { limit: 25, nextCursor }, waiting, seenAt: '2026-01-01T00:00:00.000Z' },
});
const gone = vi.fn<() => void>();
const open = (answers: Answers) => openTestPage(() => <NoticePanel onGo={gone} />, { route: '/', at: '/', answers });

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test('where nothing happened it says so, and there is nothing to mark', async () => {
  open({ '/me/notices': listed([]) });
  expect(await screen.findByText('Nothing new.')).toBeTruthy();
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Mark all as read' }).disabled).toBe(true);
});

test('a list that cannot be read says why, what to quote, and comes by Try again', async () => {
  const answers: Answers = { '/me/notices': refused(503, 'database.away', 'The database does not answer.') };
  open(answers);
  const failure = await screen.findByRole('alert');
  expect(within(failure).getByText(/database\.away · req-7/)).toBeTruthy();
  answers['/me/notices'] = listed([notice(1)]);
  fireEvent.click(within(failure).getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('Run 1 failed')).toBeTruthy();
});

test('what waits for one’s word stands above the rest, and arrows lead through both', async () => {
  const waiting = [notice(1, { id: 'question:1', kind: 'approval.asked', title: 'Deploy', by: ['Ana'] })];
  open({ '/me/notices': listed([notice(3), notice(2, { isNew: false })], { waiting }) });
  await screen.findByText('Deploy waits for your approval');
  const links = screen.getAllByRole('link');
  expect(links.map((link) => [link.dataset['notice'], link.dataset['new']])).toEqual([
    ['approval.asked', 'true'],
    ['run.failed', 'true'],
    ['run.failed', 'false'],
  ]);
  for (const [key, index] of [
    ['ArrowDown', 0],
    ['ArrowDown', 1],
    ['j', 2],
    ['ArrowDown', 2],
    ['k', 1],
  ] as const) {
    // prettier-ignore
    fireEvent.keyDown(document.activeElement ?? document.body, { key });
    expect(document.activeElement).toBe(links[index]);
  }
});

test('all that is on screen is marked by the newest of it, and older ones are read on demand', async () => {
  const sent: unknown[] = [];
  open({
    '/me/notices': (query) => (query.has('cursor') ? listed([notice(1)]) : listed([notice(3), notice(2)], { nextCursor: 'c' })),
    '/me/notices/seen': { body: { unseen: 0, seenAt: '2026-01-01T00:00:03.000Z' } },
  }); // prettier-ignore
  const answer = globalThis.fetch;
  vi.stubGlobal('fetch', (address: string, init: RequestInit = {}) => {
    if (typeof init.body === 'string') sent.push(JSON.parse(init.body));
    return answer(address, init);
  });
  fireEvent.click(await screen.findByRole('button', { name: 'Show older' }));
  expect(await screen.findByText('Run 1 failed')).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Mark all as read' }));
  await waitFor(() => expect(sent).toEqual([{ upTo: '2026-01-01T00:00:03.000Z' }]));
});
