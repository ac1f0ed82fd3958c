import { sql } from 'kysely';
import type { EventCursor } from '#contracts/events/cursor.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { Db } from '../kit/database.ts';

/** An event of any workspace, as the tail reads it. */
export interface TailEvent {
  workspaceId: string;
  xid: bigint;
  seq: bigint;
  at: Date;
  type: string;
  subject: string | null;
  runId: string | null;
  actor: ActorRef | null;
  data: Record<string, unknown>;
}

interface Row extends Omit<TailEvent, 'xid' | 'seq'> {
  xid: string;
  seq: string;
}

/** This database's epoch: part of every cursor, changed when a backup is restored. */
export async function readEpoch(system: Db): Promise<string> {
  const { epoch } = await system.selectFrom('instance').select('epoch').executeTakeFirstOrThrow();
  return epoch;
}

/** The place just before what comes next: the horizon below which everything is committed. */
export async function readHorizon(system: Db): Promise<Pick<EventCursor, 'xid' | 'seq'>> {
  const { rows } = await sql<{ xid: string }>`select pg_snapshot_xmin(pg_current_snapshot())::text as xid`.execute(
    system,
  );
  // Nothing committed later can carry a smaller transaction number than the horizon, so `seq` starts at zero there.
  return { xid: BigInt(rows[0]?.xid ?? '0'), seq: 0n };
}

/**
 * Reads what was committed after a place, in order, without gaps: only transactions below the snapshot's horizon, for
 * one that is still open may yet commit a row with a smaller number.
 * @param since bounds the partitions that are looked at; a minute before the last event seen is safe, because
 * transactions end within 5 s
 * @returns the events, whether some are written but not below the horizon yet, and whether more may be read at once
 */
export async function readTail(
  system: Db,
  after: Pick<EventCursor, 'xid' | 'seq'>,
  since: Date,
  limit = 2_000,
): Promise<{ events: TailEvent[]; isMorePending: boolean; isFull: boolean }> {
  const { rows } = await sql<Row & { pending: boolean }>`
    select e.workspace_id as "workspaceId", e.xid::text as xid, e.seq::text as seq, e.at, e.type, e.subject,
      e.run_id as "runId", e.actor, e.data, e.xid >= pg_snapshot_xmin(pg_current_snapshot()) as pending
    from events e
    where (e.xid, e.seq) > (${String(after.xid)}::xid8, ${String(after.seq)}::bigint) and e.at >= ${since}
    order by e.xid, e.seq limit ${limit}`.execute(system);
  const ready = rows.findIndex(({ pending }) => pending);
  const visible = ready === -1 ? rows : rows.slice(0, ready);
  return {
    events: visible.map(({ pending: _pending, ...row }) => ({ ...row, xid: BigInt(row.xid), seq: BigInt(row.seq) })),
    isMorePending: ready !== -1,
    isFull: visible.length === limit,
  };
}

/** How long the oldest open write holds the horizon, in seconds: the gauge `windlass_event_horizon_seconds`. */
export async function horizonAgeSeconds(system: Db): Promise<number> {
  const { rows } = await sql<{ age: number }>`
    select coalesce(extract(epoch from now() - min(xact_start)), 0)::float8 as age
    from pg_stat_activity where backend_xid is not null and pid <> pg_backend_pid()`.execute(system);
  return rows[0]?.age ?? 0;
}
