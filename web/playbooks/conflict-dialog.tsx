import { useMemo } from 'react';
import type { Playbook } from '#contracts/playbooks/playbooks.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { DiffLines } from '../ui/diff-lines.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { compareTexts, mergeTexts } from './document/compare-texts.ts';

interface ConflictDialogProps {
  base: string;
  mine: string;
  theirs: Playbook;
  onClose: () => void;
  onKeepMine: () => void;
  onTakeTheirs: () => void;
  onMerged: (text: string) => void;
}

/** Somebody saved meanwhile: both versions side by side, and three ways out. Nothing is lost before one is chosen. */
export function ConflictDialog({
  base,
  mine,
  theirs,
  onClose,
  onKeepMine,
  onTakeTheirs,
  onMerged,
}: ConflictDialogProps) {
  const lines = useMemo(() => compareTexts(theirs.yaml, mine), [theirs.yaml, mine]);
  const merged = useMemo(() => mergeTexts(base, mine, theirs.yaml), [base, mine, theirs.yaml]);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={860}
      title={`Version ${theirs.version} was saved meanwhile`}
      description={
        <>
          {theirs.updatedBy.name}, <RelativeTime at={theirs.updatedAt} />
          {theirs.note ? `: ${theirs.note}` : ''}. Theirs is shown as removed, yours as added.
        </>
      }
      foot={
        <>
          <Button onClick={onTakeTheirs}>Take theirs</Button>
          <Button
            refusal={merged === undefined ? 'Both change the same lines.' : null}
            onClick={() => merged !== undefined && onMerged(merged)}
          >
            Merge
          </Button>
          <Button look="primary" onClick={onKeepMine}>{`Keep mine as v${theirs.version + 1}`}</Button>
        </>
      }
    >
      <div className="rounded-md border border-line">
        <DiffLines lines={lines} />
      </div>
    </Dialog>
  );
}
