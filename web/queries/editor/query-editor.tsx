import type { KnownObject } from '#contracts/connections/connections.ts';
import type { EngineKind } from '#contracts/queries/engine.ts';
import type { ParameterDef } from '#contracts/queries/parameter-defs.ts';
import type { Place } from '../objects/use-objects.ts';
import type { OpenTab } from '../tabs/open-tab.ts';
import { placeholderMarks } from './placeholder-marks.ts';
import SqlEditor, { type EditorHandle, type EditorMark } from './sql-editor.tsx';

interface QueryEditorProps {
  tab: OpenTab;
  engine: EngineKind;
  place: Place | null;
  /** Every name of the unit. */
  schema: readonly KnownObject[];
  parameters: readonly ParameterDef[];
  marks: readonly EditorMark[];
  /** Hands out what others may do with the editor; null once it is gone. */
  onHandle: (handle: EditorHandle | null) => void;
  onValue: (sql: string) => void;
  onCursor: (cursor: { from: number; to: number }) => void;
  onRun: () => void;
  onCancel: (() => void) | null;
}

/** The editor of one tab, taught the dialect of its engine and the names of its unit. */
export default function QueryEditor(props: QueryEditorProps) {
  const { tab, engine, place, marks, onHandle, onValue, onCursor, onRun, onCancel } = props;
  const schemaKey = `${engine} ${place?.connectionId ?? ''} ${place?.unit ?? ''}`;
  return (
    <SqlEditor
      tabId={tab.id}
      engine={engine}
      value={tab.sql}
      cursor={tab.cursor}
      marks={marks}
      onHandle={onHandle}
      onValue={onValue}
      onCursor={onCursor}
      onRun={onRun}
      onCancel={onCancel}
      teachKey={schemaKey}
      teach={(model, editor) => placeholderMarks(model, editor, engine)}
    />
  );
}
