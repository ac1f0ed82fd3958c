import { useEffect, useRef } from 'react';
import type { EngineKind } from '#contracts/queries/engine.ts';
import { useLatest } from '../use-latest.ts';
import { smallestChange } from '../tabs/merge-text.ts';
import { languageOf, leaveByKeys, monaco, plainEditor, wearTokens } from './monaco-sql.ts';

export interface EditorMark {
  severity: 'error' | 'warning' | 'info';
  message: string;
  line: number;
  column: number;
}
/** What others may do with the editor. */
export interface EditorHandle {
  /** Writes at the cursor, in place of what is selected. */
  insert: (text: string) => void;
  /** The same of a text with stops, as the editor takes them: the cursor goes to the first, Tab to the next. */
  insertSnippet: (text: string) => void;
  /** What is selected; empty where nothing is. */
  selected: () => string;
  format: () => void;
  find: () => void;
  replace: () => void;
  focus: () => void;
  goTo: (line: number, column: number) => void;
}

interface SqlEditorProps {
  tabId: string;
  engine: EngineKind;
  value: string;
  cursor: { from: number; to: number } | null;
  onValue: (text: string) => void;
  onCursor: (cursor: { from: number; to: number }) => void;
  onRun: () => void;
  /** Null where nothing runs that could be canceled. */
  onCancel: (() => void) | null;
  /** Null where the caller may keep none. */
  onKeepSnippet: (() => void) | null;
  marks: readonly EditorMark[];
  /** Hands out what others may do with the editor; null once it is gone. */
  onHandle: (handle: EditorHandle | null) => void;
  /** Teaches the dialect to a text; what it answers is called when the text goes. */
  teach: (model: monaco.editor.ITextModel, editor: monaco.editor.IStandaloneCodeEditor) => () => void;
  /** Changes when the text has to be taught anew: another unit, another dialect. */
  teachKey: string;
}

/** What inserts snippets: the editor's own typings leave it out. */
interface SnippetController extends monaco.editor.IEditorContribution {
  insert(text: string): void;
}

const models = new Map<string, { model: monaco.editor.ITextModel; view: monaco.editor.ICodeEditorViewState | null }>();
/** A closed tab's text goes, with what could be undone in it. */
export function forgetModel(tabId: string): void {
  models.get(tabId)?.model.dispose();
  models.delete(tabId);
}

/** Offsets count `\n` as one, as the text of the tab does. */
function modelFor(tabId: string, value: string, language: string) {
  const known = models.get(tabId);
  if (known && !known.model.isDisposed()) {
    if (known.model.getLanguageId() !== language) monaco.editor.setModelLanguage(known.model, language);
    return known;
  }
  const model = monaco.editor.createModel(value, language, monaco.Uri.parse(`inmemory://query/${tabId}.sql`));
  model.setEOL(monaco.editor.EndOfLineSequence.LF);
  const made = { model, view: null };
  models.set(tabId, made);
  return made;
}

/** Writes a text that came from elsewhere into the model: only where it differs, so that the cursor stays. */
function takeOver(model: monaco.editor.ITextModel, value: string): void {
  const change = smallestChange(model.getValue(), value);
  if (!change) return;
  const range = monaco.Range.fromPositions(model.getPositionAt(change.from), model.getPositionAt(change.to));
  model.pushEditOperations([], [{ range, text: change.text }], () => null);
}

/** The text of a query. One editor for all tabs: each keeps its own undo, cursor and scroll place. */
export default function SqlEditor(props: SqlEditorProps) {
  const { tabId, engine, value, marks, teachKey } = props;
  const own = useRef<EditorHandle | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const editor = useRef<monaco.editor.IStandaloneCodeEditor>(undefined);
  const shown = useRef('');
  const isWriting = useRef(false);
  const mayKeep = useRef<monaco.editor.IContextKey<boolean>>(undefined);
  const latest = useLatest(props);

  useEffect(() => {
    if (!box.current) return undefined;
    wearTokens();
    const made = monaco.editor.create(box.current, {
      ...plainEditor(),
      model: null,
      ariaLabel: `Query. ${leaveByKeys}`,
      fontSize: 12.5,
      quickSuggestions: { other: true, comments: false, strings: false },
      // In a snippet Tab goes to the next stop: with a list open it would write what is first in that.
      suggest: { showWords: false, snippetsPreventQuickSuggestions: true },
      padding: { top: 10, bottom: 10 },
      scrollbar: { useShadows: false, verticalScrollbarSize: 10, horizontalScrollbarSize: 10 },
      lineNumbersMinChars: 4,
      unicodeHighlight: { ambiguousCharacters: false },
    });
    editor.current = made;
    const isBusy = made.createContextKey<boolean>('queryIsAlive', false);
    const run = monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter;
    made.addAction({ id: 'query.run', label: 'Run the query', keybindings: [run], run: () => latest.current.onRun() });
    made.addAction({
      id: 'query.cancel',
      label: 'Cancel the run',
      keybindings: [monaco.KeyMod.CtrlCmd | monaco.KeyCode.Period],
      precondition: 'queryIsAlive',
      run: () => latest.current.onCancel?.(),
    });
    mayKeep.current = made.createContextKey<boolean>('queryMayKeepSnippet', latest.current.onKeepSnippet !== null);
    made.addAction({
      id: 'query.keepSnippet',
      label: 'Save selection as snippet',
      keybindings: [monaco.KeyMod.CtrlCmd | monaco.KeyMod.Shift | monaco.KeyCode.KeyS],
      contextMenuGroupId: '9_cutcopypaste',
      contextMenuOrder: 9,
      precondition: 'queryMayKeepSnippet && editorHasSelection',
      run: () => latest.current.onKeepSnippet?.(),
    });
    const changes = made.onDidChangeModelContent(() => {
      const text = made.getModel()?.getValue();
      if (!isWriting.current && text !== undefined) latest.current.onValue(text);
    });
    const selection = made.onDidChangeCursorSelection(({ selection: range }) => {
      const model = made.getModel();
      if (!model || isWriting.current) return;
      latest.current.onCursor({
        from: model.getOffsetAt(range.getStartPosition()),
        to: model.getOffsetAt(range.getEndPosition()),
      });
    });
    const act = (id: string) => () => {
      made.focus();
      void made.getAction(id)?.run();
    };
    own.current = {
      insert: (text) => {
        const at = made.getSelection();
        if (!at) return;
        made.executeEdits('objects', [{ range: at, text, forceMoveMarkers: true }]);
        made.focus();
      },
      insertSnippet: (text) => {
        made.focus();
        made.getContribution<SnippetController>('snippetController2')?.insert(text);
      },
      selected: () => {
        const at = made.getSelection();
        return at ? (made.getModel()?.getValueInRange(at) ?? '') : '';
      },
      format: act('editor.action.formatDocument'),
      find: act('actions.find'),
      replace: act('editor.action.startFindReplaceAction'),
      focus: () => made.focus(),
      goTo: (lineNumber, column) => {
        made.setPosition({ lineNumber, column });
        made.revealPositionInCenter({ lineNumber, column });
        made.focus();
      },
    };
    const { onHandle } = latest.current;
    onHandle(own.current);
    const onContext = () => isBusy.set(latest.current.onCancel !== null);
    const keyDown = made.onKeyDown(onContext);
    const theme = new MutationObserver(wearTokens);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      const old = models.get(shown.current);
      if (old) old.view = made.saveViewState();
      shown.current = '';
      theme.disconnect();
      keyDown.dispose();
      changes.dispose();
      selection.dispose();
      own.current = null;
      onHandle(null);
      made.dispose();
    };
  }, [latest]);

  const mayKeepSnippet = props.onKeepSnippet !== null;
  useEffect(() => mayKeep.current?.set(mayKeepSnippet), [mayKeepSnippet]);
  const language = languageOf(engine);
  useEffect(() => {
    const made = editor.current;
    if (!made) return;
    const next = modelFor(tabId, latest.current.value, language);
    if (shown.current !== tabId) {
      const old = models.get(shown.current);
      if (old) old.view = made.saveViewState();
      isWriting.current = true;
      made.setModel(next.model);
      if (next.view) made.restoreViewState(next.view);
      else if (latest.current.cursor) {
        const { from, to } = latest.current.cursor;
        const [begin, end] = [next.model.getPositionAt(from), next.model.getPositionAt(to)];
        made.setSelection(monaco.Selection.fromPositions(begin, end));
        made.revealPositionInCenterIfOutsideViewport(begin);
      }
      isWriting.current = false;
      shown.current = tabId;
    }
  }, [tabId, language, latest]);
  useEffect(() => {
    const model = models.get(tabId)?.model;
    if (!model || model.getValue() === value) return;
    isWriting.current = true;
    takeOver(model, value);
    isWriting.current = false;
  }, [tabId, value]);
  useEffect(() => {
    const made = editor.current;
    const model = models.get(tabId)?.model;
    return made && model ? latest.current.teach(model, made) : undefined;
  }, [tabId, teachKey, latest]);
  useEffect(() => {
    const model = models.get(tabId)?.model;
    if (!model) return;
    const severities = {
      error: monaco.MarkerSeverity.Error,
      warning: monaco.MarkerSeverity.Warning,
      info: monaco.MarkerSeverity.Info,
    };
    monaco.editor.setModelMarkers(
      model,
      'engine',
      marks.map(({ severity, message, line, column }) => {
        const at = model.validatePosition({ lineNumber: line, column });
        const word = model.getWordAtPosition(at);
        return {
          severity: severities[severity],
          message,
          source: 'Service',
          startLineNumber: at.lineNumber,
          startColumn: word?.startColumn ?? at.column,
          endLineNumber: at.lineNumber,
          endColumn: word?.endColumn ?? at.column + 1,
        };
      }),
    );
  }, [tabId, marks]);

  return (
    <div
      ref={box}
      className="absolute inset-0"
      data-testid="queries.editor"
      onDragOver={(event) => event.dataTransfer.types.includes('text/plain') && event.preventDefault()}
      onDrop={(event) => {
        const made = editor.current;
        const text = event.dataTransfer.getData('text/plain');
        const at = made?.getTargetAtClientPoint(event.clientX, event.clientY)?.position;
        if (!made || !at || text === '') return;
        event.preventDefault();
        made.setPosition(at);
        own.current?.insert(text);
      }}
    />
  );
}
