import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { ListedIncident } from '#contracts/incidents/incidents.ts';
import { Severity } from '../incidents/severity.tsx';
import { StateWord } from '../incidents/state-glyph.tsx';
import { useStateNames } from '../incidents/incidents.ts';
import { stateFlags } from '#contracts/incidents/states.ts';
import { api } from '../kit/api.ts';
import { Go } from '../kit/navigation.tsx';
import { useMay } from '../kit/session.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';

/** Incidents that name an asset and are still worked on; none where incidents may not be seen. */
export function useOpenIncidentsOf(asset: string) {
  const may = useMay('incidents:read');
  return useQuery({
    queryKey: ['incidents', 'of-asset', asset, 'active'],
    queryFn: ({ signal }) => api.listIncidents({ query: { asset, state: 'active', limit: 200 }, signal }),
    enabled: may,
  });
}

/** The incidents that touch an asset: first those that are worked on, then what is over, newest first. */
export function AssetIncidents({ id }: { id: string }) {
  const open = useOpenIncidentsOf(id);
  const all = useInfiniteQuery({
    queryKey: ['incidents', 'of-asset', id, 'all'],
    queryFn: ({ signal, pageParam }) =>
      api.listIncidents({ query: { asset: id, limit: 30, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ pagination }) => pagination.nextCursor ?? undefined,
  });
  const active = open.data?.data ?? [];
  return (
    <Answer
      of={all}
      what="The incidents"
      waiting={<SkeletonLines />}
      isEmpty={({ pages }) => pages.every(({ data }) => data.length === 0)}
      empty={<p className="text-meta text-text-3">No incident has named it.</p>}
    >
      {({ pages }) => {
        const over = pages.flatMap(({ data }) => data).filter(({ state }) => !stateFlags[state].active);
        return (
          <>
            <IncidentLines title="Open" incidents={active} nothing="None is open." />
            {over.length > 0 && <IncidentLines title="Over" incidents={over} />}
            {all.hasNextPage && (
              <Button size="sm" className="mt-2" busy={all.isFetchingNextPage} onClick={() => void all.fetchNextPage()}>
                Older incidents
              </Button>
            )}
          </>
        );
      }}
    </Answer>
  );
}

function IncidentLines(props: { title: string; incidents: readonly ListedIncident[]; nothing?: string }) {
  const { title, incidents, nothing } = props;
  const names = useStateNames();
  return (
    <section aria-label={title} className="mb-4">
      <h3 className="mb-1 font-semibold">{title}</h3>
      {incidents.length === 0 && <p className="text-meta text-text-3">{nothing}</p>}
      <ul>
        {incidents.map(({ id, key, title: called, severity, state, openedAt }) => (
          <li
            key={id}
            data-incident={id}
            className="flex min-w-0 items-start gap-2 border-t border-line py-2 first:border-t-0"
          >
            <span className="flex-none pt-px">
              <Severity severity={severity} />
            </span>
            <span className="min-w-0 flex-1">
              <Go
                to={`/incidents/${key}`}
                className="block truncate font-medium hover:underline max-sm:min-h-6"
                title={called}
              >
                <bdi>{called}</bdi>
              </Go>
              <span className="flex flex-wrap items-center gap-x-2.5 text-meta text-text-2">
                <span className="num">{key}</span>
                <StateWord state={state} name={names[state]} />
                <RelativeTime at={openedAt} className="text-text-3" />
              </span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
