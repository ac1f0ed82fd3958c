import type { Span } from '../amc/sql/tokens.ts';
import type { EngineKind, QueryColumn } from '../engine.ts';
import type { QueryParameter } from '../parameters.ts';

export type { Span } from '../amc/sql/tokens.ts';

/** The dialect of a text is the engine that it is for. */
export type Dialect = EngineKind;

/** Replaces what stands in the span. All spans of one fix are of the text as it was. */
export interface TextEdit extends Span {
  readonly text: string;
}
export interface QuickFix {
  /** What it does, as a command: `Put [brackets] around it`. */
  readonly title: string;
  readonly edits: readonly TextEdit[];
}

/** `error`: the engine refuses it, so it is not sent · `warning`: it runs, and does probably not what was meant. */
export type Severity = 'error' | 'warning' | 'info';

/** Something to say about a part of a text. Spans are half-open ranges of UTF-16 offsets. */
export interface Diagnostic extends Span {
  readonly severity: Severity;
  /** Stable, such as `sql.unknown_column`. */
  readonly code: string;
  readonly message: string;
  readonly fixes: readonly QuickFix[];
}

/** One statement, without the semicolon after it. */
export interface Statement extends Span {
  /** `query`: reads rows · `explain`: tells how it would · `other`: anything else, which is refused. */
  readonly kind: 'query' | 'explain' | 'other';
}

/** A table that a text names. */
export interface TableUse extends Span {
  /** As written. */
  readonly name: string;
  /** Id of the schema object; null where the schema has none of that name. */
  readonly objectId: string | null;
}

export interface Analysis {
  readonly statements: readonly Statement[];
  /** In order of place. */
  readonly diagnostics: readonly Diagnostic[];
  /** Of the first statement's result; null where they cannot be told. */
  readonly columns: readonly QueryColumn[] | null;
  /** Why they cannot, as a sentence; null where they are told. */
  readonly columnsUnknownBecause: string | null;
  /** Names of `{{ name }}`, in order of first mention. */
  readonly parameters: readonly string[];
  readonly tables: readonly TableUse[];
  /** Ids of objects whose columns the schema does not hold yet: with them more can be told. */
  readonly columnsWanted: readonly string[];
}

export interface AnalyseOptions {
  /** What is declared; a name that is not is told. Left out: any name is taken. */
  readonly parameters?: readonly QueryParameter[];
  /** SFMC: how a common table expression is told, since not every stack refuses it. `error` unless said. */
  readonly cte?: 'error' | 'warning';
  /** AMC: the query makes an audience. */
  readonly isAudience?: boolean;
}

export interface CompletionItem {
  readonly label: string;
  readonly kind: 'table' | 'column' | 'alias' | 'join' | 'function' | 'keyword' | 'parameter' | 'snippet';
  /** What is written in place of `from`–`to` of the completion. `$0` marks where the cursor then stands, if it is there. */
  readonly insert: string;
  /** Beside the label: a type, a table, a signature. */
  readonly detail: string;
  readonly documentation?: string;
  /** Its service wants to take it away. */
  readonly isDeprecated?: true;
}
export interface Completion extends Span {
  readonly items: readonly CompletionItem[];
  /** More fit than are given: ask again after the next key. */
  readonly isIncomplete: boolean;
  /** Ids of objects whose columns are needed for a full answer. */
  readonly columnsWanted: readonly string[];
  /** Null where none can be put in: in a string, a comment, a parameter, behind a dot. */
  readonly snippets: SnippetPlace | null;
}
/** Where the trigger of a snippet is being written: its span, and what there is of it. */
export interface SnippetPlace extends Span {
  /** May hold `-`, which no name does: the trigger can also begin behind the last one. */
  readonly typed: string;
  /** A statement or clause may begin here, so snippets fit before anything is typed. */
  readonly isBeginning: boolean;
}

export interface Hover extends Span {
  /** Markdown. */
  readonly text: string;
}
