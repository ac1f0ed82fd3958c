import { Go } from '../kit/navigation.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import type { BulkOutcome } from './bulk.ts';

interface BulkOutcomeDialogProps {
  outcome: BulkOutcome;
  /** What was done, in words with its count. */
  done: string;
  titles: ReadonlyMap<string, string>;
  onClose: () => void;
}

/** What could not be done, run by run, with why. */
export function BulkOutcomeDialog({ outcome, done: words, titles, onClose }: BulkOutcomeDialogProps) {
  const { done, failed, left } = outcome;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`${failed.length} of ${done.length + failed.length} could not be done`}
      description={[words, left.length > 0 ? `${left.length} were left as they are` : ''].filter(Boolean).join(' · ')}
      foot={
        <Button look="primary" onClick={onClose}>
          Close
        </Button>
      }
    >
      <ul className="flex flex-col" data-testid="runs.bulk-failures">
        {failed.slice(0, 200).map(({ id, error }) => (
          <li key={id} className="flex flex-col border-b border-line py-1.5 last:border-0">
            <Go to={`/runs/${id}`} className="truncate font-medium hover:underline">
              {titles.get(id) ?? id}
            </Go>
            <span className="text-meta text-fail-fg">
              {error?.message} <span className="font-mono text-[11.5px] text-text-3">{error?.code}</span>
            </span>
          </li>
        ))}
        {failed.length > 200 && <li className="py-1.5 text-meta text-text-2">{`and ${failed.length - 200} more`}</li>}
      </ul>
    </Dialog>
  );
}
