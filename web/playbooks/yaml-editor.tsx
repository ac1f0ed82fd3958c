import { useEffect, useRef } from 'react';
import type { ValidationIssue } from '#contracts/playbooks/playbooks.ts';
import { api } from '../kit/api.ts';
import type { Reading } from './document/read-playbook.ts';
import type { WorkspaceNames } from './expressions/complete.ts';
import { offerExpressions } from './expressions/monaco-completion.ts';
import { leaveByKeys, monaco, plainEditor, teachSchema, wearTokens } from './monaco.ts';

interface YamlEditorProps {
  value: string;
  onValue: (text: string) => void;
  errors: readonly ValidationIssue[];
  hints: readonly ValidationIssue[];
  isReadOnly?: boolean;
  /** Goes to this line when `at` changes. */
  jump?: { line: number; at: number } | undefined;
  onCursor?: (line: number) => void;
  /** What expressions may read. */
  reading: Reading;
  names: WorkspaceNames;
}

const markerOf = (issue: ValidationIssue, severity: number): monaco.editor.IMarkerData => ({
  severity,
  message: issue.message,
  code: issue.code,
  source: 'Windlass',
  startLineNumber: issue.line ?? 1,
  startColumn: issue.column ?? 1,
  endLineNumber: issue.endLine ?? issue.line ?? 1,
  endColumn: issue.endColumn ?? (issue.column ?? 1) + 1,
});

/** The document as YAML: completion from its schema, and a mark wherever our validation has something to say. */
export default function YamlEditor({
  value,
  onValue,
  errors,
  hints,
  isReadOnly = false,
  jump,
  onCursor,
  reading,
  names,
}: YamlEditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const editor = useRef<monaco.editor.IStandaloneCodeEditor>(undefined);
  /** What was typed here and has not come back yet: under load the page lags behind the keys. */
  const sent = useRef(new Set<string>());
  const isWriting = useRef(false);
  const latest = useRef({ onValue, onCursor, reading, names });
  latest.current = { onValue, onCursor, reading, names };

  useEffect(() => {
    if (!box.current) return undefined;
    wearTokens();
    const model = monaco.editor.createModel(
      value,
      'yaml',
      monaco.Uri.parse(`inmemory://playbook/${crypto.randomUUID()}.yaml`),
    );
    const made = monaco.editor.create(box.current, {
      ...plainEditor(),
      model,
      ariaLabel: `Playbook as YAML. ${leaveByKeys}`,
      fontSize: 12,
      quickSuggestions: { other: true, comments: false, strings: true },
      padding: { top: 8, bottom: 8 },
      scrollbar: { useShadows: false, verticalScrollbarSize: 10 },
    });
    editor.current = made;
    offerExpressions(model, () => latest.current);
    model.updateOptions({ tabSize: 2, insertSpaces: true });
    const changes = made.onDidChangeModelContent(() => {
      if (isWriting.current) return;
      const text = model.getValue();
      sent.current.add(text);
      latest.current.onValue(text);
    });
    const cursor = made.onDidChangeCursorPosition(({ position, source }) => {
      // Where a person goes, not where an edit from elsewhere leaves the caret.
      if (source !== 'model' && made.hasTextFocus()) latest.current.onCursor?.(position.lineNumber);
    });
    const theme = new MutationObserver(wearTokens);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    api.getPlaybookSchema({}).then(
      (schema) => teachSchema(schema as never),
      () => undefined,
    );
    return () => {
      theme.disconnect();
      changes.dispose();
      cursor.dispose();
      made.dispose();
      model.dispose();
    };
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the editor is made once; later values come by the effect below
  }, []);

  useEffect(() => {
    const model = editor.current?.getModel();
    if (!model) return;
    if (model.getValue() === value) {
      sent.current.clear();
      return;
    }
    // Our own words, older than what stands here now: to write them back would take the last keys away.
    if (sent.current.has(value)) return;
    isWriting.current = true;
    model.pushEditOperations([], [{ range: model.getFullModelRange(), text: value }], () => null);
    isWriting.current = false;
  }, [value]);
  useEffect(() => editor.current?.updateOptions({ readOnly: isReadOnly }), [isReadOnly]);
  useEffect(() => {
    const model = editor.current?.getModel();
    if (!model) return;
    monaco.editor.setModelMarkers(model, 'windlass', [
      ...errors.map((issue) => markerOf(issue, monaco.MarkerSeverity.Error)),
      ...hints.map((issue) => markerOf(issue, monaco.MarkerSeverity.Warning)),
    ]);
  }, [errors, hints]);
  useEffect(() => {
    if (!jump || !editor.current) return;
    editor.current.revealLineInCenter(jump.line);
    editor.current.setPosition({ lineNumber: jump.line, column: 1 });
    editor.current.focus();
  }, [jump]);

  return <div ref={box} className="absolute inset-0" data-testid="playbook.yaml" />;
}
