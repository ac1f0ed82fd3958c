// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { PlanView } from './plan-view.tsx';

afterEach(cleanup);

const plan = (entry: Record<string, unknown>) => ({
  hash: '0123456789abcdef',
  entries: [{ id: 'q', kind: 'query', action: 'run' as const, ...entry }],
  reachability: {},
});

test('a query says what it would run, where and with which values', () => {
  const details = {
    connection: 'Warehouse',
    unit: 'Main',
    query: 'Sends by day',
    version: 3,
    parameters: { day: 'today', lists: [1, 2] },
    expect: 'result.rowCount > 0',
  };
  render(<PlanView plan={plan({ rendered: 'select {{ day }}', details })} />);
  const said = screen.getByTestId('playbook.plan').textContent;
  expect(said).toContain(
    'Warehouse / Main · Sends by day, version 3 · day = today · lists = [1,2] · expects result.rowCount > 0',
  );
  expect(said).toContain('select {{ day }}');
});

test('what would fail a step is said with it', () => {
  render(<PlanView plan={plan({ error: { code: 'query.unknown', message: 'There is no such saved query.' } })} />);
  expect(screen.getByText('There is no such saved query.')).toBeTruthy();
});
