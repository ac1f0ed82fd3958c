import { z } from 'zod';
import { AlertSeverity } from '../alerts/severity.ts';
import { defineRoutes } from '../kit/route.ts';
import { ActorRef, CommaList, Id, IdParams, Instant, Name } from '../kit/schemas.ts';
import { isZone } from '../schedules/zone.ts';

/** Who sends: it decides which instructions are shown, not what is understood. */
export const logSenders = [
  'otel',
  'promtail',
  'fluent-bit',
  'filebeat',
  'vector',
  'rsyslog',
  'datadog',
  'ndjson',
] as const;
export const LogSender = z.enum(logSenders);
export type LogSender = z.infer<typeof LogSender>;
export const senderNames: Readonly<Record<LogSender, string>> = {
  otel: 'OpenTelemetry Collector',
  promtail: 'Grafana Alloy or Promtail',
  'fluent-bit': 'Fluent Bit',
  filebeat: 'Filebeat',
  vector: 'Vector',
  rsyslog: 'rsyslog',
  datadog: 'Datadog Agent',
  ndjson: 'Anything that speaks HTTP',
};

/** Severities of lines: those of alerts, and none given. */
export const lineSeverities = [...AlertSeverity.options, 'none'] as const;
export const LineSeverity = z.enum(lineSeverities);
export type LineSeverity = z.infer<typeof LineSeverity>;

export const LogLine = z.object({
  /** Of this line alone. */
  id: z.string(),
  at: Instant,
  severity: LineSeverity,
  sourceId: Id.nullable(),
  host: z.string().nullable(),
  service: z.string().nullable(),
  text: z.string(),
  attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  traceId: z.string().nullable(),
  spanId: z.string().nullable(),
});
export type LogLine = z.infer<typeof LogLine>;

const window = {
  from: Instant.optional(),
  to: Instant.optional(),
  /** Words, "a phrase", `service=checkout`, `-host=web-1`: `contracts/logs/search-text.ts`. */
  q: z.string().max(2_000).default(''),
  severity: CommaList.pipe(z.array(LineSeverity)).optional(),
  source: Id.optional(),
};
export const LogSearch = z.object({ ...window, limit: z.coerce.number().int().min(1).max(500).default(100), cursor: z.string().max(100).optional() }); // prettier-ignore
export const LogCountsQuery = z.object(window);
export const LogPage = z.object({
  data: z.array(LogLine),
  /** Where the next page begins; null where nothing older is in the window. */
  nextCursor: z.string().nullable(),
  /** The time ran out: what is older than `searchedFrom` was not looked at yet, and the cursor goes on there. */
  isPartial: z.boolean(),
  searchedFrom: Instant,
});
export type LogPage = z.infer<typeof LogPage>;

const Counts = z.object(
  Object.fromEntries(lineSeverities.map((name) => [name, z.int()])) as Record<LineSeverity, z.ZodInt>,
);
export const LogCounts = z.object({
  from: Instant,
  to: Instant,
  bucketMs: z.int(),
  /** Only buckets with lines. */
  buckets: z.array(z.object({ at: Instant, counts: Counts })),
  total: z.int(),
  isPartial: z.boolean(),
  countedFrom: Instant,
});
export type LogCounts = z.infer<typeof LogCounts>;

const sourceFields = {
  name: Name,
  description: z.string().max(2_000),
  sender: LogSender,
  /** Of syslog senders that write local times without one. */
  timeZone: z.string().min(1).max(60).refine(isZone, 'A time zone such as Europe/Berlin.'),
  enabled: z.boolean(),
};
export const CreateLogSource = z.object({
  ...sourceFields,
  description: sourceFields.description.default(''),
  timeZone: sourceFields.timeZone.default('UTC'),
  enabled: sourceFields.enabled.default(true),
});
export type CreateLogSource = z.infer<typeof CreateLogSource>;
export const ChangeLogSource = z.object(sourceFields).partial();
export const ShownLogSource = z.object({
  id: Id,
  ...sourceFields,
  tokens: z.array(z.object({ id: Id, hint: z.string(), createdAt: Instant })),
  /** Of the last 24 hours and today, by UTC days; `lost` is what syslog brought and could not be written. */
  figures: z.object({
    events: z.int(),
    bytes: z.int(),
    duplicates: z.int(),
    rejected: z.int(),
    lost: z.int(),
    lastAt: Instant.nullable(),
  }),
  version: z.int(),
  createdBy: ActorRef,
  createdAt: Instant,
  updatedAt: Instant,
});
export type ShownLogSource = z.infer<typeof ShownLogSource>;
export const LogSourceAddress = z.object({ tokenId: Id, token: z.string(), url: z.string() });
export type LogSourceAddress = z.infer<typeof LogSourceAddress>;

/** When a saved search raises an alert: so many lines within so many minutes. */
export const LogAlert = z.object({
  threshold: z.int().min(1).max(100_000),
  withinMinutes: z.int().min(1).max(1_440),
  severity: AlertSeverity,
});
export type LogAlert = z.infer<typeof LogAlert>;
const searchFields = { name: Name, search: z.string().max(2_000), alert: LogAlert.nullable() };
export const CreateSavedLogSearch = z.object({ ...searchFields, alert: searchFields.alert.default(null) });
export const ChangeSavedLogSearch = z.object(searchFields).partial();
export const SavedLogSearch = z.object({
  id: Id,
  ...searchFields,
  state: z.enum(['quiet', 'firing']),
  stateAt: Instant.nullable(),
  /** Lines found by the last look, `threshold` at most. */
  lastCount: z.int().nullable(),
  version: z.int(),
  createdBy: ActorRef,
  createdAt: Instant,
  updatedAt: Instant,
});
export type SavedLogSearch = z.infer<typeof SavedLogSearch>;

export const ChangeLogKeeping = z.object({
  keepDays: z.int().min(1).max(400).optional(),
  /** Bytes of all kept lines above which the oldest days go first; null: no bound. */
  quotaBytes: z.int().min(1_048_576).nullable().optional(),
});
export const LogKeeping = z.object({
  keepDays: z.int(),
  quotaBytes: z.int().nullable(),
  usedBytes: z.int(),
  events: z.int(),
  days: z.array(z.object({ day: z.string(), events: z.int(), bytes: z.int() })),
  /** What was let go, newest first. */
  trims: z.array(z.object({ at: Instant, beforeDay: z.string(), events: z.int(), bytes: z.int() })),
});
export type LogKeeping = z.infer<typeof LogKeeping>;

export const logRoutes = defineRoutes({
  searchLogs: {
    method: 'GET',
    path: '/logs',
    access: 'logs:read',
    sentAsBuilt: true,
    summary: 'Lines of a window, newest first; the last hour where none is named. It answers within two seconds, with `isPartial` where that was too short', // prettier-ignore
    query: LogSearch,
    response: LogPage,
  },
  countLogs: {
    method: 'GET',
    path: '/logs/counts',
    access: 'logs:read',
    summary: 'Lines over time, by severity, counted from the newest on for two seconds at most',
    query: LogCountsQuery,
    response: LogCounts,
  },
  listLogSources: {
    method: 'GET',
    path: '/log-sources',
    access: 'logs:read',
    summary: 'Who sends logs, by name, with what came',
    response: z.object({ data: z.array(ShownLogSource) }),
  },
  createLogSource: {
    method: 'POST',
    path: '/log-sources',
    access: 'logs:manage',
    idempotent: true,
    summary: 'Make a log source; its address is shown this once',
    body: CreateLogSource,
    status: 201,
    response: z.object({ source: ShownLogSource, address: LogSourceAddress }),
  },
  changeLogSource: {
    method: 'PATCH',
    path: '/log-sources/:id',
    access: 'logs:manage',
    summary: 'Change a log source, or switch it off',
    params: IdParams,
    body: ChangeLogSource,
    response: ShownLogSource,
  },
  deleteLogSource: {
    method: 'DELETE',
    path: '/log-sources/:id',
    access: 'logs:manage',
    summary: 'Remove a log source; what it sent stays until its time is over',
    params: IdParams,
    status: 204,
  },
  addLogSourceToken: {
    method: 'POST',
    path: '/log-sources/:id/tokens',
    access: 'logs:manage',
    summary: 'A new address; the one before goes on until it is removed, an older one ends now',
    params: IdParams,
    status: 201,
    response: z.object({ source: ShownLogSource, address: LogSourceAddress }),
  },
  removeLogSourceToken: {
    method: 'DELETE',
    path: '/log-sources/:id/tokens/:tokenId',
    access: 'logs:manage',
    summary: 'End an address',
    params: z.object({ id: Id, tokenId: Id }),
    status: 204,
  },
  listLogSearches: {
    method: 'GET',
    path: '/log-searches',
    access: 'logs:read',
    summary: 'Saved searches by name',
    response: z.object({ data: z.array(SavedLogSearch) }),
  },
  createLogSearch: {
    method: 'POST',
    path: '/log-searches',
    access: 'logs:manage',
    idempotent: true,
    summary: 'Save a search, with a threshold above which it raises an alert',
    body: CreateSavedLogSearch,
    status: 201,
    response: SavedLogSearch,
  },
  changeLogSearch: {
    method: 'PATCH',
    path: '/log-searches/:id',
    access: 'logs:manage',
    summary: 'Change a saved search',
    params: IdParams,
    body: ChangeSavedLogSearch,
    response: SavedLogSearch,
  },
  deleteLogSearch: {
    method: 'DELETE',
    path: '/log-searches/:id',
    access: 'logs:manage',
    summary: 'Remove a saved search; an alert it raised is resolved',
    params: IdParams,
    status: 204,
  },
  getLogKeeping: {
    method: 'GET',
    path: '/log-keeping',
    access: 'logs:read',
    summary: 'How long lines are kept, what they take, and what was let go',
    response: LogKeeping,
  },
  changeLogKeeping: {
    method: 'PATCH',
    path: '/log-keeping',
    access: 'logs:manage',
    summary: 'Keep lines for longer or shorter',
    body: ChangeLogKeeping,
    response: LogKeeping,
  },
});
