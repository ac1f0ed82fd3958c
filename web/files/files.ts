import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { z } from 'zod';
import { api } from '../kit/api.ts';

/** The state of the page of files, as it stands in the address. */
export const FilesView = z.object({
  q: z.string().default(''),
  /** The file whose detail is open. */
  sel: z.string().default(''),
});

/** Stored files, newest first, page by page. The events of files and playbooks mark `['artifacts']` stale. */
export const useFiles = (q: string) =>
  useInfiniteQuery({
    queryKey: ['artifacts', 'list', q.trim()],
    queryFn: ({ signal, pageParam }) =>
      api.listArtifacts({ query: { q: q.trim() || undefined, limit: 200, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.pagination.nextCursor ?? undefined,
    placeholderData: (before) => before,
  });
export const useFile = (id: string) =>
  useQuery({
    queryKey: ['artifacts', 'one', id],
    queryFn: ({ signal }) => api.getArtifact({ params: { id }, signal }),
    enabled: id !== '',
  });
export const useUsage = () =>
  useQuery({ queryKey: ['artifacts', 'usage'], queryFn: ({ signal }) => api.countArtifacts({ signal }) });
