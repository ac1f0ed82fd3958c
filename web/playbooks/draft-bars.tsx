import { FileWarning, History } from 'lucide-react';
import type { Playbook } from '#contracts/playbooks/playbooks.ts';
import type { ReactNode } from 'react';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import type { Reading } from './document/read-playbook.ts';
import type { Draft } from './use-draft.ts';

interface DraftBarsProps {
  draft: Draft;
  saved: Playbook | null;
  reading: Reading;
  note: ReactNode;
  onCompare: () => void;
  onLine: (line: number) => void;
}

/** What one should know before going on: work that was left here, a version that somebody saved, text that cannot be read. */
export function DraftBars({ draft, saved, reading, note, onCompare, onLine }: DraftBarsProps) {
  const isBehind = saved !== null && draft.base.version !== null && saved.version > draft.base.version;
  return (
    <>
      {note && <Bar>{note}</Bar>}
      {draft.found !== null && (
        <Bar
          acts={
            <>
              {saved && (
                <Button size="sm" onClick={onCompare}>
                  Show what differs
                </Button>
              )}
              <Button size="sm" onClick={draft.discard}>
                Discard
              </Button>
              <Button size="sm" look="ghost" onClick={draft.hideFound}>
                Keep
              </Button>
            </>
          }
        >
          <Icon of={History} size={14} />
          <span>
            Your unsaved changes from <RelativeTime at={new Date(draft.found).toISOString()} /> are here again.
          </span>
        </Bar>
      )}
      {isBehind && saved && (
        <Bar>
          <Icon of={FileWarning} size={14} />
          <span>
            {`${saved.updatedBy.name} saved v${saved.version} `}
            <RelativeTime at={saved.updatedAt} />
            {'. When you save, both are shown side by side.'}
          </span>
        </Bar>
      )}
      {reading.problem && (
        <Bar
          acts={
            <Button size="sm" onClick={() => onLine(reading.problem?.line ?? 1)}>
              Go to the line
            </Button>
          }
        >
          <Icon of={FileWarning} size={14} />
          <span>{`The YAML cannot be read at line ${reading.problem.line}. Until it can, only the text can be changed.`}</span>
        </Bar>
      )}
    </>
  );
}

function Bar({ children, acts }: { children: ReactNode; acts?: ReactNode }) {
  return (
    <div
      role="status"
      className="flex flex-none flex-wrap items-center gap-x-3 gap-y-1.5 border-t border-wait-line bg-wait-soft px-5 py-1.5 text-meta text-wait-fg max-sm:px-4"
    >
      <span className="flex min-w-0 flex-1 items-center gap-2">{children}</span>
      {acts && <span className="flex flex-none gap-1.5">{acts}</span>}
    </div>
  );
}
