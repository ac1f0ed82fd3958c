import { useState } from 'react';
import type { RunSummary } from '#contracts/runs/runs.ts';
import { toast } from '../ui/toast.tsx';
import { tagRuns } from './tag-runs.ts';
import { TagsDialog } from './tags-dialog.tsx';

/** The tags of one run. */
export function RunTagsDialog({ run, onClose }: { run: RunSummary; onClose: () => void }) {
  const [busy, setBusy] = useState(false);
  return (
    <TagsDialog
      count={1}
      tags={[run.tags]}
      busy={busy}
      onClose={onClose}
      onChange={(change) => {
        setBusy(true);
        void tagRuns([run.id], change).then(({ failed }) => {
          const [first] = failed;
          if (first?.error) toast.error(first.error.message);
          onClose();
        });
      }}
    />
  );
}
