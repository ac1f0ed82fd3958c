import { sql } from 'kysely';
import type { DeliveryOutcome } from '#contracts/queries/delivery.ts';
import type { RunError } from '#contracts/runs/runs.ts';
import type { RunStatus } from '#contracts/runs/status.ts';
import type { ScheduleFiring } from '#contracts/schedules/schedules.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';

/** A firing `f` with the run `r` that it started. */
export const firingColumns = sql`(select q.deliveries from query_runs q where q.run_id = f.run_id) as deliveries,
  f.nominal_at as "nominalAt", f.status, f.run_id as "runId", r.status as "runStatus",
  coalesce(f.error, r.error) as error, f.fired_at as "firedAt", coalesce(r.ended_at, f.ended_at) as "endedAt"`;
export interface FiringRow {
  nominalAt: Date;
  status: 'started' | 'failed' | 'missed';
  runId: string | null;
  runStatus: RunStatus | null;
  error: RunError | null;
  deliveries: DeliveryOutcome[] | null;
  firedAt: Date;
  endedAt: Date | null;
}

export const showFiring = ({
  nominalAt,
  status,
  runId,
  runStatus,
  error,
  deliveries,
  firedAt,
  endedAt,
}: FiringRow): ScheduleFiring => ({
  nominalAt: nominalAt.toISOString(),
  status: status === 'started' ? (runStatus ?? 'starting') : status,
  runId,
  error,
  deliveries: deliveries ?? [],
  firedAt: status === 'missed' ? null : firedAt.toISOString(),
  endedAt: endedAt?.toISOString() ?? null,
});

/** What became of each time, newest first. The cursor is a nominal time. */
export async function listFirings(
  tx: TenantTx,
  scheduleId: string,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
) {
  const before = cursor !== undefined && !Number.isNaN(Date.parse(cursor)) ? new Date(cursor) : null;
  const { rows } = await sql<FiringRow>`
    select ${firingColumns} from schedule_firings f left join runs r on r.id = f.run_id
    where f.schedule_id = ${scheduleId} and (${before}::timestamptz is null or f.nominal_at < ${before})
    order by f.nominal_at desc limit ${limit + 1}`.execute(tx);
  const data = rows.slice(0, limit).map(showFiring);
  return { data, pagination: { limit, nextCursor: rows.length > limit ? (data.at(-1)?.nominalAt ?? null) : null } };
}

/** The run of a time, if it has one. Locks the schedule's row, so that two firings of one time follow each other. */
export async function lockFiring(
  tx: TenantTx,
  scheduleId: string,
  nominalAt: Date,
): Promise<{ runId: string | null; status: FiringRow['status'] } | undefined> {
  await tx.selectFrom('schedules').select('id').where('id', '=', scheduleId).forUpdate().execute();
  return tx
    .selectFrom('scheduleFirings')
    .select(['runId', 'status'])
    .where('scheduleId', '=', scheduleId)
    .where('nominalAt', '=', nominalAt)
    .executeTakeFirst();
}

/** A time has started its run. One that was said to be missed, or failed before, is made good. */
export async function recordFired(
  tx: TenantTx,
  { scheduleId, name, nominalAt, runId }: { scheduleId: string; name: string; nominalAt: Date; runId: string },
): Promise<void> {
  await tx
    .insertInto('scheduleFirings')
    .values({ scheduleId, nominalAt, status: 'started', runId, error: null, endedAt: null })
    .onConflict((conflict) =>
      conflict
        .columns(['workspaceId', 'scheduleId', 'nominalAt'])
        .doUpdateSet({ status: 'started', runId, error: null, endedAt: null, firedAt: sql<Date>`now()` }),
    )
    .execute();
  await tx
    .updateTable('schedules')
    .set({ problem: null })
    .where('id', '=', scheduleId)
    .where('problem', 'is not', null)
    .execute();
  await appendEvent(tx, {
    type: 'schedule.fired',
    subject: `schedule:${scheduleId}`,
    runId,
    data: { name, nominalAt: nominalAt.toISOString(), status: 'started' },
  });
}

/** A time could not start its run: on record, on the schedule and in the stream. */
export async function recordNotStarted(
  tx: TenantTx,
  { scheduleId, name, nominalAt, error }: { scheduleId: string; name: string; nominalAt: Date; error: RunError },
): Promise<void> {
  await tx
    .insertInto('scheduleFirings')
    .values({ scheduleId, nominalAt, status: 'failed', runId: null, error: JSON.stringify(error), endedAt: new Date() })
    .onConflict((conflict) =>
      conflict.columns(['workspaceId', 'scheduleId', 'nominalAt']).doUpdateSet({
        status: 'failed',
        error: JSON.stringify(error),
        endedAt: new Date(),
        firedAt: sql<Date>`now()`,
      }),
    )
    .execute();
  await tx
    .updateTable('schedules')
    .set({ problem: JSON.stringify(error) })
    .where('id', '=', scheduleId)
    .execute();
  await appendEvent(tx, {
    type: 'schedule.fired',
    subject: `schedule:${scheduleId}`,
    data: { name, nominalAt: nominalAt.toISOString(), status: 'failed', error },
  });
}

/** `fireSchedule` is over for this time: the next may begin. */
export const closeFiring = async (tx: TenantTx, scheduleId: string, nominalAt: Date): Promise<void> => {
  await tx
    .updateTable('scheduleFirings')
    .set({ endedAt: new Date() })
    .where('scheduleId', '=', scheduleId)
    .where('nominalAt', '=', nominalAt)
    .where('endedAt', 'is', null)
    .execute();
};

/** Firings that bear on a stretch of time: those of a time within it, and those at work during it. */
export const firingsBetween = (
  tx: TenantTx,
  scheduleId: string,
  from: Date,
  until: Date,
): Promise<{ nominalAt: Date; firedAt: Date; endedAt: Date | null; status: FiringRow['status'] }[]> =>
  tx
    .selectFrom('scheduleFirings')
    .select(['nominalAt', 'firedAt', 'endedAt', 'status'])
    .where('scheduleId', '=', scheduleId)
    .where((eb) =>
      eb.or([
        eb.and([eb('nominalAt', '>=', from), eb('nominalAt', '<=', until)]),
        eb.and([
          eb('status', '=', 'started'),
          eb('firedAt', '<=', until),
          eb.or([eb('endedAt', 'is', null), eb('endedAt', '>=', from)]),
        ]),
      ]),
    )
    .execute();

/**
 * Says which times were missed and that the schedule was looked through up to here; false where another process did so
 * meanwhile.
 */
export async function recordMissed(
  tx: TenantTx,
  {
    scheduleId,
    name,
    from,
    until,
    missed,
    error,
  }: { scheduleId: string; name: string; from: Date; until: Date; missed: readonly Date[]; error: RunError },
): Promise<boolean> {
  const taken = await tx
    .updateTable('schedules')
    .set({ checkedUntil: until, ...(missed.length > 0 && { problem: JSON.stringify(error) }) })
    .where('id', '=', scheduleId)
    .where(sql<boolean>`date_trunc('milliseconds', checked_until) = ${from}`)
    .returning('id')
    .executeTakeFirst();
  if (!taken) return false;
  if (missed.length === 0) return true;
  await tx
    .insertInto('scheduleFirings')
    .values(
      missed.map((nominalAt) => ({
        scheduleId,
        nominalAt,
        status: 'missed' as const,
        runId: null,
        error: JSON.stringify(error),
        endedAt: new Date(),
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await appendEvent(tx, {
    type: 'schedule.missed',
    subject: `schedule:${scheduleId}`,
    data: { name, nominalAt: missed.at(-1)?.toISOString(), count: missed.length, first: missed[0]?.toISOString() },
  });
  return true;
}

/** The time that a run was started for, and the zone in which its schedule reads clocks; null for a run of no schedule. */
export const readNominalTime = async (tx: TenantTx, runId: string): Promise<{ at: Date; timeZone: string } | null> =>
  (await tx
    .selectFrom('scheduleFirings as f')
    .innerJoin('schedules as s', (join) =>
      join.onRef('s.workspaceId', '=', 'f.workspaceId').onRef('s.id', '=', 'f.scheduleId'),
    )
    .select(['f.nominalAt as at', 's.timeZone'])
    .where('f.runId', '=', runId)
    .executeTakeFirst()) ?? null;
