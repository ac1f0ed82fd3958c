import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { ActorRef, CommaList, Id, IdParams, Instant, PageQuery, QueryFlag, Tag, pageOf } from '../kit/schemas.ts';
import { RunSummary } from '../runs/runs.ts';
import { HostKeyText, OfferedHostKey, PinnedHostKey, hostKeyStates } from './host-key.ts';
import { ImportReport, ImportRequest } from './import-servers.ts';
import { HostAddress, Port, ServerName } from './server-fields.ts';

/**
 * `healthy`: answers and does as it should. `degraded`: answers, yet something is short (disk, memory, a slow shell).
 * `unhealthy`: the machine is there and we can't work on it (key changed, sign-in refused, no shell). `no_answer`: nothing there.
 * `unknown`: not checked yet.
 */
export const healthStates = ['healthy', 'degraded', 'unhealthy', 'no_answer', 'unknown'] as const;
export type HealthState = (typeof healthStates)[number];

/** What a check learns of a machine; what it could not learn is absent. */
export const ServerFacts = z.looseObject({
  os: z.string().optional(),
  kernel: z.string().optional(),
  arch: z.string().optional(),
  hostname: z.string().optional(),
  user: z.string().optional(),
  shell: z.string().optional(),
  sshVersion: z.string().optional(),
  uptimeSeconds: z.number().optional(),
  cpus: z.number().optional(),
  load1: z.number().optional(),
  /** Of all processors, while it was checked; where the system tells it (Linux). */
  cpuUsedPercent: z.number().optional(),
  memoryTotalBytes: z.number().optional(),
  memoryUsedPercent: z.number().optional(),
  diskTotalBytes: z.number().optional(),
  diskUsedPercent: z.number().optional(),
  /** Milliseconds that the login shell took until a command could begin. */
  shellMs: z.number().optional(),
  /** `sudo` works without a password. */
  canSudo: z.boolean().optional(),
  /** Where durable commands keep their state; absent: nowhere, so only `durable: false` works. */
  stateFolder: z.string().optional(),
  /** What a login script prints into every command. */
  noise: z.string().optional(),
});
export type ServerFacts = z.infer<typeof ServerFacts>;

/** How busy the processors are, 0 to 100: as the system tells, else by the load of the last minute for each of them. */
export const cpuPercentOf = ({
  cpuUsedPercent,
  load1,
  cpus,
}: Pick<ServerFacts, 'cpuUsedPercent' | 'load1' | 'cpus'>): number | undefined =>
  cpuUsedPercent ?? (load1 === undefined || !cpus ? undefined : Math.min(100, (load1 * 100) / cpus));

/** One look at one server. */
export const ServerCheck = z.object({
  id: Id,
  at: Instant,
  reachable: z.boolean(),
  health: z.enum(healthStates),
  /** From the first packet to a command's answer; null where none came. */
  latencyMs: z.number().nullable(),
  /** Why not healthy: a stable code of `contracts/errors.ts`, and its sentence. */
  code: z.string().nullable(),
  message: z.string().nullable(),
});
export type ServerCheck = z.infer<typeof ServerCheck>;

export const Maintenance = z.object({
  since: Instant,
  /** Null: until somebody ends it. */
  until: Instant.nullable(),
  reason: z.string(),
  by: ActorRef,
});

export const Server = z.object({
  id: Id,
  name: z.string(),
  host: z.string(),
  port: z.number().int(),
  description: z.string(),
  tags: z.array(z.string()),
  credentialId: Id.nullable(),
  credential: z.object({ id: Id, name: z.string(), kind: z.string(), username: z.string() }).nullable(),
  jumpServerId: Id.nullable(),
  jumpServer: z.object({ id: Id, name: z.string() }).nullable(),
  hostKeyState: z.enum(hostKeyStates),
  hostKey: PinnedHostKey.nullable(),
  /** With `mismatch`: the key that the server showed instead. */
  offeredHostKey: OfferedHostKey.nullable(),
  /** Playbooks leave out a server in maintenance, and checks don't judge it. */
  maintenance: Maintenance.nullable(),
  health: z.enum(healthStates),
  lastCheck: ServerCheck.nullable(),
  facts: ServerFacts,
  createdAt: Instant,
  updatedAt: Instant,
  /** Also the etag, in quotes. Checks do not change it, people do. */
  version: z.number().int(),
});
export type Server = z.infer<typeof Server>;

const Tags = z
  .array(Tag)
  .max(50)
  .transform((tags) => [...new Set(tags)].sort());
const Description = z.string().max(2_000);

export const NewServer = z.object({
  name: ServerName,
  host: HostAddress,
  port: Port.default(22),
  description: Description.default(''),
  tags: Tags.default([]),
  credentialId: Id.nullable().default(null),
  jumpServerId: Id.nullable().default(null),
  /** Absent or null: pinned at first contact, where the workspace allows it. */
  hostKey: HostKeyText.nullish(),
});
export type NewServer = z.infer<typeof NewServer>;

export const MaintenanceRequest = z.object({ reason: z.string().max(500).default(''), until: Instant.nullish() });

/** A merge: what is absent stays. A change of `hostKey` needs `servers:trust`. */
export const ServerPatch = z.object({
  name: ServerName.optional(),
  host: HostAddress.optional(),
  port: Port.optional(),
  description: Description.optional(),
  tags: Tags.optional(),
  credentialId: Id.nullish(),
  jumpServerId: Id.nullish(),
  hostKey: HostKeyText.nullish(),
  maintenance: MaintenanceRequest.nullish(),
});
export type ServerPatch = z.infer<typeof ServerPatch>;

/**
 * Orders of the list, each in both directions: by name in natural order, the sickest first, by load of the processors,
 * memory in use and time of the last check. What is not known sorts as the least.
 */
export const serverSorts = [
  'name', '-name', 'health', '-health', 'cpu', '-cpu', 'memory', '-memory', 'checked', '-checked',
] as const; // prettier-ignore
export type ServerSort = (typeof serverSorts)[number];

export const ServerFilter = PageQuery.extend({
  /** In name, address or description. */
  q: z.string().max(200).optional(),
  /** Servers that carry all of these tags. */
  tag: CommaList.optional(),
  /** One of these states; `maintenance` is one here. */
  health: CommaList.pipe(z.array(z.enum([...healthStates, 'maintenance']))).optional(),
  credential: Id.optional(),
  jump: Id.optional(),
  hostKey: z.enum(hostKeyStates).optional(),
  /** These and no others: what a screen shows of them is read again. */
  ids: CommaList.pipe(z.array(Id).max(200)).optional(),
  sort: z.enum(serverSorts).default('name'),
});
export type ServerFilter = z.infer<typeof ServerFilter>;
/** Which servers, without the page of them. */
export const ServerChoice = ServerFilter.omit({ limit: true, cursor: true, sort: true });
export type ServerChoice = z.infer<typeof ServerChoice>;

/** The re-pin: it must name the very key that is on screen, so that nobody trusts one they have not seen. */
export const TrustHostKey = z.object({
  fingerprint: z.string().trim().min(1).max(100),
  reason: z.string().max(500).optional(),
});

export const serverRoutes = defineRoutes({
  listServers: {
    method: 'GET',
    path: '/servers',
    access: 'servers:read',
    summary: 'Servers by name in natural order, or by how they are',
    query: ServerFilter,
    response: pageOf(Server),
  },
  countServers: {
    method: 'GET',
    path: '/servers/counts',
    access: 'servers:read',
    summary: 'How many servers a filter shows, and how many of them are in each state of health',
    query: ServerChoice,
    response: z.object({
      /** Like the figures below it without the filter by health, so that each state says how many it would show. */
      total: z.number().int(),
      /** What the whole filter shows. */
      matching: z.number().int(),
      inMaintenance: z.number().int(),
      health: z.object({
        healthy: z.number().int(),
        degraded: z.number().int(),
        unhealthy: z.number().int(),
        no_answer: z.number().int(),
        unknown: z.number().int(),
      }),
      mismatches: z.number().int(),
    }),
  },
  createServer: {
    method: 'POST',
    path: '/servers',
    access: 'servers:manage',
    idempotent: true,
    summary: 'Add a server',
    body: NewServer,
    status: 201,
    response: Server,
  },
  getServer: {
    method: 'GET',
    path: '/servers/:id',
    access: 'servers:read',
    summary: 'One server',
    params: IdParams,
    response: Server,
  },
  updateServer: {
    method: 'PATCH',
    path: '/servers/:id',
    access: 'servers:manage',
    summary: 'Change a server; `If-Match` guards the change',
    params: IdParams,
    body: ServerPatch,
    response: Server,
  },
  deleteServer: {
    method: 'DELETE',
    path: '/servers/:id',
    access: 'servers:manage',
    summary: 'Delete a server that no other jumps through',
    params: IdParams,
    status: 204,
  },
  importServers: {
    method: 'POST',
    path: '/servers/import',
    access: 'servers:manage',
    summary:
      'Add or change servers from CSV (`text/csv`, or JSON `{csv}`): name,host,port,tags,credential,jump,hostKey,description',
    query: z.object({ dryRun: QueryFlag.optional(), allOrNothing: QueryFlag.optional() }),
    body: ImportRequest,
    rawBody: true,
    bodyLimit: 8_388_608,
    response: ImportReport,
  },
  exportServers: {
    method: 'GET',
    path: '/servers/export.csv',
    access: 'servers:read',
    summary: 'All servers as CSV that the import takes back unchanged',
    stream: 'file',
  },
  checkServer: {
    method: 'POST',
    path: '/servers/:id/check',
    access: 'servers:check',
    summary: 'Connect now and say what was found',
    params: IdParams,
    response: ServerCheck,
  },
  checkServers: {
    method: 'POST',
    path: '/servers/check',
    access: 'servers:check',
    summary: 'Check many soon, or all; the results come as `server.checked` events',
    body: z.object({ ids: z.array(Id).min(1).max(1_000).optional() }).nullish(),
    status: 202,
    response: z.object({ requested: z.number().int() }),
  },
  listServerChecks: {
    method: 'GET',
    path: '/servers/:id/checks',
    access: 'servers:read',
    summary: 'The history of checks, newest first',
    params: IdParams,
    query: PageQuery,
    response: pageOf(ServerCheck),
  },
  trustHostKey: {
    method: 'POST',
    path: '/servers/:id/host-key',
    access: 'servers:trust',
    summary: 'Pin the key that the server offers, named by its fingerprint',
    params: IdParams,
    body: TrustHostKey,
    response: Server,
  },
  importKnownHosts: {
    method: 'POST',
    path: '/servers/known-hosts',
    access: 'servers:trust',
    summary: 'Pin keys from the text of a known_hosts file on servers that have none',
    body: z.object({ knownHosts: z.string().min(1).max(2_000_000), dryRun: z.boolean().default(false) }),
    response: z.object({
      pinned: z.array(z.object({ id: Id, name: z.string(), fingerprint: z.string() })),
      /** Servers whose pinned key is another than the file's: each needs a person. */
      different: z.array(z.object({ id: Id, name: z.string(), pinned: z.string(), offered: z.string() })),
      unreadableLines: z.array(z.number().int()),
    }),
  },
  listServerRuns: {
    method: 'GET',
    path: '/servers/:id/runs',
    access: 'runs:read',
    summary: 'Runs that touched this server, newest first',
    params: IdParams,
    query: PageQuery,
    response: pageOf(RunSummary),
  },
  listTags: {
    method: 'GET',
    path: '/tags',
    access: 'servers:read',
    summary: 'The tags on servers, with how many carry each',
    response: z.object({ data: z.array(z.object({ tag: z.string(), servers: z.number().int() })) }),
  },
});
