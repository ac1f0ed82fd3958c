import { useQuery } from '@tanstack/react-query';
import { api } from '../kit/api.ts';
import { useMay } from '../kit/session.ts';

/**
 * Connections whose service wants somebody to sign in again; queries wait for them. Of the first load, so it reads nothing
 * of the room's schemas.
 */
export function useConnectionsToSignIn() {
  const { data } = useQuery({
    queryKey: ['connections', 'list'],
    queryFn: ({ signal }) => api.listConnections({ query: { limit: 200 }, signal }),
    enabled: useMay('connections:read'),
  });
  return data?.data.filter(({ state }) => state === 'needs_reauth') ?? [];
}
