import { useQuery } from '@tanstack/react-query';
import { api } from '../kit/api.ts';
import { useMay } from '../kit/session.ts';

/** How many incidents there are now and how they stand: for the rail and the first page. Events keep it fresh. */
export const useIncidentCounts = () =>
  useQuery({
    queryKey: ['incidents', 'counts'],
    queryFn: ({ signal }) => api.countIncidents({ signal }),
    enabled: useMay('incidents:read'),
    // A clock that comes to be at risk is an event; one whose hours begin is none.
    refetchInterval: 60_000,
  });
