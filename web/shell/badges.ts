import { useQuery } from '@tanstack/react-query';
import { api } from '../kit/api.ts';
import { useMay } from '../kit/session.ts';

/** The figures of the rail: runs that are alive, approvals that wait for me. Events keep them fresh. */
export function useBadges(): { runs: number; approvals: number } {
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
  const counts = runs.data?.counts ?? {};
  return {
    runs: (counts['running'] ?? 0) + (counts['waiting'] ?? 0) + (counts['queued'] ?? 0),
    approvals: approvals.data?.length ?? 0,
  };
}
