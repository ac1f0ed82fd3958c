import { CircleAlert, Eye, HardDrive, Info, Play, Redo2, Save, Undo2 } from 'lucide-react';
import type { PresentPerson } from '#contracts/events/presence.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Tag } from '../ui/card.tsx';
import { Segmented } from '../ui/choice.tsx';
import { Icon } from '../ui/icon.tsx';
import { StatusShapeOnly } from '../ui/status-glyph.tsx';
import type { EditorView } from './editor-view.ts';
import { OthersHere } from './others-here.tsx';
import type { Draft } from './use-draft.ts';

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** Beside the title: whether it is a draft, and what the validation says. */
export function EditorMark({ draft, version, changes }: { draft: Draft; version: number | null; changes: number }) {
  const { validation, isChanged, isKept } = draft;
  const { errors, hints } = validation;
  return (
    <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1 text-meta">
      {isChanged && (
        <Tag tone="wait">
          {version === null
            ? 'Draft'
            : `Draft, ${changes > 0 ? `${counted(changes, 'step')} changed` : 'changed'} since v${version}`}
        </Tag>
      )}
      {isChanged && (
        <span
          role="status"
          data-testid="playbook.kept"
          data-kept={isKept}
          className="flex items-center gap-1.5 text-text-3"
        >
          <Icon of={HardDrive} size={14} />
          {isKept ? 'Kept in this browser' : 'Keeping'}
        </span>
      )}
      <span
        role="status"
        className={
          errors.length > 0 ? 'flex items-center gap-1.5 text-fail-fg' : 'flex items-center gap-1.5 text-ok-fg'
        }
      >
        {validation.isKnown &&
          (errors.length > 0 ? <Icon of={CircleAlert} size={14} /> : <StatusShapeOnly status="succeeded" size={14} />)}
        {!validation.isKnown ? '' : errors.length > 0 ? counted(errors.length, 'problem') : 'Valid'}
      </span>
      {hints.length > 0 && (
        <span className="flex items-center gap-1.5 text-text-2">
          <Icon of={Info} size={14} />
          {counted(hints.length, 'hint')}
        </span>
      )}
    </span>
  );
}

interface EditorActsProps {
  draft: Draft;
  view: EditorView['view'];
  onView: (view: EditorView['view']) => void;
  isPhone: boolean;
  saved: number | null;
  mayEdit: string | null;
  mayRun: string | null;
  offline: string | null;
  others: readonly PresentPerson[];
  onPlan: () => void;
  onRun: () => void;
  onSave: () => void;
}

/** The view, and what can be done with the whole. */
export function EditorActs(props: EditorActsProps) {
  const { draft, saved, mayEdit, offline, isPhone } = props;
  const isNew = saved === null;
  const unsaved = isNew ? 'Save it first.' : null;
  return (
    <>
      <OthersHere people={props.others} />
      {!isPhone && mayEdit === null && (
        <span className="flex">
          <IconButton icon={Undo2} label="Undo" keys="mod+z" disabled={!draft.undo} onClick={draft.undo} />
          <IconButton icon={Redo2} label="Redo" keys="mod+shift+z" disabled={!draft.redo} onClick={draft.redo} />
        </span>
      )}
      <Segmented
        label="How it is shown"
        value={props.view}
        onValue={props.onView}
        options={
          isPhone
            ? [
                { value: 'list', label: 'List' },
                { value: 'yaml', label: 'YAML' },
              ]
            : [
                { value: 'list', label: 'List' },
                { value: 'graph', label: 'List and graph' },
                { value: 'yaml', label: 'YAML' },
              ]
        }
      />
      <Button icon={Eye} onClick={props.onPlan} refusal={unsaved}>
        Dry run
      </Button>
      <Button icon={Play} refusal={unsaved ?? offline ?? props.mayRun} onClick={props.onRun}>
        Run
      </Button>
      {!isPhone && (
        <Button
          look="primary"
          icon={Save}
          keys="mod+s"
          busy={draft.save.isPending}
          refusal={offline ?? mayEdit ?? (draft.isDirty ? null : 'Nothing has changed.')}
          onClick={props.onSave}
        >
          {isNew ? 'Save' : `Save as v${saved + 1}`}
        </Button>
      )}
    </>
  );
}
