import { z } from 'zod';
import { DurationText, Name, ActorRef, Id, IdParams, Instant, JsonObject } from '../kit/schemas.ts';
import { defineRoutes } from '../kit/route.ts';
import { RunError } from '../runs/runs.ts';
import { StartTarget } from '../schedules/targets.ts';

const Cel = z.string().min(1).max(4_000);

/** What of an incident a rule is asked about. */
export const happenings = ['opened', 'severity', 'state'] as const;
export const Happening = z.enum(happenings);
export type Happening = z.infer<typeof Happening>;

/** What keeps a rule from doing harm. Beyond the first three it waits for the next time; loops and failures stop it for good. */
export const RuleLimits = z.object({
  /** Starts in an hour. */
  perHour: z.int().min(1).max(1_000).default(20),
  /** After a start, so long none for the same service; an incident without a service counts by itself. */
  coolDown: DurationText.default('0s'),
  /** Runs of the playbook at once on one of the incident's hosts. */
  mostAtOnce: z.int().min(1).max(100).default(1),
  /** So many runs in a row that fail stop the rule, until somebody lets it go on. */
  mostFailures: z.int().min(1).max(20).default(3),
});
export type RuleLimits = z.infer<typeof RuleLimits>;

/** A playbook that is started, or suggested, when something happens to an incident. */
export const IncidentRule = z.object({
  name: Name,
  happenings: z.array(Happening).min(1).default(['opened']),
  /** CEL over `incident`; none: always. */
  condition: Cel.nullable().default(null),
  target: StartTarget,
  /** Input name → CEL over `incident`. An input of a name that the incident has takes that where nothing is said. */
  inputs: z.record(z.string().max(48), Cel).default({}),
  /** `suggest`: a person decides on the incident's page. */
  mode: z.enum(['suggest', 'auto']).default('suggest'),
  limits: RuleLimits.default({ perHour: 20, coolDown: '0s', mostAtOnce: 1, mostFailures: 3 }),
  enabled: z.boolean().default(true),
});
export type IncidentRule = z.infer<typeof IncidentRule>;

/**
 * What became of it: `passed` the condition did not hold, `held` a limit said no, `due` it is about to start, `failed` it could
 * not start.
 */
export const startStatuses = ['pending', 'passed', 'held', 'suggested', 'dismissed', 'due', 'started', 'ended', 'failed'] as const; // prettier-ignore
export type StartStatus = (typeof startStatuses)[number];

/** One time that a playbook was wanted for an incident. */
export const IncidentStart = z.object({
  id: Id,
  incident: z.object({ id: Id, key: z.string(), title: z.string() }),
  /** Null: a person or another room asked. */
  rule: z.object({ id: Id, name: z.string().nullable() }).nullable(),
  playbook: z.object({ id: Id, name: z.string().nullable() }),
  status: z.enum(startStatuses),
  /** Why it began, was held or was stopped, in a sentence. */
  why: z.string(),
  inputs: JsonObject.nullable(),
  runId: Id.nullable(),
  runStatus: z.string().nullable(),
  error: RunError.nullable(),
  by: ActorRef,
  at: Instant,
  decidedBy: ActorRef.nullable(),
  endedAt: Instant.nullable(),
});
export type IncidentStart = z.infer<typeof IncidentStart>;

export const ShownIncidentRule = z.object({
  id: Id,
  ...IncidentRule.shape,
  target: StartTarget.extend({ name: z.string().nullable() }),
  /** It was stopped: since when and why. */
  tripped: z.object({ at: Instant, why: z.string() }).nullable(),
  /** Runs in a row that failed. */
  failures: z.int(),
  /** The last times, newest first, ten at most. */
  lastStarts: z.array(IncidentStart),
  version: z.int(),
  createdBy: ActorRef,
  createdAt: Instant,
  updatedAt: Instant,
});
export type ShownIncidentRule = z.infer<typeof ShownIncidentRule>;

const startParams = z.object({ id: Id, startId: Id });

export const incidentRuleRoutes = defineRoutes({
  listIncidentRules: {
    method: 'GET',
    path: '/incident-rules',
    access: 'incidents:read',
    summary: 'What starts when something happens to an incident',
    response: z.object({ data: z.array(ShownIncidentRule) }),
  },
  createIncidentRule: {
    method: 'POST',
    path: '/incident-rules',
    access: 'incidents:manage',
    idempotent: true,
    summary: 'Start or suggest a playbook when something happens to an incident',
    body: IncidentRule,
    status: 201,
    response: ShownIncidentRule,
  },
  getIncidentRule: {
    method: 'GET',
    path: '/incident-rules/:id',
    access: 'incidents:read',
    summary: 'One rule',
    params: IdParams,
    response: ShownIncidentRule,
  },
  changeIncidentRule: {
    method: 'PUT',
    path: '/incident-rules/:id',
    access: 'incidents:manage',
    summary: 'Change a rule',
    params: IdParams,
    body: IncidentRule,
    response: ShownIncidentRule,
  },
  deleteIncidentRule: {
    method: 'DELETE',
    path: '/incident-rules/:id',
    access: 'incidents:manage',
    summary: 'Remove a rule; runs that it began go on',
    params: IdParams,
    status: 204,
  },
  resumeIncidentRule: {
    method: 'POST',
    path: '/incident-rules/:id/resume',
    access: 'incidents:manage',
    summary: 'Let a rule go on that was stopped by its own loop or by failures',
    params: IdParams,
    response: ShownIncidentRule,
  },
  checkIncidentRule: {
    method: 'POST',
    path: '/incident-rules/check',
    access: 'incidents:manage',
    summary: 'Try a rule on an incident: whether it would hold, and with which inputs; nothing starts',
    body: z.object({
      incidentId: Id,
      condition: Cel.nullable(),
      target: StartTarget,
      inputs: IncidentRule.shape.inputs,
    }),
    response: z.object({
      holds: z.boolean().nullable(),
      inputs: JsonObject,
      /** What the rule would see. */
      incident: JsonObject,
      issues: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })),
    }),
  },
  listIncidentStarts: {
    method: 'GET',
    path: '/incidents/:id/playbooks',
    access: 'incidents:read',
    summary: 'Playbooks begun for an incident and suggestions that wait for a word, newest first, 100 at most',
    params: IdParams,
    response: z.object({ data: z.array(IncidentStart) }),
  },
  startIncidentPlaybook: {
    method: 'POST',
    path: '/incidents/:id/playbooks',
    access: 'playbooks:run',
    idempotent: true,
    summary: 'Start a playbook with the incident as its input',
    params: IdParams,
    body: z.object({ playbookId: Id, version: z.int().positive().optional(), inputs: JsonObject.default({}) }),
    status: 201,
    response: IncidentStart,
  },
  acceptSuggestion: {
    method: 'POST',
    path: '/incidents/:id/playbooks/:startId/accept',
    access: 'playbooks:run',
    summary: 'Start what was suggested',
    params: startParams,
    response: IncidentStart,
  },
  dismissSuggestion: {
    method: 'POST',
    path: '/incidents/:id/playbooks/:startId/dismiss',
    access: 'incidents:act',
    summary: 'Do not start what was suggested',
    params: startParams,
    response: IncidentStart,
  },
});
