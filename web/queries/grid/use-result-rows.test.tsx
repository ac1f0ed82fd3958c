// @vitest-environment jsdom
import { act, cleanup, renderHook, waitFor } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import type { QueryColumn, QueryPage } from '#contracts/queries/engine.ts';
import { ApiFailure } from '../../kit/failure.ts';
import { useResultRows } from './use-result-rows.ts';

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});
const columns: QueryColumn[] = [{ name: 'n', type: 'integer' }];
/** Pages of two rows; the cursor is the number of the next. */
const pageAt = (at: number, pages: number): QueryPage => ({
  columns,
  rows: [[String(at * 2)], [String(at * 2 + 1)]],
  offset: at * 2,
  cursor: at + 1 < pages ? String(at + 1) : null,
  total: pages * 2,
  expiresAt: null,
  source: 'provider',
});
const cells = async (
  store: { block: (from: number, to: number, columns: number[]) => Promise<{ cells: unknown[][] }> } | null,
) => (await store?.block(0, 99, [0]))?.cells[0];

test('pages are read one after the other to the end, each by the cursor of the one before', async () => {
  const fetchPage = vi.fn<(cursor: string | null) => Promise<QueryPage>>(async (cursor) =>
    pageAt(Number(cursor ?? 0), 3),
  );
  const { result } = renderHook(() => useResultRows({ fetchPage, resultKey: 'a' }));
  await waitFor(() => expect(result.current.state).toBe('complete'));
  expect(fetchPage.mock.calls.map(([cursor]) => cursor)).toEqual([null, '1', '2']);
  expect(result.current.status).toEqual({ loaded: 6, total: 6, isComplete: true });
  expect(await cells(result.current.store)).toEqual(['0', '1', '2', '3', '4', '5']);
});

test('at the limit it rests and says so, and goes on for as many again', async () => {
  const fetchPage = async (cursor: string | null) => pageAt(Number(cursor ?? 0), 5);
  const { result } = renderHook(() => useResultRows({ fetchPage, resultKey: 'a', limit: 4 }));
  await waitFor(() => expect(result.current.state).toBe('limited'));
  expect(result.current.status).toMatchObject({ loaded: 4, total: 10, isComplete: false });
  expect(result.current.status.cut).toBeTruthy();
  act(() => result.current.goOn());
  await waitFor(() => expect(result.current.status.loaded).toBe(8));
  await waitFor(() => expect(result.current.state).toBe('limited'));
});

test('asked for all, it goes on to the end in one go', async () => {
  const fetchPage = async (cursor: string | null) => pageAt(Number(cursor ?? 0), 50);
  const { result } = renderHook(() => useResultRows({ fetchPage, resultKey: 'a', limit: 4 }));
  await waitFor(() => expect(result.current.state).toBe('limited'));
  act(() => result.current.goToEnd?.());
  await waitFor(() => expect(result.current.state).toBe('complete'));
  expect(result.current.status).toEqual({ loaded: 100, total: 100, isComplete: true });
});

test('a tab takes no more than it can scroll: what is beyond is asked for part by part', async () => {
  const fetchPage = async (cursor: string | null) => pageAt(Number(cursor ?? 0), 50);
  const { result } = renderHook(() => useResultRows({ fetchPage, resultKey: 'a', limit: 4, mostCells: 10 }));
  await waitFor(() => expect(result.current.state).toBe('limited'));
  act(() => result.current.goToEnd?.());
  await waitFor(() => expect(result.current.status.loaded).toBe(10));
  await waitFor(() => expect(result.current.state).toBe('limited'));
  expect(result.current.goToEnd).toBeNull();
  act(() => result.current.goOn());
  await waitFor(() => expect(result.current.status.loaded).toBe(14));
});

test('by scrolling, the next page is fetched when it is needed', async () => {
  const fetchPage = vi.fn<(cursor: string | null) => Promise<QueryPage>>(async (cursor) =>
    pageAt(Number(cursor ?? 0), 2),
  );
  const { result } = renderHook(() => useResultRows({ fetchPage, resultKey: 'a', load: 'scroll' }));
  await waitFor(() => expect(result.current.state).toBe('resting'));
  expect(fetchPage).toHaveBeenCalledTimes(1);
  act(() => result.current.needMore());
  await waitFor(() => expect(result.current.state).toBe('complete'));
});

test('a failure keeps what is loaded, and the next try goes on behind it', async () => {
  let isDown = true;
  const fetchPage = async (cursor: string | null) => {
    if (cursor === '1' && isDown)
      throw new ApiFailure({ code: 'engine.unreachable', message: 'The service is down.', status: 502 });
    return pageAt(Number(cursor ?? 0), 2);
  };
  const { result } = renderHook(() => useResultRows({ fetchPage, resultKey: 'a' }));
  await waitFor(() => expect(result.current.state).toBe('failed'));
  expect(result.current.failure?.code).toBe('engine.unreachable');
  expect(result.current.status).toMatchObject({ loaded: 2, cut: 'The service is down.' });
  isDown = false;
  act(() => result.current.goOn());
  await waitFor(() => expect(result.current.state).toBe('complete'));
  expect(await cells(result.current.store)).toEqual(['0', '1', '2', '3']);
});

test('rows that the service keeps no longer are a state of its own, not a failure to try again', async () => {
  const fetchPage = async (cursor: string | null) => {
    if (cursor !== null) throw new ApiFailure({ code: 'rows.expired', message: 'Gone.', status: 410 });
    return pageAt(0, 2);
  };
  const { result } = renderHook(() => useResultRows({ fetchPage, resultKey: 'a' }));
  await waitFor(() => expect(result.current.state).toBe('expired'));
  expect(result.current.status.loaded).toBe(2);
  act(() => result.current.goOn());
  expect(result.current.state).toBe('expired');
});

test('stopped, it keeps what is there and aborts the request; another result drops the rows of the first', async () => {
  const held: AbortSignal[] = [];
  const fetchPage = (cursor: string | null, signal: AbortSignal) => {
    if (cursor === null) return Promise.resolve(pageAt(0, 9));
    held.push(signal);
    return new Promise<QueryPage>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new DOMException('stopped', 'AbortError')));
    });
  };
  const { result, rerender } = renderHook(({ resultKey }) => useResultRows({ fetchPage, resultKey }), {
    initialProps: { resultKey: 'a' },
  });
  await waitFor(() => expect(held).toHaveLength(1));
  act(() => result.current.stop());
  expect(held[0]?.aborted).toBe(true);
  expect(result.current).toMatchObject({ state: 'stopped', status: { loaded: 2 } });
  act(() => result.current.goOn());
  await waitFor(() => expect(held).toHaveLength(2));
  const first = result.current.store;
  rerender({ resultKey: 'b' });
  await waitFor(() => expect(result.current.store).not.toBe(first));
  await expect(first?.block(0, 1, [0])).rejects.toThrow('no longer open');
});

test('the thread that holds the rows begins before the first page is here, and ends with the result', () => {
  const threads: string[] = [];
  vi.stubGlobal(
    'Worker',
    class {
      constructor() {
        threads.push('begun');
      }
      addEventListener = (): void => {};
      postMessage = (): void => {};
      terminate = (): void => void threads.push('ended');
    },
  );
  const { unmount } = renderHook(() => useResultRows({ fetchPage: () => new Promise(() => {}), resultKey: 'a' }));
  expect(threads).toEqual(['begun']);
  unmount();
  expect(threads).toEqual(['begun', 'ended']);
});
