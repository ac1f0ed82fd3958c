import { fillMessage } from '#contracts/kit/error-def.ts';
import { errors } from '#contracts/errors.ts';
import type { RunError } from '#contracts/runs/runs.ts';
import type { ScheduleTools } from '#contracts/schedules/temporal-schedule.ts';
import { type DueTime, timesAfter } from '#contracts/schedules/times.ts';
import { appendEvent } from '#db/events/append-event.ts';
import type { Db } from '#db/kit/database.ts';
import { inSystem, inTenant } from '#db/kit/in-tenant.ts';
import { firingsBetween, recordMissed } from '#db/schedules/firings.ts';
import { type ScheduleRow, forgetSchedule, markSynced, readScheduleRow, toTemporal } from '#db/schedules/schedules.ts';
import { type KnownSchedule, knownSchedules } from '#db/system/schedules-known.ts';
import type { Clock } from '#system/clock.ts';
import type { Log } from '#system/log.ts';
import type { ActivityTools } from '../kit/tools.ts';
import type { Sweep } from '../kit/sweep.ts';
import type { ScheduleTroubleTeller } from './tell-trouble.ts';

export interface ReconcileTools {
  db: Db;
  system: Db;
  inTenant: ActivityTools['inTenant'];
  schedules: ScheduleTools;
  tellTrouble: ScheduleTroubleTeller;
  /** So many times came and started nothing; for the figures. */
  onMissed?: (times: number) => void;
  clock: Clock;
  log: Log;
}

/** A time that has not fired so long after it was due is missed; jitter comes on top. */
const graceMs = 90_000;
/** After a start Temporal makes up for what was missed meanwhile: it is given so long. */
const settleMs = 120_000;
/** Times looked through in one pass, and rows written of a long gap. */
const mostTimes = 2_000;
const mostRows = 50;

/**
 * Keeps schedules alive: tells Temporal what it was not told, makes anew what it has lost, and finds every time that
 * came and started nothing. What it cannot do is logged schedule by schedule, and none keeps another from its turn.
 */
export function reconcileSchedules(tools: ReconcileTools): Sweep {
  const startedAt = tools.clock.now();
  return {
    name: 'reconcile-schedules',
    everyMs: 60_000,
    run: async () => {
      const known = await inSystem(tools.system, knownSchedules);
      if (known.length === 0) return;
      const there = await tools.schedules.ids();
      for (const schedule of known) {
        try {
          await keepAlive(tools, schedule, there);
          if (!schedule.deletedAt) await findMissed(tools, schedule, startedAt);
        } catch (error) {
          tools.log.error(
            { err: error, workspaceId: schedule.workspaceId, scheduleId: schedule.id },
            'a schedule could not be looked after',
          );
        }
      }
    },
  };
}

/** Brings Temporal to what the row says. */
async function keepAlive(
  { db, inTenant: inWorkspace, schedules, log }: ReconcileTools,
  { workspaceId, id, version, syncedVersion, deletedAt }: KnownSchedule,
  there: ReadonlySet<string>,
): Promise<void> {
  if (deletedAt) {
    await schedules.remove(id);
    await inTenant(db, workspaceId, (tx) => forgetSchedule(tx, id));
    return;
  }
  // The list lags behind: what is missing in it is asked for by name.
  const isLost = syncedVersion === version && !there.has(id) && (await schedules.describe(id)) === null;
  if (syncedVersion === version && !isLost) return;
  const row = await inTenant(db, workspaceId, (tx) => readScheduleRow(tx, id));
  if (!row) return;
  await schedules.put(toTemporal(row));
  await inWorkspace(workspaceId, async (tx) => {
    await markSynced(tx, id, row.version);
    if (isLost)
      await appendEvent(tx, {
        type: 'schedule.changed',
        subject: `schedule:${id}`,
        data: { name: row.name, change: 'restored' },
      });
  });
  if (isLost) log.warn({ workspaceId, scheduleId: id }, 'a schedule was lost at Temporal and made anew');
}

async function findMissed(tools: ReconcileTools, { workspaceId, id }: KnownSchedule, startedAt: number): Promise<void> {
  const now = tools.clock.now();
  const row = await inTenant(tools.db, workspaceId, (tx) => readScheduleRow(tx, id));
  if (!row || row.paused) return;
  const span = spanToCheck(row, now, startedAt);
  if (!span) return;
  const due: DueTime[] = [];
  for (const time of timesAfter(row, span.from, span.until)) {
    due.push(time);
    if (due.length >= mostTimes) break;
  }
  const until = due.length >= mostTimes ? (due.at(-1)?.at ?? span.until) : span.until;
  const missed = await inTenant(tools.db, workspaceId, (tx) => missedOf(tx, row, due, span.from, until));
  const error = missedError(missed.at(-1) ?? new Date(until));
  const didRecord = await tools.inTenant(workspaceId, (tx) =>
    recordMissed(tx, {
      scheduleId: id,
      name: row.name,
      from: row.checkedUntil,
      until: new Date(until),
      missed: missed.slice(-mostRows),
      error,
    }),
  );
  if (didRecord) tools.onMissed?.(missed.length);
  const last = missed.at(-1);
  if (didRecord && last) await tools.tellTrouble({ workspaceId, scheduleId: id, nominalAt: last, problem: error });
}

/** From where it was looked through to where every time has had its chance. */
function spanToCheck(row: ScheduleRow, now: number, startedAt: number): { from: number; until: number } | null {
  const from = row.checkedUntil.getTime();
  let until = now - graceMs - row.jitterMs;
  // Shortly after a start, what lies within the catch-up window may still be made up for.
  if (now - startedAt < settleMs) until = Math.min(until, now - row.catchUpMs - graceMs);
  return until > from ? { from, until } : null;
}

type Tx = Parameters<typeof firingsBetween>[0];
async function missedOf(
  tx: Tx,
  { id, overlap, jitterMs }: ScheduleRow,
  due: readonly DueTime[],
  from: number,
  until: number,
): Promise<Date[]> {
  if (due.length === 0) return [];
  const firings = await firingsBetween(tx, id, new Date(from - 3_600_000), new Date(until + 3_600_000));
  const fired = new Set(firings.map(({ nominalAt }) => nominalAt.getTime()));
  // Under every policy but `allow_all` and `cancel_other` a time that comes during a run is passed over or put off.
  const isHeldBack = ({ at }: DueTime): boolean =>
    (overlap === 'skip' || overlap === 'buffer_one' || overlap === 'buffer_all') &&
    firings.some(
      ({ status, firedAt, endedAt }) =>
        status === 'started' &&
        firedAt.getTime() <= at + jitterMs + 5_000 &&
        (endedAt === null || endedAt.getTime() >= at),
    );
  return due
    .filter((time) => !time.candidates.some((at) => fired.has(at)) && !isHeldBack(time))
    .map(({ at }) => new Date(at));
}

const missedError = (at: Date): RunError => ({
  code: 'schedule.missed',
  message: fillMessage(errors['schedule.missed'].message, { at: at.toISOString() }),
});
