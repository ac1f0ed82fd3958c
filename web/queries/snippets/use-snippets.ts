import { useQuery } from '@tanstack/react-query';
import type { CreateQuerySnippet, QuerySnippet } from '#contracts/queries/query-snippets.ts';
import { api } from '../../kit/api.ts';

/** A snippet as it is opened to be written: one that there is, or what a new one begins with. */
export type SnippetDraft = QuerySnippet | (Partial<CreateQuerySnippet> & { id?: undefined });

/** The workspace's snippets and one's own; live, since `query_snippet.*` events make them stale. */
export const useSnippets = () =>
  useQuery({
    queryKey: ['query-snippets'],
    queryFn: ({ signal }) => api.listQuerySnippets({ signal }),
    select: ({ data }) => data,
  });
