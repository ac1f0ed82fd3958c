import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import {
  ActorRef,
  CommaList,
  Id,
  IdParams,
  Instant,
  JsonObject,
  JsonValue,
  Name,
  PageQuery,
  QueryFlag,
  RunStarted,
  Tag,
  pageOf,
} from '../kit/schemas.ts';
import { runSorts } from './sorts.ts';
import { hostStatuses, runShapes, runStatuses, runTriggers, stepStatuses } from './status.ts';

export const RunStatusSchema = z.enum(runStatuses);

/** Why something failed: a stable code, a sentence, and where (playbook-language §10). */
export const RunError = z.looseObject({
  code: z.string(),
  message: z.string(),
  step: z.string().nullish(),
  host: z.string().nullish(),
  path: z.string().nullish(),
  attempt: z.number().int().nullish(),
  retryable: z.boolean().optional(),
  details: JsonValue.optional(),
  suppressed: z.array(z.looseObject({ code: z.string(), message: z.string() })).optional(),
});
export type RunError = z.infer<typeof RunError>;

/** How far a run is, in units of its own kind: `{done: 7, total: 12, unit: 'hosts'}`. */
export const Progress = z.object({
  done: z.number(),
  total: z.number().nullable(),
  unit: z.string(),
  message: z.string().nullish(),
});
export type Progress = z.infer<typeof Progress>;

/** One segment of a run's strand: a top-level step and what became of it. */
export const StrandSegment = z.object({ id: z.string(), status: z.enum(stepStatuses) });
export type StrandSegment = z.infer<typeof StrandSegment>;

/** A run as lists show it. */
export const RunSummary = z.object({
  id: Id,
  kind: z.string(),
  shape: z.enum(runShapes),
  title: z.string(),
  status: RunStatusSchema,
  /** Why it waits or queues: `approval`, `timer`, `lock`, `slot`, `drain`, `concurrency`, `unknown`. */
  waitingFor: z.string().nullable(),
  trigger: z.enum(runTriggers),
  actor: ActorRef,
  parentRunId: Id.nullable(),
  subject: z.object({ kind: z.string(), id: z.string(), version: z.number().int().nullable() }).nullable(),
  progress: Progress.nullable(),
  strand: z.array(StrandSegment),
  error: RunError.nullable(),
  warnings: z.number().int(),
  tags: z.array(z.string()),
  createdAt: Instant,
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  /** Place in the queue, 1 for the next; null once it has started. */
  queuePlace: z.number().int().nullable(),
});
export type RunSummary = z.infer<typeof RunSummary>;

/** One attempt of a step. */
export const StepAttempt = z.object({
  attempt: z.number().int(),
  status: z.enum(stepStatuses),
  startedAt: Instant,
  endedAt: Instant.nullable(),
  error: RunError.nullish(),
});
export type StepAttempt = z.infer<typeof StepAttempt>;
/** One step of a run; `address` is its id, or `each[2].copy` inside iterations. */
export const RunStep = z.object({
  address: z.string(),
  id: z.string(),
  parent: z.string().nullable(),
  kind: z.string(),
  name: z.string().nullable(),
  section: z.enum(['steps', 'undo', 'onFailure', 'finally']),
  status: z.enum(stepStatuses),
  reason: z.string().nullable(),
  attempts: z.array(StepAttempt),
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  output: JsonValue.nullish(),
  error: RunError.nullable(),
  carried: z.boolean(),
  undo: z.enum(['done', 'failed', 'skipped']).nullable(),
  /** What a waiting step waits for, and until when. */
  waitingUntil: Instant.nullable(),
  childRunId: Id.nullable(),
  position: z.number().int(),
});
export type RunStep = z.infer<typeof RunStep>;

/** One host of one step. */
export const RunHost = z.object({
  address: z.string(),
  host: z.string(),
  serverId: Id.nullable(),
  batch: z.number().int(),
  status: z.enum(hostStatuses),
  attempt: z.number().int(),
  exitCode: z.number().int().nullable(),
  signal: z.string().nullable(),
  error: RunError.nullable(),
  stdoutBytes: z.number().int(),
  stderrBytes: z.number().int(),
  truncated: z.boolean(),
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
});
export type RunHost = z.infer<typeof RunHost>;

/** A run with all that its page shows but log and events. */
export const RunDetail = RunSummary.extend({
  inputs: JsonObject.nullable(),
  outputs: JsonValue.nullish(),
  steps: z.array(RunStep),
  hosts: z.array(RunHost),
  children: z.array(RunSummary),
  undo: z.object({ done: z.number().int(), failed: z.number().int(), skipped: z.number().int() }).nullable(),
  /** What an undo would do, or does, in its order. */
  undoPlan: z.array(z.object({ address: z.string(), undo: z.array(z.string()) })),
  rerunOf: Id.nullable(),
  cancelRequestedAt: Instant.nullable(),
  /** The run's page in Temporal Web, where that is reachable. */
  temporalUrl: z.string().nullable(),
  /** The definition that this run executes; versions are immutable. */
  definition: JsonValue.nullish(),
});
export type RunDetail = z.infer<typeof RunDetail>;

/** What a list of runs can be narrowed by. A word that begins with `!` leaves out: `kind=!export`. */
export const RunFilter = PageQuery.extend({
  status: CommaList.optional(),
  kind: CommaList.optional(),
  trigger: CommaList.optional(),
  shape: z.enum(runShapes).default('job'),
  /** Runs of one subject: `playbook:<id>`, `schedule:<id>`, `server:<id>`. */
  subject: z.string().max(200).optional(),
  actor: Id.optional(),
  parent: Id.optional(),
  /** With children of other runs; lists show top-level runs where nothing is said. */
  children: QueryFlag.optional(),
  tag: z.string().max(64).optional(),
  /** Codes of the failure: what bars of failures lead to. */
  error: CommaList.optional(),
  /** Took, or has been taking, at least so many milliseconds. */
  longerMs: z.coerce.number().int().min(0).optional(),
  /** In the title, or the beginning of an id. */
  q: z.string().max(200).optional(),
  /** When it was asked for. */
  from: Instant.optional(),
  to: Instant.optional(),
  /** When it ended: what bars of ended runs lead to. */
  endedFrom: Instant.optional(),
  endedTo: Instant.optional(),
  sort: z.enum(runSorts).default('-createdAt'),
});
export type RunFilter = z.infer<typeof RunFilter>;

/** A chunk of output as it came: split by nobody, so a line may go on in the next chunk of the same step, host and stream. */
export const LogChunk = z.object({
  /** Opaque; `?after=` takes it to read on. */
  cursor: z.string(),
  address: z.string(),
  host: z.string(),
  stream: z.enum(['stdout', 'stderr', 'system']),
  attempt: z.number().int(),
  fromByte: z.number().int(),
  text: z.string(),
  at: Instant,
});
export type LogChunk = z.infer<typeof LogChunk>;

export const LogQuery = z.object({
  after: z.string().max(200).optional(),
  host: z.string().max(300).optional(),
  step: z.string().max(300).optional(),
  stream: z.enum(['stdout', 'stderr', 'system']).optional(),
  q: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(5_000).default(1_000),
  workspace: z.string().optional(),
});

/** One entry of the event stream (design §4). */
export const EventRecord = z.object({
  cursor: z.string(),
  type: z.string(),
  subject: z.string().nullable(),
  run: Id.nullable(),
  actor: ActorRef.nullable(),
  data: JsonObject,
  at: Instant,
});
export type EventRecord = z.infer<typeof EventRecord>;

export const RerunRequest = z.object({
  /** A step's id or address; `failed` for the first step that failed. Absent: all of it again. */
  fromStep: z.string().max(300).optional(),
  hosts: z.literal('failed').optional(),
  inputs: JsonObject.optional(),
  version: z.number().int().positive().optional(),
});

export const runRoutes = defineRoutes({
  listRuns: {
    method: 'GET',
    path: '/runs',
    access: 'runs:read',
    summary: 'Runs, newest first',
    query: RunFilter,
    response: pageOf(RunSummary),
    sentAsBuilt: true,
  },
  countRuns: {
    method: 'GET',
    path: '/runs/counts',
    access: 'runs:read',
    summary: 'How many runs are in each state now',
    response: z.object({ counts: z.record(z.string(), z.number().int()), limit: z.number().int() }),
  },
  getRun: {
    method: 'GET',
    path: '/runs/:id',
    access: 'runs:read',
    summary: 'One run with its steps and hosts',
    params: IdParams,
    response: RunDetail,
  },
  getRunDefinition: {
    method: 'GET',
    path: '/runs/:id/definition',
    access: 'runs:read',
    summary: 'What this run executes',
    params: IdParams,
    response: z.object({ definition: JsonValue, version: z.number().int().nullable() }),
  },
  listRunEvents: {
    method: 'GET',
    path: '/runs/:id/events',
    access: 'runs:read',
    summary: 'The events of a run, in order',
    params: IdParams,
    query: PageQuery,
    response: pageOf(EventRecord),
  },
  readRunLogs: {
    method: 'GET',
    path: '/runs/:id/logs',
    access: 'runs:read',
    summary: 'The log of a run; live as server-sent events with `Accept: text/event-stream`',
    params: IdParams,
    query: LogQuery,
    response: z.object({
      data: z.array(LogChunk),
      nextCursor: z.string().nullable(),
      /** With `q`: how many lines of the whole log hold it, whatever this page shows. */
      matches: z.number().int().optional(),
    }),
  },
  downloadRunLogs: {
    method: 'GET',
    path: '/runs/:id/logs.txt',
    access: 'runs:read',
    summary: 'The whole log as a text file',
    params: IdParams,
    query: z.object({
      host: z.string().max(300).optional(),
      step: z.string().max(300).optional(),
      stream: z.enum(['stdout', 'stderr', 'system']).optional(),
      workspace: z.string().optional(),
    }),
    stream: 'file',
  },
  cancelRun: {
    method: 'POST',
    path: '/runs/:id/cancel',
    access: 'runs:cancel',
    summary: 'Stop a run; its remote commands are ended',
    params: IdParams,
    body: z.object({ undo: z.boolean().optional(), reason: z.string().max(1_000).optional() }).nullish(),
    status: 202,
    response: RunSummary,
  },
  rerunRun: {
    method: 'POST',
    path: '/runs/:id/rerun',
    access: 'runs:rerun',
    idempotent: true,
    summary: 'Run it again: all of it, from a step, or on the hosts that failed',
    params: IdParams,
    body: RerunRequest.nullish(),
    status: 202,
    response: RunStarted,
  },
  tagRun: {
    method: 'PATCH',
    path: '/runs/:id',
    access: 'runs:manage',
    summary: 'Change a run’s tags or title',
    params: IdParams,
    body: z.object({ tags: z.array(Tag).max(20).optional(), title: Name.optional() }),
    response: RunSummary,
  },
  answerUnknownStep: {
    method: 'POST',
    path: '/runs/:id/steps/:address/outcome',
    access: 'runs:manage',
    summary: 'Say what became of a step nobody knows about',
    params: z.object({ id: Id, address: z.string().max(300) }),
    body: z.object({
      host: z.string().max(300).optional(),
      outcome: z.enum(['ran', 'not_ran', 'repeat']),
      reason: z.string().max(1_000).optional(),
    }),
    response: z.object({ accepted: z.literal(true) }),
  },
  streamEvents: {
    method: 'GET',
    path: '/events',
    access: 'events:read',
    summary: 'The live events of the workspace, as server-sent events',
    query: z.object({
      types: z.string().max(1_000).optional(),
      subject: z.string().max(200).optional(),
      run: Id.optional(),
      after: z.string().max(200).optional(),
      workspace: z.string().optional(),
    }),
    stream: 'sse',
  },
  openSocket: {
    method: 'GET',
    path: '/ws',
    access: 'events:read',
    summary: 'The live events over WebSocket',
    query: z.object({
      types: z.string().max(1_000).optional(),
      subject: z.string().max(200).optional(),
      run: Id.optional(),
      after: z.string().max(200).optional(),
      workspace: z.string().optional(),
    }),
    stream: 'websocket',
  },
});
