import type { RunSummary } from '#contracts/runs/runs.ts';
import { summaryColumns, toSummary } from '../runs/run-columns.ts';
import type { TenantTx } from '../kit/database.ts';
import { idCursor } from './name-page.ts';

/** Runs that touched a server, newest first; the index on hosts by server leads there, whoever started them. */
export async function listServerRuns(
  tx: TenantTx,
  serverId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
) {
  let touched = tx.selectFrom('runHosts').select('runId').distinct().where('serverId', '=', serverId);
  if (cursor) touched = touched.where('runId', '<', idCursor(cursor));
  const ids = (
    await touched
      .orderBy('runId', 'desc')
      .limit(limit + 1)
      .execute()
  ).map(({ runId }) => runId);
  const page = ids.slice(0, limit);
  const rows =
    page.length === 0
      ? []
      : await tx.selectFrom('runs').select(summaryColumns).where('id', 'in', page).orderBy('id', 'desc').execute();
  const data: RunSummary[] = rows.map((row) => toSummary(row));
  return { data, pagination: { limit, nextCursor: ids.length > limit ? (page.at(-1) ?? null) : null } };
}
