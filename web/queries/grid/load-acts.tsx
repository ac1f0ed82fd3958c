import { Play, RotateCw, Square } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { countWords } from './cell-text.ts';
import { ROW_LIMIT, type ResultRows } from './use-result-rows.ts';

interface LoadActsProps {
  rows: ResultRows;
  limit?: number;
  /** "Run again", where the service keeps the rows no longer. */
  runAgain?: ReactNode;
  /** "Export the whole result". */
  exportAll?: ReactNode;
}

/** What can be done where not all rows are loaded, for `cutActs` of the grid. */
export function LoadActs({ rows: { state, goOn }, limit = ROW_LIMIT, runAgain, exportAll }: LoadActsProps) {
  return (
    <span className="flex items-center gap-2">
      {state === 'limited' && (
        <Button size="sm" icon={Play} onClick={goOn}>
          {`Load ${countWords(limit, 'more row', 'more rows')}`}
        </Button>
      )}
      {state === 'stopped' && (
        <Button size="sm" icon={Play} onClick={goOn}>
          Continue
        </Button>
      )}
      {state === 'failed' && (
        <Button size="sm" icon={RotateCw} onClick={goOn}>
          Try again
        </Button>
      )}
      {state === 'expired' && runAgain}
      {state !== 'expired' && exportAll}
    </span>
  );
}

/** Ends the loading while pages come, for the foot of the grid. */
export function StopLoading({ rows: { state, stop } }: { rows: ResultRows }) {
  if (state !== 'loading') return null;
  return (
    <Button size="sm" look="ghost" icon={Square} onClick={stop}>
      Stop loading
    </Button>
  );
}
