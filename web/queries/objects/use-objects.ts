import { keepPreviousData, useInfiniteQuery, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { KnownColumn, KnownObject, SchemaState } from '#contracts/connections/connections.ts';
import { api } from '../../kit/api.ts';
import { asFailure } from '../../kit/failure.ts';
import { useStreamEvents } from '../../kit/live.tsx';
import type { ColumnsState } from './tree-rows.ts';

/** Where objects are looked for: a connection, and its unit where it has any. */
export interface Place {
  connectionId: string;
  unit: string | null;
}
const PAGE = 5_000;
const unitQuery = ({ unit }: Place) => (unit === null ? {} : { unit });
export const schemaKey = ({ connectionId, unit }: Place) => ['schema', connectionId, unit] as const;

const columnsQuery = (place: Place, object: string) => ({
  queryKey: [...schemaKey(place), 'columns', object],
  queryFn: async ({ signal }: { signal: AbortSignal }): Promise<KnownColumn[]> => {
    const { data } = await api.listObjectColumns({
      params: { id: place.connectionId },
      query: { ...unitQuery(place), object },
      signal,
    });
    return data[0]?.columns ?? [];
  },
  staleTime: 10 * 60_000,
});

/** The columns of one object; kept for all who ask. */
export const useColumns = (place: Place, object: string | null) =>
  useQuery({ ...columnsQuery(place, object ?? ''), enabled: object !== null && object !== '' });

/** Reads columns now, for completion. */
export function useReadColumns(place: Place | null): (object: string) => Promise<readonly KnownColumn[]> {
  const client = useQueryClient();
  return useCallback(
    (object) => (place ? client.fetchQuery(columnsQuery(place, object)) : Promise.resolve([])),
    [client, place],
  );
}

export interface Objects {
  objects: readonly KnownObject[];
  schema: SchemaState | null;
  isPending: boolean;
  error: unknown;
  /** Further names are still coming. */
  isLoadingMore: boolean;
  refetch: () => void;
}

/** Every name of a unit, page after page; columns come when they are asked for. */
export function useObjects(place: Place | null): Objects {
  const client = useQueryClient();
  const pages = useInfiniteQuery({
    queryKey: place ? [...schemaKey(place), 'objects'] : ['schema', 'none'],
    queryFn: ({ signal, pageParam }) =>
      api.listConnectionObjects({
        params: { id: place?.connectionId ?? '' },
        query: { ...(place && unitQuery(place)), limit: PAGE, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.pagination.nextCursor ?? undefined,
    enabled: place !== null,
    staleTime: 5 * 60_000,
  });
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = pages;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && !isError) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isError, fetchNextPage]);
  useStreamEvents(
    useCallback(
      ({ type, subject }) => {
        if (!place || type !== 'schema.changed') return;
        if (subject === null || subject.endsWith(place.connectionId))
          void client.invalidateQueries({ queryKey: ['schema', place.connectionId] });
      },
      [client, place],
    ),
  );
  const objects = useMemo(() => pages.data?.pages.flatMap(({ data }) => data) ?? [], [pages.data]);
  return {
    objects,
    schema: pages.data?.pages[0]?.schema ?? null,
    isPending: pages.isPending && place !== null,
    error: pages.error,
    isLoadingMore: hasNextPage,
    refetch: () => void pages.refetch(),
  };
}

/** What the server finds in names and descriptions. */
export const useFound = (place: Place | null, q: string) =>
  useQuery({
    queryKey: place ? [...schemaKey(place), 'found', q] : ['schema', 'none', q],
    queryFn: ({ signal }) =>
      api.listConnectionObjects({
        params: { id: place?.connectionId ?? '' },
        query: { ...(place && unitQuery(place)), q, limit: 200 },
        signal,
      }),
    enabled: place !== null && q !== '',
    placeholderData: keepPreviousData,
  });

/** Columns of those objects that are unfolded. */
export function useOpenColumns(place: Place, ids: readonly string[]): (id: string) => ColumnsState | undefined {
  const answers = useQueries({ queries: ids.map((id) => columnsQuery(place, id)) });
  return (id) => {
    const answer = answers[ids.indexOf(id)];
    if (!answer) return undefined;
    return { columns: answer.data ?? null, failure: answer.error ? asFailure(answer.error).message : null };
  };
}

/** Asks the server to read the description anew; what is known stays on screen meanwhile. */
export function useRefresh(place: Place | null): { busy: boolean; refresh: () => Promise<void> } {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const refresh = useCallback(async () => {
    if (!place) return;
    setBusy(true);
    try {
      await api.readConnectionSchema({ params: { id: place.connectionId }, query: unitQuery(place) });
      await client.invalidateQueries({ queryKey: [...schemaKey(place), 'objects'] });
    } finally {
      setBusy(false);
    }
  }, [client, place]);
  return { busy, refresh };
}
