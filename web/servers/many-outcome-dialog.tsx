import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Go } from '../kit/navigation.tsx';
import type { ManyOutcome } from './change-many.ts';

const SHOWN = 200;

interface ManyOutcomeDialogProps {
  outcome: ManyOutcome;
  /** What was done, with its count: "12 servers tagged". */
  done: string;
  nameOf: (id: string) => string | undefined;
  onUndo: (() => void) | undefined;
  onClose: () => void;
}

/** Of many servers some were refused: which, and why. What was done can still be taken back. */
export function ManyOutcomeDialog({ outcome, done, nameOf, onUndo, onClose }: ManyOutcomeDialogProps) {
  const { changed, failed, left } = outcome;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`${failed.length} of ${changed.length + failed.length} could not be done`}
      description={[changed.length > 0 ? done : '', left.length > 0 ? `${left.length} were left as they are` : '']
        .filter(Boolean)
        .join(' · ')}
      foot={
        <>
          {onUndo && <Button onClick={onUndo}>Undo the rest</Button>}
          <Button look="primary" onClick={onClose}>
            Close
          </Button>
        </>
      }
    >
      <ul className="flex flex-col" data-testid="servers.bulk-failures">
        {failed.slice(0, SHOWN).map(({ id, name, error, message }) => (
          <li key={id} className="flex flex-col border-b border-line py-1.5 last:border-0">
            <Go to="/servers" search={{ sel: id }} className="truncate font-medium hover:underline">
              <bdi>{name ?? nameOf(id) ?? id}</bdi>
            </Go>
            <span className="text-meta text-fail-fg">
              {message} <span className="font-mono text-[11.5px] text-text-3">{error}</span>
            </span>
          </li>
        ))}
        {failed.length > SHOWN && (
          <li className="py-1.5 text-meta text-text-2">{`and ${failed.length - SHOWN} more`}</li>
        )}
      </ul>
    </Dialog>
  );
}
