import { useQuery } from '@tanstack/react-query';
import { api } from '../kit/api.ts';
import { useMay } from '../kit/session.ts';
import { useIncidentCounts } from '../incidents/incident-counts.ts';
import { useConnectionsToSignIn } from '../connections/to-sign-in.ts';

/** The figures of the rail: runs that are alive, what waits for me: approvals, connections that need a sign-in, active incidents. Events keep them fresh. */
export function useBadges(): { runs: number; approvals: number; connections: number; incidents: number } {
  const runs = useQuery({
    queryKey: ['runs', 'counts'],
    queryFn: ({ signal }) => api.countRuns({ signal }),
    enabled: useMay('runs:read'),
  });
  const approvals = useQuery({
    queryKey: ['approvals', 'mine'],
    queryFn: ({ signal }) => api.listApprovals({ query: { mine: 'true' }, signal }),
    enabled: useMay('approvals:read'),
  });
  const toSignIn = useConnectionsToSignIn();
  const incidents = useIncidentCounts();
  const counts = runs.data?.counts ?? {};
  return {
    runs: (counts['running'] ?? 0) + (counts['waiting'] ?? 0) + (counts['queued'] ?? 0),
    approvals: approvals.data?.length ?? 0,
    connections: toSignIn.length,
    incidents: incidents.data?.active ?? 0,
  };
}
