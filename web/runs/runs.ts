import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { api } from '../kit/api.ts';
import { useStreamEvents } from '../kit/live.tsx';
import { firstRows, type RunRows, withEvent, withHead, withPage } from './run-rows.ts';
import type { RunFilterQuery, RunsView } from './runs-view.ts';

const PAGE = 100;

/**
 * The runs that a filter shows, page by page, live. A page is read once; after that its rows change by the events that
 * name them, and only the head of the list is read again, so ten thousand loaded rows cost no more than a hundred.
 */
export function useRunRows(filter: RunFilterQuery, sort: RunsView['sort']) {
  const client = useQueryClient();
  const key = ['run-rows', filter, sort];
  const rows = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => {
      const page = await api.listRuns({ query: { ...filter, sort, limit: PAGE }, signal });
      // The first page is the head as well and need not be asked for twice, unless an event has come since it was read.
      const headKey = ['runs', 'head', filter, sort];
      if (!client.getQueryState(headKey)?.isInvalidated) client.setQueryData(headKey, page);
      return firstRows(page);
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  const name = JSON.stringify(key);
  const change = useCallback(
    (how: (old: RunRows) => RunRows) =>
      client.setQueryData<RunRows>(JSON.parse(name) as unknown[], (old) => (old ? how(old) : old)),
    [client, name],
  );
  // The event stream marks ['runs'] stale; what comes is laid over what is loaded.
  const head = useQuery({
    queryKey: ['runs', 'head', filter, sort],
    queryFn: ({ signal }) => api.listRuns({ query: { ...filter, sort, limit: PAGE }, signal }),
    enabled: rows.data !== undefined,
  });
  useEffect(() => {
    if (head.data) change((old) => withHead(old, head.data, sort));
  }, [head.data, change, sort]);
  useStreamEvents(
    useCallback(
      (event) => {
        change((old) => withEvent(old, event, sort));
        // Oldest first, a new run stands behind the last: there is a page more.
        if (sort === 'createdAt' && event.type === 'run.queued')
          change((old) => ({ ...old, next: old.next ?? old.rows.at(-1)?.id ?? null }));
      },
      [change, sort],
    ),
  );

  const loading = useRef<string | null>(null);
  const next = rows.data?.next ?? null;
  const loadMore = useCallback(async () => {
    const wanted = `${name} ${next}`;
    if (next === null || loading.current === wanted) return;
    loading.current = wanted;
    try {
      const page = await api.listRuns({ query: { ...filter, sort, limit: 200, cursor: next } });
      change((old) => (old.next === next ? withPage(old, page) : old));
    } catch {
      loading.current = null; // asked for again by the next scroll
    }
  }, [filter, sort, name, next, change]);
  return { ...rows, hasMore: next !== null, loadMore };
}

/** The children of one run, for a row that is unfolded. Events keep them fresh as they do all of `['runs']`. */
export const childrenQuery = (id: string) => ({
  queryKey: ['runs', 'children', id],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    api.listRuns({ query: { parent: id, limit: 200, sort: 'createdAt' }, signal }),
});

export const useRun = (id: string) =>
  useQuery({
    queryKey: ['run', id],
    queryFn: ({ signal }) => api.getRun({ params: { id }, signal }),
    enabled: id !== '',
  });
