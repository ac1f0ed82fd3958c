import * as monaco from 'monaco-editor/editor/editor.api.js';
// eslint-disable-next-line import/default -- the build makes the worker's class of it
import EditorWorker from 'monaco-editor/editor/editor.worker.js?worker';
import 'monaco-editor/features/bracketMatching/register.js';
import 'monaco-editor/features/caretOperations/register.js';
// Not among the features by name in 0.57: `suggest` there brings the suggestions' ghost text alone, and no list opens.
import 'monaco-editor/editor/contrib/suggest/browser/suggestController.js';
import 'monaco-editor/features/clipboard/register.js';
import 'monaco-editor/features/codeEditor/register.js';
import 'monaco-editor/features/comment/register.js';
import 'monaco-editor/features/cursorUndo/register.js';
import 'monaco-editor/features/find/register.js';
import 'monaco-editor/features/folding/register.js';
import 'monaco-editor/features/gotoError/register.js';
import 'monaco-editor/features/hover/register.js';
import 'monaco-editor/features/indentation/register.js';
import 'monaco-editor/features/linesOperations/register.js';
import 'monaco-editor/features/multicursor/register.js';
import 'monaco-editor/features/suggest/register.js';
import 'monaco-editor/features/toggleTabFocusMode/register.js';
import 'monaco-editor/features/snippet/register.js';
import 'monaco-editor/features/wordHighlighter/register.js';
import 'monaco-editor/features/wordOperations/register.js';
import { isApple } from './keys.ts';

// Workers are module files of our own origin, so that `worker-src 'self'` is enough.
self.MonacoEnvironment = {
  getWorker: () => new EditorWorker(),
};

/** A token's value as six digits: the build shortens white to three, which the editor refuses. */
const token = (name: string): string => {
  const value = getComputedStyle(document.documentElement).getPropertyValue(`--wl-${name}`).trim();
  return /^#[0-9a-f]{3}$/i.test(value) ? value.replace(/[0-9a-f]/gi, '$&$&') : value;
};
const code = (name: string): string => token(name).replace('#', '');

/** The editor wears the page's tokens; called again when the theme changes. */
export function wearTokens(): void {
  const isDark = document.documentElement.dataset['theme'] === 'dark';
  monaco.editor.defineTheme('windlass', {
    base: isDark ? 'vs-dark' : 'vs',
    inherit: true,
    rules: [
      { token: '', foreground: code('text') },
      { token: 'type', foreground: code('code-fn') },
      { token: 'tag', foreground: code('code-fn') },
      { token: 'string', foreground: code('code-str') },
      { token: 'string.yaml', foreground: code('code-str') },
      { token: 'number', foreground: code('code-num') },
      { token: 'keyword', foreground: code('code-key') },
      { token: 'comment', foreground: code('code-com') },
      { token: 'operators', foreground: code('text-2') },
      // The base themes colour these of SQL by themselves.
      { token: 'string.sql', foreground: code('code-str') },
      { token: 'operator.sql', foreground: code('code-key') },
      { token: 'predefined.sql', foreground: code('code-fn') },
    ],
    colors: {
      'editor.background': token('surface'),
      'editor.foreground': token('text'),
      'editorLineNumber.foreground': token('text-3'),
      'editorLineNumber.dimmedForeground': token('text-3'),
      'editorLineNumber.activeForeground': token('text'),
      'editor.lineHighlightBackground': token('sunken'),
      'editor.lineHighlightBorder': token('sunken'),
      'editor.selectionBackground': isDark ? token('run-line') : token('run-line'),
      'editorCursor.foreground': token('accent'),
      'editorIndentGuide.background1': token('line'),
      'editorIndentGuide.activeBackground1': token('line-strong'),
      'editorWidget.background': token('raised'),
      'editorWidget.border': token('line-strong'),
      'editorSuggestWidget.background': token('raised'),
      'editorSuggestWidget.border': token('line-strong'),
      'editorSuggestWidget.selectedBackground': token('accent-soft'),
      'editorSuggestWidget.selectedForeground': token('text'),
      'editorSuggestWidget.highlightForeground': token('accent'),
      'editorSuggestWidget.focusHighlightForeground': token('accent'),
      'editorHoverWidget.background': token('raised'),
      'editorHoverWidget.border': token('line-strong'),
      'menu.background': token('raised'),
      'menu.foreground': token('text'),
      'menu.border': token('line-strong'),
      'menu.selectionBackground': token('accent-soft'),
      'menu.selectionForeground': token('text'),
      'menu.separatorBackground': token('line'),
      'editorError.foreground': token('fail-solid'),
      'editorWarning.foreground': token('wait-solid'),
      'editorGutter.background': token('surface'),
      focusBorder: token('focus'),
      'input.background': token('surface'),
      'input.border': token('line-input'),
      'scrollbarSlider.background': `${token('line-strong')}99`,
    },
  });
  monaco.editor.setTheme('windlass');
}

export { monaco };

/** Told with the name of each editor: in it Tab writes, and whoever has no pointer must know the way out. */
export const leaveByKeys = `${isApple ? 'Control+Shift+M' : 'Control+M'} lets Tab leave it`;

/** What every editor of ours begins with; each adds its model, its name and its measures. */
export const plainEditor = (): monaco.editor.IStandaloneEditorConstructionOptions => ({
  automaticLayout: true,
  fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--wl-mono'),
  lineHeight: 20,
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  renderLineHighlight: 'line',
  tabSize: 2,
  insertSpaces: true,
  wordBasedSuggestions: 'off',
  suggest: { showWords: false },
  overviewRulerLanes: 2,
  bracketPairColorization: { enabled: false },
  fixedOverflowWidgets: true,
  // Its menu would hang in a shadow of the page, where the colours of the theme do not reach it.
  useShadowDOM: false,
});
