import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { parseDuration } from '../kit/duration.ts';
import { ActorRef, DurationText, Id, IdParams, Instant, Name } from '../kit/schemas.ts';
import { AlertFormat, SourceDefaults } from './alerts.ts';
import { AlertMapping } from './formats/generic.ts';

/** Of one request, as sent; and after inflation. */
export const mostSentBytes = 4_194_304;
export const mostBodyBytes = 16_777_216;

export const SourceFields = z.object({
  name: Name,
  format: AlertFormat.default('auto'),
  /** Of `generic` alone: how its JSON is read. */
  mapping: AlertMapping.nullable().default(null),
  defaults: SourceDefaults.prefault({}),
  enabled: z.boolean().default(true),
  /** Requests a minute. */
  rateLimit: z.int().min(1).max(100_000).default(6_000),
  /** How long it may be silent before an alert tells of it; null: as long as it likes. */
  heartbeat: DurationText.refine((text) => (parseDuration(text) ?? 0) >= 60_000, 'At least a minute.')
    .nullable()
    .default(null),
});
export type SourceFields = z.infer<typeof SourceFields>;
export const ChangeSource = z.object({
  name: Name.optional(),
  format: AlertFormat.optional(),
  mapping: AlertMapping.nullable().optional(),
  defaults: SourceDefaults.optional(),
  enabled: z.boolean().optional(),
  rateLimit: z.int().min(1).max(100_000).optional(),
  heartbeat: SourceFields.shape.heartbeat.unwrap().optional(),
});
export type ChangeSource = z.infer<typeof ChangeSource>;

export const AlertSource = SourceFields.extend({
  id: Id,
  mapping: AlertMapping.nullable(),
  defaults: SourceDefaults,
  heartbeat: z.string().nullable(),
  /** It has been silent for longer than its heartbeat allows. */
  isQuiet: z.boolean(),
  tokens: z.array(z.object({ id: Id, hint: z.string(), createdAt: Instant, lastUsedAt: Instant.nullable() })),
  /** Since it was made. */
  counters: z.object({
    requests: z.int(),
    /** Alerts taken. */
    accepted: z.int(),
    /** Requests that could not be read. */
    refused: z.int(),
    /** Requests beyond its rate. */
    limited: z.int(),
    /** Alerts that the sender itself cut from its requests. */
    leftOut: z.int(),
    /** Its alerts that fire now. */
    firing: z.int(),
  }),
  lastReceivedAt: Instant.nullable(),
  lastRefusedAt: Instant.nullable(),
  lastRefusal: z.string().nullable(),
  version: z.int(),
  createdBy: ActorRef,
  createdAt: Instant,
  updatedAt: Instant,
});
export type AlertSource = z.infer<typeof AlertSource>;

/** A token, shown this once, with the address that ends in it. */
export const SourceAddress = z.object({ tokenId: Id, token: z.string(), url: z.string() });
export type SourceAddress = z.infer<typeof SourceAddress>;

const Token = z.object({ token: z.string().min(1).max(200) });
const door = {
  access: 'public',
  secretPath: true,
  rawBody: true,
  bodyLimit: mostBodyBytes,
  stream: 'raw',
} as const;

export const alertSourceRoutes = defineRoutes({
  listAlertSources: {
    method: 'GET',
    path: '/alert-sources',
    access: 'alerts:read',
    summary: 'Where alerts come from, by name, with what each has sent',
    response: z.object({ data: z.array(AlertSource) }),
  },
  createAlertSource: {
    method: 'POST',
    path: '/alert-sources',
    access: 'alerts:manage',
    idempotent: true,
    summary: 'Make a source; its address is shown this once',
    body: SourceFields,
    status: 201,
    response: z.object({ source: AlertSource, address: SourceAddress }),
  },
  getAlertSource: {
    method: 'GET',
    path: '/alert-sources/:id',
    access: 'alerts:read',
    summary: 'One source',
    params: IdParams,
    response: AlertSource,
  },
  changeAlertSource: {
    method: 'PATCH',
    path: '/alert-sources/:id',
    access: 'alerts:manage',
    summary: 'Change a source',
    params: IdParams,
    body: ChangeSource,
    response: AlertSource,
  },
  deleteAlertSource: {
    method: 'DELETE',
    path: '/alert-sources/:id',
    access: 'alerts:manage',
    summary: 'Remove a source; its alerts stay and those that fire are over',
    params: IdParams,
    status: 204,
  },
  rotateAlertSource: {
    method: 'POST',
    path: '/alert-sources/:id/tokens',
    access: 'alerts:manage',
    summary: 'A new token; the one before goes on until it is removed, an older one ends now',
    params: IdParams,
    status: 201,
    response: z.object({ source: AlertSource, address: SourceAddress }),
  },
  removeAlertSourceToken: {
    method: 'DELETE',
    path: '/alert-sources/:id/tokens/:tokenId',
    access: 'alerts:manage',
    summary: 'End a token',
    params: z.object({ id: Id, tokenId: Id }),
    status: 204,
  },
  testAlertSource: {
    method: 'POST',
    path: '/alert-sources/:id/test',
    access: 'alerts:manage',
    summary: 'Send a test alert through rules and silences; the next call resolves it',
    params: IdParams,
    response: z.object({ status: z.enum(['firing', 'resolved']) }),
  },

  takeAlerts: {
    method: 'POST',
    path: '/ingest/:token',
    summary: 'Take alerts in whatever format the source reads',
    params: Token,
    ...door,
  },
  takePutAlerts: {
    method: 'PUT',
    path: '/ingest/:token',
    summary: 'The same for senders that put (Grafana)',
    params: Token,
    ...door,
  },
  greetAlertSender: {
    method: 'OPTIONS',
    path: '/ingest/:token',
    summary: 'Answers the handshake of CloudEvents web hooks',
    params: Token,
    ...door,
  },
  takePrometheusAlerts: {
    method: 'POST',
    path: '/ingest/:token/api/v2/alerts',
    summary: 'Take alerts as Prometheus posts them to Alertmanager',
    params: Token,
    ...door,
  },
  takePagerDutyEvent: {
    method: 'POST',
    path: '/ingest/:token/v2/enqueue',
    summary: "Take an event of PagerDuty's Events API v2",
    params: Token,
    ...door,
  },
  takePagerDutyChange: {
    method: 'POST',
    path: '/ingest/:token/v2/change/enqueue',
    summary: "Take a change event of PagerDuty's: a mark on timelines",
    params: Token,
    ...door,
  },
  takeKeyedAlerts: {
    method: 'POST',
    path: '/ingest',
    summary: 'Take alerts of senders that carry the token as a bearer, a basic password or in a field of their own',
    ...door,
  },
  takeKeyedPrometheusAlerts: {
    method: 'POST',
    path: '/ingest/api/v2/alerts',
    summary: 'Take alerts of Prometheus by a bearer or basic password',
    ...door,
  },
  takeKeyedPagerDutyEvent: {
    method: 'POST',
    path: '/ingest/v2/enqueue',
    summary: "Take an event of PagerDuty's Events API v2 by its routing key",
    ...door,
  },
  takeKeyedPagerDutyChange: {
    method: 'POST',
    path: '/ingest/v2/change/enqueue',
    summary: "Take a change event of PagerDuty's by its routing key",
    ...door,
  },
});
