import type { RunError } from '#contracts/runs/runs.ts';
import type { Db } from '#db/kit/database.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { readScheduleRow } from '#db/schedules/schedules.ts';
import type { Log } from '#system/log.ts';
import type { Notifier } from '../notifications/notifier.ts';

export interface ScheduleTrouble {
  workspaceId: string;
  scheduleId: string;
  nominalAt: Date;
  problem: RunError;
}
export type ScheduleTroubleTeller = (trouble: ScheduleTrouble) => Promise<void>;

/**
 * Tells whoever made a schedule that a time of it started nothing; the event and the mark on the schedule are there
 * already, so a letter that cannot be sent is no failure.
 */
export const scheduleTroubleTeller =
  ({
    db,
    notify,
    hasMail,
    publicUrl,
    log,
  }: {
    db: Db;
    notify: Notifier;
    hasMail: boolean;
    publicUrl: string;
    log: Log;
  }): ScheduleTroubleTeller =>
  async ({ workspaceId, scheduleId, nominalAt, problem }) => {
    if (!hasMail) return;
    try {
      const schedule = await inTenant(db, workspaceId, (tx) => readScheduleRow(tx, scheduleId));
      if (!schedule?.createdBy.id || schedule.createdBy.kind !== 'user') return;
      await notify({
        workspaceId,
        key: `schedule/${scheduleId}/${nominalAt.toISOString()}`,
        to: [schedule.createdBy.id],
        subject: `“${schedule.name}” did not start`,
        text: `The schedule “${schedule.name}” was to start a run at ${nominalAt.toISOString()} and did not: ${problem.message}\n\n${publicUrl}/schedules?id=${scheduleId}`,
        run: null,
        stepAddress: null,
        timeoutMs: 15_000,
      });
    } catch (error) {
      log.warn({ err: error, workspaceId }, 'nobody could be told of a schedule that did not start');
    }
  };
