// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openTestPage, stubApi, type StubbedApi } from '#tests/kit/console-page.tsx';
import { givenOf } from './query-target-fields.tsx';
import { ScheduleQueryDialog } from './schedule-query-dialog.tsx';

const id = '019a0000-0000-7000-8000-000000000001';
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

test('typed text becomes the value that its parameter takes; nothing typed leaves it to the default', () => {
  expect(givenOf(' ', { type: 'text' })).toBeUndefined();
  expect(givenOf('today - 7d', { type: 'date' })).toBe('today - 7d');
  expect(givenOf('12.5', { type: 'number' })).toBe(12.5);
  expect(givenOf('true', { type: 'boolean' })).toBe(true);
  expect(givenOf('1, 2,x', { type: 'list', itemType: 'number' })).toEqual([1, 2, 'x']);
});
