import { useQuery } from '@tanstack/react-query';
import { z } from 'zod';
import { healthStates, serverSorts, type HealthState, type Server } from '#contracts/servers/servers.ts';
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
  credential: z.string().default(''),
  jump: z.string().default(''),
  sort: z.enum(serverSorts).default('name'),
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

/** What the list, its counts and the choice of all in it are asked with. */
export interface ServerQuery {
  q?: string | undefined;
  tag?: string | undefined;
  health?: string | undefined;
  hostKey?: (typeof hostKeyStates)[number] | undefined;
  credential?: string | undefined;
  jump?: string | undefined;
}
export const queryOf = (view: ServersView): ServerQuery => ({
  q: view.q.trim() || undefined,
  tag: view.tag.join(',') || undefined,
  health: view.health.join(',') || undefined,
  hostKey: view.hostKey || undefined,
  credential: view.credential || undefined,
  jump: view.jump || undefined,
});
export const noFilters = {
  q: '',
  tag: [],
  health: [],
  hostKey: '',
  credential: '',
  jump: '',
} satisfies Partial<ServersView>;

/** How many servers a filter shows, by health. */
export const useCounts = (filter: ServerQuery) =>
  useQuery({
    queryKey: ['servers', 'counts', filter],
    queryFn: ({ signal }) => api.countServers({ query: filter, signal }),
    placeholderData: (before) => before,
  });
export const useServer = (id: string) =>
  useQuery({
    queryKey: ['server', id],
    queryFn: ({ signal }) => api.getServer({ params: { id }, signal }),
    enabled: id !== '' && id !== 'new',
  });
/** The first servers, by name, that a search finds: to choose one of any number. */
export const useFoundServers = (q: string) =>
  useQuery({
    queryKey: ['servers', 'found', q.trim()],
    queryFn: ({ signal }) => api.listServers({ query: { q: q.trim() || undefined, limit: 50 }, signal }),
    placeholderData: (before) => before,
  });
export const useTags = () =>
  useQuery({ queryKey: ['servers', 'tags'], queryFn: ({ signal }) => api.listTags({ signal }), staleTime: 60_000 });
export const useCredentials = () =>
  useQuery({
    queryKey: ['credentials', 'all'],
    queryFn: ({ signal }) => api.listCredentials({ query: { limit: 200 }, signal }),
  });
