import { ListTree } from 'lucide-react';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { SkeletonLines } from '../../ui/skeleton.tsx';
import type { Console } from '../use-console.ts';
import type { OnSample } from './object-docs.tsx';
import { ObjectsPanel } from './objects-panel.tsx';
import type { Objects } from './use-objects.ts';

/** The objects of the tab's place, or why there are none to show. */
export function ObjectsPane({
  state,
  known,
  onInsert,
  onSample,
}: {
  state: Console;
  known: Objects;
  onInsert: (text: string) => void;
  onSample: OnSample | undefined;
}) {
  const { place, connection, units, view, setView } = state;
  if (place && connection)
    return (
      <ObjectsPanel
        key={`${place.connectionId} ${place.unit}`}
        engine={connection.kind}
        place={place}
        known={known}
        selected={view.object}
        onSelect={(object) => setView({ object }, 'replace')}
        onInsert={onInsert}
        onSample={onSample}
      />
    );
  if (units.error)
    return <ErrorState error={units.error} what="The business units" retry={() => void units.refetch()} />;
  if (!connection)
    return (
      <EmptyState icon={ListTree} title="Choose a connection">
        Its objects are listed here.
      </EmptyState>
    );
  if (units.isPending) return <SkeletonLines lines={9} label="Loading the objects" />;
  return (
    <EmptyState icon={ListTree} title="Nothing to look into">
      There is no business unit or instance here that you may use.
    </EmptyState>
  );
}
