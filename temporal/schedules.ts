import {
  type Client,
  type ScheduleOptions,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type ScheduleOverlapPolicy,
} from '@temporalio/client';
import { type CronFields, readCron } from '#contracts/schedules/cron.ts';
import { FireSchedule, firingWorkflowId } from '#contracts/schedules/fire-schedule.ts';
import type { ScheduleTools, TemporalSchedule } from '#contracts/schedules/temporal-schedule.ts';
import type { OverlapPolicy } from '#contracts/schedules/schedules.ts';
import { offsetMs } from '#contracts/schedules/zone.ts';
import { searchAttributes } from './search-attributes.ts';

const overlaps: Readonly<Record<OverlapPolicy, ScheduleOverlapPolicy>> = {
  skip: 'SKIP', buffer_one: 'BUFFER_ONE', buffer_all: 'BUFFER_ALL', cancel_other: 'CANCEL_OTHER', allow_all: 'ALLOW_ALL',
}; // prettier-ignore
/** Who asks for a start by hand or makes up for the past wants each of them: after what runs, not instead of it. */
const byHand: Readonly<Record<OverlapPolicy, ScheduleOverlapPolicy>> = {
  ...overlaps,
  skip: 'BUFFER_ALL',
  buffer_one: 'BUFFER_ALL',
  cancel_other: 'BUFFER_ALL',
};

/** Schedules at Temporal: each starts `fireSchedule` under an id that says for which of our rows. */
export function temporalSchedules(client: Client, { queuePrefix = '' }: { queuePrefix?: string } = {}): ScheduleTools {
  const { schedule } = client;
  const policyOf = async (id: string): Promise<ScheduleOverlapPolicy> => {
    const { policies } = await schedule.getHandle(id).describe();
    const known = (Object.keys(overlaps) as OverlapPolicy[]).find((name) => overlaps[name] === policies.overlap);
    return byHand[known ?? 'skip'];
  };
  return {
    put: async (spec) => {
      const options = optionsOf(spec, queuePrefix);
      try {
        await schedule.create(options);
      } catch (error) {
        if (!(error instanceof ScheduleAlreadyRunning)) throw error;
        // Search attributes of a schedule stay as they were made: they only say whose it is.
        await schedule.getHandle(spec.id).update((before) => ({
          ...before,
          spec: options.spec,
          action: options.action as never,
          policies: { ...before.policies, ...options.policies },
          state: { ...before.state, paused: spec.isPaused },
        }));
      }
    },
    remove: async (id) => {
      try {
        await schedule.getHandle(id).delete();
      } catch (error) {
        if (!(error instanceof ScheduleNotFoundError)) throw error;
      }
    },
    pause: (id, note) => schedule.getHandle(id).pause(note || undefined),
    unpause: (id, note) => schedule.getHandle(id).unpause(note || undefined),
    trigger: async (id) => schedule.getHandle(id).trigger(await policyOf(id)),
    backfill: async (id, from, to) =>
      schedule.getHandle(id).backfill({ start: from, end: to, overlap: await policyOf(id) }),
    describe: async (id) => {
      try {
        const { info, state } = await schedule.getHandle(id).describe();
        return {
          nextTimes: info.nextActionTimes,
          missedCatchUp: info.numActionsMissedCatchupWindow,
          overlapSkipped: info.numActionsSkippedOverlap,
          isPaused: state.paused,
        };
      } catch (error) {
        if (error instanceof ScheduleNotFoundError) return null;
        throw error;
      }
    },
    ids: async () => {
      const ids = new Set<string>();
      for await (const { scheduleId } of schedule.list({ pageSize: 500 })) ids.add(scheduleId);
      return ids;
    },
  };
}

function optionsOf(spec: TemporalSchedule, queuePrefix: string): ScheduleOptions {
  const attributes = [
    { key: searchAttributes.workspace, value: spec.workspaceId },
    { key: searchAttributes.kind, value: 'schedule' },
    { key: searchAttributes.subject, value: `schedule:${spec.id}` },
  ];
  return {
    scheduleId: spec.id,
    spec: specOf(spec),
    action: {
      type: 'startWorkflow',
      workflowType: FireSchedule.type,
      workflowId: firingWorkflowId({ workspaceId: spec.workspaceId, scheduleId: spec.id }),
      taskQueue: queuePrefix + FireSchedule.taskQueue,
      args: [],
      typedSearchAttributes: attributes,
    },
    policies: {
      overlap: overlaps[spec.overlap],
      catchupWindow: Math.max(spec.catchUpMs, 10_000),
      pauseOnFailure: false,
    },
    state: { paused: spec.isPaused },
    typedSearchAttributes: attributes,
  };
}

/** The times in Temporal's own terms. Exported for the test that holds them against ours. */
export function specOf({
  cron,
  everyMs,
  timeZone,
  jitterMs,
  startAt,
  endAt,
}: Pick<
  TemporalSchedule,
  'cron' | 'everyMs' | 'timeZone' | 'jitterMs' | 'startAt' | 'endAt'
>): ScheduleOptions['spec'] {
  const fields = cron.flatMap((text) => {
    const read = readCron(text);
    return read.ok ? [read.fields] : [];
  });
  const bounds = { ...(jitterMs > 0 && { jitter: jitterMs }), ...(startAt && { startAt }), ...(endAt && { endAt }) };
  if (everyMs !== null) return { intervals: [{ every: everyMs }], ...bounds };
  return {
    calendars: fields.flatMap(calendarsOf),
    timezone: isSameInUtc(fields, timeZone) ? 'UTC' : timeZone,
    ...bounds,
  };
}

const months = [
  'JANUARY',
  'FEBRUARY',
  'MARCH',
  'APRIL',
  'MAY',
  'JUNE',
  'JULY',
  'AUGUST',
  'SEPTEMBER',
  'OCTOBER',
  'NOVEMBER',
  'DECEMBER',
] as const;
const days = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'] as const;

/** Where day of month and weekday are both named either is enough, but one calendar of Temporal's needs both: so two. */
function calendarsOf({
  second,
  minute,
  hour,
  dayOfMonth,
  month,
  dayOfWeek,
  isEitherDay,
}: CronFields): NonNullable<ScheduleOptions['spec']['calendars']> {
  const common = { second, minute, hour, month: month.map((number) => months[number - 1] ?? 'JANUARY') };
  const weekdays = dayOfWeek.map((number) => days[number] ?? 'SUNDAY');
  if (!isEitherDay) return [{ ...common, dayOfMonth, dayOfWeek: weekdays }];
  return [
    { ...common, dayOfMonth, dayOfWeek: '*' },
    { ...common, dayOfMonth: '*', dayOfWeek: weekdays },
  ];
}

const hourMs = 3_600_000;
/**
 * Whether only minutes and seconds are chosen, in a zone of whole hours: then UTC gives the same times. Temporal loses
 * most of the doubled hour when the clocks of a zone are put back (server 1.32, tried for Berlin); this spares the
 * schedules that come every few minutes from it.
 */
function isSameInUtc(fields: readonly CronFields[], zone: string): boolean {
  const year = new Date().getUTCFullYear();
  const areWholeHours = [0, 3, 6, 9].every((month) => offsetMs(Date.UTC(year, month, 1), zone) % hourMs === 0);
  return (
    areWholeHours &&
    fields.every(
      ({ hour, dayOfMonth, month, dayOfWeek }) =>
        hour.length === 24 && dayOfMonth.length === 31 && month.length === 12 && dayOfWeek.length === 7,
    )
  );
}
