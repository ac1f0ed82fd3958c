import type { Completion, CompletionItem } from '#contracts/queries/sql/language.ts';
import type { monaco as Monaco } from '../../kit/monaco.ts';
import { rangeOf, type TaughtModel } from './taught-model.ts';
import { languageLine } from './language-line.ts';
import { offersAt, type OffersAt } from './snippet-offers.ts';

type Api = typeof Monaco;
type Model = Monaco.editor.ITextModel;
type Find = (model: Model) => TaughtModel | undefined;

/** Monaco's names of the grammars that colour the dialects. */
const languages = ['sql', 'pgsql'];
let isRegistered = false;
/** How long a list may wait for columns that have to be read first. */
const columnsPatienceMs = 1_500;

/** Completion, hover, fixes and formatting of every text that was taught; registered once for the page. */
export function registerProviders(monaco: Api, find: Find): void {
  if (isRegistered) return;
  isRegistered = true;
  for (const language of languages) {
    monaco.languages.registerCompletionItemProvider(language, {
      triggerCharacters: ['.', '[', '"', '{', ' ', '('],
      provideCompletionItems: (model, position, context) => completionAt(monaco, find, model, position, context.triggerCharacter), // prettier-ignore
    });
    monaco.languages.registerHoverProvider(language, {
      provideHover: async (model, position) => {
        const known = find(model);
        if (!known) return null;
        const { schemaKey, dialect } = known.facts();
        const offset = model.getOffsetAt(position);
        const found = await languageLine().call('hover', schemaKey, dialect, model.getValue(), offset, known.options());
        return found && { contents: [{ value: found.text }], range: rangeOf(model, found) };
      },
    });
    monaco.languages.registerDocumentFormattingEditProvider(language, {
      displayName: 'SQL',
      provideDocumentFormattingEdits: async (model) => {
        const known = find(model);
        if (!known) return [];
        const before = model.getVersionId();
        const text = await languageLine().call('format', known.facts().dialect, model.getValue());
        const isSame = text === model.getValue() || before !== model.getVersionId();
        return isSame ? [] : [{ range: model.getFullModelRange(), text }];
      },
    });
    monaco.languages.registerCodeActionProvider(
      language,
      {
        provideCodeActions: (model, range) => ({
          actions: fixesAt(model, range, find(model)),
          dispose: () => undefined,
        }),
      },
      { providedCodeActionKinds: ['quickfix'] },
    );
  }
}

/** Fixes are of the text that was looked at: none while a newer one is not. */
function fixesAt(model: Model, range: Monaco.IRange, known: TaughtModel | undefined): Monaco.languages.CodeAction[] {
  if (!known || known.versionId !== model.getVersionId()) return [];
  const from = model.getOffsetAt({ lineNumber: range.startLineNumber, column: range.startColumn });
  const to = model.getOffsetAt({ lineNumber: range.endLineNumber, column: range.endColumn });
  return known.diagnostics
    .filter((one) => one.from <= to && from <= Math.max(one.to, one.from + 1))
    .flatMap(({ fixes }) =>
      fixes.map((fix, index) => ({
        title: fix.title,
        kind: 'quickfix',
        isPreferred: fixes.length === 1 && index === 0,
        edit: {
          edits: fix.edits.map((edit) => ({
            resource: model.uri,
            versionId: known.versionId,
            textEdit: { range: rangeOf(model, edit), text: edit.text },
          })),
        },
      })),
    );
}

async function completionAt(
  monaco: Api,
  find: Find,
  model: Model,
  position: Monaco.Position,
  trigger: string | undefined,
): Promise<Monaco.languages.CompletionList> {
  const known = find(model);
  if (!known) return { suggestions: [] };
  const text = model.getValue();
  const offset = model.getOffsetAt(position);
  const ask = (): Promise<Completion> => {
    const { schemaKey, dialect } = known.facts();
    return languageLine().call('complete', schemaKey, dialect, text, offset, known.options());
  };
  let found = await ask();
  if (found.columnsWanted.length > 0) {
    const patience = new Promise<boolean>((resolve) => setTimeout(resolve, columnsPatienceMs, false));
    if (await Promise.race([known.fetchColumns(found.columnsWanted), patience])) found = await ask();
  }
  // A space alone opens no list of everything, only one of what must come next.
  if (trigger === ' ' && !found.items.some(({ kind }) => kind === 'table' || kind === 'join' || kind === 'parameter'))
    return { suggestions: [] };
  const quote = /^["[]/.exec(text.slice(found.from, offset))?.[0] ?? '';
  const snippets = offersAt(known.facts().snippets, found.snippets);
  return {
    incomplete: found.isIncomplete || snippets.isIncomplete,
    suggestions: [
      ...found.items.map((item, index) => suggestionOf(monaco, model, item, index, found, quote)),
      ...snippetsOf(monaco, model, snippets),
    ],
  };
}

/** After everything that fits as well, but for the one whose trigger is written out. */
const snippetsOf = (monaco: Api, model: Model, { offers, span, typed }: OffersAt): Monaco.languages.CompletionItem[] =>
  offers.map(({ trigger, key, whose, description, insert, plain }, index) => ({
    label: { label: trigger, description: whoseWords[whose] },
    kind: monaco.languages.CompletionItemKind.Snippet,
    insertText: insert,
    insertTextRules: monaco.languages.CompletionItemInsertTextRule.InsertAsSnippet,
    ...(description !== '' && { detail: description }),
    documentation: { value: fenced(plain) },
    filterText: trigger,
    sortText: `${key === typed.toLowerCase() ? '!' : '~'}${String(index).padStart(5, '0')}`,
    range: rangeOf(model, span),
  }));
const whoseWords = { own: 'your snippet', shared: 'snippet', builtIn: 'snippet' } as const;

/** As code, whatever it holds: the fence is longer than any in it. */
function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}sql\n${text}\n${fence}`;
}

function suggestionOf(
  monaco: Api,
  model: Model,
  item: CompletionItem,
  index: number,
  span: { from: number; to: number },
  quote: string,
): Monaco.languages.CompletionItem {
  const kinds = monaco.languages.CompletionItemKind;
  const kindOf: Record<CompletionItem['kind'], Monaco.languages.CompletionItemKind> = {
    table: kinds.Struct,
    column: kinds.Field,
    alias: kinds.Variable,
    join: kinds.Reference,
    function: kinds.Function,
    keyword: kinds.Keyword,
    parameter: kinds.Constant,
    snippet: kinds.Snippet,
  };
  const isSnippet = (item.kind === 'function' || item.kind === 'keyword') && item.insert.includes('$0');
  return {
    label: { label: item.label.replace('$0', '…'), description: item.detail },
    kind: kindOf[item.kind],
    insertText: item.insert,
    ...(isSnippet && { insertTextRules: monaco.languages.CompletionItemInsertTextRule.InsertAsSnippet }),
    ...(item.isDeprecated && { tags: [monaco.languages.CompletionItemTag.Deprecated] }),
    ...(item.documentation !== undefined && { documentation: item.documentation }),
    filterText: `${quote}${item.label}`,
    sortText: String(index).padStart(5, '0'),
    range: rangeOf(model, span),
  };
}
