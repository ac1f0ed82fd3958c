import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { RunSummary } from '#contracts/runs/runs.ts';
import { api } from '../kit/api.ts';
import { Go } from '../kit/navigation.tsx';
import { useMay } from '../kit/session.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Duration, RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';

const nothing = <p className="text-meta text-text-3">No run has touched this server.</p>;

function RunList({ runs }: { runs: readonly RunSummary[] }) {
  return (
    <ul>
      {runs.map((run) => (
        <li key={run.id} className="flex items-center gap-2.5 py-1 max-sm:min-h-11" data-run={run.id}>
          <StatusGlyph status={run.status} />
          <Go to={`/runs/${run.id}`} className="min-w-0 flex-1 truncate hover:underline">
            <bdi title={run.title}>{run.title}</bdi>
          </Go>
          <span className="num flex-none text-meta text-text-3">
            <Duration from={run.startedAt} to={run.endedAt} /> · <RelativeTime at={run.createdAt} />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** All runs that have touched a server, newest first. */
export function Runs({ id }: { id: string }) {
  const runs = useInfiniteQuery({
    queryKey: ['server', id, 'runs'],
    queryFn: ({ signal, pageParam }) =>
      api.listServerRuns({ params: { id }, query: { limit: 30, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.pagination.nextCursor ?? undefined,
  });
  return (
    <Answer
      of={runs}
      what="The runs"
      waiting={<SkeletonLines />}
      isEmpty={({ pages }) => pages.every(({ data }) => data.length === 0)}
      empty={nothing}
    >
      {({ pages }) => (
        <>
          <RunList runs={pages.flatMap(({ data }) => data)} />
          {runs.hasNextPage && (
            <Button size="sm" className="mt-2" busy={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
              Older runs
            </Button>
          )}
        </>
      )}
    </Answer>
  );
}

/** The newest few, at a glance; nothing where runs may not be seen. */
export function LastRuns({ id, onAll }: { id: string; onAll: () => void }) {
  const may = useMay('runs:read');
  const runs = useQuery({
    queryKey: ['server', id, 'last-runs'],
    queryFn: ({ signal }) => api.listServerRuns({ params: { id }, query: { limit: 4 }, signal }),
    enabled: may,
  });
  if (!may) return null;
  return (
    <section aria-label="Last runs" className="mt-4 border-t border-line pt-3">
      <div className="mb-1 flex items-center">
        <h3 className="font-semibold">Last runs</h3>
        {(runs.data?.pagination.nextCursor ?? null) !== null && (
          <Button look="ghost" size="sm" className="ml-auto" onClick={onAll}>
            All runs
          </Button>
        )}
      </div>
      <Answer
        of={runs}
        what="The runs"
        waiting={<SkeletonLines />}
        isEmpty={({ data }) => data.length === 0}
        empty={nothing}
      >
        {({ data }) => <RunList runs={data} />}
      </Answer>
    </section>
  );
}
