import { Ellipsis, GitCompareArrows, Link2, RotateCw, Square, Tag } from 'lucide-react';
import type { RunSummary } from '#contracts/runs/runs.ts';
import { isEnded } from '#contracts/runs/status.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useGo, workspacePath } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { copyText } from '../ui/copy.tsx';
import { Icon } from '../ui/icon.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { toast } from '../ui/toast.tsx';

/** What can be done with one run of a list, and why not where it cannot. */
export function useRunActs() {
  const refusal = useRefusal();
  const offline = useOffline();
  const go = useGo();
  const refusalOf = {
    rerun: (run: RunSummary): string | null =>
      offline ?? refusal('runs:rerun') ?? (isEnded(run.status) ? null : 'It has not ended yet.'),
    rerunFailed: (run: RunSummary): string | null =>
      refusalOf.rerun(run) ??
      (run.strand.some(({ status }) => status === 'failed' || status === 'timed_out') ? null : 'No step has failed.'),
    tag: offline ?? refusal('runs:manage'),
    cancel: (run: RunSummary): string | null =>
      offline ?? refusal('runs:cancel') ?? (isEnded(run.status) ? 'It has ended.' : null),
  };
  const rerun = (run: RunSummary, fromStep?: 'failed') =>
    (run.kind === 'query'
      ? api.runQueryAgain({ params: { id: run.id } })
      : api.rerunRun({ params: { id: run.id }, body: fromStep ? { fromStep } : null })
    ).then(({ runId }) => go(`/runs/${runId}`), toast.failure);
  return { refusalOf, rerun };
}

/** The button of a row's menu. It is as light as can be: there is one in each row, and one menu for all of them. */
export const RunMenuButton = ({
  run,
  onOpen,
}: {
  run: RunSummary;
  onOpen: (run: RunSummary, at: HTMLElement) => void;
}) => (
  <button
    type="button"
    aria-haspopup="menu"
    aria-label={`Acts on ${run.title}`}
    tabIndex={-1}
    onClick={(event) => onOpen(run, event.currentTarget)}
    className="grid size-[26px] place-items-center rounded-md text-text-2 hover:bg-fill hover:text-text max-sm:size-11"
  >
    <Icon of={Ellipsis} size={14} />
  </button>
);

interface RunMenuProps {
  run: RunSummary;
  /** The button that it hangs from. */
  at: HTMLElement;
  onClose: () => void;
  onTags: (run: RunSummary) => void;
  onCancel: (run: RunSummary) => void;
  /** Another run that is selected: this one can be laid beside it. */
  beside?: RunSummary | undefined;
}

/** The acts on one run of the list. */
export function RunMenu({ run, at, onClose, onTags, onCancel, beside }: RunMenuProps) {
  const { refusalOf, rerun } = useRunActs();
  const go = useGo();
  const { left, top, width, height } = at.getBoundingClientRect();
  return (
    <Menu
      label={`Acts on ${run.title}`}
      isOpen
      onOpen={(isOpen) => !isOpen && onClose()}
      onCloseFocus={() => at.closest<HTMLElement>('[role=row]')?.focus()}
      trigger={<span aria-hidden="true" className="pointer-events-none fixed" style={{ left, top, width, height }} />}
    >
      <MenuItem icon={RotateCw} keys="r" refusal={refusalOf.rerun(run)} onSelect={() => void rerun(run)}>
        Rerun
      </MenuItem>
      <MenuItem
        icon={RotateCw}
        keys="shift+r"
        refusal={refusalOf.rerunFailed(run)}
        onSelect={() => void rerun(run, 'failed')}
      >
        Rerun from the failed step
      </MenuItem>
      <MenuItem
        icon={GitCompareArrows}
        refusal={beside || run.subject ? null : 'Select another run to compare it with.'}
        onSelect={() => go('/runs/compare', { a: beside?.id, b: run.id })}
      >
        {beside ? `Compare with ${beside.title}` : 'Compare with the run before'}
      </MenuItem>
      <MenuItem
        icon={Link2}
        onSelect={() =>
          void copyText(`${location.origin}${workspacePath(`/runs/${run.id}`)}`).then(
            (done) => done && toast.note('Link to the run copied'),
          )
        }
      >
        Copy link
      </MenuItem>
      <MenuItem icon={Tag} refusal={refusalOf.tag} onSelect={() => onTags(run)}>
        Tags …
      </MenuItem>
      <MenuItem icon={Square} keys="mod+." danger refusal={refusalOf.cancel(run)} onSelect={() => onCancel(run)}>
        Cancel run
      </MenuItem>
    </Menu>
  );
}
