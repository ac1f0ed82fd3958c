import { z } from 'zod';
import { IncidentSeverity } from '../alerts/alert-rules.ts';
import { defineRoutes } from '../kit/route.ts';
import { ActorRef, CommaList, Id, IdParams, Instant, JsonObject, Name, PageQuery, pageOf } from '../kit/schemas.ts';
import { clockKinds } from './sla-clock.ts';
import { incidentStates } from './states.ts';

const IncidentState = z.enum(incidentStates);
const Title = z.string().trim().min(1).max(300);
const Service = z.string().trim().min(1).max(120);
const Reason = z.string().trim().min(1).max(2_000);
const Markdown = z.string().trim().min(1).max(20_000);

export const responderRoles = ['commander', 'responder', 'communicator', 'observer'] as const;
export const Responder = z.object({ personId: Id, role: z.enum(responderRoles) });

/** What an incident may point at; `id` is the other thing's own id, `label` what is shown where it is gone. */
export const linkKinds = ['asset', 'server', 'run', 'url'] as const;
export const IncidentLink = z.object({
  kind: z.enum(linkKinds),
  /** A uuid; of `url` the address. */
  ref: z.string().min(1).max(2_000),
  label: z.string().max(300).default(''),
});
export type IncidentLink = z.infer<typeof IncidentLink>;

export const OpenIncident = z.object({
  title: Title,
  description: z.string().max(20_000).default(''),
  severity: IncidentSeverity,
  service: Service.nullable().default(null),
  ownerId: Id.nullable().default(null),
  escalationPolicyId: Id.nullable().default(null),
  links: z.array(IncidentLink).max(50).default([]),
});
export type OpenIncident = z.infer<typeof OpenIncident>;

/** A clock as lists and cards show it. Times are instants; `usedMs` holds at the time of the answer. */
export const ShownClock = z.object({
  kind: z.enum(clockKinds),
  mode: z.enum(['counting', 'paused', 'outside', 'met']),
  targetMs: z.number(),
  usedMs: z.number(),
  warnAt: Instant.nullable(),
  dueAt: Instant.nullable(),
  breachedAt: Instant.nullable(),
  metAt: Instant.nullable(),
});
export type ShownClock = z.infer<typeof ShownClock>;

/** An incident on board and list. */
export const ListedIncident = z.object({
  id: Id,
  /** Counted per workspace and shown as `INC-328`. */
  number: z.int(),
  key: z.string(),
  title: z.string(),
  severity: IncidentSeverity,
  state: IncidentState,
  service: z.string().nullable(),
  owner: z.object({ id: Id, name: z.string() }).nullable(),
  clocks: z.array(ShownClock),
  alertsFiring: z.int(),
  alertsTotal: z.int(),
  /** Playbook runs begun for it that have not ended. */
  runsActive: z.int(),
  /** The level that was told last, from 1; 0: nobody yet. */
  escalationLevel: z.int(),
  nextEscalationAt: Instant.nullable(),
  mergedInto: z.object({ id: Id, key: z.string() }).nullable(),
  /** Raised with each change: a change names the one it was made upon. */
  version: z.int(),
  openedAt: Instant,
  acknowledgedAt: Instant.nullable(),
  resolvedAt: Instant.nullable(),
  stateSince: Instant,
  updatedAt: Instant,
});
export type ListedIncident = z.infer<typeof ListedIncident>;

export const IncidentTask = z.object({
  id: Id,
  title: Title,
  assigneeId: Id.nullable(),
  isDone: z.boolean(),
  createdAt: Instant,
  doneAt: Instant.nullable(),
});
export type IncidentTask = z.infer<typeof IncidentTask>;

/** What a clock did with each of its minutes (design §8). */
export const ClockSegmentShown = z.object({
  from: Instant,
  to: Instant.nullable(),
  mode: ShownClock.shape.mode,
  why: z.string(),
  targetMs: z.number(),
  usedMs: z.number(),
});

export const ShownIncident = ListedIncident.extend({
  description: z.string(),
  /** Moves that may be made now; each says whether it asks for a reason. */
  moves: z.array(z.object({ to: IncidentState, needsReason: z.boolean() })),
  responders: z.array(Responder.extend({ name: z.string() })),
  tasks: z.array(IncidentTask),
  links: z.array(IncidentLink.extend({ id: Id, addedAt: Instant })),
  /** By clock kind, the segments in the order of time. */
  segments: z.record(z.enum(clockKinds), z.array(ClockSegmentShown)),
  slaPolicy: z.object({ id: Id, name: z.string() }).nullable(),
  escalationPolicy: z.object({ id: Id, name: z.string() }).nullable(),
  postmortem: z.string(),
  createdBy: ActorRef,
  workflowId: z.string(),
  /** Its page in Temporal Web, for those who administer the instance. */
  temporalUrl: z.string().nullable(),
});
export type ShownIncident = z.infer<typeof ShownIncident>;

export const timelineKinds = [
  'opened', 'moved', 'changed', 'note', 'task', 'link', 'responder', 'alert', 'mark',
  'sla_warned', 'sla_breached', 'escalated', 'told', 'run', 'merged', 'split', 'suggested',
] as const; // prettier-ignore
/** One line of an incident's story; it is written by what happens, in the same transaction. */
export const TimelineEntry = z.object({
  id: Id,
  at: Instant,
  kind: z.enum(timelineKinds),
  actor: ActorRef,
  /** A sentence for people. */
  text: z.string(),
  /** For machines: of `moved` `{from,to,reason}`, of `escalated` `{level,targets}`, of `run` `{runId,…}` and so on. */
  details: JsonObject,
  editedAt: Instant.nullable(),
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

/** A change names the version it was made upon; another one answers 409 `incident.changed_meanwhile` with what stands. */
const Version = z.int().optional();

export const MoveIncident = z.object({
  to: IncidentState,
  reason: Reason.optional(),
  version: Version,
  /** Takes your own last move back, within a minute: `to` is the state before it. It asks for no reason. */
  takesBack: z.boolean().optional(),
});
export const ChangeIncident = z.object({
  title: Title.optional(),
  description: z.string().max(20_000).optional(),
  severity: IncidentSeverity.optional(),
  service: Service.nullable().optional(),
  ownerId: Id.nullable().optional(),
  escalationPolicyId: Id.nullable().optional(),
  postmortem: z.string().max(100_000).optional(),
  responders: z.array(Responder).max(50).optional(),
  reason: Reason.optional(),
  version: Version,
});
export type ChangeIncident = z.infer<typeof ChangeIncident>;

export const IncidentQuery = PageQuery.extend({
  /** States, `active` (all in which somebody works) or nothing for all. */
  state: CommaList.optional(),
  severity: CommaList.optional(),
  service: z.string().max(120).optional(),
  owner: z.union([Id, z.enum(['me', 'none'])]).optional(),
  /** In title, key and service. */
  search: z.string().max(200).optional(),
  /** That name this asset, or the server it stands for. */
  asset: Id.optional(),
  /** Whose clock is at risk or broken. */
  clock: z.enum(['at_risk', 'breached']).optional(),
  from: Instant.optional(),
  to: Instant.optional(),
});

/** How incidents stand now: active ones, those whose clock is at risk, late or paused, and those that nobody has acknowledged. */
export const IncidentCounts = z.object({
  active: z.int(),
  atRisk: z.int(),
  breached: z.int(),
  paused: z.int(),
  unacknowledged: z.int(),
});
export type IncidentCounts = z.infer<typeof IncidentCounts>;

const one = { params: IdParams, response: ShownIncident } as const;

/** Wherever an incident is named by `:id`, its key (`INC-328`) does as well in the console's addresses; the API takes ids. */
export const incidentRoutes = defineRoutes({
  listIncidents: {
    method: 'GET',
    path: '/incidents',
    access: 'incidents:read',
    summary: 'Incidents, newest first',
    query: IncidentQuery,
    response: pageOf(ListedIncident),
  },
  getIncidentBoard: {
    method: 'GET',
    path: '/incidents/board',
    access: 'incidents:read',
    summary: 'The board: incidents by state, at most 40 a column, closed ones of seven days, and the counts',
    query: IncidentQuery.pick({ severity: true, service: true, owner: true, search: true }),
    response: z.object({
      columns: z.array(
        z.object({ state: IncidentState, name: z.string(), count: z.int(), incidents: z.array(ListedIncident) }),
      ),
      figures: IncidentCounts.extend({
        /** Medians over 30 days, in milliseconds. */
        acknowledgeMs: z.number().nullable(),
        resolveMs: z.number().nullable(),
      }),
    }),
  },
  countIncidents: {
    method: 'GET',
    path: '/incidents/counts',
    access: 'incidents:read',
    summary: 'How many are active, at risk, late and paused now, and how many nobody has acknowledged',
    response: IncidentCounts,
  },
  openIncident: {
    method: 'POST',
    path: '/incidents',
    access: 'incidents:act',
    idempotent: true,
    summary: 'Declare an incident',
    body: OpenIncident,
    status: 201,
    response: ShownIncident,
  },
  getIncident: { method: 'GET', path: '/incidents/:id', access: 'incidents:read', summary: 'One incident', ...one },
  findIncident: {
    method: 'GET',
    path: '/incidents/by-number/:number',
    access: 'incidents:read',
    summary: 'One incident by the number of its key',
    params: z.object({ number: z.coerce.number().int().positive() }),
    response: ShownIncident,
  },
  listTimeline: {
    method: 'GET',
    path: '/incidents/:id/timeline',
    access: 'incidents:read',
    summary: 'The story of an incident, newest first',
    params: IdParams,
    query: PageQuery.extend({ kind: CommaList.optional() }),
    response: pageOf(TimelineEntry),
  },
  moveIncident: {
    method: 'POST',
    path: '/incidents/:id/transitions',
    access: 'incidents:act',
    summary: 'Move to another state; an illegal move answers 409 with the allowed ones',
    body: MoveIncident,
    ...one,
  },
  changeIncident: {
    method: 'PATCH',
    path: '/incidents/:id',
    access: 'incidents:act',
    summary: 'Change severity, service, owner, responders or text',
    body: ChangeIncident,
    ...one,
  },
  assignIncident: {
    method: 'POST',
    path: '/incidents/:id/assign',
    access: 'incidents:act',
    summary: 'Give it to a member, or to nobody',
    body: z.object({ ownerId: Id.nullable(), version: Version }),
    ...one,
  },
  escalateIncident: {
    method: 'POST',
    path: '/incidents/:id/escalations',
    access: 'incidents:act',
    summary: 'Tell the next level now',
    body: z.object({ reason: Reason.optional() }),
    ...one,
  },
  noteIncident: {
    method: 'POST',
    path: '/incidents/:id/notes',
    access: 'incidents:act',
    idempotent: true,
    summary: 'Write a note into the story',
    params: IdParams,
    body: z.object({ text: Markdown }),
    status: 201,
    response: TimelineEntry,
  },
  changeNote: {
    method: 'PATCH',
    path: '/incidents/:id/notes/:entryId',
    access: 'incidents:act',
    summary: 'Change a note of your own; that it was changed stays visible',
    params: z.object({ id: Id, entryId: Id }),
    body: z.object({ text: Markdown }),
    response: TimelineEntry,
  },
  deleteNote: {
    method: 'DELETE',
    path: '/incidents/:id/notes/:entryId',
    access: 'incidents:act',
    summary: 'Delete a note of your own; that there was one stays visible',
    params: z.object({ id: Id, entryId: Id }),
    response: TimelineEntry,
  },
  restoreNote: {
    method: 'POST',
    path: '/incidents/:id/notes/:entryId/restore',
    access: 'incidents:act',
    summary: 'Put a note of your own back that was deleted',
    params: z.object({ id: Id, entryId: Id }),
    response: TimelineEntry,
  },
  addTask: {
    method: 'POST',
    path: '/incidents/:id/tasks',
    access: 'incidents:act',
    idempotent: true,
    summary: 'Add a task',
    params: IdParams,
    body: z.object({ title: Title, assigneeId: Id.nullable().default(null) }),
    status: 201,
    response: IncidentTask,
  },
  changeTask: {
    method: 'PATCH',
    path: '/incidents/:id/tasks/:taskId',
    access: 'incidents:act',
    summary: 'Change or tick off a task',
    params: z.object({ id: Id, taskId: Id }),
    body: z.object({ title: Title.optional(), assigneeId: Id.nullable().optional(), isDone: z.boolean().optional() }),
    response: IncidentTask,
  },
  addLink: {
    method: 'POST',
    path: '/incidents/:id/link',
    access: 'incidents:act',
    idempotent: true,
    summary: 'Link an asset, a server, a run or an address',
    body: IncidentLink,
    ...one,
  },
  removeLink: {
    method: 'DELETE',
    path: '/incidents/:id/link/:linkId',
    access: 'incidents:act',
    summary: 'Take a link away',
    params: z.object({ id: Id, linkId: Id }),
    status: 204,
  },
  mergeIncident: {
    method: 'POST',
    path: '/incidents/:id/merge',
    access: 'incidents:act',
    summary: 'Merge this incident into another: its alerts, links and responders go with it, its story stays readable',
    body: z.object({ into: Id, reason: Reason.optional(), version: Version }),
    ...one,
  },
  splitIncident: {
    method: 'POST',
    path: '/incidents/:id/split',
    access: 'incidents:act',
    idempotent: true,
    summary: 'Take alerts out into an incident of their own',
    params: IdParams,
    body: z.object({ alertIds: z.array(Id).min(1).max(1_000), title: Title, reason: Reason.optional() }),
    status: 201,
    response: ShownIncident,
  },
  changeIncidents: {
    method: 'POST',
    path: '/incidents/bulk',
    access: 'incidents:act',
    summary: 'Move or change up to 1,000 incidents in one audited act; says what became of each',
    body: z.object({
      ids: z.array(Id).min(1).max(1_000),
      move: MoveIncident.omit({ version: true, takesBack: true }).optional(),
      change: ChangeIncident.pick({ severity: true, service: true, ownerId: true }).optional(),
    }),
    response: z.object({
      changed: z.int(),
      refused: z.array(z.object({ id: Id, code: z.string(), message: z.string() })),
    }),
  },
  getIncidentSettings: {
    method: 'GET',
    path: '/incidents/settings',
    access: 'incidents:read',
    summary: "The workspace's own names of states, the prefix of keys and the postmortem's outline",
    response: z.object({
      names: z.record(IncidentState, z.string()),
      prefix: z.string(),
      postmortemOutline: z.string(),
    }),
  },
  changeIncidentSettings: {
    method: 'PUT',
    path: '/incidents/settings',
    access: 'incidents:manage',
    summary: 'Change them; keys that were given stay',
    body: z.object({
      names: z.partialRecord(IncidentState, Name),
      prefix: z.string().regex(/^[A-Z][A-Z0-9]{0,9}$/),
      postmortemOutline: z.string().max(20_000),
    }),
    response: z.object({
      names: z.record(IncidentState, z.string()),
      prefix: z.string(),
      postmortemOutline: z.string(),
    }),
  },
});
