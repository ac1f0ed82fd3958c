import { expect, test, vi } from 'vitest';
import type { KnownColumn, KnownObject } from '#contracts/connections/connections.ts';
import type { monaco as Monaco } from '../../kit/monaco.ts';
import { attachLanguage } from './attach-language.ts';
import type { LanguageFacts } from './language-facts.ts';

type Model = Monaco.editor.ITextModel;
interface Marker {
  code: string;
  startColumn: number;
  endColumn: number;
}

/** What of Monaco the language touches: marks are kept by text, providers by what they provide. */
function fakeMonaco() {
  const marks: Marker[][] = [];
  const providers = new Map<string, Record<string, (...args: never[]) => unknown>>();
  const register = (what: string) => (_language: string, provider: never) => void providers.set(what, provider);
  const api = {
    MarkerSeverity: { Error: 8, Warning: 4, Info: 2 },
    editor: { setModelMarkers: (_model: Model, _owner: string, markers: Marker[]) => void marks.push(markers) },
    languages: {
      CompletionItemKind: {
        Struct: 1,
        Field: 2,
        Variable: 3,
        Reference: 4,
        Function: 5,
        Keyword: 6,
        Constant: 7,
        Snippet: 8,
      },
      CompletionItemInsertTextRule: { InsertAsSnippet: 4 },
      registerCompletionItemProvider: register('completion'),
      registerHoverProvider: register('hover'),
      registerDocumentFormattingEditProvider: register('format'),
      registerCodeActionProvider: register('fixes'),
    },
  };
  return { api: api as unknown as typeof Monaco, marks, providers };
}
/** A text of one line. */
function fakeModel(first: string) {
  let text = first;
  let version = 1;
  const listeners = new Set<() => void>();
  const model = {
    uri: 'test',
    getValue: () => text,
    getValueLength: () => text.length,
    getVersionId: () => version,
    isDisposed: () => false,
    getPositionAt: (offset: number) => ({ lineNumber: 1, column: offset + 1 }),
    getOffsetAt: ({ column }: { column: number }) => column - 1,
    getFullModelRange: () => ({ startLineNumber: 1, startColumn: 1, endLineNumber: 1, endColumn: text.length + 1 }),
    onDidChangeContent: (listener: () => void) => {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
  };
  const type = (next: string) => {
    text = next;
    version += 1;
    for (const listener of listeners) listener();
  };
  return { model: model as unknown as Model, type };
}
const column = (name: string): KnownColumn => ({ name, type: 'text', nativeType: null, length: 10, precision: null, scale: null, isKey: false, isRequired: false, description: null, details: {} }); // prettier-ignore
const members: KnownObject = { id: 'm', kind: 'table', name: 'Members', sqlName: 'Members', parentId: null, description: null, rowCount: null, hasColumns: true, details: {} }; // prettier-ignore
const { api, marks, providers } = fakeMonaco();
const factsOf = (schemaKey: string): LanguageFacts => ({
  dialect: 'sfmc',
  schemaKey,
  schema: [members],
  parameters: [],
  snippets: [],
  readColumns: () => Promise.resolve([column('City'), column('Email')]),
});
/** Calls what was registered. */
function ask(what: string, method: string, ...args: unknown[]): unknown {
  const provider = providers.get(what)?.[method];
  if (!provider) throw new Error(`Nothing provides ${what}.`);
  return provider(...(args as never[]));
}
const codes = () => marks.at(-1)?.map(({ code }) => code);

test('what is wrong is marked, with columns that are read when they are needed', async () => {
  const { model } = fakeModel('SELECT Citty FROM Members');
  const attached = attachLanguage(api, model, null, () => factsOf('marked'));
  await vi.waitFor(() => expect(codes()).toEqual(['sql.unknown_column']));
  expect(marks.at(-1)?.[0]).toMatchObject({ startColumn: 8, endColumn: 13 });
  attached.dispose();
  expect(codes()).toEqual([]);
});

test('an answer to an older text is dropped, and the last text is looked at', async () => {
  const { model, type } = fakeModel('SELECT City FROM Membrs');
  const before = marks.length;
  const attached = attachLanguage(api, model, null, () => factsOf('late'));
  type('SELECT City FROM Members LIMIT 1');
  type('SELECT City FROM Members;');
  await vi.waitFor(() => expect(codes()).toEqual(['sql.semicolon']));
  const told = marks.slice(before).flatMap((list) => list.map(({ code }) => code));
  expect(told).not.toContain('sql.unknown_table');
  expect(told).not.toContain('sql.limit');
  attached.dispose();
});

test('fixes are offered for the text they are of, and for no other', async () => {
  const { model, type } = fakeModel('SELECT City FROM Members;');
  const attached = attachLanguage(api, model, null, () => factsOf('fixes'));
  const range = { startLineNumber: 1, startColumn: 25, endLineNumber: 1, endColumn: 26 };
  const titles = () => (ask('fixes', 'provideCodeActions', model, range) as { actions: { title: string }[] }).actions.map(({ title }) => title); // prettier-ignore
  await vi.waitFor(() => expect(titles()).toEqual(['Take the semicolon away']));
  type('SELECT City FROM Members ;');
  expect(titles()).toEqual([]);
  await vi.waitFor(() => expect(codes()).toEqual(['sql.semicolon']));
  attached.dispose();
});

test('completion waits for the columns it needs', async () => {
  const { model } = fakeModel('SELECT  FROM Members');
  const attached = attachLanguage(api, model, null, () => factsOf('columns'));
  const asked = ask('completion', 'provideCompletionItems', model, { lineNumber: 1, column: 8 }, {});
  const { suggestions } = (await asked) as { suggestions: { insertText: string }[] };
  expect(suggestions.slice(0, 2).map(({ insertText }) => insertText)).toEqual(['City', 'Email']);
  attached.dispose();
});

const offers = [
  { trigger: 'subs30', key: 'subs30', whose: 'own', description: 'Of the last days', insert: 'SELECT ${1:a}', plain: 'SELECT a' },
  { trigger: 'last-30d', key: 'last-30d', whose: 'shared', description: '', insert: 'x', plain: '```' },
] as const; // prettier-ignore
interface Suggestion {
  label: { label: string; description: string };
  insertText: string;
  insertTextRules?: number;
  kind: number;
  detail?: string;
  documentation?: { value: string };
  range: { startColumn: number; endColumn: number };
  sortText: string;
}
async function suggestedIn(text: string, column = text.length + 1, trigger?: string) {
  const { model } = fakeModel(text);
  const attached = attachLanguage(api, model, null, () => ({ ...factsOf('snippets'), snippets: offers }));
  const asked = ask('completion', 'provideCompletionItems', model, { lineNumber: 1, column }, { triggerCharacter: trigger }); // prettier-ignore
  const { suggestions, incomplete } = (await asked) as { suggestions: Suggestion[]; incomplete: boolean };
  attached.dispose();
  return { incomplete, suggestions, snippets: suggestions.filter(({ kind }) => kind === 8) };
}
const triggersIn = async (...args: Parameters<typeof suggestedIn>) =>
  (await suggestedIn(...args)).snippets.map(({ label }) => label.label);

test('a snippet is offered by the beginning of its trigger, with what it is and what it puts in, as stops', async () => {
  const { snippets, suggestions } = await suggestedIn('SELECT Su FROM Members', 10);
  expect(snippets).toMatchObject([
    {
      label: { label: 'subs30', description: 'your snippet' },
      insertText: 'SELECT ${1:a}',
      insertTextRules: 4,
      detail: 'Of the last days',
      documentation: { value: '```sql\nSELECT a\n```' },
      range: { startColumn: 8, endColumn: 10 },
    },
  ]);
  // Behind what fits as well; before it once the trigger is written out.
  expect(suggestions.at(-1)).toBe(snippets[0]);
  const [exact] = (await suggestedIn('SUBS30')).snippets;
  expect(exact?.sortText.startsWith('!')).toBe(true);
  expect((await suggestedIn('last')).snippets[0]?.documentation?.value).toBe('````sql\n```\n````');
});

test.each([
  ['', ['subs30', 'last-30d']],
  ['SELECT City FROM Members WHERE s', ['subs30']],
  ['SELECT City FROM Members s', ['subs30']],
  ['SELECT City FROM s', ['subs30']],
  ['last-30', ['last-30d']],
  ['SELECT 7-su', ['subs30']],
  ['SELECT a-su', ['subs30']],
  ['SELECT m.s', []],
  ["SELECT 's", []],
  ['SELECT [s', []],
  ['-- s', []],
  ['-- last-3', []],
  ['SELECT {{ s', []],
  ['SELECT City AS s', []],
  ['SELECT x', []],
])('at the end of %j: %j', async (text, wanted) => expect(await triggersIn(text)).toEqual(wanted));

test('before anything is typed where no clause begins there are none, and the next key asks again', async () => {
  const { snippets, incomplete } = await suggestedIn('SELECT City FROM ', undefined, ' ');
  expect([snippets, incomplete]).toEqual([[], true]);
  expect((await suggestedIn('SELECT City FROM M')).incomplete).toBe(false);
});

test('the layout is one edit of the whole text, or none', async () => {
  const { model, type } = fakeModel('select City from Members');
  const attached = attachLanguage(api, model, null, () => factsOf('layout'));
  const format = async () => (await ask('format', 'provideDocumentFormattingEdits', model)) as { text: string }[];
  const [edit] = await format();
  expect(edit?.text).toBe('SELECT\n  City\nFROM\n  Members');
  type(edit?.text ?? '');
  expect(await format()).toEqual([]);
  attached.dispose();
});
