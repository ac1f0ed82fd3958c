// @vitest-environment jsdom
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import type { Role } from '#contracts/identity/permissions.ts';
import type { QueueDrain, QueueStatus } from '#contracts/settings/queues.ts';
import { type Answer, openTestPage, refused } from '#tests/kit/open-page.tsx';
import { QueuesPage } from './queues-page.tsx';

const ana = { kind: 'user' as const, id: '01900000-0000-7000-8000-000000000001', name: 'Ana' };
const drain = (scope: QueueDrain['scope'], reason: string | null = null): QueueDrain => ({
  scope,
  by: ana,
  at: '2026-01-01T00:00:00.000Z',
  reason,
});
const status = (drains: QueueDrain[] = [], pollers = 2): Answer => ({
  body: {
    limit: 10,
    running: 3,
    queued: 4,
    oldestQueuedAt: '2026-01-01T00:00:00.000Z',
    workers: [
      { queue: 'main', pollers, backlog: 1, queued: 4, oldestQueuedAt: '2026-01-01T00:00:00.000Z', drains },
      { queue: 'ssh', pollers: 1, backlog: null, queued: null, oldestQueuedAt: null, drains: [] },
    ],
  } satisfies QueueStatus,
});
const open = (answer: Answer, role: Role = 'owner') =>
  openTestPage(QueuesPage, { route: '/settings/queues', at: '/settings/queues', answers: { '/queues': answer }, role });
const queue = async (name: string): Promise<HTMLElement> => {
  const item = (await screen.findByText(name)).closest('li');
  if (!item) throw new Error(`No row of ${name}.`);
  return item;
};

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test('each queue says who works in it and who waits; only one that takes runs can be drained', async () => {
  open(status());
  const main = await queue('main');
  expect(main.textContent).toContain('2 workers · 1 task waits · 4 runs in line');
  expect(within(main).getByRole('button', { name: 'Drain' })).toBeTruthy();
  const ssh = await queue('ssh');
  expect(ssh.textContent).toContain('takes the steps of runs that have begun');
  expect(within(ssh).queryByRole('button')).toBeNull();
});

test('a drain says who began it and why; that of every workspace is ended by an administrator alone', async () => {
  open(status([drain('workspace', 'New disks.'), drain('instance')]));
  const main = await queue('main');
  expect(main.textContent).toContain('New runs wait: drained by Ana');
  expect(main.textContent).toContain('New disks.');
  expect(main.textContent).toContain('New runs of every workspace wait');
  expect(within(main).queryByRole('button', { name: 'Drain' })).toBeNull();
  const [own, everybodys] = within(main).getAllByRole('button', { name: 'Resume' });
  expect([own, everybodys].map((button) => button?.getAttribute('aria-disabled'))).toEqual([null, 'true']);
});

test('who may not manage runs sees the drain and cannot change it', async () => {
  open(status(), 'member');
  const button = within(await queue('main')).getByRole('button', { name: 'Drain' });
  expect(button.getAttribute('aria-disabled')).toBe('true');
  fireEvent.click(button);
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('a queue without a worker says so, and a page that cannot be read says why', async () => {
  open(status([], 0));
  expect((await queue('main')).textContent).toContain('No worker listens');
  cleanup();
  open(refused(503, 'database.away', 'The database does not answer.'));
  expect((await screen.findByRole('alert')).textContent).toContain('database.away · req-7');
});
