import type { EngineKind } from '#contracts/queries/engine.ts';
import type { QuerySnippet } from '#contracts/queries/query-snippets.ts';
import { editorTextOf, plainOf, readSnippet } from '#contracts/queries/snippet-text.ts';
import { builtInSnippets } from '#contracts/queries/snippets/snippets.ts';
import type { SnippetPlace, Span } from '#contracts/queries/sql/language.ts';

/** A snippet as the editor offers it. */
export interface SnippetOffer {
  readonly trigger: string;
  /** The trigger in lower case. */
  readonly key: string;
  readonly whose: 'own' | 'shared' | 'builtIn';
  readonly description: string;
  /** With its stops, as the editor takes them. */
  readonly insert: string;
  /** As it stands once it is put in. */
  readonly plain: string;
}

/** All that fit an engine: one's own, then the workspace's, then those of the product. Read once, not at each key. */
export function offersOf(
  engine: EngineKind,
  snippets: readonly QuerySnippet[],
  personId: string | undefined,
): SnippetOffer[] {
  const fits = (of: { engine: EngineKind | null }) => of.engine === null || of.engine === engine;
  const offer = (
    whose: SnippetOffer['whose'],
    { trigger, description, text }: Pick<QuerySnippet, 'trigger' | 'description' | 'text'>,
  ): SnippetOffer[] => {
    const read = readSnippet(text);
    if (!read.ok) return [];
    const { parts } = read;
    return [{ trigger, key: trigger.toLowerCase(), whose, description, insert: editorTextOf(parts), plain: plainOf(parts) }]; // prettier-ignore
  };
  const own = snippets.filter(({ owner }) => owner.id === personId);
  const shared = snippets.filter(({ owner }) => owner.id !== personId);
  return [
    ...own.filter(fits).flatMap((snippet) => offer('own', snippet)),
    ...shared.filter(fits).flatMap((snippet) => offer('shared', snippet)),
    ...builtInSnippets.filter(fits).flatMap((snippet) => offer('builtIn', snippet)),
  ];
}

export interface OffersAt {
  readonly offers: readonly SnippetOffer[];
  /** What they are written in place of. */
  readonly span: Span;
  readonly typed: string;
  /** There are more once something is typed. */
  readonly isIncomplete: boolean;
}

/** Those whose trigger begins with what is typed; before anything is typed, all where a statement or clause may begin. */
export function offersAt(all: readonly SnippetOffer[], place: SnippetPlace | null): OffersAt {
  if (place === null) return { offers: [], span: { from: 0, to: 0 }, typed: '', isIncomplete: false };
  const { from, to, typed, isBeginning } = place;
  if (typed === '')
    return { offers: isBeginning ? all : [], span: { from, to }, typed, isIncomplete: !isBeginning && all.length > 0 };
  const beginningWith = (word: string) => all.filter(({ key }) => key.startsWith(word.toLowerCase()));
  const offers = beginningWith(typed);
  const last = typed.slice(typed.lastIndexOf('-') + 1);
  if (offers.length > 0 || last === typed || last === '')
    return { offers, span: { from, to }, typed, isIncomplete: false };
  // A minus before a trigger, not one within it.
  return { offers: beginningWith(last), span: { from: to - last.length, to }, typed: last, isIncomplete: false };
}
