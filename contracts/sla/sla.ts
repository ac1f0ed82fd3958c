import { z } from 'zod';
import { IncidentSeverity } from '../alerts/alert-rules.ts';
import { BusinessCalendar } from '../incidents/business-calendar.ts';
import { ClockSegmentShown } from '../incidents/incidents.ts';
import { clockKinds } from '../incidents/sla-clock.ts';
import { SlaPolicy } from '../incidents/sla-policy.ts';
import { defineRoutes } from '../kit/route.ts';
import { ActorRef, Id, IdParams, Instant, Name } from '../kit/schemas.ts';

const made = { version: z.int(), createdBy: ActorRef, createdAt: Instant, updatedAt: Instant };

export const ShownCalendar = z.object({
  id: Id,
  ...BusinessCalendar.shape,
  /** The policies that count by it. */
  usedBy: z.array(z.object({ id: Id, name: z.string() })),
  ...made,
});
export type ShownCalendar = z.infer<typeof ShownCalendar>;

export const ShownSlaPolicy = z.object({ id: Id, ...SlaPolicy.shape, ...made });
export type ShownSlaPolicy = z.infer<typeof ShownSlaPolicy>;

/** Which policy is tried: one that is saved, or one that is being written. */
export const PreviewSla = z.object({
  policy: z.union([z.object({ id: Id }), SlaPolicy]),
  severity: IncidentSeverity,
  openedAt: Instant,
});
export const SlaPreview = z.object({
  clocks: z.array(
    z.object({
      kind: z.enum(clockKinds),
      targetMs: z.number(),
      warnAt: Instant.nullable(),
      dueAt: Instant.nullable(),
      segments: z.array(ClockSegmentShown),
    }),
  ),
});
export type SlaPreview = z.infer<typeof SlaPreview>;

const year = z.int().min(2000).max(2100);

export const slaRoutes = defineRoutes({
  listSlaPolicies: {
    method: 'GET',
    path: '/sla/policies',
    access: 'incidents:read',
    summary: 'What is promised: policies by name',
    response: z.object({ data: z.array(ShownSlaPolicy) }),
  },
  createSlaPolicy: {
    method: 'POST',
    path: '/sla/policies',
    access: 'incidents:manage',
    idempotent: true,
    summary: 'Promise how soon somebody answers and how soon it is resolved, by severity',
    body: SlaPolicy,
    status: 201,
    response: ShownSlaPolicy,
  },
  getSlaPolicy: {
    method: 'GET',
    path: '/sla/policies/:id',
    access: 'incidents:read',
    summary: 'One SLA policy',
    params: IdParams,
    response: ShownSlaPolicy,
  },
  changeSlaPolicy: {
    method: 'PUT',
    path: '/sla/policies/:id',
    access: 'incidents:manage',
    summary: 'Change a policy; open incidents are told at once, and what they have used stays',
    params: IdParams,
    body: SlaPolicy,
    response: ShownSlaPolicy,
  },
  deleteSlaPolicy: {
    method: 'DELETE',
    path: '/sla/policies/:id',
    access: 'incidents:manage',
    summary: 'Promise it no more; open incidents are told at once',
    params: IdParams,
    status: 204,
  },
  previewSla: {
    method: 'POST',
    path: '/sla/preview',
    access: 'incidents:read',
    summary: 'When an incident opened at an instant would be due, and what each minute until then counts as',
    body: PreviewSla,
    response: SlaPreview,
  },
  listCalendars: {
    method: 'GET',
    path: '/sla/calendars',
    access: 'incidents:read',
    summary: 'Business calendars by name',
    response: z.object({ data: z.array(ShownCalendar) }),
  },
  createCalendar: {
    method: 'POST',
    path: '/sla/calendars',
    access: 'incidents:manage',
    idempotent: true,
    summary: 'Say when people are there: hours by weekday in a zone, and holidays',
    body: BusinessCalendar,
    status: 201,
    response: ShownCalendar,
  },
  getCalendar: {
    method: 'GET',
    path: '/sla/calendars/:id',
    access: 'incidents:read',
    summary: 'One business calendar',
    params: IdParams,
    response: ShownCalendar,
  },
  changeCalendar: {
    method: 'PUT',
    path: '/sla/calendars/:id',
    access: 'incidents:manage',
    summary: 'Change a calendar; clocks that count by it are computed anew',
    params: IdParams,
    body: BusinessCalendar,
    response: ShownCalendar,
  },
  deleteCalendar: {
    method: 'DELETE',
    path: '/sla/calendars/:id',
    access: 'incidents:manage',
    summary: 'Remove a calendar that no policy counts by',
    params: IdParams,
    status: 204,
  },
  readHolidays: {
    method: 'POST',
    path: '/sla/holidays',
    access: 'incidents:manage',
    summary: 'Read the days that an iCalendar file names; nothing is saved',
    body: z.object({ icalendar: z.string().min(1).max(900_000), fromYear: year, toYear: year }),
    response: z.object({
      holidays: z.array(z.object({ date: z.iso.date(), name: Name })),
      /** Entries that are no whole days or repeat otherwise than by year. */
      skipped: z.int(),
    }),
  },
});
