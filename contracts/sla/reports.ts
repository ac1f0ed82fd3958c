import { z } from 'zod';
import { incidentSeverities, IncidentSeverity } from '../alerts/alert-rules.ts';
import { clockKinds } from '../incidents/sla-clock.ts';
import { defineRoutes } from '../kit/route.ts';
import { Id, Instant } from '../kit/schemas.ts';

/** Of a clock: how many have ended, and how many of them in time. */
const Attainment = z.object({ kept: z.int(), ended: z.int() });
const Figures = z.object({
  incidents: z.int(),
  /** Means, in milliseconds of the clock on the wall; null where none was answered or resolved. */
  acknowledgeMs: z.number().nullable(),
  resolveMs: z.number().nullable(),
  respond: Attainment,
  resolve: Attainment,
});
export type Figures = z.infer<typeof Figures>;

export const IncidentReport = z.object({
  from: Instant,
  to: Instant,
  whole: Figures,
  /** By month of opening in UTC, `2026-11`, the oldest first. */
  months: z.array(Figures.extend({ month: z.string() })),
  /** The busiest first; null: without a service. */
  services: z.array(Figures.extend({ service: z.string().nullable() })),
  severities: z.array(Figures.extend({ severity: z.enum(incidentSeverities) })),
  /** Sources of alerts, the noisiest first. */
  noise: z.array(
    z.object({
      source: z.string(),
      /** Different alerts, how often they were reported, and incidents that came of them. */
      alerts: z.int(),
      reports: z.int(),
      incidents: z.int(),
    }),
  ),
  /** Alerts that were over before then are let go, so noise counts those since; null: all of the window are there. */
  noiseSince: Instant.nullable(),
});
export type IncidentReport = z.infer<typeof IncidentReport>;

const ReportQuery = z.object({
  /** By when incidents were opened; the last 180 days where nothing is said. */
  from: Instant.optional(),
  to: Instant.optional(),
  service: z.string().max(120).optional(),
  severity: IncidentSeverity.optional(),
});
export type ReportQuery = z.infer<typeof ReportQuery>;

export const reportRoutes = defineRoutes({
  getIncidentReport: {
    method: 'GET',
    path: '/incidents/reports',
    access: 'incidents:read',
    summary:
      'What was kept of what was promised, and how long it took: by month, service and severity; noise by source',
    query: ReportQuery,
    response: IncidentReport,
  },
  exportIncidentReport: {
    method: 'GET',
    path: '/incidents/reports/csv',
    access: 'incidents:read',
    stream: 'file',
    summary: 'Each incident of the report with its times and clocks, as CSV',
    query: ReportQuery,
  },
  recomputeReports: {
    method: 'POST',
    path: '/incidents/reports/recompute',
    access: 'incidents:manage',
    summary: 'Compute ended clocks anew from their facts, by calendars as they are now',
    body: ReportQuery,
    response: z.object({ incidents: z.int() }),
  },
  getSlaForecast: {
    method: 'GET',
    path: '/incidents/forecast',
    access: 'incidents:read',
    summary: 'Open incidents whose clocks will be late within some hours if nothing changes, the next first',
    query: z.object({ hours: z.coerce.number().min(1).max(720).default(24) }),
    response: z.object({
      data: z.array(
        z.object({
          id: Id,
          key: z.string(),
          title: z.string(),
          severity: IncidentSeverity,
          service: z.string().nullable(),
          clock: z.enum(clockKinds),
          dueAt: Instant,
          isLate: z.boolean(),
        }),
      ),
    }),
  },
});
