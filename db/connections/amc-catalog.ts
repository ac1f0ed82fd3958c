import { schemaColumn } from '#contracts/connections/schema-column.ts';
import { type AmcCatalog, catalogOf } from '#contracts/queries/amc/catalog.ts';
import { amcTableOf } from '#contracts/queries/sql/amc.ts';
import type { TenantTx } from '../kit/database.ts';
import type { SchemaOf } from './schema-objects.ts';

/** The tables of an instance as they were read last; null where none was read yet. */
export async function readAmcCatalog(tx: TenantTx, { connectionId, unit }: SchemaOf): Promise<AmcCatalog | null> {
  const rows = await tx
    .selectFrom('schemaObjects')
    .select(['objectId', 'kind', 'name', 'sqlName', 'parentId', 'description', 'details', 'columns'])
    .where('connectionId', '=', connectionId)
    .where('unit', '=', unit)
    .where('kind', '=', 'source')
    .where('columns', 'is not', null)
    .limit(2_000)
    .execute();
  if (rows.length === 0) return null;
  return catalogOf(
    rows.map(({ objectId, columns, ...object }) => {
      const known = (columns ?? []).map(schemaColumn);
      return amcTableOf({ ...object, id: objectId, columns: known }, known);
    }),
  );
}
