import { sql } from 'kysely';
import type { TenantTx } from '../kit/database.ts';

/**
 * How many lines of a run's log hold a text, in whatever case: the whole log is counted, not only what a page shows. A
 * line that was written in two chunks counts by the part that holds it.
 */
export async function countLogMatches(
  tx: TenantTx,
  runId: string,
  {
    q,
    host,
    step,
    stream,
  }: { q: string; host?: string | undefined; step?: string | undefined; stream?: string | undefined },
): Promise<number> {
  const filters = [
    host === undefined ? undefined : sql`host = ${host}`,
    step === undefined ? undefined : sql`address = ${step}`,
    stream === undefined ? undefined : sql`stream = ${stream}`,
  ].filter((filter) => filter !== undefined);
  const where = filters.length > 0 ? sql`and ${sql.join(filters, sql` and `)}` : sql``;
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from run_logs, lateral string_to_table(lower(text), E'\n') line
    where run_id = ${runId} and position(lower(${q}) in lower(text)) > 0 ${where} and position(lower(${q}) in line) > 0`.execute(
    tx,
  );
  return rows[0]?.count ?? 0;
}
