import { useQuery } from '@tanstack/react-query';
import { api } from '../kit/api.ts';
import { useMay } from '../kit/session.ts';

/** What stands on a connection: saved queries, as far as the first 200 of its engine tell. */
export function useUses(id: string, kind: 'sfmc' | 'amc' | 'postgres'): { queries: number; isCapped: boolean } | null {
  const saved = useQuery({
    queryKey: ['queries', 'of-engine', kind],
    queryFn: ({ signal }) => api.listQueries({ query: { engine: kind, limit: 200 }, signal }),
    enabled: useMay('queries:read'),
  });
  if (!saved.data) return null;
  return {
    queries: saved.data.data.filter(({ connectionId }) => connectionId === id).length,
    isCapped: saved.data.pagination.nextCursor !== null,
  };
}
