import type { TenantTx } from '../kit/database.ts';

/** Where something of the query console stands, as far as it is told. */
export interface Told {
  readonly connectionId: string | null;
  readonly unit: string | null;
  readonly folder: string | null;
}

/** Which of these runs the transaction sees; those that are gone are seen by nobody. */
export async function seenRuns(tx: TenantTx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx
    .selectFrom('runs')
    .select('id')
    .where('id', 'in', [...ids])
    .execute();
  return new Set(rows.map(({ id }) => id));
}

/** The same of saved queries. */
export async function seenQueries(tx: TenantTx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx
    .selectFrom('queries')
    .select('id')
    .where('id', 'in', [...ids])
    .execute();
  return new Set(rows.map(({ id }) => id));
}
