// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { LoadActs, StopLoading } from './load-acts.tsx';

afterEach(() => cleanup());
const rows = (of: object) => ({
  state: 'limited' as const,
  status: { loaded: 200_000, total: 1_000_000, isComplete: false },
  goOn: vi.fn<() => void>(),
  goToEnd: vi.fn<() => void>(),
  stop: vi.fn<() => void>(),
  ...of,
});

test('at the limit as many again or all are to be had', () => {
  const given = rows({});
  render(<LoadActs rows={given} />);
  fireEvent.click(screen.getByRole('button', { name: 'Load 200,000 more rows' }));
  expect([given.goOn.mock.calls.length, given.goToEnd.mock.calls.length]).toEqual([1, 0]);
  fireEvent.click(screen.getByRole('button', { name: 'Load all 1,000,000 rows' }));
  expect(given.goToEnd).toHaveBeenCalledOnce();
});

test('the last part is all there is; what a tab cannot hold is not offered; an unknown count is not invented', () => {
  const last = { loaded: 900_000, total: 1_000_000, isComplete: false };
  const names = (of: object): (string | null)[] => {
    cleanup();
    render(<LoadActs rows={rows(of)} />);
    return screen.queryAllByRole('button').map(({ textContent }) => textContent);
  };
  expect(names({ status: last })).toEqual(['Load all 1,000,000 rows']);
  expect(names({ goToEnd: null })).toEqual(['Load 200,000 more rows']);
  expect(names({ status: { ...last, total: null } })).toEqual(['Load 200,000 more rows', 'Load all rows']);
  expect(names({ state: 'stopped' })).toEqual(['Continue']);
  expect(names({ state: 'complete' })).toEqual([]);
});

test('while pages come the loading can be stopped', () => {
  const given = rows({ state: 'loading' });
  render(<StopLoading rows={given} />);
  fireEvent.click(screen.getByRole('button', { name: 'Stop loading' }));
  expect(given.stop).toHaveBeenCalledOnce();
});
