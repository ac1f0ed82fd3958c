// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openTestPage, stubApi, type StubbedApi } from '#tests/kit/console-page.tsx';
import { givenOf } from './query-target-fields.tsx';
import { ScheduleQueryDialog } from './schedule-query-dialog.tsx';

const id = '019a0000-0000-7000-8000-000000000001';
const other = '019a0000-0000-7000-8000-000000000002';
let api: StubbedApi;

beforeEach(() => {
  api = stubApi({
    [`GET /queries/${id}`]: () => ({
      id,
      name: 'Orders of the day',
      body: {
        engine: 'sfmc',
        sql: 'SELECT 1 WHERE d >= {{ since }} AND c IN ({{ cities }})',
        parameters: [
          { name: 'since', type: 'date', default: 'yesterday', isRequired: true },
          { name: 'cities', type: 'list', itemType: 'text', isRequired: true },
        ],
      },
    }),
    'POST /schedules/preview': () => ({
      sentence: 'At 07:00, Monday through Friday',
      nextTimes: [{ at: '2026-11-23T06:00:00.000Z', local: '2026-11-23 07:00', offset: '+01:00', note: null }],
      leftOut: [],
    }),
    'GET /channels': () => ({
      mailIsReady: true,
      data: [
        { id, name: '#lake', kind: 'webhook', url: 'https://lake.example.org' },
        { id: other, name: '#ops', kind: 'email', recipients: ['ops@example.org'] },
      ],
    }),
    'GET /credentials': () => ({ data: [{ id: other, name: 'files', username: 'drop' }] }),
    'POST /schedules/check-target': () => ({
      name: 'Audience',
      key: 'AUD',
      rowCount: 12,
      isFit: true,
      unknownBecause: null,
      diff: [
        {
          field: { name: 'City', type: 'text', length: 80, isKey: false, isRequired: false },
          column: { name: 'city', type: 'text' },
          verdict: 'may_fail',
          why: 'Fails where a value is longer than 80.',
        },
      ],
    }),
    'POST /schedules': ({ body }) => ({ ...(body as object), id }),
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test('a saved query is scheduled for weekdays at seven, with its parameters and what the editor had', async () => {
  const saved = vi.fn<() => void>();
  openTestPage(
    () => (
      <ScheduleQueryDialog
        query={{ id, name: 'Orders of the day' }}
        given={{ connectionId: id, unit: '510002' }}
        onClose={() => undefined}
        onSaved={saved}
      />
    ),
    { path: '/schedules', permissions: ['schedules:manage', 'schedules:read', 'queries:read'] },
  );
  fireEvent.change(await screen.findByLabelText(/^cities/, undefined, { timeout: 10_000 }), {
    target: { value: 'Berlin, Paris' },
  });
  expect(await screen.findByText('At 07:00, Monday through Friday')).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Make schedule' }));
  await waitFor(() => expect(saved).toHaveBeenCalled());
  expect(api.sent.find(({ path }) => path === '/schedules')?.body).toMatchObject({
    name: 'Orders of the day',
    cron: '0 7 * * 1-5',
    target: { kind: 'query', id, parameters: { cities: ['Berlin', 'Paris'] }, connectionId: id, unit: '510002' },
  });
});

const all = [
  'schedules:manage',
  'schedules:read',
  'queries:read',
  'queries:export',
  'notifications:read',
  'credentials:read',
  'servers:manage',
];
const openDialog = (saved: () => void) =>
  openTestPage(
    () => <ScheduleQueryDialog query={{ id, name: 'Orders of the day' }} onClose={() => undefined} onSaved={saved} />,
    { path: '/schedules', permissions: all },
  );
/** Opens a menu by key, as its trigger takes it, and takes one of its items. */
async function choose(button: string, item: string | RegExp): Promise<void> {
  const trigger = await screen.findByRole('button', { name: button });
  await waitFor(() => expect(trigger.getAttribute('aria-disabled')).not.toBe('true'));
  fireEvent.keyDown(trigger, { key: 'Enter' });
  fireEvent.click(await screen.findByRole('menuitem', { name: item }));
}

test('deliveries and alerts are added, say what will happen, are checked by the contract, removed and sent', async () => {
  const saved = vi.fn<() => void>();
  openDialog(saved);
  await choose('Add delivery', 'SFTP');
  const sftp = screen.getByRole('group', { name: 'SFTP' });
  expect(sftp.textContent).toContain('Writes the rows as CSV to {date}.csv on a host');
  fireEvent.change(within(sftp).getByLabelText(/^Path/), { target: { value: '../up.csv' } });
  fireEvent.click(screen.getByRole('button', { name: 'Make schedule' }));
  // Nothing is sent while the contract refuses it, and each fault stands at its field.
  expect(await within(sftp).findByText('A path without “.” and “..”.')).toBeTruthy();
  expect(within(sftp).getByText('A fingerprint like SHA256:…')).toBeTruthy();
  expect(api.sent.some(({ path }) => path === '/schedules')).toBe(false);
  fireEvent.click(screen.getByRole('button', { name: 'Remove SFTP' }));
  await choose('Add delivery', 'Mail');
  const to = within(screen.getByRole('group', { name: 'Mail' })).getByLabelText(/^To/);
  fireEvent.change(to, { target: { value: 'ada@example.org' } });
  fireEvent.keyDown(to, { key: 'Enter' });
  await choose('Add alert', 'It fails');
  await choose('Add alert', 'The count changes');
  expect(screen.getByText('Tells #lake when a run fails, or a time starts none.')).toBeTruthy();
  fireEvent.change(screen.getByLabelText('By how many percent'), { target: { value: '35' } });
  fireEvent.click(screen.getByRole('button', { name: 'Make schedule' }));
  await waitFor(() => expect(saved).toHaveBeenCalled());
  expect(api.sent.find(({ path }) => path === '/schedules')?.body).toMatchObject({
    target: {
      after: {
        deliveries: [{ kind: 'mail', recipients: ['ada@example.org'], format: 'csv', attachUpToBytes: 5 * 1_048_576 }],
        alerts: [
          { channelId: id, when: { on: 'failure' } },
          { channelId: id, when: { on: 'change', byPercent: 35 } },
        ],
      },
    },
  });
});

test('a data extension is shown beside the result, and replacing what is in it needs a yes', async () => {
  const saved = vi.fn<() => void>();
  openDialog(saved);
  await waitFor(() => expect(screen.getByText('At 07:00, Monday through Friday')).toBeTruthy());
  await choose('Add delivery', 'Data extension');
  fireEvent.change(await screen.findByPlaceholderText('Its external key'), { target: { value: 'AUD' } });
  const fields = await screen.findByRole('region', { name: 'Fields' });
  expect(fields.textContent).toContain('Fails where a value is longer than 80.');
  fireEvent.click(screen.getByRole('button', { name: 'Make schedule' }));
  expect(await screen.findByText('Say yes to replacing what is in it, or choose another way.')).toBeTruthy();
  fireEvent.click(screen.getByLabelText(/Each run may replace what is in Audience: 12 rows now/));
  fireEvent.click(screen.getByRole('button', { name: 'Make schedule' }));
  await waitFor(() => expect(saved).toHaveBeenCalled());
  expect(api.sent.find(({ path }) => path === '/schedules')?.body).toMatchObject({
    target: {
      after: { deliveries: [{ kind: 'data_extension', key: 'AUD', mode: 'overwrite', guard: { atLeast: 1 } }] },
    },
  });
});

test('typed text becomes the value that its parameter takes; nothing typed leaves it to the default', () => {
  expect(givenOf(' ', { type: 'text' })).toBeUndefined();
  expect(givenOf('today - 7d', { type: 'date' })).toBe('today - 7d');
  expect(givenOf('12.5', { type: 'number' })).toBe(12.5);
  expect(givenOf('true', { type: 'boolean' })).toBe(true);
  expect(givenOf('1, 2,x', { type: 'list', itemType: 'number' })).toEqual([1, 2, 'x']);
});
