// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import type { Approval } from '#contracts/approvals/approvals.ts';
import type { RunDetail } from '#contracts/runs/runs.ts';
import { type Answers, openTestPage, refused } from '#tests/kit/open-page.tsx';
import { RunPage } from './run-page.tsx';
import { aHost, aRun, aStep } from './sample-run.ts';

const id = '01900000-0000-7000-8000-000000000001';
const detail = (changes: Partial<RunDetail> = {}): RunDetail => ({
  ...aRun({ id }),
  inputs: { release: '2.1', password: '[secret]' },
  outputs: null,
  steps: [],
  hosts: [],
  children: [],
  undo: null,
  undoPlan: [],
  rerunOf: null,
  cancelRequestedAt: null,
  temporalUrl: null,
  definition: null,
  ...changes,
});
const answersOf = (run: RunDetail, more: Answers = {}): Answers => ({
  [`/runs/${id}`]: { body: run },
  [`/runs/${id}/events`]: { body: { data: [], pagination: { limit: 100, nextCursor: null } } },
  [`/runs/${id}/logs`]: 'never',
  '/approvals': { body: [] },
  ...more,
});
const open = (answers: Answers, query = '', role: 'owner' | 'viewer' = 'owner') =>
  openTestPage(RunPage, { route: '/runs/$runId', at: `/runs/${id}${query}`, answers, role });

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test('before the run has come, its parts stand where they will be', async () => {
  open({ [`/runs/${id}`]: 'never' });
  expect((await screen.findAllByRole('status', { name: /Loading/ })).length).toBeGreaterThan(0);
  expect(screen.queryByTestId('run.page')).toBeNull();
});

test('a run that cannot be read says why, what to quote, and is read by Try again', async () => {
  const answers: Answers = answersOf(detail());
  const good = answers[`/runs/${id}`];
  answers[`/runs/${id}`] = refused(500, 'server.failed', 'It did.');
  open(answers);
  const failure = await screen.findByRole('alert');
  expect(within(failure).getByText(/server\.failed · req-7/)).toBeTruthy();
  if (good) answers[`/runs/${id}`] = good;
  fireEvent.click(within(failure).getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('heading', { level: 1, name: 'Roll storefront to EU' })).toBeTruthy();
});

test('a run of no step, host nor event says so where they would be', async () => {
  open(answersOf(detail({ status: 'queued', startedAt: null, inputs: null })));
  expect(await screen.findByText('not started')).toBeTruthy();
  expect(await screen.findByText('Nothing happened yet.')).toBeTruthy();
  expect([screen.queryByTestId('run.steps'), screen.queryByTestId('run.hosts')]).toEqual([null, null]);
});

test('a very long name of a run, a step and a host is cut on the screen and whole in its title', async () => {
  const long = `Roll ${'a-very-long-name-'.repeat(20)}out`;
  const steps = [aStep('copy', { name: long })];
  const hosts = [aHost('copy', `${'shop-eu-'.repeat(20)}07`)];
  open(answersOf(detail({ title: long, steps, hosts, strand: [{ id: 'copy', status: 'succeeded' }] })));
  const head = await screen.findByRole('heading', { level: 1, name: long });
  expect([head.title, head.className]).toEqual([long, expect.stringContaining('truncate')]);
  const host = within(screen.getByTestId('run.hosts')).getByTitle(hosts[0]?.host ?? '');
  expect(host.className).toContain('truncate');
});

test('the run of a notification shows its message and leads to its line in the log and to its incident', async () => {
  const incidentId = '01900000-0000-7000-8000-0000000000aa';
  const message = {
    id: '01900000-0000-7000-8000-000000000060', channelId: null, channel: 'Mara', kind: 'email', target: 'mara@example.org', runId: id,
    stepAddress: null, subject: 'INC-7 Disk full', status: 'failed', attempts: 2, error: { code: 'notify.refused', message: 'No such mailbox.' },
    createdAt: '2026-11-20T14:00:00Z', deliveredAt: null, dueAt: null, incidentId, personId: null, bundledInto: null, tries: [],
  }; // prettier-ignore
  const deliveries = { body: { data: [message], pagination: { limit: 20, nextCursor: null } } };
  open(answersOf(detail({ kind: 'notification', title: 'Tell Mara' }), { '/deliveries': deliveries }));
  const part = within(await screen.findByRole('region', { name: 'Messages' }));
  expect(part.getByText('INC-7 Disk full')).toBeTruthy();
  expect(part.getByText('Mara · mara@example.org')).toBeTruthy();
  expect(part.getByText('No such mailbox.')).toBeTruthy();
  expect(part.getAllByRole('link').map((one) => one.getAttribute('href'))).toEqual([
    `/w/w/settings/channels?run=${id}`,
    `/w/w/incidents/${incidentId}`,
  ]);
});

test('a run that waits for a decision shows what is asked and of whom, and who may not decide is told why', async () => {
  const approval: Approval = {
    id: '01900000-0000-7000-8000-000000000050', runId: id, stepId: 'ask', stepAddress: 'ask', subject: 'Approve batch 3', message: 'Seven hosts run it.',
    roles: ['owner'], users: [], quorum: 1, notStarter: false, form: [], default: null, onReject: 'fail', expiresAt: null, state: 'open', expired: false,
    planHash: null, decisions: [], missing: 1, run: { id, title: 'Roll', kind: 'playbook', status: 'waiting', actor: aRun().actor },
    mine: { mayDecide: false, code: 'approval.not_asked', reason: 'Only owners are asked.' }, askedAt: '2026-11-20T14:00:00Z', decidedAt: null,
  }; // prettier-ignore
  const run = detail({ status: 'waiting', waitingFor: 'approval', steps: [aStep('ask', { status: 'waiting' })] });
  open(answersOf(run, { '/approvals': { body: [approval] } }), '', 'viewer');
  expect(await screen.findByText('Approve batch 3')).toBeTruthy();
  expect(screen.getByText('Seven hosts run it.')).toBeTruthy();
  expect(screen.getByText(/Only owners are asked\./)).toBeTruthy();
  expect(screen.getByRole('button', { name: /^Cancel/ }).getAttribute('aria-disabled')).toBe('true');
});

test('five hundred hosts are cells, one stop for Tab with arrows inside; a press narrows the page to one', async () => {
  const hosts = Array.from({ length: 500 }, (_, place) =>
    aHost('copy', `web-${String(place + 1).padStart(3, '0')}`, place === 6 ? { status: 'failed', exitCode: 28, attempt: 3 } : {}),
  ); // prettier-ignore
  const { router } = open(answersOf(detail({ steps: [aStep('copy')], hosts })));
  const grid = await screen.findByTestId('run.hosts');
  const cells = within(grid).getAllByRole('button', { name: /^web-/ });
  expect([cells.length, cells.filter(({ tabIndex }) => tabIndex === 0).length]).toEqual([500, 1]);
  expect(within(grid).getByText('499 done · 1 failed')).toBeTruthy();
  const failed = within(grid).getByRole('button', { name: 'web-007, Failed, exit 28 · 3 tries' });
  fireEvent.focus(failed);
  expect(within(grid).getByTestId('run.host').textContent).toBe('web-007, Failed, exit 28 · 3 tries');
  cells[0]?.focus();
  fireEvent.keyDown(cells[0] as HTMLElement, { key: 'ArrowRight' });
  expect(document.activeElement).toBe(cells[1]);
  fireEvent.click(failed);
  await waitFor(() => expect(router.state.location.search).toMatchObject({ host: 'web-007' }));
});

test('attempts of a step stand apart, with how many there were', async () => {
  const attempt = (place: number, status: 'failed' | 'succeeded') => ({
    attempt: place,
    status,
    startedAt: `2026-11-20T14:0${place}:00Z`,
    endedAt: `2026-11-20T14:0${place}:20Z`,
  });
  const step = aStep('fetch', {
    attempts: [attempt(1, 'failed'), attempt(2, 'failed'), attempt(3, 'succeeded')],
    endedAt: '2026-11-20T14:03:20Z',
  });
  open(answersOf(detail({ status: 'succeeded', steps: [step], strand: [{ id: 'fetch', status: 'succeeded' }] })));
  const steps = await screen.findByTestId('run.steps');
  await waitFor(() => expect(within(steps).getAllByText(/3 attempts/).length).toBeGreaterThan(0));
});
