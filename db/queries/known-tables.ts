import { sql } from 'kysely';
import { schemaColumn } from '#contracts/connections/schema-column.ts';
import type { SchemaObject } from '#contracts/queries/engine.ts';
import type { TenantTx } from '../kit/database.ts';

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
    columns: columns?.map(schemaColumn) ?? null,
  }));
}
