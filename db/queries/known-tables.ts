import { sql } from 'kysely';
import type { KnownColumn } from '#contracts/connections/connections.ts';
import { ColumnType, type SchemaColumn, type SchemaObject } from '#contracts/queries/engine.ts';
import type { TenantTx } from '../kit/database.ts';

const typeOf = (text: string): ColumnType => ColumnType.safeParse(text).data ?? 'other';
const toColumn = (column: KnownColumn): SchemaColumn => ({
  name: column.name,
  type: typeOf(column.type),
  ...(column.nativeType !== null && { nativeType: column.nativeType }),
  ...(column.length !== null && column.length > 0 && { length: column.length }),
  ...(column.precision !== null && column.precision > 0 && { precision: column.precision }),
  ...(column.scale !== null && { scale: column.scale }),
  isKey: column.isKey,
  isRequired: column.isRequired,
});

/** What is kept of tables by these names, small letters, as a text may write them. */
export async function knownTables(
  tx: TenantTx,
  { connectionId, unit }: { connectionId: string; unit: string | null },
  names: readonly string[],
): Promise<SchemaObject[]> {
  if (names.length === 0) return [];
  const rows = await tx
    .selectFrom('schemaObjects')
    .select(['objectId', 'kind', 'name', 'sqlName', 'parentId', 'description', 'details', 'columns'])
    .where('connectionId', '=', connectionId)
    .where('unit', '=', unit ?? '')
    .where(({ eb, or }) =>
      or([eb(sql<string>`lower(name)`, 'in', [...names]), eb(sql<string>`lower(sql_name)`, 'in', [...names])]),
    )
    .limit(500)
    .execute();
  return rows.map(({ objectId, columns, ...object }) => ({
    ...object,
    id: objectId,
    columns: columns?.map(toColumn) ?? null,
  }));
}
