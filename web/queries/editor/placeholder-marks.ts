import type { EngineKind } from '#contracts/queries/engine.ts';
import { placeholdersIn } from '#contracts/queries/placeholders.ts';
import type { monaco } from './monaco-sql.ts';

/** Colours each `{{ name }}` as what it is: no text of the query, but a value that comes with the run. */
export function placeholderMarks(
  model: monaco.editor.ITextModel,
  editor: monaco.editor.IStandaloneCodeEditor,
  engine: EngineKind,
): () => void {
  const marks = editor.createDecorationsCollection();
  const draw = () =>
    marks.set(
      placeholdersIn(engine, model.getValue()).map(({ from, to }) => {
        const [begin, end] = [model.getPositionAt(from), model.getPositionAt(to)];
        return {
          range: {
            startLineNumber: begin.lineNumber,
            startColumn: begin.column,
            endLineNumber: end.lineNumber,
            endColumn: end.column,
          },
          options: { inlineClassName: 'query-placeholder' },
        };
      }),
    );
  draw();
  const changes = model.onDidChangeContent(draw);
  return () => {
    changes.dispose();
    marks.clear();
  };
}
