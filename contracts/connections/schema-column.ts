import { ColumnType, type SchemaColumn } from '../queries/engine.ts';
import type { KnownColumn } from './connections.ts';

/** A column as it is kept, as engines and the language of queries know it. */
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
