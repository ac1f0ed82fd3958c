import { sql } from 'kysely';
import { type EventCursor, formatCursor, parseCursor } from '#contracts/events/cursor.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { EventRecord } from '#contracts/runs/runs.ts';
import type { TenantTx } from '../kit/database.ts';

interface Row {
  xid: string;
  seq: string;
  at: Date;
  type: string;
  subject: string | null;
  runId: string | null;
  actor: ActorRef | null;
  data: Record<string, unknown>;
}

const columns = sql`xid::text as xid, seq::text as seq, at, type, subject, run_id as "runId", actor, data`;

/** An event as the API shows it. */
export const toEventRecord = (
  epoch: string,
  row: { xid: string | bigint; seq: string | bigint } & Omit<Row, 'xid' | 'seq'>,
): EventRecord => ({
  cursor: formatCursor({ epoch, xid: BigInt(row.xid), seq: BigInt(row.seq) }),
  type: row.type,
  subject: row.subject,
  run: row.runId,
  actor: row.actor,
  // Written as JSON by `appendEvents`, so it is JSON again.
  data: row.data as EventRecord['data'],
  at: row.at.toISOString(),
});

/** This workspace's events after a place and not beyond another, in order. The live stream resumes by it. */
export async function readEventsAfter(
  tx: TenantTx,
  epoch: string,
  { after, upTo, limit }: { after: EventCursor; upTo?: Pick<EventCursor, 'xid' | 'seq'>; limit: number },
): Promise<EventRecord[]> {
  const bound = upTo
    ? sql`(xid, seq) <= (${String(upTo.xid)}::xid8, ${String(upTo.seq)}::bigint)`
    : sql`xid < pg_snapshot_xmin(pg_current_snapshot())`;
  const { rows } = await sql<Row>`
    select ${columns} from events
    where (xid, seq) > (${String(after.xid)}::xid8, ${String(after.seq)}::bigint) and ${bound}
    order by events.xid, events.seq limit ${limit}`.execute(tx);
  return rows.map((row) => toEventRecord(epoch, row));
}

/** The events of one run, oldest first, by pages. */
export async function listRunEvents(
  tx: TenantTx,
  runId: string,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<{ data: EventRecord[]; pagination: { limit: number; nextCursor: string | null } }> {
  const epoch = (await tx.selectFrom('instance').select('epoch').executeTakeFirstOrThrow()).epoch;
  const after = cursor === undefined ? undefined : parseCursor(cursor);
  const { rows } = await sql<Row>`
    select ${columns} from events
    where run_id = ${runId} and (xid, seq) > (${String(after?.xid ?? 0n)}::xid8, ${String(after?.seq ?? -1n)}::bigint)
      and xid < pg_snapshot_xmin(pg_current_snapshot())
    order by events.xid, events.seq limit ${limit + 1}`.execute(tx);
  const data = rows.slice(0, limit).map((row) => toEventRecord(epoch, row));
  return { data, pagination: { limit, nextCursor: rows.length > limit ? (data.at(-1)?.cursor ?? null) : null } };
}
