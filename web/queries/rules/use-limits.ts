import { useQuery } from '@tanstack/react-query';
import { isForbidden, type QueryAct } from '#contracts/queries/query-acts.ts';
import { api } from '../../kit/api.ts';

const words: Readonly<Record<QueryAct, string>> = {
  view: 'A rule hides this from you.',
  run: 'A rule does not let you run queries here.',
  edit: 'A rule does not let you change saved queries here.',
  schedule: 'A rule does not let you schedule queries here.',
  export: 'A rule does not let you take rows out here.',
};

/**
 * Says why the person may not do something at a place, by the rules of the workspace; null where no rule forbids it. The server
 * holds to the rules in any case: where they could not be read, it is the one to say so.
 */
export function useQueryLimits(): (act: QueryAct, at: Parameters<typeof isForbidden>[2]) => string | null {
  const limits = useQuery({
    queryKey: ['query-limits'],
    queryFn: ({ signal }) => api.listQueryLimits({ signal }),
    select: ({ data }) => data,
    staleTime: 60_000,
  });
  return (act, at) => (isForbidden(limits.data ?? [], act, at) ? words[act] : null);
}
