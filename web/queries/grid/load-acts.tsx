import { Play, Square } from 'lucide-react';
import { Button } from '../../ui/button.tsx';
import { countWords } from './cell-text.ts';
import { ROW_LIMIT, type ResultRows } from './use-result-rows.ts';

type ShownRows = Pick<ResultRows, 'state' | 'status' | 'goOn' | 'goToEnd' | 'stop'>;

/** What can be done where not all rows are loaded, for `cutActs` of the grid. */
export function LoadActs({ rows, limit = ROW_LIMIT }: { rows: ShownRows; limit?: number }) {
  const { state, status, goOn, goToEnd } = rows;
  if (state === 'stopped')
    return (
      <Button size="sm" icon={Play} onClick={goOn}>
        Continue
      </Button>
    );
  if (state !== 'limited') return null;
  const { total, loaded } = status;
  const isLastPart = total !== null && total - loaded <= limit;
  const toEnd = isLastPart ? goOn : goToEnd;
  const all = total === null ? 'Load all rows' : `Load all ${countWords(total, 'row')}`;
  return (
    <span className="flex flex-wrap items-center gap-2">
      {!isLastPart && (
        <Button size="sm" icon={Play} onClick={goOn}>
          {`Load ${countWords(limit, 'more row', 'more rows')}`}
        </Button>
      )}
      {toEnd && (
        <Button size="sm" onClick={toEnd}>
          {all}
        </Button>
      )}
    </span>
  );
}

/** Ends the loading while pages come, for the foot of the grid. */
export function StopLoading({ rows: { state, stop } }: { rows: ShownRows }) {
  if (state !== 'loading') return null;
  return (
    <Button size="sm" look="ghost" icon={Square} onClick={stop} className="appear-late">
      Stop loading
    </Button>
  );
}
