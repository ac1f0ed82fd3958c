import type { RunSummary } from '#contracts/runs/runs.ts';
import type { TenantTx } from '../kit/database.ts';
import { isOfUnits } from './run-filter.ts';
import { summaryColumns, toSummary } from './run-columns.ts';

/** These runs as lists show them, newest first; those that are gone are left out, places in the queue are not told. */
export async function summariesOf(tx: TenantTx, ids: readonly string[], ofUnits = false): Promise<RunSummary[]> {
  const rows = await tx
    .selectFrom('runs')
    .select(summaryColumns)
    .where('id', 'in', [...ids])
    .$if(ofUnits, (runs) => runs.where(isOfUnits))
    .orderBy('id', 'desc')
    .execute();
  return rows.map((row) => toSummary(row));
}
