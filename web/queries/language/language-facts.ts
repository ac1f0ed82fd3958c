import type { KnownColumn, KnownObject } from '#contracts/connections/connections.ts';
import type { EngineKind, SchemaObject } from '#contracts/queries/engine.ts';
import type { ParameterDef } from '#contracts/queries/parameter-defs.ts';
import type { SnippetOffer } from './snippet-offers.ts';

/** What the editor knows of the place a text is written for. */
export interface LanguageFacts {
  readonly dialect: EngineKind;
  /** The connection and unit whose names these are: texts of one place share one index. */
  readonly schemaKey: string;
  readonly schema: readonly KnownObject[];
  readonly parameters: readonly ParameterDef[];
  /** What fits the dialect, with the caller's own first. */
  readonly snippets: readonly SnippetOffer[];
  /** Reads columns that are needed and not known yet. */
  readonly readColumns: (objectId: string) => Promise<readonly KnownColumn[]>;
}

export const schemaObject = ({
  id,
  kind,
  name,
  sqlName,
  parentId,
  description,
  details,
}: KnownObject): SchemaObject => ({
  id,
  kind,
  name,
  sqlName,
  parentId,
  description,
  details,
  columns: null,
});
