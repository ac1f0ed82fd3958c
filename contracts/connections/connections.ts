import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { ActorRef, Id, IdParams, Instant, Name, PageQuery, pageOf } from '../kit/schemas.ts';
import { EngineKind } from '../queries/engine.ts';
import { QueryFailureFacts } from '../queries/failures.ts';
import { ConnectionConfig, PublicConfig } from './config.ts';

/**
 * Where a connection stands: `new` nobody has signed in yet · `connected` · `needs_reauth` the service wants a person to
 * sign in again, queued work waits · `unavailable` the service does not answer, we try on · `disconnecting` access is being
 * given back and everything of it erased.
 */
export const connectionStates = ['new', 'connected', 'needs_reauth', 'unavailable', 'disconnecting'] as const;
export type ConnectionState = (typeof connectionStates)[number];

/** A connection as everybody who may see it sees it: never a secret. */
export const Connection = z.object({
  id: Id,
  kind: EngineKind,
  name: z.string(),
  description: z.string(),
  config: PublicConfig,
  /** Which secrets are stored, by name: `clientSecret`, `password`. */
  secretsHeld: z.array(z.string()),
  state: z.enum(connectionStates),
  /** Since when it stands so. */
  stateSince: Instant,
  /** Why, where it is not `connected`. */
  failure: QueryFailureFacts.nullable(),
  /** As whom we are signed in at the service. */
  account: z.object({ id: z.string(), name: z.string() }).nullable(),
  scopes: z.array(z.string()),
  /** When the access token ends, and when it is renewed; null where there is none to renew. */
  expiresAt: Instant.nullable(),
  refreshAt: Instant.nullable(),
  refreshedAt: Instant.nullable(),
  /** Its `connectionLifecycle`. */
  runId: Id.nullable(),
  /** Query runs that run now, and that wait for it. */
  running: z.number().int(),
  waiting: z.number().int(),
  /** The most that may run at the service at once. */
  slots: z.number().int(),
  /** The most calls a second; null: as the service takes them. */
  callsPerSecond: z.number().int().nullable(),
  /** Calls of the last full minute and of this one so far, of all units, and how many the service refused as too many. */
  budget: z.object({
    callsLastMinute: z.number().int(),
    throttledLastMinute: z.number().int(),
    callsThisMinute: z.number().int(),
  }),
  /** Objects of ours that exist at the service now. */
  temporaryAssets: z.number().int(),
  createdBy: ActorRef,
  createdAt: Instant,
  updatedAt: Instant,
  /** Also the etag, in quotes. */
  version: z.number().int(),
});
export type Connection = z.infer<typeof Connection>;

/** A business unit of Marketing Cloud, an instance of Amazon Marketing Cloud. PostgreSQL has none. */
export const ConnectionUnit = z.object({
  /** The MID, the instance id. */
  id: z.string(),
  name: z.string(),
  parentId: z.string().nullable(),
  /** It can be queried. */
  isUsable: z.boolean(),
  /** Chosen where nobody names one. */
  isDefault: z.boolean(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});
export type ConnectionUnit = z.infer<typeof ConnectionUnit>;

export const refreshOutcomes = ['renewed', 'refused', 'failed'] as const;
/** One renewal of the tokens, as it went. */
export const TokenRefresh = z.object({
  id: Id,
  at: Instant,
  outcome: z.enum(refreshOutcomes),
  /** `ahead` of time by the clock, `asked` by somebody, `spent`: the service refused the token in use. */
  cause: z.enum(['ahead', 'asked', 'spent', 'sign_in']),
  tookMs: z.number().int(),
  failure: QueryFailureFacts.nullable(),
});
export type TokenRefresh = z.infer<typeof TokenRefresh>;

/** One thing that queries can name, as it was seen last; columns on demand. */
export const KnownObject = z.object({
  id: z.string(),
  kind: z.enum(['unit', 'folder', 'schema', 'table', 'view', 'source']),
  name: z.string(),
  sqlName: z.string().nullable(),
  parentId: z.string().nullable(),
  description: z.string().nullable(),
  rowCount: z.number().nullable(),
  hasColumns: z.boolean(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});
export type KnownObject = z.infer<typeof KnownObject>;

export const KnownColumn = z.object({
  name: z.string(),
  type: z.string(),
  nativeType: z.string().nullable(),
  length: z.number().int().nullable(),
  precision: z.number().int().nullable(),
  scale: z.number().int().nullable(),
  isKey: z.boolean(),
  isRequired: z.boolean(),
  description: z.string().nullable(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});
export type KnownColumn = z.infer<typeof KnownColumn>;

/** How fresh the kept description of a unit is. */
export const SchemaState = z.object({
  unit: z.string().nullable(),
  readAt: Instant.nullable(),
  isReading: z.boolean(),
  objects: z.number().int(),
  /** The service has more than is kept: what was cut, as a sentence. */
  cut: z.string().nullable(),
  failure: QueryFailureFacts.nullable(),
});
export type SchemaState = z.infer<typeof SchemaState>;

export const CreateConnection = z.object({
  kind: EngineKind,
  name: Name,
  description: z.string().max(2_000).default(''),
  /** By kind; secrets go in here (`clientSecret`, `password`) and never come out. See `contracts/connections/config.ts`. */
  config: ConnectionConfig,
  slots: z.int().min(1).max(100).optional(),
  callsPerSecond: z.int().min(1).max(1_000).nullish(),
});
export type CreateConnection = z.infer<typeof CreateConnection>;
export const ChangeConnection = z.object({
  name: Name.optional(),
  description: z.string().max(2_000).optional(),
  /** A merge over what stands; null clears. Changing who we are at the service asks for a new sign-in. */
  config: z.record(z.string(), z.unknown()).optional(),
  slots: z.int().min(1).max(100).optional(),
  callsPerSecond: z.int().min(1).max(1_000).nullish(),
});
export type ChangeConnection = z.infer<typeof ChangeConnection>;

const unitQuery = z.object({ unit: z.string().max(100).optional() });

export const connectionRoutes = defineRoutes({
  listConnections: {
    method: 'GET',
    path: '/connections',
    access: 'connections:read',
    summary: 'Connections by name',
    query: PageQuery.extend({ kind: EngineKind.optional(), q: z.string().max(200).optional() }),
    response: pageOf(Connection),
  },
  createConnection: {
    method: 'POST',
    path: '/connections',
    access: 'connections:manage',
    idempotent: true,
    summary: 'Make a connection; services with a sign-in stay `new` until somebody has signed in',
    body: CreateConnection,
    status: 201,
    response: Connection,
  },
  getConnection: {
    method: 'GET',
    path: '/connections/:id',
    access: 'connections:read',
    summary: 'One connection',
    params: IdParams,
    response: Connection,
  },
  updateConnection: {
    method: 'PATCH',
    path: '/connections/:id',
    access: 'connections:manage',
    summary: 'Change a connection; `If-Match` guards the change',
    params: IdParams,
    body: ChangeConnection,
    response: Connection,
  },
  deleteConnection: {
    method: 'DELETE',
    path: '/connections/:id',
    access: 'connections:manage',
    summary: 'Disconnect: stop what runs, remove what is ours at the service, give the access back, erase all secrets',
    params: IdParams,
    status: 204,
  },
  authorizeConnection: {
    method: 'GET',
    path: '/connections/:id/authorize',
    access: 'connections:manage',
    summary: 'Where the browser goes to sign in at the service; the way back leads to `returnTo` in the console',
    params: IdParams,
    query: z.object({
      /** A path of the console. */
      returnTo: z
        .string()
        .regex(/^\/(?![/\\])[^\\]*$/, 'A path of this console.')
        .max(500)
        .optional(),
      /** Another business unit than the one signed in to first: Marketing Cloud gives each a token of its own. */
      unit: z
        .string()
        .regex(/^\d{1,15}$/)
        .optional(),
    }),
    response: z.object({ url: z.url(), expiresAt: Instant }),
  },
  oauthCallback: {
    method: 'GET',
    path: '/oauth/callback',
    access: 'public',
    summary: 'Where services send the browser back to after a sign-in',
    query: z.looseObject({ state: z.string().max(200).optional(), code: z.string().max(4_000).optional() }),
    stream: 'raw',
    secretPath: true,
  },
  launchFromSfmc: {
    method: 'POST',
    path: '/connections/:id/launch',
    access: 'public',
    summary: 'Sign-in from Marketing Cloud’s App Switcher: takes its signed token as form field `jwt`',
    params: IdParams,
    stream: 'raw',
    rawBody: true,
  },
  landLaunch: {
    method: 'GET',
    path: '/connections/:id/landing',
    access: 'public',
    summary: 'Where a sign-in from App Switcher lands: in the console, on that connection and business unit',
    params: IdParams,
    query: z.object({ ticket: z.string().max(200).optional() }),
    stream: 'raw',
    secretPath: true,
  },
  refreshConnection: {
    method: 'POST',
    path: '/connections/:id/refresh',
    access: 'connections:use',
    summary: 'Renew the tokens now and say how it went',
    params: IdParams,
    response: Connection,
  },
  testConnection: {
    method: 'POST',
    path: '/connections/:id/test',
    access: 'connections:use',
    summary: 'Ask the service a small question now',
    params: IdParams,
    response: z.object({ isWorking: z.boolean(), tookMs: z.number().int(), failure: QueryFailureFacts.nullable() }),
  },
  listTokenRefreshes: {
    method: 'GET',
    path: '/connections/:id/refreshes',
    access: 'connections:read',
    summary: 'The last renewals of the tokens, newest first',
    params: IdParams,
    response: z.object({ data: z.array(TokenRefresh) }),
  },
  listConnectionUnits: {
    method: 'GET',
    path: '/connections/:id/units',
    access: 'connections:read',
    summary: 'Business units or instances that the caller may use',
    params: IdParams,
    response: z.object({ data: z.array(ConnectionUnit) }),
  },
  listConnectionObjects: {
    method: 'GET',
    path: '/connections/:id/objects',
    access: 'connections:read',
    summary: 'What can be queried, names first; `q` searches names, descriptions and the columns that are known',
    params: IdParams,
    query: PageQuery.extend({
      unit: z.string().max(100).optional(),
      q: z.string().max(200).optional(),
      parent: z.string().max(400).optional(),
      limit: z.coerce.number().int().min(1).max(5_000).default(1_000),
    }),
    response: pageOf(KnownObject).extend({ schema: SchemaState }),
  },
  listObjectColumns: {
    method: 'GET',
    path: '/connections/:id/columns',
    access: 'connections:read',
    summary: 'Columns of one object, or of several, from what is kept or from the service',
    params: IdParams,
    query: unitQuery.extend({ object: z.union([z.string(), z.array(z.string()).max(50)]) }),
    response: z.object({ data: z.array(z.object({ object: z.string(), columns: z.array(KnownColumn) })) }),
  },
  readConnectionSchema: {
    method: 'POST',
    path: '/connections/:id/objects/refresh',
    access: 'connections:use',
    summary: 'Read the description of a unit anew in the background; `schema.changed` tells when it is there',
    params: IdParams,
    query: unitQuery,
    status: 202,
    response: SchemaState,
  },
});
