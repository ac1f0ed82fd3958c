import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { ActorRef, Id, IdParams, Instant } from '../kit/schemas.ts';
import { AlertRule, IncidentSeverity } from './alert-rules.ts';

export const ShownAlertRule = AlertRule.extend({
  id: Id,
  /** From 1; the first that holds decides. */
  position: z.int(),
  /** Since it was made: alerts it decided on, and what became of them. */
  counters: z.object({
    hits: z.int(),
    raised: z.int(),
    kept: z.int(),
    dropped: z.int(),
    monitored: z.int(),
    failed: z.int(),
  }),
  lastFailure: z.string().nullable(),
  lastHitAt: Instant.nullable(),
  version: z.int(),
  createdBy: ActorRef,
  createdAt: Instant,
  updatedAt: Instant,
});
export type ShownAlertRule = z.infer<typeof ShownAlertRule>;

const Issue = z.object({ path: z.string(), code: z.string(), message: z.string() });

export const BackTest = z.object({
  /** Alerts heard of within the time that were looked at, the newest first, 10,000 at most. */
  looked: z.int(),
  matched: z.int(),
  /** Incidents it would have raised, by its groups and threshold. */
  incidents: z.int(),
  failed: z.int(),
  failure: z.string().nullable(),
  groups: z.array(
    z.object({
      title: z.string(),
      severity: IncidentSeverity,
      service: z.string().nullable(),
      alerts: z.int(),
      reports: z.int(),
    }),
  ),
});
export type BackTest = z.infer<typeof BackTest>;

export const alertRuleRoutes = defineRoutes({
  listAlertRules: {
    method: 'GET',
    path: '/alert-rules',
    access: 'alerts:read',
    summary: 'Rules in their order, with what each decided',
    response: z.object({ data: z.array(ShownAlertRule) }),
  },
  createAlertRule: {
    method: 'POST',
    path: '/alert-rules',
    access: 'alerts:manage',
    idempotent: true,
    summary: 'Add a rule behind the others',
    body: AlertRule,
    status: 201,
    response: ShownAlertRule,
  },
  changeAlertRule: {
    method: 'PUT',
    path: '/alert-rules/:id',
    access: 'alerts:manage',
    summary: 'Change a rule; alerts that come from now on meet it',
    params: IdParams,
    body: AlertRule,
    response: ShownAlertRule,
  },
  deleteAlertRule: {
    method: 'DELETE',
    path: '/alert-rules/:id',
    access: 'alerts:manage',
    summary: 'Remove a rule',
    params: IdParams,
    status: 204,
  },
  orderAlertRules: {
    method: 'POST',
    path: '/alert-rules/order',
    access: 'alerts:manage',
    summary: 'Put the rules into another order',
    body: z.object({ ids: z.array(Id).max(1_000) }),
    response: z.object({ data: z.array(ShownAlertRule) }),
  },
  checkAlertRule: {
    method: 'POST',
    path: '/alert-rules/check',
    access: 'alerts:manage',
    summary: 'What saving a rule would refuse',
    body: AlertRule,
    response: z.object({ issues: z.array(Issue) }),
  },
  testAlertRule: {
    method: 'POST',
    path: '/alert-rules/back-test',
    access: 'alerts:manage',
    summary: 'Hold a rule against the alerts of the last days; nothing is raised',
    body: z.object({ rule: AlertRule, days: z.int().min(1).max(90).default(7) }),
    response: BackTest,
  },
});
