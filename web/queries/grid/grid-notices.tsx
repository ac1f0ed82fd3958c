import { ArrowDown, ArrowUp, EyeOff, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { QueryColumn } from '#contracts/queries/engine.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { countWords } from './cell-text.ts';
import { filterText } from './filter-words.ts';
import type { Arrangement, StoreState } from './grid-engine.ts';

/** How much of the result is here, as the page knows it. */
export interface LoadStatus {
  loaded: number;
  /** Of the whole result; null: not known yet. */
  total: number | null;
  /** Nothing more will come. */
  isComplete: boolean;
  /** Why not all rows are here, as a sentence: a limit, a stop, a failure. Shown with how many there are. */
  cut?: string;
}

interface GridNoticesProps {
  columns: readonly QueryColumn[];
  state: StoreState;
  status: LoadStatus;
  /** What can be done about the cut: "Load more", "Export the whole result". */
  cutActs?: ReactNode;
  find: ReactNode;
  onArrange: (arrangement: Arrangement) => void;
}

const percent = (share: number): string => `${(share * 100).toLocaleString('en-GB', { maximumFractionDigits: 1 })}%`;
/** `: 40% of impressions, 3.5% of clicks`; of many the largest three. */
const sharesText = (shares: StoreState['hiddenShares']): string =>
  shares.length === 0
    ? ''
    : `: ${shares
        .slice(0, 3)
        .map(({ column, share }) => `${percent(share)} of ${column}`)
        .join(', ')}`;

/** Above the rows, only when there is something to say: what was cut, what privacy hid, how rows are sorted and filtered. */
export function GridNotices({ columns, state, status, cutActs, find, onArrange }: GridNoticesProps) {
  const { arrangement, hiddenByPrivacy, hiddenShares, loaded, waiting } = state;
  const { sort, filters } = arrangement;
  const isArranged = sort.length > 0 || filters.length > 0;
  const ofAll = status.total !== null && status.total > loaded ? ` of ${status.total.toLocaleString('en-GB')}` : '';
  return (
    <>
      {status.cut !== undefined && (
        <div
          role="status"
          data-testid="queries.cut"
          className="flex flex-none flex-wrap items-center gap-x-3 gap-y-1 border-b border-wait-line bg-wait-soft px-3.5 py-1.5 text-meta text-wait-fg"
        >
          <span className="min-w-0 flex-1">
            {`First ${loaded.toLocaleString('en-GB')}${ofAll} rows loaded. ${status.cut}`}
          </span>
          {cutActs}
        </div>
      )}
      {hiddenByPrivacy !== null && hiddenByPrivacy > 0 && (
        <p className="flex flex-none items-center gap-1.5 border-b border-line bg-sunken px-3.5 py-1.5 text-meta text-text-2">
          <Icon of={EyeOff} size={14} className="text-wait-fg" />
          {`${hiddenByPrivacy.toLocaleString('en-GB')} of ${countWords(loaded, 'row')} (${percent(hiddenByPrivacy / Math.max(1, loaded))}) hold figures that privacy hides${sharesText(hiddenShares)}. A longer window or fewer columns show more.`}
        </p>
      )}
      {(isArranged || find) && (
        <div
          className="flex min-h-[38px] flex-none flex-wrap items-center gap-1.5 border-b border-line px-3.5 py-1.5 text-meta"
          data-testid="queries.arrangement"
        >
          {sort.map((key) => (
            <Chip
              key={`s${key.column}`}
              label={`Do not sort by ${columns[key.column]?.name ?? ''}`}
              onRemove={() => onArrange({ ...arrangement, sort: sort.filter((each) => each !== key) })}
            >
              <Icon of={key.isDescending ? ArrowDown : ArrowUp} size={12} className="text-accent" />
              {columns[key.column]?.name}
              <span className="sr-only">{key.isDescending ? 'descending' : 'ascending'}</span>
            </Chip>
          ))}
          {filters.map((filter) => (
            <Chip
              key={`f${filter.column}`}
              label={`Clear filter ${filterText(filter, columns)}`}
              onRemove={() => onArrange({ ...arrangement, filters: filters.filter((each) => each !== filter) })}
            >
              {filterText(filter, columns)}
            </Chip>
          ))}
          {isArranged && (
            <Button size="sm" look="ghost" onClick={() => onArrange({ ...arrangement, sort: [], filters: [] })}>
              As they came
            </Button>
          )}
          {waiting > 0 && (
            <Button size="sm" onClick={() => onArrange(arrangement)}>
              {`Sort in ${countWords(waiting, 'new row')}`}
            </Button>
          )}
          {isArranged && !status.isComplete && (
            <span className="text-text-3">{`Of the ${countWords(loaded, 'row')} loaded so far`}</span>
          )}
          {find}
        </div>
      )}
    </>
  );
}

function Chip({ children, label, onRemove }: { children: ReactNode; label: string; onRemove: () => void }) {
  return (
    <span className="inline-flex h-[26px] max-w-80 items-center gap-1.5 rounded-md border border-line-strong bg-surface pl-2 whitespace-nowrap max-sm:h-11">
      <span className="flex min-w-0 items-center gap-1 truncate" dir="auto">
        {children}
      </span>
      <button
        type="button"
        aria-label={label}
        className="grid h-full w-6 flex-none place-items-center rounded-r-md text-text-3 hover:bg-fill hover:text-text max-sm:w-11"
        onClick={onRemove}
      >
        <Icon of={X} size={12} />
      </button>
    </span>
  );
}
