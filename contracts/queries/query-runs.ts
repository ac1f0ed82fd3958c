import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { ActorRef, CommaList, Id, IdParams, Instant, PageQuery, RunStarted, pageOf } from '../kit/schemas.ts';
import { runStatuses, runTriggers } from '../runs/status.ts';
import { CleanupState, QueryPhase, phaseNames } from './phases.ts';
import { DeliveryOutcome } from './delivery.ts';
import { EngineKind, QueryColumn, QueryValue } from './engine.ts';
import { exportFormatNames } from './export-formats.ts';
import { QueryFailureFacts, QueryPosition } from './failures.ts';
import { GivenValues, ParameterDef } from './parameter-defs.ts';

/** The span of time a query looks at: fills `{{ window.from }}` and `{{ window.to }}`, and AMC's own time window. */
export const TimeWindow = z.object({
  from: z.string().min(1).max(60),
  to: z.string().min(1).max(60),
  /** The zone in which relative dates are read. */
  timeZone: z.string().min(1).max(64).default('UTC'),
});
export type TimeWindow = z.infer<typeof TimeWindow>;

export const StartQueryRun = z.object({
  connectionId: Id,
  /** Business unit of Marketing Cloud or instance of Amazon; `mid` says the same. The connection's default where absent. */
  unit: z.string().min(1).max(100).optional(),
  mid: z
    .union([z.string().max(100), z.number()])
    .transform(String)
    .optional(),
  sql: z.string().min(1).max(500_000),
  /** Values by name; what a definition has a default for may be absent. */
  parameters: GivenValues.default({}),
  /** Types and defaults of the placeholders; those of the saved query where `queryId` is given. */
  parameterDefs: z.array(ParameterDef).max(100).optional(),
  timeWindow: TimeWindow.optional(),
  /** What only one engine understands. */
  options: z.record(z.string(), z.unknown()).default({}),
  /** The saved query it is of, and its version. */
  queryId: Id.optional(),
  queryVersion: z.int().positive().optional(),
  title: z.string().trim().min(1).max(120).optional(),
});
export type StartQueryRun = z.infer<typeof StartQueryRun>;

/** A query execution as lists show it: the run's own record has status, actor and times as well. */
export const QueryRunSummary = z.object({
  runId: Id,
  title: z.string(),
  status: z.enum(runStatuses),
  waitingFor: z.string().nullable(),
  trigger: z.enum(runTriggers),
  actor: ActorRef,
  connectionId: Id,
  connectionName: z.string(),
  engine: EngineKind,
  unit: z.string().nullable(),
  unitName: z.string().nullable(),
  queryId: Id.nullable(),
  queryVersion: z.number().int().nullable(),
  /** The first 200 characters of the text. */
  sqlHead: z.string(),
  phase: z.enum(phaseNames),
  rowCount: z.number().int().nullable(),
  failure: QueryFailureFacts.nullable(),
  createdAt: Instant,
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
});
export type QueryRunSummary = z.infer<typeof QueryRunSummary>;

export const QueryRunDetail = QueryRunSummary.extend({
  /** As the user wrote it, placeholders and all. */
  sql: z.string(),
  /** As they were resolved on the server: relative dates are dates. */
  parameters: z.record(z.string(), QueryValue),
  parameterDefs: z.array(ParameterDef),
  timeWindow: TimeWindow.nullable(),
  options: z.record(z.string(), z.unknown()),
  phases: z.array(QueryPhase),
  columns: z.array(QueryColumn).nullable(),
  /** The reading of the schema that was known when it was started; null where none was. */
  schema: z.object({ version: z.number().int(), readAt: Instant }).nullable(),
  /** Ids at the service, fit for its support: query, data extension, execution. */
  remote: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  /** It had begun at the service before our call: found and adopted after a lost answer. */
  isAdopted: z.boolean(),
  remarks: z.array(
    z.object({
      severity: z.enum(['error', 'warning', 'info']),
      message: z.string(),
      position: QueryPosition.nullable(),
    }),
  ),
  /** What the service said last of it: about its progress, its result, or what a cancel could stop. */
  note: z.string().nullable(),
  /** Until when its rows can be read; null: not known, or there are none to read. */
  expiresAt: Instant.nullable(),
  /** Its rows can be read now. */
  isReadable: z.boolean(),
  cleanup: CleanupState,
  /** How its deliveries went, in the order of its schedule; empty where none is asked for. */
  deliveries: z.array(DeliveryOutcome),
  /** While it waits: its place among those that wait for the same connection, and when it may start. */
  queuePlace: z.number().int().nullable(),
  expectedStartAt: Instant.nullable(),
});
export type QueryRunDetail = z.infer<typeof QueryRunDetail>;

/** Rows pass through: they are kept nowhere. */
export const RowsPage = z.object({
  columns: z.array(QueryColumn),
  rows: z.array(z.array(z.string().nullable())),
  offset: z.number().int(),
  cursor: z.string().nullable(),
  total: z.number().int().nullable(),
  source: z.enum(['live', 'provider']),
  executedAt: Instant,
  expiresAt: Instant.nullable(),
});
export type RowsPage = z.infer<typeof RowsPage>;

export const DryRun = z.object({
  isValid: z.boolean().nullable(),
  remarks: z.array(
    z.object({
      severity: z.enum(['error', 'warning', 'info']),
      message: z.string(),
      position: QueryPosition.nullable(),
    }),
  ),
  columns: z.array(QueryColumn).nullable(),
  parameters: z.record(z.string(), QueryValue),
  tookMs: z.number().int(),
});
export type DryRun = z.infer<typeof DryRun>;

/** What runs and waits on one connection, and what of ours is at the service. */
export const ConnectionLoad = z.object({
  connectionId: Id,
  connectionName: z.string(),
  engine: EngineKind,
  slots: z.number().int(),
  running: z.array(QueryRunSummary),
  waiting: z.array(QueryRunSummary.extend({ queuePlace: z.number().int(), expectedStartAt: Instant.nullable() })),
  /** The last that did not end well, newest first, as far as a day back. */
  failed: z.array(QueryRunSummary),
  /** What counts against `slots`: the whole connection, or each instance of Amazon that something runs or waits on. */
  lines: z.array(
    z.object({
      unit: z.string().nullable(),
      unitName: z.string().nullable(),
      running: z.number().int(),
      waiting: z.number().int(),
    }),
  ),
  /** Nothing new begins here until somebody resumes it; null: it takes what comes. */
  drain: z.object({ by: ActorRef, at: Instant, reason: z.string().nullable() }).nullable(),
  /** Calls of the service's budget in the last minute, and how many were answered with 429. */
  calls: z.number().int(),
  throttled: z.number().int(),
  temporaryAssets: z.number().int(),
  oldestAssetAt: Instant.nullable(),
});
export type ConnectionLoad = z.infer<typeof ConnectionLoad>;

export const RemoteAssetRow = z.object({
  connectionId: Id,
  unit: z.string().nullable(),
  runId: Id,
  /** Whose run made it; null where that is on record no more. */
  madeBy: ActorRef.nullable(),
  kind: z.string(),
  name: z.string(),
  createdAt: Instant,
  /** When it is deleted at the latest. */
  dueAt: Instant,
  failure: QueryFailureFacts.nullable(),
});
export type RemoteAssetRow = z.infer<typeof RemoteAssetRow>;

export const QueryRunFilter = PageQuery.extend({
  /** In title and text of the query. */
  q: z.string().max(200).optional(),
  connection: Id.optional(),
  unit: z.string().max(100).optional(),
  query: Id.optional(),
  status: CommaList.optional(),
  /** `me`: only one's own. */
  actor: z.enum(['me', 'all']).default('all'),
});
export type QueryRunFilter = z.infer<typeof QueryRunFilter>;

export const queryRunRoutes = defineRoutes({
  startQueryRun: {
    method: 'POST',
    path: '/query-runs',
    access: 'queries:run',
    idempotent: true,
    summary: 'Run a query as a workflow of its own',
    body: StartQueryRun,
    status: 202,
    response: RunStarted,
  },
  dryRunQuery: {
    method: 'POST',
    path: '/query-runs/validate',
    access: 'queries:run',
    summary: 'Ask the service whether it would run this text; nothing runs',
    body: StartQueryRun,
    response: DryRun,
  },
  listQueryRuns: {
    method: 'GET',
    path: '/query-runs',
    access: 'queries:read',
    summary: 'The history of queries, newest first, with search',
    query: QueryRunFilter,
    response: pageOf(QueryRunSummary),
  },
  getQueryRun: {
    method: 'GET',
    path: '/query-runs/:id',
    access: 'queries:read',
    summary: 'One execution: text, parameters, phases, counts',
    params: IdParams,
    response: QueryRunDetail,
  },
  readQueryRows: {
    method: 'GET',
    path: '/query-runs/:id/rows',
    access: 'queries:rows',
    summary: 'A page of rows, straight from the service; 410 `rows.expired` once they are gone',
    params: IdParams,
    query: z.object({
      cursor: z.string().max(2_000).optional(),
      offset: z.coerce.number().int().min(0).optional(),
      limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
    }),
    response: RowsPage,
    sentAsBuilt: true,
  },
  exportQueryRows: {
    method: 'GET',
    path: '/query-runs/:id/export',
    access: 'queries:export',
    summary: 'The whole result as a file, streamed',
    params: IdParams,
    query: z.object({
      format: z.enum(exportFormatNames).default('csv'),
      /** Rows to pass over, to go on with a download that broke (csv, ndjson). */
      from: z.coerce.number().int().min(0).default(0),
      /** The same by bytes of the file, in every format: the same rows make the same file. */
      fromByte: z.coerce.number().int().min(0).default(0),
      /** An id of the caller's own in place of the `x-export-id` that is made, for whoever cannot see the headers. */
      exportId: Id.optional(),
    }),
    stream: 'file',
  },
  runQueryAgain: {
    method: 'POST',
    path: '/query-runs/:id/again',
    access: 'queries:run',
    idempotent: true,
    summary: 'Run an ended query again as it was: text, values, place and deliveries, as a run of its own',
    params: IdParams,
    status: 202,
    response: RunStarted,
  },
  closeQueryRun: {
    method: 'POST',
    path: '/query-runs/:id/close',
    access: 'queries:run',
    summary: 'The rows are not needed any more: what is at the service for them is removed',
    params: IdParams,
    status: 204,
  },
  getQueryQueue: {
    method: 'GET',
    path: '/query-queue',
    access: 'queries:read',
    summary: 'What runs and waits by connection, with places and quotas',
    response: z.object({ data: z.array(ConnectionLoad) }),
  },
  drainConnection: {
    method: 'POST',
    path: '/query-queue/:id/drain',
    access: 'runs:manage',
    summary: 'Let no new query begin on a connection; those that run go on, the others wait in line',
    params: IdParams,
    body: z.object({ reason: z.string().trim().max(300).optional() }).nullish(),
    status: 204,
  },
  resumeConnection: {
    method: 'POST',
    path: '/query-queue/:id/resume',
    access: 'runs:manage',
    summary: 'Let queries begin on a connection again',
    params: IdParams,
    status: 204,
  },
  listRemoteAssets: {
    method: 'GET',
    path: '/query-assets',
    access: 'queries:read',
    summary: 'What of ours exists at the services now: who made it and when it vanishes',
    query: PageQuery.extend({ connection: Id.optional() }),
    response: pageOf(RemoteAssetRow),
  },
});
