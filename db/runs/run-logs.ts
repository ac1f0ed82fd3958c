import { sql } from 'kysely';
import type { LogChunk } from '#contracts/runs/runs.ts';
import type { TenantTx } from '../kit/database.ts';

export interface NewLogChunk {
  address: string;
  host: string;
  stream: 'stdout' | 'stderr' | 'system';
  attempt: number;
  fromByte: number;
  text: string;
}

/** Appends output to a run's log. Who writes takes care, in the same transaction, that no byte comes twice. */
export async function appendLog(tx: TenantTx, runId: string, chunks: readonly NewLogChunk[]): Promise<void> {
  if (chunks.length === 0) return;
  await tx
    .insertInto('runLogs')
    .values(chunks.map((chunk) => ({ ...chunk, runId, seq: sql<number>`nextval('run_logs_seq')` })))
    .execute();
}

interface Row {
  xid: string;
  seq: string;
  at: Date;
  address: string;
  host: string;
  stream: LogChunk['stream'];
  attempt: number;
  fromByte: string | number;
  text: string;
}

export interface LogPage {
  data: LogChunk[];
  nextCursor: string | null;
}

/**
 * A run's log after a place, in the order it was committed, without gaps: readers stay below the snapshot's horizon, as
 * a transaction still open may write before what is seen. Nobody writes to an ended run, so all of it is read at once.
 * @param q only chunks that hold this text, in whatever case
 */
export async function readLog(
  tx: TenantTx,
  runId: string,
  query: {
    after?: string | undefined;
    host?: string | undefined;
    step?: string | undefined;
    stream?: string | undefined;
    q?: string | undefined;
    limit: number;
  },
): Promise<LogPage> {
  const [xid = '0', seq = '-1'] = /^(\d{1,20})\.(\d{1,19})$/.exec(query.after ?? '')?.slice(1) ?? [];
  const filters = [
    query.host === undefined ? undefined : sql`host = ${query.host}`,
    query.step === undefined ? undefined : sql`address = ${query.step}`,
    query.stream === undefined ? undefined : sql`stream = ${query.stream}`,
    query.q ? sql`position(lower(${query.q}) in lower(text)) > 0` : undefined,
  ].filter((filter) => filter !== undefined);
  const where = filters.length > 0 ? sql`and ${sql.join(filters, sql` and `)}` : sql``;
  const { rows } = await sql<Row>`
    select xid::text as xid, seq::text as seq, at, address, host, stream, attempt, from_byte as "fromByte", text
    from run_logs
    where run_id = ${runId} and (xid, seq) > (${xid}::xid8, ${seq}::bigint)
      and (xid < pg_snapshot_xmin(pg_current_snapshot())
        or exists (select 1 from runs where id = ${runId} and ended_at is not null)) ${where}
    order by run_logs.xid, run_logs.seq limit ${query.limit}`.execute(tx);
  const data = rows.map((row): LogChunk => ({
    cursor: `${row.xid}.${row.seq}`,
    address: row.address,
    host: row.host,
    stream: row.stream,
    attempt: row.attempt,
    fromByte: Number(row.fromByte),
    text: row.text,
    at: row.at.toISOString(),
  }));
  return { data, nextCursor: data.length === query.limit ? (data.at(-1)?.cursor ?? null) : null };
}

/** How many chunks of a run's log hold a text: the whole log is counted, not only what a page shows. */
export async function countLogMatches(tx: TenantTx, runId: string, q: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from run_logs where run_id = ${runId} and position(lower(${q}) in lower(text)) > 0`.execute(
    tx,
  );
  return rows[0]?.count ?? 0;
}
