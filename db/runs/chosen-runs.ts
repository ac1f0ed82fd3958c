import type { RunSummary } from '#contracts/runs/runs.ts';
import type { TenantTx } from '../kit/database.ts';
import { summaryColumns, toSummary } from './run-columns.ts';

/** These runs as lists show them, newest first; those that are gone are left out, places in the queue are not told. */
export async function summariesOf(tx: TenantTx, ids: readonly string[]): Promise<RunSummary[]> {
  const rows = await tx
    .selectFrom('runs')
    .select(summaryColumns)
    .where('id', 'in', [...ids])
    .orderBy('id', 'desc')
    .execute();
  return rows.map((row) => toSummary(row));
}
