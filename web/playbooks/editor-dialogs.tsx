import { lazy } from 'react';
import type { Playbook } from '#contracts/playbooks/playbooks.ts';
import type { StepKind } from '#contracts/playbooks/document.ts';
import { fetchLater } from '../kit/fetch-later.ts';
import { Later } from '../kit/later.tsx';
import type { Slot } from './document/read-playbook.ts';
import type { Draft } from './use-draft.ts';

// None is seen with the page: each comes with its libraries when the page stands, or when it is asked for.
const AddStepDialog = lazy(async () => ({
  default: (await fetchLater(() => import('./add-step-dialog.tsx'))).AddStepDialog,
}));
const ConflictDialog = lazy(async () => ({
  default: (await fetchLater(() => import('./conflict-dialog.tsx'))).ConflictDialog,
}));
const NoteDialog = lazy(async () => ({ default: (await fetchLater(() => import('./note-dialog.tsx'))).NoteDialog }));
const RunDialog = lazy(async () => ({ default: (await fetchLater(() => import('./run-dialog.tsx'))).RunDialog }));

interface EditorDialogsProps {
  draft: Draft;
  saved: Playbook | null;
  /** Where a step is to be added. */
  adding: Slot | null;
  /** The kind that was chosen, or none. */
  onAdded: (kind: StepKind | null) => void;
  isRunning: boolean;
  onRunClosed: () => void;
  isNoting: boolean;
  onNoted: () => void;
}

/** What the editor asks in front of itself: a kind of step, inputs of a run, the note of a version, whose version counts. */
export function EditorDialogs(props: EditorDialogsProps) {
  const { draft, saved, adding } = props;
  const { conflict, save } = draft;
  return (
    <>
      <Later isWanted={adding !== null}>
        <AddStepDialog
          where={adding && { words: whereWords(adding), isUndo: adding.list.endsWith('/undo') }}
          onClose={() => props.onAdded(null)}
          onKind={props.onAdded}
        />
      </Later>
      {saved && (
        <Later isWanted={props.isRunning}>
          <RunDialog
            playbookId={saved.id}
            isOpen={props.isRunning}
            onClose={props.onRunClosed}
            isDirty={draft.isChanged}
          />
        </Later>
      )}
      <Later isWanted={props.isNoting}>
        <NoteDialog
          isOpen={props.isNoting}
          onClose={props.onNoted}
          title={saved ? `Save as v${saved.version + 1}` : 'Save the playbook'}
          onSave={(note) => {
            props.onNoted();
            save.mutate({ note });
          }}
        />
      </Later>
      {conflict && (
        <Later isWanted>
          <ConflictDialog
            base={draft.base.yaml}
            mine={draft.yaml}
            theirs={conflict.theirs}
            onClose={() => draft.setConflict(null)}
            onKeepMine={() => save.mutate({ note: '', version: conflict.theirs.version })}
            onTakeTheirs={() => draft.take(conflict.theirs)}
            onMerged={(text) => {
              draft.take(conflict.theirs);
              draft.setYaml(text);
            }}
          />
        </Later>
      )}
    </>
  );
}

const whereWords = ({ list, index }: Slot): string => {
  const field = list.split('/').findLast((part) => !/^\d+$/.test(part)) ?? 'steps';
  return index === 0 ? `First in ${field}.` : `As number ${index + 1} of its list.`;
};
