import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { ActorRef, DurationText, Id, IdParams, Instant, Name, PageQuery, pageOf } from '../kit/schemas.ts';
import { RunError } from '../runs/runs.ts';
import { DeliveryOutcome, targetModes } from '../queries/delivery.ts';
import { TargetDiffRow } from '../queries/target-diff.ts';
import { NamedTarget, QueryTarget, ScheduleTarget } from './targets.ts';

/** What happens when a time comes while the run before is still at work. */
export const overlapPolicies = ['skip', 'buffer_one', 'buffer_all', 'cancel_other', 'allow_all'] as const;
export type OverlapPolicy = (typeof overlapPolicies)[number];

const cronText = z.string().trim().min(1).max(200);
const Timing = z.object({
  /** Five fields (minute hour day month weekday), six with seconds first, or `@daily` and the like; one or several. */
  cron: z.union([cronText, z.array(cronText).min(1).max(20)]).optional(),
  /** Instead of `cron`: an interval, counted from midnight UTC of 1970-01-01. */
  every: DurationText.optional(),
  timeZone: z.string().min(1).max(64).default('UTC'),
  startAt: Instant.nullish(),
  endAt: Instant.nullish(),
});

export const CreateSchedule = Timing.extend({
  name: Name,
  description: z.string().max(2_000).default(''),
  target: ScheduleTarget,
  overlap: z.enum(overlapPolicies).default('skip'),
  /** How far back times that were missed while we were down are made up for. */
  catchUp: DurationText.default('1h'),
  /** Each start is put off by a random time up to this. */
  jitter: DurationText.default('0s'),
  paused: z.boolean().default(false),
});
export type CreateSchedule = z.infer<typeof CreateSchedule>;

export const ChangeSchedule = z.object({
  name: Name.optional(),
  description: z.string().max(2_000).optional(),
  target: ScheduleTarget.optional(),
  cron: z.union([cronText, z.array(cronText).min(1).max(20)]).nullish(),
  every: DurationText.nullish(),
  timeZone: z.string().min(1).max(64).optional(),
  startAt: Instant.nullish(),
  endAt: Instant.nullish(),
  overlap: z.enum(overlapPolicies).optional(),
  catchUp: DurationText.optional(),
  jitter: DurationText.optional(),
});
export type ChangeSchedule = z.infer<typeof ChangeSchedule>;

/** What became of one time of a schedule. `missed`: no run, though one was due; `failed` without a run: it could not start. */
export const firingStatuses = [
  'starting',
  'queued',
  'running',
  'waiting',
  'succeeded',
  'failed',
  'canceled',
  'timed_out',
  'missed',
  'skipped',
] as const;
export const ScheduleFiring = z.object({
  /** The time of the schedule itself, whenever the run then really began. */
  nominalAt: Instant,
  status: z.enum(firingStatuses),
  runId: Id.nullable(),
  error: RunError.nullable(),
  /** How the rows of its run went to each target: counts alone. */
  deliveries: z.array(DeliveryOutcome),
  firedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
});
export type ScheduleFiring = z.infer<typeof ScheduleFiring>;

export const Schedule = z.object({
  id: Id,
  name: z.string(),
  description: z.string(),
  target: NamedTarget,
  cron: z.array(z.string()),
  every: z.string().nullable(),
  /** The times in words: "At 02:30 AM, only on Monday". */
  sentence: z.string(),
  timeZone: z.string(),
  overlap: z.enum(overlapPolicies),
  catchUp: z.string(),
  jitter: z.string(),
  startAt: Instant.nullable(),
  endAt: Instant.nullable(),
  paused: z.boolean(),
  pausedNote: z.string().nullable(),
  /** `failing`: the last time started no run or was missed; `unsynced`: Temporal does not know of the last change yet. */
  state: z.enum(['active', 'paused', 'ended', 'failing', 'unsynced']),
  problem: RunError.nullable(),
  nextTimes: z.array(Instant),
  /** Oldest first, ten at most: the strand of its results. */
  lastResults: z.array(ScheduleFiring),
  version: z.number().int(),
  createdBy: ActorRef,
  createdAt: Instant,
  updatedAt: Instant,
});
export type Schedule = z.infer<typeof Schedule>;

/** A data extension as a target of a saved query: what would become of each of its fields. */
export const TargetCheck = z.object({
  name: z.string(),
  key: z.string(),
  /** Rows in it now; null: the service does not say. */
  rowCount: z.int().nullable(),
  diff: z.array(TargetDiffRow),
  isFit: z.boolean(),
  /** Why the columns of the result are not known before a run, so that nothing could be compared; null where they are. */
  unknownBecause: z.string().nullable(),
});
export type TargetCheck = z.infer<typeof TargetCheck>;

/** A coming time as a person in that zone reads it. */
export const NextTime = z.object({
  at: Instant,
  /** `2026-03-29 03:30` on the clocks of the zone. */
  local: z.string(),
  /** `+02:00`. */
  offset: z.string(),
  /** `repeated`: the clocks are put back and this local time comes twice. */
  note: z.enum(['repeated']).nullable(),
});
export const SchedulePreview = z.object({
  sentence: z.string(),
  nextTimes: z.array(NextTime),
  /** Local times within the next year that the zone's clocks leave out, so that nothing starts then. */
  leftOut: z.array(z.object({ local: z.string() })),
});
export type SchedulePreview = z.infer<typeof SchedulePreview>;

const Note = z.object({ note: z.string().max(500).optional() }).nullish();

export const scheduleRoutes = defineRoutes({
  listSchedules: {
    method: 'GET',
    path: '/schedules',
    access: 'schedules:read',
    summary: 'Schedules with their next times and last results',
    query: PageQuery.extend({ playbook: Id.optional(), query: Id.optional() }),
    response: pageOf(Schedule),
  },
  createSchedule: {
    method: 'POST',
    path: '/schedules',
    access: 'schedules:manage',
    idempotent: true,
    summary: 'Make a schedule',
    body: CreateSchedule,
    status: 201,
    response: Schedule,
  },
  previewSchedule: {
    method: 'POST',
    path: '/schedules/preview',
    access: 'schedules:read',
    summary: 'The times in words and the next of them',
    body: Timing.extend({ count: z.number().int().min(1).max(50).default(5) }),
    response: SchedulePreview,
  },
  checkScheduleTarget: {
    method: 'POST',
    path: '/schedules/check-target',
    access: 'schedules:manage',
    summary: 'Compare what a saved query gives with the data extension that a schedule would write it into',
    body: z.object({
      query: QueryTarget.pick({ id: true, version: true, parameters: true, connectionId: true, unit: true }),
      key: z.string().trim().min(1).max(200),
      mode: z.enum(targetModes),
    }),
    response: TargetCheck,
  },
  getSchedule: {
    method: 'GET',
    path: '/schedules/:id',
    access: 'schedules:read',
    summary: 'One schedule',
    params: IdParams,
    response: Schedule,
  },
  changeSchedule: {
    method: 'PATCH',
    path: '/schedules/:id',
    access: 'schedules:manage',
    summary: 'Change a schedule',
    params: IdParams,
    body: ChangeSchedule,
    response: Schedule,
  },
  deleteSchedule: {
    method: 'DELETE',
    path: '/schedules/:id',
    access: 'schedules:manage',
    summary: 'Remove a schedule',
    params: IdParams,
    status: 204,
  },
  pauseSchedule: {
    method: 'POST',
    path: '/schedules/:id/pause',
    access: 'schedules:manage',
    summary: 'Start nothing until it is unpaused',
    params: IdParams,
    body: Note,
    response: Schedule,
  },
  unpauseSchedule: {
    method: 'POST',
    path: '/schedules/:id/unpause',
    access: 'schedules:manage',
    summary: 'Go on with the next time',
    params: IdParams,
    body: Note,
    response: Schedule,
  },
  triggerSchedule: {
    method: 'POST',
    path: '/schedules/:id/trigger',
    access: 'playbooks:run',
    summary: 'Start its run now, whatever the time',
    params: IdParams,
    status: 202,
    response: z.object({ accepted: z.literal(true) }),
  },
  backfillSchedule: {
    method: 'POST',
    path: '/schedules/:id/backfill',
    access: 'schedules:manage',
    summary: 'Start the runs of a range of past times',
    params: IdParams,
    body: z.object({ from: Instant, to: Instant }),
    status: 202,
    response: z.object({ times: z.number().int() }),
  },
  listScheduleFirings: {
    method: 'GET',
    path: '/schedules/:id/firings',
    access: 'schedules:read',
    summary: 'What became of each of its times, newest first',
    params: IdParams,
    query: PageQuery,
    response: pageOf(ScheduleFiring),
  },
});
