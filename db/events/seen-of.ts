import type { TenantTx } from '../kit/database.ts';

/** Where something of the query console stands, as far as it is told. */
export interface Told {
  readonly connectionId: string | null;
  readonly unit: string | null;
  readonly folder: string | null;
}

/** Which of these runs or saved queries the transaction sees; those that are gone are seen by nobody. */
export async function seenOf(
  tx: TenantTx,
  table: 'runs' | 'queries',
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await tx
    .selectFrom(table)
    .select('id')
    .where('id', 'in', [...ids])
    .execute();
  return new Set(rows.map(({ id }) => id));
}
