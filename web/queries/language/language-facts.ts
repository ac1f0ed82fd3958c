import type { KnownColumn, KnownObject } from '#contracts/connections/connections.ts';
import { ColumnType, type EngineKind, type SchemaColumn, type SchemaObject } from '#contracts/queries/engine.ts';
import type { ParameterDef } from '#contracts/queries/parameter-defs.ts';

/** What the editor knows of the place a text is written for. */
export interface LanguageFacts {
  readonly dialect: EngineKind;
  /** The connection and unit whose names these are: texts of one place share one index. */
  readonly schemaKey: string;
  readonly schema: readonly KnownObject[];
  readonly parameters: readonly ParameterDef[];
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

export function schemaColumn(column: KnownColumn): SchemaColumn {
  const { name, nativeType, length, precision, scale, isKey, isRequired, description, details } = column;
  return {
    name,
    type: ColumnType.catch('other').parse(column.type),
    ...(nativeType !== null && { nativeType }),
    ...(length !== null && length > 0 && { length }),
    ...(precision !== null && precision > 0 && { precision }),
    ...(scale !== null && { scale }),
    isKey,
    isRequired,
    ...(description !== null && { description }),
    details,
  };
}
