import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { z } from 'zod';
import { healthStates, type HealthState, type Server } from '#contracts/servers/servers.ts';
import { hostKeyStates } from '#contracts/servers/host-key.ts';
import { api } from '../kit/api.ts';
import { list } from '../kit/url-state.ts';
import type { StatusFamily } from '../ui/status.ts';

export const healthChoices = [...healthStates, 'maintenance'] as const;

/** The state of the list of servers, as it stands in the address. */
export const ServersView = z.object({
  q: z.string().default(''),
  tag: list(z.string()),
  health: list(z.enum(healthChoices)),
  hostKey: z.enum(['', ...hostKeyStates]).default(''),
  sort: z.enum(['name', '-name']).default('name'),
  /** The server whose panel is open. */
  sel: z.string().default(''),
  /** The server that is edited; `new` adds one. */
  edit: z.string().default(''),
  import: z.string().default(''),
  tab: z.enum(['facts', 'checks', 'runs', 'access']).default('access'),
});
export type ServersView = z.infer<typeof ServersView>;

export const healthLooks: Readonly<Record<HealthState | 'maintenance', { word: string; family: StatusFamily }>> = {
  healthy: { word: 'Healthy', family: 'ok' },
  degraded: { word: 'Degraded', family: 'wait' },
  unhealthy: { word: 'Unhealthy', family: 'fail' },
  no_answer: { word: 'No answer', family: 'fail' },
  unknown: { word: 'Not checked', family: 'idle' },
  maintenance: { word: 'Maintenance', family: 'idle' },
};
export const healthOf = (server: Pick<Server, 'health' | 'maintenance'>): HealthState | 'maintenance' =>
  server.maintenance ? 'maintenance' : server.health;

export const useServers = (view: Pick<ServersView, 'q' | 'tag' | 'health' | 'hostKey' | 'sort'>) =>
  useInfiniteQuery({
    queryKey: ['servers', 'list', view.q, view.tag, view.health, view.hostKey, view.sort],
    queryFn: ({ signal, pageParam }) =>
      api.listServers({
        query: {
          q: view.q || undefined,
          tag: view.tag.join(',') || undefined,
          health: view.health.join(',') || undefined,
          hostKey: view.hostKey || undefined,
          sort: view.sort,
          limit: 200,
          cursor: pageParam,
        },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.pagination.nextCursor ?? undefined,
    placeholderData: (before) => before,
  });
export const useServer = (id: string) =>
  useQuery({
    queryKey: ['server', id],
    queryFn: ({ signal }) => api.getServer({ params: { id }, signal }),
    enabled: id !== '' && id !== 'new',
  });
export const useTags = () =>
  useQuery({ queryKey: ['servers', 'tags'], queryFn: ({ signal }) => api.listTags({ signal }), staleTime: 60_000 });
export const useCredentials = () =>
  useQuery({
    queryKey: ['credentials', 'all'],
    queryFn: ({ signal }) => api.listCredentials({ query: { limit: 200 }, signal }),
  });
