import { useEffect, useMemo, useRef } from 'react';
import type { KnownObject } from '#contracts/connections/connections.ts';
import type { EngineKind } from '#contracts/queries/engine.ts';
import type { ParameterDef } from '#contracts/queries/parameter-defs.ts';
import { useMe } from '../../kit/session.ts';
import { attachLanguage, type AttachedLanguage } from '../language/attach-language.ts';
import { offersOf } from '../language/snippet-offers.ts';
import { useReadColumns, type Place } from '../objects/use-objects.ts';
import { useSnippets } from '../snippets/use-snippets.ts';
import type { OpenTab } from '../tabs/open-tab.ts';
import { useLatest } from '../use-latest.ts';
import { monaco } from './monaco-sql.ts';
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
  onKeepSnippet: (() => void) | null;
}

/** The editor of one tab, taught the dialect of its engine and the names of its unit. */
export default function QueryEditor(props: QueryEditorProps) {
  const { tab, engine, place, schema, parameters, marks, onHandle, onValue, onCursor, onRun, onCancel, onKeepSnippet } =
    props;
  const readColumns = useReadColumns(place);
  const schemaKey = `${engine} ${place?.connectionId ?? ''} ${place?.unit ?? ''}`;
  const { user } = useMe();
  const own = useSnippets();
  const snippets = useMemo(() => offersOf(engine, own.data ?? [], user.id), [engine, own.data, user.id]);
  const facts = useLatest({ dialect: engine, schemaKey, schema, parameters, snippets, readColumns });
  const language = useRef<AttachedLanguage>(undefined);
  const declared = JSON.stringify(parameters);
  useEffect(() => language.current?.update(), [schema, declared]);
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
      onKeepSnippet={onKeepSnippet}
      teachKey={schemaKey}
      teach={(model, editor) => {
        const attached = attachLanguage(monaco, model, editor, () => facts.current);
        language.current = attached;
        const unmark = placeholderMarks(model, editor, engine);
        return () => {
          unmark();
          attached.dispose();
          if (language.current === attached) language.current = undefined;
        };
      }}
    />
  );
}
