import type { Reading } from '../document/read-playbook.ts';
import { monaco } from '../monaco.ts';
import { completeExpression, templateAround, type WorkspaceNames } from './complete.ts';
import { scopeAt } from './scope-at.ts';

export interface LanguageFacts {
  readonly reading: Reading;
  readonly names: WorkspaceNames;
}

const factsOf = new WeakMap<monaco.editor.ITextModel, () => LanguageFacts>();
let isRegistered = false;

/** Fields that are bare CEL (playbook-language §3). */
const bareCel = /^\s*(?:-\s+)?(?:if|condition|that|on|visible|json):\s*(["']?)(.*)$/;

/** Offers what is in scope inside `${{ }}` and in CEL fields of this text. */
export function offerExpressions(model: monaco.editor.ITextModel, facts: () => LanguageFacts): void {
  factsOf.set(model, facts);
  if (isRegistered) return;
  isRegistered = true;
  monaco.languages.registerCompletionItemProvider('yaml', {
    triggerCharacters: ['.', '{', '(', ' '],
    provideCompletionItems: (text, position) => {
      const known = factsOf.get(text)?.();
      return { suggestions: known ? suggestionsAt(text, position, known) : [] };
    },
  });
}

function suggestionsAt(
  model: monaco.editor.ITextModel,
  position: monaco.Position,
  { reading, names }: LanguageFacts,
): monaco.languages.CompletionItem[] {
  const line = model.getLineContent(position.lineNumber);
  const column = position.column - 1;
  const place = expressionIn(line, column);
  if (!place) return [];
  const scope = scopeAt(reading.definition, pointerAt(reading, position.lineNumber, line));
  const found = completeExpression(
    line.slice(place.from, place.to),
    column - place.from,
    { ...scope, hasHost: true },
    names,
  );
  const kinds = monaco.languages.CompletionItemKind;
  return (found?.items ?? []).map((item, index) => ({
    label: { label: item.label, description: item.detail },
    insertText: item.insert,
    kind: item.kind === 'function' ? kinds.Function : item.kind === 'name' ? kinds.Variable : kinds.Field,
    sortText: String(index).padStart(4, '0'),
    range: {
      startLineNumber: position.lineNumber,
      endLineNumber: position.lineNumber,
      startColumn: place.from + (found?.from ?? 0) + 1,
      endColumn: place.from + (found?.to ?? 0) + 1,
    },
  }));
}

/** Where the expression begins and ends that holds a column of a line. */
export function expressionIn(line: string, column: number): { from: number; to: number } | null {
  const around = templateAround(line, column);
  if (around) return around;
  const bare = bareCel.exec(line);
  if (!bare) return null;
  const from = line.length - (bare[2]?.length ?? 0);
  const quote = bare[1] ?? '';
  const to = quote && line.endsWith(quote) ? line.length - 1 : line.length;
  return column >= from && column <= to ? { from, to } : null;
}

/** The place in the document of a line: the step that stands there, and the field where the line names one. */
function pointerAt(reading: Reading, lineNumber: number, line: string): string {
  const step = reading.steps.findLast((one) => one.line <= lineNumber);
  const field = /^\s*(?:-\s+)?([A-Za-z]+):/.exec(line)?.[1] ?? 'value';
  return step ? `${step.pointer}/${field}` : `/${field}`;
}
