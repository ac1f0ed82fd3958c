import { z } from 'zod';
import { changesOf } from '../kit/changes.ts';
import { defineRoutes } from '../kit/route.ts';
import { ActorRef, Id, IdParams, Instant, Name } from '../kit/schemas.ts';
import { EscalationPolicy } from './escalation.ts';
import { endsAfterItBegins, OnCallSchedule } from './rotations.ts';
import { CreateSwap } from './swaps.ts';
import { isNotTooLong } from './window.ts';

/** Who is on call in a span; nobody is a gap. */
export const DutySpan = z.object({
  from: Instant,
  to: Instant,
  personId: Id.nullable(),
  /** The layer's or the override's id; null in a gap. */
  by: Id.nullable(),
  isOverride: z.boolean(),
});
export type DutySpan = z.infer<typeof DutySpan>;

/** Somebody who can be called: a member of the workspace. */
export const DutyPerson = z.object({ id: Id, name: z.string(), email: z.string() });
export type DutyPerson = z.infer<typeof DutyPerson>;

export const CreateOnCallSchedule = OnCallSchedule.extend({
  name: Name,
  description: z.string().max(2_000).default(''),
});
export type CreateOnCallSchedule = z.infer<typeof CreateOnCallSchedule>;
export const ChangeOnCallSchedule = changesOf(CreateOnCallSchedule);
export type ChangeOnCallSchedule = z.infer<typeof ChangeOnCallSchedule>;

export const ShownOnCallSchedule = CreateOnCallSchedule.extend({
  id: Id,
  description: z.string(),
  /** Who is on call at the time of the answer, until somebody else is; and who comes then, null where it stays so for four weeks. */
  now: DutySpan,
  next: DutySpan.nullable(),
  /** The first time within four weeks at which nobody is on call. */
  gap: z.object({ from: Instant, to: Instant }).nullable(),
  feed: z.object({ hint: z.string(), createdAt: Instant }).nullable(),
  version: z.int(),
  createdBy: ActorRef,
  createdAt: Instant,
  updatedAt: Instant,
});
export type ShownOnCallSchedule = z.infer<typeof ShownOnCallSchedule>;

const overrideFields = { from: Instant, to: Instant, personId: Id.nullable(), reason: z.string().max(500).default('') };
export const CreateOverride = z
  .object(overrideFields)
  .refine(...endsAfterItBegins)
  .refine(...isNotTooLong);
export type CreateOverride = z.infer<typeof CreateOverride>;
export const ShownOverride = z.object({
  id: Id,
  ...overrideFields,
  reason: z.string(),
  /** The other override of a swap has it too; null where it stands alone. */
  swapId: Id.nullable(),
  createdBy: ActorRef,
  createdAt: Instant,
});
export type ShownOverride = z.infer<typeof ShownOverride>;

export const DutyWindow = z
  .object({ from: Instant, to: Instant })
  .refine(...endsAfterItBegins)
  .refine(...isNotTooLong);

export const ShownPolicy = z.object({
  id: Id,
  ...EscalationPolicy.shape,
  version: z.int(),
  createdBy: ActorRef,
  createdAt: Instant,
  updatedAt: Instant,
});
export type ShownPolicy = z.infer<typeof ShownPolicy>;
export const ChangePolicy = changesOf(EscalationPolicy);
export type ChangePolicy = z.infer<typeof ChangePolicy>;

export const onCallRoutes = defineRoutes({
  listOnCallSchedules: {
    method: 'GET',
    path: '/oncall/schedules',
    access: 'oncall:read',
    summary: 'Schedules by name, with who is on call now, who is next, and the first gap',
    response: z.object({ data: z.array(ShownOnCallSchedule), people: z.array(DutyPerson) }),
  },
  createOnCallSchedule: {
    method: 'POST',
    path: '/oncall/schedules',
    access: 'oncall:manage',
    idempotent: true,
    summary: 'Make a schedule of layered rotations',
    body: CreateOnCallSchedule,
    status: 201,
    response: ShownOnCallSchedule,
  },
  getOnCallSchedule: {
    method: 'GET',
    path: '/oncall/schedules/:id',
    access: 'oncall:read',
    summary: 'One schedule',
    params: IdParams,
    response: ShownOnCallSchedule,
  },
  changeOnCallSchedule: {
    method: 'PATCH',
    path: '/oncall/schedules/:id',
    access: 'oncall:manage',
    summary: 'Change a schedule; from now on others may be on call',
    params: IdParams,
    body: ChangeOnCallSchedule,
    response: ShownOnCallSchedule,
  },
  deleteOnCallSchedule: {
    method: 'DELETE',
    path: '/oncall/schedules/:id',
    access: 'oncall:manage',
    summary: 'Remove a schedule that no escalation policy names',
    params: IdParams,
    status: 204,
  },
  listDuty: {
    method: 'GET',
    path: '/oncall/schedules/:id/duty',
    access: 'oncall:read',
    summary: 'Who is on call in a window of at most 100 days, gaps among them, and the overrides in it',
    params: IdParams,
    query: DutyWindow,
    response: z.object({ data: z.array(DutySpan), overrides: z.array(ShownOverride) }),
  },
  createOverride: {
    method: 'POST',
    path: '/oncall/schedules/:id/overrides',
    access: 'oncall:override',
    idempotent: true,
    summary: 'Put somebody, or nobody, in place of whoever would be on call',
    params: IdParams,
    body: CreateOverride,
    status: 201,
    response: ShownOverride,
  },
  deleteOverride: {
    method: 'DELETE',
    path: '/oncall/schedules/:id/overrides/:overrideId',
    access: 'oncall:override',
    summary: 'Take an override back; of a swap the other as well, unless one of the two is over',
    params: IdParams.extend({ overrideId: Id }),
    status: 204,
  },
  createSwap: {
    method: 'POST',
    path: '/oncall/schedules/:id/swaps',
    access: 'oncall:override',
    idempotent: true,
    summary: 'Let two people trade shifts: two overrides at once, refused where a shift is not theirs',
    params: IdParams,
    body: CreateSwap,
    status: 201,
    response: z.object({ data: z.tuple([ShownOverride, ShownOverride]) }),
  },
  makeDutyFeed: {
    method: 'POST',
    path: '/oncall/schedules/:id/feed',
    access: 'oncall:manage',
    summary: 'Make the address of its calendar feed; a former one stops',
    params: IdParams,
    response: z.object({ url: z.string() }),
  },
  removeDutyFeed: {
    method: 'DELETE',
    path: '/oncall/schedules/:id/feed',
    access: 'oncall:manage',
    summary: 'Stop its calendar feed',
    params: IdParams,
    status: 204,
  },
  readDutyFeed: {
    method: 'GET',
    path: '/oncall/feeds/:token',
    access: 'public',
    secretPath: true,
    stream: 'raw',
    summary: 'The duty of a schedule as iCalendar (RFC 5545): two weeks back, twelve ahead',
    params: z.object({ token: z.string().min(20).max(100) }),
  },
  listEscalationPolicies: {
    method: 'GET',
    path: '/oncall/policies',
    access: 'oncall:read',
    summary: 'Escalation policies by name',
    response: z.object({ data: z.array(ShownPolicy) }),
  },
  createEscalationPolicy: {
    method: 'POST',
    path: '/oncall/policies',
    access: 'oncall:manage',
    idempotent: true,
    summary: 'Say who is told next while nobody answers',
    body: EscalationPolicy,
    status: 201,
    response: ShownPolicy,
  },
  getEscalationPolicy: {
    method: 'GET',
    path: '/oncall/policies/:id',
    access: 'oncall:read',
    summary: 'One escalation policy',
    params: IdParams,
    response: ShownPolicy,
  },
  changeEscalationPolicy: {
    method: 'PATCH',
    path: '/oncall/policies/:id',
    access: 'oncall:manage',
    summary: 'Change an escalation policy; what is under way goes on by it from the next level',
    params: IdParams,
    body: ChangePolicy,
    response: ShownPolicy,
  },
  deleteEscalationPolicy: {
    method: 'DELETE',
    path: '/oncall/policies/:id',
    access: 'oncall:manage',
    summary: 'Remove an escalation policy',
    params: IdParams,
    status: 204,
  },
});
