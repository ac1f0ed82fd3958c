import { sql } from 'kysely';
import { formatDuration } from '#contracts/kit/duration.ts';
import type { ActorRef, Json } from '#contracts/kit/schemas.ts';
import type { RunError } from '#contracts/runs/runs.ts';
import type { Schedule, ScheduleFiring } from '#contracts/schedules/schedules.ts';
import { QueryTarget, type ScheduleTarget } from '#contracts/schedules/targets.ts';
import type { TemporalSchedule } from '#contracts/schedules/temporal-schedule.ts';
import { nextTimes, sentenceOf } from '#contracts/schedules/times.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { type FiringRow, firingColumns, showFiring } from './firings.ts';

/** What people set of a schedule. */
export interface ScheduleValues {
  name: string;
  description: string;
  targetKind: ScheduleTarget['kind'];
  targetId: string;
  targetVersion: number | null;
  /** Secrets as `[secret]`. */
  inputs: Record<string, Json>;
  sealedInputs: string;
  cron: string[];
  everyMs: number | null;
  timeZone: string;
  overlap: Schedule['overlap'];
  catchUpMs: number;
  jitterMs: number;
  startAt: Date | null;
  endAt: Date | null;
}
export interface ScheduleRow extends ScheduleValues {
  workspaceId: string;
  id: string;
  paused: boolean;
  pausedNote: string | null;
  problem: RunError | null;
  version: number;
  syncedVersion: number;
  checkedUntil: Date;
  createdBy: ActorRef;
  createdAt: Date;
  updatedAt: Date;
  deletedAt: Date | null;
}

/** What the inputs of a schedule are sealed for. */
export const scheduleSeal = (workspaceId: string, scheduleId: string) => ({
  workspaceId,
  purpose: 'secret' as const,
  subject: `schedule/${scheduleId}`,
});

const columnsOf = ({ inputs, ...values }: ScheduleValues) => ({ ...values, inputs: JSON.stringify(inputs) });

export async function insertSchedule(
  tx: TenantTx,
  id: string,
  values: ScheduleValues,
  { paused, actor }: { paused: boolean; actor: ActorRef },
): Promise<void> {
  await tx
    .insertInto('schedules')
    .values({
      id,
      ...columnsOf(values),
      paused,
      pausedNote: null,
      problem: null,
      createdBy: JSON.stringify(actor),
      deletedAt: null,
    })
    .execute();
  await appendEvent(tx, {
    type: 'schedule.changed',
    subject: `schedule:${id}`,
    actor,
    data: { name: values.name, change: 'created' },
  });
}

/** Changes a schedule. Times that were due before are not asked of the new ones. @returns its new version */
export async function updateSchedule(tx: TenantTx, id: string, values: ScheduleValues, actor: ActorRef): Promise<void> {
  await tx
    .updateTable('schedules')
    .set({
      ...columnsOf(values),
      version: sql<number>`version + 1`,
      checkedUntil: sql<Date>`now()`,
      problem: null,
      updatedAt: sql<Date>`now()`,
    })
    .where('id', '=', id)
    .execute();
  await appendEvent(tx, {
    type: 'schedule.changed',
    subject: `schedule:${id}`,
    actor,
    data: { name: values.name, change: 'changed' },
  });
}

export async function pauseSchedule(
  tx: TenantTx,
  id: string,
  { paused, note, actor }: { paused: boolean; note: string | null; actor: ActorRef },
): Promise<void> {
  await tx
    .updateTable('schedules')
    .set({
      paused,
      pausedNote: paused ? note : null,
      version: sql<number>`version + 1`,
      checkedUntil: sql<Date>`now()`,
      updatedAt: sql<Date>`now()`,
      ...(!paused && { problem: null }),
    })
    .where('id', '=', id)
    .execute();
  await appendEvent(tx, {
    type: 'schedule.changed',
    subject: `schedule:${id}`,
    actor,
    data: { change: paused ? 'paused' : 'unpaused', note },
  });
}

/** Marks a schedule as removed: nothing shows or fires it any more; the row goes when Temporal has forgotten it. */
export async function removeSchedule(tx: TenantTx, id: string, actor: ActorRef): Promise<void> {
  await tx.updateTable('schedules').set({ deletedAt: new Date() }).where('id', '=', id).execute();
  await appendEvent(tx, { type: 'schedule.changed', subject: `schedule:${id}`, actor, data: { change: 'removed' } });
}
export const forgetSchedule = async (tx: TenantTx, id: string): Promise<void> => {
  await tx.deleteFrom('schedules').where('id', '=', id).where('deletedAt', 'is not', null).execute();
};

/** Temporal has this version. */
export const markSynced = async (tx: TenantTx, id: string, version: number): Promise<void> => {
  await tx
    .updateTable('schedules')
    .set({ syncedVersion: version })
    .where('id', '=', id)
    .where('syncedVersion', '<', version)
    .execute();
};

export const setProblem = async (tx: TenantTx, id: string, problem: RunError | null): Promise<void> => {
  await tx
    .updateTable('schedules')
    .set({ problem: problem && JSON.stringify(problem) })
    .where('id', '=', id)
    .execute();
};

export const readScheduleRow = (tx: TenantTx, id: string): Promise<ScheduleRow | undefined> =>
  tx.selectFrom('schedules').selectAll().where('id', '=', id).where('deletedAt', 'is', null).executeTakeFirst();

/** What Temporal is to be told of a row. */
export const toTemporal = (row: ScheduleRow): TemporalSchedule => ({
  id: row.id,
  workspaceId: row.workspaceId,
  cron: row.cron,
  everyMs: row.everyMs,
  timeZone: row.timeZone,
  overlap: row.overlap,
  catchUpMs: row.catchUpMs,
  jitterMs: row.jitterMs,
  isPaused: row.paused,
  startAt: row.startAt,
  endAt: row.endAt,
});

export interface ScheduleFilter {
  playbook?: string | undefined;
  query?: string | undefined;
  cursor?: string | undefined;
  limit: number;
  id?: string;
}

/** Schedules by age, newest first, with their next five times and last ten results. */
export async function listSchedules(
  tx: TenantTx,
  { playbook, query: savedQuery, cursor, limit, id }: ScheduleFilter,
  now: Date,
) {
  let query = tx
    .selectFrom('schedules as s')
    .leftJoin('playbooks as p', (join) => join.onRef('p.id', '=', 's.targetId').on('p.deletedAt', 'is', null))
    .leftJoin('queries as q', (join) => join.onRef('q.id', '=', 's.targetId'))
    .selectAll('s')
    .select(({ fn }) => fn.coalesce('p.name', 'q.name').as('targetName'))
    .where('s.deletedAt', 'is', null);
  if (id !== undefined) query = query.where('s.id', '=', id);
  if (playbook !== undefined) query = query.where('s.targetId', '=', playbook);
  if (savedQuery !== undefined) query = query.where('s.targetId', '=', savedQuery);
  if (cursor !== undefined) query = query.where('s.id', '<', cursor);
  const rows = await query
    .orderBy('s.id', 'desc')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const last = await lastFirings(
    tx,
    page.map((row) => row.id),
  );
  const data = page.map((row) => showSchedule(row, row.targetName, last.get(row.id) ?? [], now));
  return { data, pagination: { limit, nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null } };
}

export async function readSchedule(tx: TenantTx, id: string, now: Date): Promise<Schedule | undefined> {
  return (await listSchedules(tx, { id, limit: 1 }, now)).data[0];
}

async function lastFirings(tx: TenantTx, ids: readonly string[]): Promise<Map<string, ScheduleFiring[]>> {
  const found = new Map<string, ScheduleFiring[]>();
  if (ids.length === 0) return found;
  const { rows } = await sql<FiringRow & { scheduleId: string }>`
    select s.id as "scheduleId", f.* from unnest(${ids}::uuid[]) s(id) cross join lateral (
      select ${firingColumns} from schedule_firings f left join runs r on r.id = f.run_id
      where f.schedule_id = s.id order by f.nominal_at desc limit 10) f
    order by f."nominalAt"`.execute(tx);
  for (const { scheduleId, ...row } of rows) found.set(scheduleId, [...(found.get(scheduleId) ?? []), showFiring(row)]);
  return found;
}

/** What a row starts. The inputs of a query are those of `QueryTarget` but id and version. */
export const targetOf = ({
  targetKind,
  targetId,
  targetVersion,
  inputs,
}: Pick<ScheduleRow, 'targetKind' | 'targetId' | 'targetVersion' | 'inputs'>): ScheduleTarget =>
  targetKind === 'playbook'
    ? { kind: targetKind, id: targetId, version: targetVersion, inputs }
    : QueryTarget.parse({ ...inputs, kind: targetKind, id: targetId, version: targetVersion });

function showSchedule(row: ScheduleRow, targetName: string | null, lastResults: ScheduleFiring[], now: Date): Schedule {
  const hasEnded = row.endAt !== null && row.endAt <= now;
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    target: { ...targetOf(row), name: targetName },
    cron: row.cron,
    every: row.everyMs === null ? null : formatDuration(row.everyMs),
    sentence: sentenceOf(row),
    timeZone: row.timeZone,
    overlap: row.overlap,
    catchUp: formatDuration(row.catchUpMs),
    jitter: formatDuration(row.jitterMs),
    startAt: row.startAt?.toISOString() ?? null,
    endAt: row.endAt?.toISOString() ?? null,
    paused: row.paused,
    pausedNote: row.pausedNote,
    state: hasEnded
      ? 'ended'
      : row.paused
        ? 'paused'
        : row.syncedVersion < row.version
          ? 'unsynced'
          : row.problem
            ? 'failing'
            : 'active',
    problem: row.problem,
    nextTimes: row.paused ? [] : nextTimes(row, now.getTime(), 5).map(({ at }) => new Date(at).toISOString()),
    lastResults,
    version: row.version,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
