import { keepPreviousData, type QueryClient, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { ShownIncident } from '#contracts/incidents/incidents.ts';
import { api } from '../kit/api.ts';
import { clock } from '../kit/clock.ts';
import { withIncident, withNewer } from './board-moves.ts';
import { namesOf, type StateNames } from './incident-words.ts';

type BoardQuery = Parameters<typeof api.getIncidentBoard>[0]['query'];
type ListQuery = Parameters<typeof api.listIncidents>[0]['query'];

/** An answer and when it was made by the server's clock: clocks count on from there. */
const stamped = <T extends object>(answer: T): T & { readAt: number } => ({ ...answer, readAt: clock.read() });

const boardQuery = (query: BoardQuery) => ({
  queryKey: ['incidents', 'board', query],
  queryFn: async ({ signal, client }: { signal: AbortSignal; client: QueryClient }) => {
    const board = await api.getIncidentBoard({ query, signal });
    const known = (id: string) => client.getQueryData<ShownIncident>(['incident', id]);
    return stamped({ ...board, columns: withNewer(board.columns, known) });
  },
});
export type Board = Awaited<ReturnType<ReturnType<typeof boardQuery>['queryFn']>>;

/** The board. Events keep it fresh; hours that begin and end are no events, so it is asked for each minute as well. */
export const useBoard = (query: BoardQuery, enabled = true) =>
  useQuery({ ...boardQuery(query), enabled, placeholderData: keepPreviousData, refetchInterval: 60_000 });

/** The list, page by page, newest first. */
export const useIncidentList = (query: ListQuery, enabled: boolean) =>
  useInfiniteQuery({
    queryKey: ['incidents', 'list', query],
    queryFn: async ({ signal, pageParam }) =>
      stamped(await api.listIncidents({ query: { ...query, limit: 100, cursor: pageParam }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ pagination }) => pagination.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
    enabled,
  });

/** One incident as an address names it: by its key, or by its id as messages do. Events about it mark it stale. */
export function useIncident(named: { number: number } | { id: string } | undefined) {
  const client = useQueryClient();
  const found = useQuery({
    queryKey: ['incident-named', named],
    queryFn: async ({ signal }) => {
      const asked = named ?? { number: 0 };
      const incident = stamped(
        'id' in asked
          ? await api.getIncident({ params: { id: asked.id }, signal })
          : await api.findIncident({ params: { number: asked.number }, signal }),
      );
      client.setQueryData(['incident', incident.id], incident);
      return incident;
    },
    enabled: named !== undefined,
    // Which incident a number is never changes; the incident itself is the other question.
    staleTime: Number.POSITIVE_INFINITY,
  });
  const id = found.data?.id;
  const one = useQuery({
    queryKey: ['incident', id],
    queryFn: async ({ signal }) => stamped(await api.getIncident({ params: { id: id ?? '' }, signal })),
    enabled: id !== undefined,
    refetchInterval: 60_000,
  });
  return id === undefined ? found : one;
}
export type OpenedIncident = ShownIncident & { readAt: number };

/** Its story, newest first. */
export const useTimeline = (id: string) =>
  useInfiniteQuery({
    queryKey: ['incident', id, 'timeline'],
    queryFn: ({ signal, pageParam }) =>
      api.listTimeline({ params: { id }, query: { limit: 100, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ pagination }) => pagination.nextCursor ?? undefined,
  });

export const useIncidentSettings = () =>
  useQuery({
    queryKey: ['incidents', 'settings'],
    queryFn: ({ signal }) => api.getIncidentSettings({ signal }),
    staleTime: 60_000,
  });
/** The workspace's names of states; until they have come, the usual ones. */
export const useStateNames = (): StateNames => namesOf(useIncidentSettings().data?.names);

/** Puts an incident that the server has answered into every list and page that shows it, and asks for the rest anew. */
export function useTakeIn(): (incident: ShownIncident) => void {
  const client = useQueryClient();
  return useCallback(
    (incident) => {
      client.setQueryData(['incident', incident.id], stamped(incident));
      client.setQueriesData<Board>({ queryKey: ['incidents', 'board'] }, (board) =>
        board ? { ...board, columns: withIncident(board.columns, incident) } : board,
      );
      void client.invalidateQueries({ queryKey: ['incidents'] }, { cancelRefetch: false });
      void client.invalidateQueries({ queryKey: ['incident', incident.id, 'timeline'] }, { cancelRefetch: false });
    },
    [client],
  );
}
