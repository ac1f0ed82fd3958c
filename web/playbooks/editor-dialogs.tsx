import type { Playbook } from '#contracts/playbooks/playbooks.ts';
import type { StepKind } from '#contracts/playbooks/document.ts';
import { AddStepDialog } from './add-step-dialog.tsx';
import { ConflictDialog } from './conflict-dialog.tsx';
import type { Slot } from './document/read-playbook.ts';
import { NoteDialog } from './note-dialog.tsx';
import { RunDialog } from './run-dialog.tsx';
import type { Draft } from './use-draft.ts';

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
      <AddStepDialog
        where={adding && { words: whereWords(adding), isUndo: adding.list.endsWith('/undo') }}
        onClose={() => props.onAdded(null)}
        onKind={props.onAdded}
      />
      {saved && (
        <RunDialog
          playbookId={saved.id}
          isOpen={props.isRunning}
          onClose={props.onRunClosed}
          isDirty={draft.isChanged}
        />
      )}
      <NoteDialog
        isOpen={props.isNoting}
        onClose={props.onNoted}
        title={saved ? `Save as v${saved.version + 1}` : 'Save the playbook'}
        onSave={(note) => {
          props.onNoted();
          save.mutate({ note });
        }}
      />
      {conflict && (
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
      )}
    </>
  );
}

const whereWords = ({ list, index }: Slot): string => {
  const field = list.split('/').findLast((part) => !/^\d+$/.test(part)) ?? 'steps';
  return index === 0 ? `First in ${field}.` : `As number ${index + 1} of its list.`;
};
