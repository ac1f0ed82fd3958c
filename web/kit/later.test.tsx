// @vitest-environment jsdom
import { act, cleanup, render, screen } from '@testing-library/react';
import { lazy } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Later } from './later.tsx';

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const show = (isWanted: boolean) => {
  const fetchIt = vi.fn<() => void>();
  const Dialog = lazy(() => {
    fetchIt();
    return Promise.resolve({ default: () => <p>It is open</p> });
  });
  const node = (wanted: boolean) => (
    <Later isWanted={wanted}>
      <Dialog />
    </Later>
  );
  const { rerender } = render(node(isWanted));
  return { fetchIt, want: (wanted: boolean) => act(() => Promise.resolve(rerender(node(wanted)))) };
};

test('what is not wanted is fetched when the page stands, not before', async () => {
  const { fetchIt } = show(false);
  expect(fetchIt).not.toHaveBeenCalled();
  await act(() => vi.advanceTimersByTimeAsync(5_000));
  expect(fetchIt).toHaveBeenCalledOnce();
});

test('what is wanted is there at once, and stays when it is wanted no more', async () => {
  const { fetchIt, want } = show(false);
  await want(true);
  expect(fetchIt).toHaveBeenCalledOnce();
  expect(screen.getByText('It is open')).toBeTruthy();
  await want(false);
  expect(screen.getByText('It is open')).toBeTruthy();
});
