import type { Diagnostic } from '#contracts/queries/sql/language.ts';
import type { monaco as Monaco } from '../../kit/monaco.ts';
import type { QueryParameter } from '#contracts/queries/parameters.ts';
import type { LanguageFacts } from './language-facts.ts';

type Model = Monaco.editor.ITextModel;

/** A text that knows its language. */
export interface TaughtModel {
  /** What is wrong in the text as it stands, once it has been looked at. */
  readonly diagnostics: readonly Diagnostic[];
  readonly versionId: number;
  readonly facts: () => LanguageFacts;
  readonly options: () => { readonly parameters: QueryParameter[] };
  /** Has columns read that were not known; true where some came. */
  readonly fetchColumns: (ids: readonly string[]) => Promise<boolean>;
}
/** A span of a text as Monaco says it. */
export function rangeOf(model: Model, { from, to }: { from: number; to: number }) {
  const [begin, end] = [model.getPositionAt(from), model.getPositionAt(to)];
  return {
    startLineNumber: begin.lineNumber,
    startColumn: begin.column,
    endLineNumber: end.lineNumber,
    endColumn: end.column,
  };
}
