import { Eye, Play, Square } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';

interface RunBarProps {
  pickers: ReactNode;
  /** Null where there is nothing to cancel. */
  cancel: { isAsking: boolean; refusal: string | null; onCancel: () => void } | null;
  run: { busy: boolean; refusal: string | null; onRun: () => void };
  dryRun: { busy: boolean; onDryRun: () => void } | null;
}

/** What the query runs on, and its acts. What does not fit now is not there. */
export function RunBar({ pickers, cancel, run, dryRun }: RunBarProps) {
  return (
    <div
      className="flex flex-none flex-wrap items-center gap-2 px-3.5 py-2.5"
      role="toolbar"
      aria-label="Run the query"
    >
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-2 max-sm:basis-full">{pickers}</div>
      <span className="ml-auto flex items-center gap-2 max-sm:w-full max-sm:justify-end">
        {dryRun && (
          <Button look="ghost" icon={Eye} busy={dryRun.busy} onClick={dryRun.onDryRun}>
            Dry run
          </Button>
        )}
        {cancel && (
          <Button
            look="danger"
            icon={Square}
            keys="mod+."
            busy={cancel.isAsking}
            refusal={cancel.refusal}
            onClick={cancel.onCancel}
          >
            Cancel
          </Button>
        )}
        <Button look="primary" icon={Play} keys="mod+enter" busy={run.busy} refusal={run.refusal} onClick={run.onRun}>
          Run
        </Button>
      </span>
    </div>
  );
}
