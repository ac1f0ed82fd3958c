import { useQuery } from '@tanstack/react-query';
import type { Connection, ConnectionUnit } from '#contracts/connections/connections.ts';
import { api } from '../kit/api.ts';

/** The workspace's connections, by name. */
export const useConnections = () =>
  useQuery({
    queryKey: ['connections', 'list'],
    queryFn: ({ signal }) => api.listConnections({ query: { limit: 200 }, signal }),
    select: ({ data }) => data,
  });

/** Business units or instances that the person may use. */
export const useUnits = (connection: Connection | undefined) =>
  useQuery({
    queryKey: ['connection', connection?.id, 'units'],
    queryFn: ({ signal }) => api.listConnectionUnits({ params: { id: connection?.id ?? '' }, signal }),
    enabled: connection !== undefined && connection.kind !== 'postgres',
    select: ({ data }) => data,
  });

/** What a unit is called in the words of its service. */
export const unitWord = (kind: Connection['kind']): string => (kind === 'amc' ? 'Instance' : 'Business unit');

/** The unit that is used: the chosen one, else the default, else the first that can be queried. */
export const unitOf = (
  units: readonly ConnectionUnit[] | undefined,
  chosen: string | null,
): ConnectionUnit | undefined =>
  units?.find(({ id }) => id === chosen) ??
  units?.find(({ isDefault, isUsable }) => isDefault && isUsable) ??
  units?.find(({ isUsable }) => isUsable);

export const stateWords: Readonly<Record<Connection['state'], string>> = {
  new: 'Nobody has signed in yet',
  connected: 'Connected',
  needs_reauth: 'Needs a new sign-in',
  unavailable: 'The service does not answer',
  disconnecting: 'Being disconnected',
};
export const stateTone: Readonly<Record<Connection['state'], string>> = {
  new: 'bg-idle-solid',
  connected: 'bg-ok-solid',
  needs_reauth: 'bg-wait-solid',
  unavailable: 'bg-fail-solid',
  disconnecting: 'bg-idle-solid',
};
export const engineWords: Readonly<Record<Connection['kind'], string>> = {
  sfmc: 'Marketing Cloud',
  amc: 'Amazon Marketing Cloud',
  postgres: 'PostgreSQL',
};
