// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { type Answers, openTestPage, refused } from '#tests/kit/open-page.tsx';
import { aRun } from '../runs/sample-run.ts';
import { OverviewPage } from './overview-page.tsx';
import type { Overview } from './overview.ts';

const figures: Overview = {
  span: '24h',
  running: 1,
  waiting: 2,
  queued: 0,
  started: 106,
  startedBefore: 100,
  ended: 40,
  failed: 4,
  startDelayP95Ms: 120,
  approvalsWaiting: 0,
  servers: { total: 12, unreachable: 1, health: { healthy: 11, no_answer: 1 } },
  failures: [{ code: 'ssh.unreachable', count: 4 }],
  nextSchedules: [],
  isNew: false,
};
const page = (data: unknown[]) => ({ body: { data, pagination: { limit: 5, nextCursor: null } } });
const answersOf = (more: Answers = {}): Answers => ({
  '/overview': { body: figures },
  '/runs/trends': { body: { bucketMs: 1_800_000, buckets: [] } },
  '/runs': page([]),
  '/approvals': { body: [] },
  '/queues': { body: { limit: 100, running: 1, queued: 0, oldestQueuedAt: null, workers: [], queues: [] } },
  ...more,
});
const open = (answers: Answers, query = '') => openTestPage(OverviewPage, { route: '/', at: `/${query}`, answers });

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test('before the figures have come, the cards stand where they will be', async () => {
  open(answersOf({ '/overview': 'never' }));
  expect(await screen.findByRole('status', { name: 'Loading' })).toBeTruthy();
  expect(screen.getByRole('heading', { level: 1, name: 'Overview' })).toBeTruthy();
});

test('alerts that fire are counted, and lead to them', async () => {
  const firing = { critical: 2, high: 1, warning: 4, info: 0, debug: 0 };
  open(answersOf({ '/alerts': { body: { data: [], pagination: { limit: 1, nextCursor: null }, firing } } }));
  const tile = await screen.findByRole('link', { name: /Alerts that fire/ });
  await waitFor(() => expect(tile.textContent).toBe('Alerts that fire72 critical, 1 high'));
  expect(tile.getAttribute('href')).toContain('/alerts');
});

test('figures that cannot be read say why, what to quote, and come by Try again', async () => {
  const answers = answersOf({ '/overview': refused(503, 'database.away', 'The database does not answer.') });
  open(answers);
  const failure = await screen.findByRole('alert');
  expect(within(failure).getByText(/database\.away · req-7/)).toBeTruthy();
  answers['/overview'] = { body: figures };
  fireEvent.click(within(failure).getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('Failure rate')).toBeTruthy();
});

test('one part that cannot be read leaves the others', async () => {
  open(answersOf({ '/approvals': refused(500, 'server.failed', 'It did.') }));
  expect(await screen.findByText('Failure rate')).toBeTruthy();
  const waiting = screen.getByLabelText('Waiting for you');
  await waitFor(() => expect(within(waiting).getByText(/server\.failed · req-7/)).toBeTruthy());
});

test('where nothing waits, runs or has ended, each part says so', async () => {
  open(answersOf({ '/overview': { body: { ...figures, running: 0, waiting: 0, failures: [], failed: 0 } } }));
  expect(await screen.findByText('Nothing waits for you.')).toBeTruthy();
  expect(await screen.findByText('No run has ended in this time.')).toBeTruthy();
});

test('a new workspace is led to its first steps instead of to empty figures', async () => {
  open(answersOf({ '/overview': { body: { ...figures, isNew: true } }, '/servers': page([]), '/playbooks': page([]) }));
  expect(await screen.findByRole('button', { name: 'Add server' })).toBeTruthy();
  expect(screen.queryByText('Failure rate')).toBeNull();
});

test('figures and reasons lead to the runs that ended in their time', async () => {
  open(answersOf(), '?span=7d&who=mine');
  const rate = await screen.findByRole('link', { name: /Failure rate/ });
  expect(rate.getAttribute('href')).toMatch(/runs\?view=failed&ended=24h&actor=me/);
  const why = screen.getByRole('link', { name: /ssh\.unreachable/ });
  expect(why.getAttribute('href')).toMatch(/error=ssh\.unreachable&ended=24h&actor=me/);
});

test('a very long title of a run is cut on the screen and whole in its title', async () => {
  const title = `Roll ${'a-very-long-name-'.repeat(20)}out`;
  open(answersOf({ '/runs': page([aRun({ title })]) }));
  const link = await screen.findByTitle(title);
  expect(link.className).toContain('truncate');
});
