import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { ActorRef, Id, IdParams, Instant, JsonValue } from '../kit/schemas.ts';

/** A host name, an address or a CIDR that outgoing requests may reach although it is private. */
export const EgressTarget = z
  .string()
  .trim()
  .toLowerCase()
  .min(1)
  .max(253)
  .regex(/^(?:[a-z0-9_.*-]+|[0-9a-f:.]+(?:\/\d{1,3})?)$/, 'A host name, an address or a CIDR such as 10.0.0.0/8.');

const values = {
  /** Private hosts and networks that `http` and `notify` steps may reach. */
  egressAllow: z.array(EgressTarget).max(200),
  /** Pin a server's host key at the first contact instead of asking for it. */
  hostKeyFirstUse: z.boolean(),
  /** Runs at once; more wait in line. */
  concurrency: z.number().int().min(1).max(5_000),
  /** Days that events, logs and ended runs are kept. */
  retentionDays: z.number().int().min(1).max(3_650),
  /** Days that alerts are kept once they are over; those of incidents that are open stay. */
  alertRetentionDays: z.number().int().min(1).max(3_650),
  /** Days that entries of the audit log are kept. */
  auditRetentionDays: z.number().int().min(1).max(3_650),
  /** While it is on nothing is let go of, whatever the days say. */
  legalHold: z.boolean(),
  /** Minutes that an access token lives; the shortest of a person's workspaces counts. */
  accessTokenMinutes: z.number().int().min(1).max(1_440),
  /** People need a second factor to work in this workspace. */
  requireMfa: z.boolean(),
  /** Requests a minute that each API key may make. */
  requestsPerMinute: z.number().int().min(60).max(600_000),
  /** Minutes between two checks of a server; 0: only when somebody asks. */
  serverCheckMinutes: z.number().int().min(0).max(1_440),
};
/** One row a workspace. */
export const Settings = z.object({
  ...values,
  version: z.number().int(),
  updatedAt: Instant,
  updatedBy: ActorRef.nullable(),
});
export type Settings = z.infer<typeof Settings>;
export const UpdateSettings = z.strictObject(values).partial();
export type UpdateSettings = z.infer<typeof UpdateSettings>;

export const defaultSettings = {
  egressAllow: [] as string[],
  hostKeyFirstUse: true,
  concurrency: 100,
  retentionDays: 30,
  alertRetentionDays: 90,
  auditRetentionDays: 365,
  legalHold: false,
  accessTokenMinutes: 15,
  requireMfa: false,
  requestsPerMinute: 6_000,
  serverCheckMinutes: 5,
} satisfies Required<UpdateSettings>;

/** A name that playbooks write after `vars.` and `secrets.`. */
export const ValueName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'A letter or _, then letters, digits and _ (63 at most).');

/** A stored secret: its value goes in and never comes out. */
export const WorkspaceSecret = z.object({
  id: Id,
  name: z.string(),
  description: z.string().nullable(),
  createdAt: Instant,
  updatedAt: Instant,
  updatedBy: ActorRef,
});
export type WorkspaceSecret = z.infer<typeof WorkspaceSecret>;
const SecretValue = z
  .string()
  .min(1)
  .refine((text) => new TextEncoder().encode(text).length <= 65_536, '64 kB at most.');
export const CreateSecret = z.object({
  name: ValueName,
  value: SecretValue,
  description: z.string().max(500).nullish(),
});
export const UpdateSecret = z.object({ value: SecretValue.optional(), description: z.string().max(500).nullish() });

export const Variable = z.object({
  name: z.string(),
  value: JsonValue,
  description: z.string().nullable(),
  updatedAt: Instant,
  updatedBy: ActorRef,
});
export type Variable = z.infer<typeof Variable>;
export const PutVariable = z.object({
  value: JsonValue.refine((value) => JSON.stringify(value).length <= 65_536, '64 kB at most.'),
  description: z.string().max(500).nullish(),
});
const VariableParams = z.object({ name: ValueName });

export const settingsRoutes = defineRoutes({
  getSettings: {
    method: 'GET',
    path: '/settings',
    access: 'settings:read',
    summary: 'The workspace’s settings, with an ETag',
    response: Settings,
  },
  updateSettings: {
    method: 'PATCH',
    path: '/settings',
    access: 'settings:manage',
    summary: 'Change settings; honours If-Match',
    body: UpdateSettings,
    response: Settings,
  },
  listSecrets: {
    method: 'GET',
    path: '/secrets',
    access: 'secrets:read',
    summary: 'Names of stored secrets, never their values',
    response: z.object({ data: z.array(WorkspaceSecret) }),
  },
  createSecret: {
    method: 'POST',
    path: '/secrets',
    access: 'secrets:manage',
    summary: 'Store a secret for playbooks',
    body: CreateSecret,
    status: 201,
    response: WorkspaceSecret,
  },
  updateSecret: {
    method: 'PATCH',
    path: '/secrets/:id',
    access: 'secrets:manage',
    summary: 'Replace a secret’s value or description',
    params: IdParams,
    body: UpdateSecret,
    response: WorkspaceSecret,
  },
  deleteSecret: {
    method: 'DELETE',
    path: '/secrets/:id',
    access: 'secrets:manage',
    summary: 'Delete a secret',
    params: IdParams,
    status: 204,
  },
  listVariables: {
    method: 'GET',
    path: '/variables',
    access: 'settings:read',
    summary: 'The workspace’s variables, `vars` in playbooks',
    response: z.object({ data: z.array(Variable) }),
  },
  putVariable: {
    method: 'PUT',
    path: '/variables/:name',
    access: 'settings:manage',
    summary: 'Set a variable',
    params: VariableParams,
    body: PutVariable,
    response: Variable,
  },
  deleteVariable: {
    method: 'DELETE',
    path: '/variables/:name',
    access: 'settings:manage',
    summary: 'Delete a variable',
    params: VariableParams,
    status: 204,
  },
});
