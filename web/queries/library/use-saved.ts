import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { SavedQuerySummary } from '#contracts/queries/saved-queries.ts';
import { api } from '../../kit/api.ts';

export interface SavedFilter {
  q: string;
  folder: string;
  which: 'all' | 'favourite' | 'mine';
}

export const useSavedList = ({ q, folder, which }: SavedFilter) =>
  useInfiniteQuery({
    queryKey: ['queries', 'list', q, folder, which],
    queryFn: ({ signal, pageParam }) =>
      api.listQueries({
        query: {
          limit: 100,
          cursor: pageParam,
          ...(q.startsWith('#') ? { tag: q.slice(1) } : q && { q }),
          ...(folder && { folder }),
          ...(which === 'favourite' && { favourite: 'true' as const }),
          ...(which === 'mine' && { mine: 'true' as const }),
          sort: 'name',
        },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.pagination.nextCursor ?? undefined,
  });

export const useFolders = () =>
  useQuery({
    queryKey: ['queries', 'folders'],
    queryFn: ({ signal }) => api.listQueryFolders({ signal }),
    select: ({ data }) => data,
  });

export const savedQuery = (id: string) => ({
  queryKey: ['queries', 'one', id],
  queryFn: ({ signal }: { signal: AbortSignal }) => api.getQuery({ params: { id }, signal }),
});
/** One saved query with its newest text. */
export const useSaved = (id: string | null) => useQuery({ ...savedQuery(id ?? ''), enabled: id !== null && id !== '' });

/** The etag of what was read. */
export const etagOf = ({ version }: Pick<SavedQuerySummary, 'version'>): string => `"${version}"`;
