import { consoleAddress } from '#contracts/kit/console-address.ts';
import type { RunError } from '#contracts/runs/runs.ts';
import type { Db } from '#db/kit/database.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { readScheduleRow, targetOf } from '#db/schedules/schedules.ts';
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
 * Tells of a time that started nothing: whoever made the schedule, and the channels of its alerts on failure and lateness,
 * for what never began can neither end well nor in time. The event and the mark on the schedule are there already, so a
 * message that cannot be sent is no failure; each is keyed by time and reader, and told once.
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
    const schedule = await inTenant(db, workspaceId, (tx) => readScheduleRow(tx, scheduleId)).catch(
      (error: unknown) => {
        log.warn({ err: error, workspaceId }, 'nobody could be told of a schedule that did not start');
        return undefined;
      },
    );
    if (!schedule) return;
    const key = `schedule/${scheduleId}/${nominalAt.toISOString()}`;
    const { createdBy, name } = schedule;
    const target = targetOf(schedule);
    const alerts = target.kind === 'query' ? (target.after?.alerts ?? []) : [];
    const readers = [
      ...(hasMail && createdBy.kind === 'user' && createdBy.id
        ? [{ key, to: createdBy.id, what: 'did not start' }]
        : []),
      ...alerts.flatMap(({ channelId, when }, index) =>
        when.on === 'failure' || when.on === 'late'
          ? [
              {
                key: `${key}/alert/${index}`,
                to: { channel: channelId, urgent: when.on === 'failure' },
                what: when.on === 'failure' ? 'failed: it did not start' : 'is late: it did not start',
              },
            ]
          : [],
      ),
    ];
    for (const { key: of, to, what } of readers)
      try {
        await notify({
          workspaceId,
          key: of,
          to: [to],
          subject: `“${name}” ${what}`,
          text: `The schedule “${name}” was to start a run at ${nominalAt.toISOString()} and did not: ${problem.message}\n\n${consoleAddress(publicUrl, workspaceId, `/schedules?sel=${scheduleId}`)}`,
          run: null,
          stepAddress: null,
          timeoutMs: 30_000,
        });
      } catch (error) {
        log.warn({ err: error, workspaceId }, 'somebody could not be told of a schedule that did not start');
      }
  };
