import { useNavigate, useSearch } from '@tanstack/react-router';
import { memo } from 'react';
import type { SavedView } from '#contracts/kit/saved-views.ts';
import { api } from '../kit/api.ts';
import { parseSearch, type Raw } from '../kit/search.ts';
import { SavedViews as Views, type ViewOperations } from '../saved-views/saved-views.tsx';
import { noFilters, type RunsView, searchOfView, viewQuery } from './runs-view.ts';

interface SavedViewsProps {
  view: RunsView;
  onView: (changes: Partial<RunsView>) => void;
  counts: Readonly<Record<string, number>>;
}

const operations: ViewOperations = {
  key: ['run-views'],
  list: (signal) => api.listRunViews({ signal }),
  save: (body) => api.saveRunView({ body }),
  change: (id, body) => api.changeRunView({ params: { id }, body }),
  remove: (id) => api.deleteRunView({ params: { id } }),
};
const normal = (query: string): string => viewQuery(parseSearch(query));

/** The views of the list of runs as tabs. */
export const SavedViews = memo(function SavedViews({ view, onView, counts }: SavedViewsProps) {
  const navigate = useNavigate();
  const raw = useSearch({ strict: false }) as Raw;
  const alive = (counts['running'] ?? 0) + (counts['waiting'] ?? 0) + (counts['queued'] ?? 0);
  return (
    <Views
      panelId="runs-list"
      builtIn={[
        { value: 'all', label: 'All' },
        { value: 'alive', label: 'Now', count: alive },
        { value: 'waiting', label: 'Waiting for people', count: counts['waiting'] ?? 0 },
        { value: 'failed', label: 'Failed' },
        { value: 'mine', label: 'Mine' },
      ]}
      value={view.view}
      // From a saved view one leaves with nothing narrowed; between the others what is narrowed stays.
      onBuiltIn={(next, isFromSaved) =>
        onView(
          isFromSaved
            ? { ...noFilters, status: [], kind: [], trigger: [], error: [], view: next }
            : { view: next, status: [] },
        )
      }
      onSaved={({ id, query }: SavedView) => void navigate({ to: '.', search: searchOfView(id, query) as never })}
      onDeleted={() => onView({ view: 'all' })}
      query={viewQuery(raw)}
      normal={normal}
      operations={operations}
      example="Failed on the edge today"
    />
  );
});
