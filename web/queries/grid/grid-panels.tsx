import { filteredBy } from './arrange-rows.ts';
import { CellInspector } from './cell-inspector.tsx';
import { ChartPanel } from './chart-panel.tsx';
import { FilterDialog } from './filter-dialog.tsx';
import type { Arrangement } from './grid-engine.ts';
import { ProfilePanel } from './profile-panel.tsx';
import type { ResultStore } from './result-store.ts';

/** What is open over a grid. */
export type GridPanel =
  | { of: 'filter' | 'profile' | 'chart'; column: number }
  | { of: 'cell'; column: number; place: number };

interface GridPanelsProps {
  panel: GridPanel | null;
  store: ResultStore;
  onArrange: (arrangement: Arrangement) => void;
  onClose: () => void;
}
export function GridPanels({ panel, store, onArrange, onClose }: GridPanelsProps) {
  const { arrangement } = store.state;
  const shared = panel && { store, column: panel.column, onClose };
  if (!shared) return null;
  if (panel.of === 'profile') return <ProfilePanel {...shared} />;
  if (panel.of === 'chart') return <ChartPanel {...shared} />;
  if (panel.of === 'cell') return <CellInspector {...shared} place={panel.place} />;
  return (
    <FilterDialog
      {...shared}
      standing={arrangement.filters.find(({ column }) => column === panel.column)}
      onFilter={(filter) => onArrange(filteredBy(arrangement, filter))}
    />
  );
}
