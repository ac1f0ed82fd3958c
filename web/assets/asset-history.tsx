import { useInfiniteQuery } from '@tanstack/react-query';
import type { AssetChange } from '#contracts/assets/assets.ts';
import { api } from '../kit/api.ts';
import { Go } from '../kit/navigation.tsx';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';

const actWords: Readonly<Record<string, string>> = {
  created: 'added it',
  changed: 'changed it',
  imported: 'imported it',
  discovered: 'discovered it',
  undone: 'took a change back',
};

/** What has changed of an asset, newest first, with what was before. */
export function AssetHistory({ id }: { id: string }) {
  const changes = useInfiniteQuery({
    queryKey: ['asset', id, 'changes'],
    queryFn: ({ signal, pageParam }) =>
      api.listAssetChanges({ params: { id }, query: { limit: 30, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.pagination.nextCursor ?? undefined,
  });
  return (
    <Answer of={changes} what="The history" waiting={<SkeletonLines />}>
      {({ pages }) => (
        <>
          <ol className="flex flex-col gap-3">
            {pages
              .flatMap(({ data }) => data)
              .map((change) => (
                <Change key={change.id} change={change} />
              ))}
          </ol>
          {changes.hasNextPage && (
            <Button
              size="sm"
              className="mt-3"
              busy={changes.isFetchingNextPage}
              onClick={() => void changes.fetchNextPage()}
            >
              Older changes
            </Button>
          )}
        </>
      )}
    </Answer>
  );
}

function Change({ change }: { change: AssetChange }) {
  return (
    <li>
      <p className="text-meta text-text-2">
        <bdi className="font-medium text-text">{change.actor.name}</bdi> {actWords[change.act] ?? change.act}{' '}
        <RelativeTime at={change.at} />
        {change.runId && (
          <>
            {' '}
            in a{' '}
            <Go to={`/runs/${change.runId}`} className="text-accent hover:underline">
              run
            </Go>
          </>
        )}
      </p>
      {change.changes.length > 0 && (
        <ul className="mt-1 text-meta">
          {change.changes.map(({ field, before, after }) => (
            <li key={field} className="flex flex-wrap gap-x-2">
              <span className="text-text-3">{field.replace(/^attributes\./, '')}</span>
              {before !== null && <del className="break-all text-text-3">{plain(before)}</del>}
              <span className="break-all">{after === null ? 'nothing' : plain(after)}</span>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

const plain = (value: unknown): string =>
  typeof value === 'string' ? value : Array.isArray(value) ? value.join(', ') : JSON.stringify(value);
