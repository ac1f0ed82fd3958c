import { useInfiniteQuery } from '@tanstack/react-query';
import type { SchemaChange } from '#contracts/connections/schema-changes.ts';
import { api } from '../../kit/api.ts';
import { asFailure } from '../../kit/failure.ts';
import { Button } from '../../ui/button.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { schemaKey, type Place } from './use-objects.ts';

/** What a change was, in a sentence. */
export function changeWords({ what, columns, tags }: Pick<SchemaChange, 'what' | 'columns' | 'tags'>): string {
  if (what === 'added') return 'It came.';
  if (what === 'removed') return 'It went.';
  if (!columns && !tags) return 'Its name or place changed.';
  const { added, removed, changed } = columns ?? { added: [], removed: [], changed: [] };
  return [
    tags && (tags.length > 0 ? `Said to be ${tags.join(', ')}.` : 'No longer said to be new, renamed or deprecated.'),
    added.length > 0 && `New: ${added.join(', ')}.`,
    removed.length > 0 && `Gone: ${removed.join(', ')}.`,
    ...changed.map(({ name, before, after }) => `${name}: ${before} → ${after}.`),
  ]
    .filter(Boolean)
    .join(' ');
}

/** What readings of the schema found changed in one object, newest first. Nothing is shown where nothing ever changed. */
export function SchemaChanges({ place, object }: { place: Place; object: string }) {
  const changes = useInfiniteQuery({
    queryKey: [...schemaKey(place), 'changes', object],
    queryFn: ({ signal, pageParam }) =>
      api.listSchemaChanges({
        params: { id: place.connectionId },
        query: { ...(place.unit !== null && { unit: place.unit }), object, limit: 20, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.pagination.nextCursor ?? undefined,
  });
  if (changes.error && !changes.data)
    return <p className="mt-3 text-text-3">{`What changed cannot be read: ${asFailure(changes.error).message}`}</p>;
  const all = changes.data?.pages.flatMap(({ data }) => data) ?? [];
  if (all.length === 0) return null;
  return (
    <section aria-label="What changed" className="mt-3 border-t border-line pt-2">
      <h3 className="mb-1 font-medium">What changed</h3>
      <ul className="flex flex-col gap-1">
        {all.map((change) => (
          <li key={change.id}>
            <span className="num text-text-3">
              {`v${change.version}, `}
              <RelativeTime at={change.at} />
            </span>
            <span className="block break-words text-text-2">{changeWords(change)}</span>
          </li>
        ))}
      </ul>
      {changes.hasNextPage && (
        <Button size="sm" busy={changes.isFetchingNextPage} onClick={() => void changes.fetchNextPage()}>
          Show earlier changes
        </Button>
      )}
    </section>
  );
}
