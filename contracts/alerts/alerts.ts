import { z } from 'zod';
import { CommaList, Id, IdParams, Instant, PageQuery, pageOf } from '../kit/schemas.ts';
import { defineRoutes } from '../kit/route.ts';
import { alertSeverities, AlertSeverity } from './severity.ts';

/** How requests are read; `auto` looks at path, headers and body. */
export const alertFormats = [
  'auto',
  'alertmanager',
  'grafana',
  'pagerduty',
  'datadog',
  'cloudevents',
  'generic',
] as const;
export const AlertFormat = z.enum(alertFormats);
export type AlertFormat = z.infer<typeof AlertFormat>;

export const alertStatuses = ['firing', 'acknowledged', 'resolved'] as const;
export const AlertStatus = z.enum(alertStatuses);
export type AlertStatus = z.infer<typeof AlertStatus>;

/**
 * What became of an alert. `new`: not looked at yet; `waiting`: fewer than its rule's threshold; `incident`: belongs to
 * one; `kept`: shown here alone; `silenced`: held back until its silence ends; `over`: ended before it raised anything.
 */
export const alertOutcomes = ['new', 'waiting', 'incident', 'kept', 'silenced', 'over'] as const;
export const AlertOutcome = z.enum(alertOutcomes);
export type AlertOutcome = z.infer<typeof AlertOutcome>;

/** An alert's links, only http and https. */
export const AlertLink = z.object({ label: z.string(), url: z.string() });

export const ListedAlert = z.object({
  id: Id,
  source: z.object({ id: Id.nullable(), name: z.string() }),
  status: AlertStatus,
  severity: AlertSeverity,
  title: z.string(),
  labels: z.record(z.string(), z.string()),
  /** How often it was reported firing. */
  count: z.int(),
  firstSeenAt: Instant,
  lastSeenAt: Instant,
  /** Since when it fires, or fired last. */
  firedAt: Instant,
  resolvedAt: Instant.nullable(),
  outcome: AlertOutcome,
  incident: z.object({ id: Id, key: z.string(), title: z.string() }).nullable(),
  rule: z.object({ id: Id, name: z.string() }).nullable(),
  silence: z.object({ id: Id, name: z.string() }).nullable(),
  /** Reports in each of the last 24 hours, the oldest first. */
  hours: z.array(z.int()).length(24),
});
export type ListedAlert = z.infer<typeof ListedAlert>;

export const ShownAlert = ListedAlert.extend({
  description: z.string(),
  key: z.string(),
  groupKey: z.string().nullable(),
  links: z.array(AlertLink),
  startsAt: Instant.nullable(),
  endsAt: Instant.nullable(),
  /** As it came last, at most 16 kB of it. */
  payload: z.string().nullable(),
  /** Rules in monitor mode that would have decided. */
  monitored: z.array(z.string()),
});
export type ShownAlert = z.infer<typeof ShownAlert>;

export const AlertQuery = PageQuery.extend({
  /** `firing`, `acknowledged`, `resolved`; `live` for the first two. */
  status: CommaList.optional(),
  severity: CommaList.optional(),
  outcome: CommaList.optional(),
  source: Id.optional(),
  incident: Id.optional(),
  /** In title, source and labels. */
  search: z.string().max(200).optional(),
});
export type AlertQuery = z.output<typeof AlertQuery>;

export const AlertMark = z.object({
  id: Id,
  source: z.string(),
  title: z.string(),
  at: Instant,
  labels: z.record(z.string(), z.string()),
  links: z.array(AlertLink),
});
export type AlertMark = z.infer<typeof AlertMark>;

const one = { params: IdParams, response: ShownAlert } as const;

/** Alerts as they stand. Sources, rules and silences have tables of their own. */
export const alertRoutes = defineRoutes({
  listAlerts: {
    method: 'GET',
    path: '/alerts',
    access: 'alerts:read',
    summary: 'Alerts, the one heard of last first',
    query: AlertQuery,
    response: pageOf(ListedAlert).extend({
      /** Of the whole workspace, by severity, what fires now. */
      firing: z.record(z.enum(alertSeverities), z.int()),
    }),
  },
  getAlert: { method: 'GET', path: '/alerts/:id', access: 'alerts:read', summary: 'One alert as it came', ...one },
  acknowledgeAlert: {
    method: 'POST',
    path: '/alerts/:id/acknowledge',
    access: 'incidents:act',
    summary: 'Say that somebody has seen it',
    ...one,
  },
  resolveAlert: {
    method: 'POST',
    path: '/alerts/:id/resolve',
    access: 'incidents:act',
    summary: 'Say that it is over; it comes back where its sender reports it again',
    ...one,
  },
  listMarks: {
    method: 'GET',
    path: '/alerts/marks',
    access: 'alerts:read',
    summary: 'What happened and is no alert (deployments, changes), newest first',
    query: PageQuery,
    response: pageOf(AlertMark),
  },
});

/** What a source's alerts become where no rule says otherwise. */
export const SourceDefaults = z.object({
  outcome: z.enum(['incident', 'keep', 'drop']).default('incident'),
  escalationPolicyId: Id.nullable().default(null),
  /** Labels that alerts of one incident share; empty: the sender's own groups. */
  groupBy: z.array(z.string().min(1).max(200)).max(10).default([]),
  autoResolve: z.boolean().default(true),
});
export type SourceDefaults = z.infer<typeof SourceDefaults>;
