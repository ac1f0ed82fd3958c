import { Command } from 'cmdk';
import type { StepKind } from '#contracts/playbooks/document.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { kindChoices } from './forms/kind-looks.ts';

interface AddStepDialogProps {
  /** Where it comes; null: closed. */
  where: { words: string; isUndo: boolean } | null;
  onClose: () => void;
  onKind: (kind: StepKind) => void;
}

const notInUndo: ReadonlySet<StepKind> = new Set(['parallel', 'each', 'playbook']);

/** Asks what the new step does: type a few letters, Enter. */
export function AddStepDialog({ where, onClose, onKind }: AddStepDialogProps) {
  return (
    <Dialog isOpen={where !== null} onClose={onClose} title="Add a step" description={where?.words} width={480}>
      <Command label="Kinds of steps" className="-mx-2">
        <Command.Input
          autoFocus
          placeholder="What does it do"
          className="mb-1.5 h-9 w-full rounded-md border border-line-input bg-surface px-3 outline-none placeholder:text-text-3"
        />
        <Command.List className="max-h-[46vh] overflow-auto">
          <Command.Empty className="px-2 py-3 text-meta text-text-3">No kind of step fits.</Command.Empty>
          {kindChoices
            .filter(({ kind }) => !(where?.isUndo && notInUndo.has(kind)))
            .map(({ kind, icon, title, help }) => (
              <Command.Item
                key={kind}
                value={kind}
                keywords={[title, help]}
                onSelect={() => onKind(kind)}
                className="flex min-h-10 items-center gap-2.5 rounded-md px-2 py-1 data-[selected=true]:bg-fill"
              >
                <span className="grid size-6 flex-none place-items-center rounded-md bg-fill text-text-2">
                  <Icon of={icon} size={14} />
                </span>
                <span className="min-w-0 flex-1 leading-[17px]">
                  <span className="font-medium">{title}</span>
                  <span className="block truncate text-meta text-text-3">{help}</span>
                </span>
                <span className="font-mono text-[11px] text-text-3">{kind}</span>
              </Command.Item>
            ))}
        </Command.List>
      </Command>
    </Dialog>
  );
}
