import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import {
  ActorRef,
  DurationText,
  Id,
  IdParams,
  Instant,
  JsonValue,
  Name,
  PageQuery,
  RunStarted,
  pageOf,
} from '../kit/schemas.ts';
import { RunError } from '../runs/runs.ts';
import { StartTarget } from '../schedules/targets.ts';

const HeaderName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'A header name.');
const Cel = z.string().min(1).max(4_000);

/** How the sender signs its calls. */
export const WebhookSignature = z.object({
  header: HeaderName.default('x-signature-256'),
  encoding: z.enum(['hex', 'base64']).default('hex'),
  /** What stands before the signature in the header: `sha256=`. */
  prefix: z.string().max(40).default('sha256='),
  /** The header with the time of sending (seconds since 1970 or RFC 3339). Then `<timestamp>.<body>` is what is signed. */
  timestampHeader: HeaderName.nullish(),
  /** How old a call may be. */
  tolerance: DurationText.default('5m'),
});
export type WebhookSignature = z.infer<typeof WebhookSignature>;

/** Two calls with one key within the window start one run; the second is answered with the first one's run. */
export const WebhookDedup = z.object({
  header: HeaderName.nullish(),
  /** CEL over `body`, `headers`, `query`. */
  expression: Cel.nullish(),
  window: DurationText.default('24h'),
});
export type WebhookDedup = z.infer<typeof WebhookDedup>;

const webhookFields = {
  name: Name,
  description: z.string().max(2_000),
  target: StartTarget,
  enabled: z.boolean(),
  signature: WebhookSignature.nullable(),
  dedup: WebhookDedup.nullable(),
  /** Input name → CEL over `body` (parsed where it is JSON or a form, else text), `headers` (lower-case names), `query`. */
  inputs: z.record(z.string().max(48), Cel),
  /** Largest body in bytes. */
  sizeLimit: z.number().int().min(1).max(1_048_576),
  /** Calls in a minute. */
  rateLimit: z.number().int().min(1).max(6_000),
  /** Answer with the result, if it is there within this time; null: answer at once. */
  wait: DurationText.nullable(),
};

export const CreateWebhook = z.object({
  name: webhookFields.name,
  description: webhookFields.description.default(''),
  target: webhookFields.target,
  enabled: webhookFields.enabled.default(true),
  signature: webhookFields.signature.default(null),
  /** Shared with the sender, write-only; needed with `signature`. */
  secret: z.string().min(8).max(500).optional(),
  dedup: webhookFields.dedup.default(null),
  inputs: webhookFields.inputs.default({}),
  sizeLimit: webhookFields.sizeLimit.default(262_144),
  rateLimit: webhookFields.rateLimit.default(120),
  wait: webhookFields.wait.default(null),
});
export type CreateWebhook = z.infer<typeof CreateWebhook>;
export const ChangeWebhook = z.object({ ...webhookFields, secret: z.string().min(8).max(500) }).partial();
export type ChangeWebhook = z.infer<typeof ChangeWebhook>;

export const Webhook = z.object({
  id: Id,
  ...webhookFields,
  target: StartTarget.extend({ name: z.string().nullable() }),
  hasSecret: z.boolean(),
  /** Two at most live at once, so that a sender can be moved from one to the next without a gap. */
  tokens: z.array(z.object({ id: Id, hint: z.string(), createdAt: Instant, lastUsedAt: Instant.nullable() })),
  lastCallAt: Instant.nullable(),
  version: z.number().int(),
  createdBy: ActorRef,
  createdAt: Instant,
  updatedAt: Instant,
});
export type Webhook = z.infer<typeof Webhook>;

/** The address is given this once: the token is stored hashed. */
export const WebhookAddress = z.object({ tokenId: Id, token: z.string(), url: z.string() });
export type WebhookAddress = z.infer<typeof WebhookAddress>;

export const WebhookCall = z.object({
  id: Id,
  at: Instant,
  address: z.string(),
  status: z.number().int(),
  /** `started`, `duplicate`, or the code of the refusal. */
  outcome: z.string(),
  message: z.string().nullable(),
  runId: Id.nullable(),
  dedupKey: z.string().nullable(),
  bytes: z.number().int(),
  /** Whether the body was kept (64 kB at most) and the call can be made again. */
  isReplayable: z.boolean(),
  replayOf: Id.nullable(),
});
export type WebhookCall = z.infer<typeof WebhookCall>;
export const WebhookCallDetail = WebhookCall.extend({
  method: z.string(),
  headers: z.record(z.string(), z.string()),
  query: z.record(z.string(), z.string()),
  body: z.string().nullable(),
  details: JsonValue.nullish(),
});

const CallParams = z.object({ id: Id, callId: Id });

export const webhookRoutes = defineRoutes({
  listWebhooks: {
    method: 'GET',
    path: '/webhooks',
    access: 'hooks:read',
    summary: 'Webhooks that start playbooks',
    query: PageQuery,
    response: pageOf(Webhook),
  },
  createWebhook: {
    method: 'POST',
    path: '/webhooks',
    access: 'hooks:manage',
    idempotent: true,
    summary: 'Make a webhook; its address is shown this once',
    body: CreateWebhook,
    status: 201,
    response: z.object({ webhook: Webhook, address: WebhookAddress }),
  },
  getWebhook: {
    method: 'GET',
    path: '/webhooks/:id',
    access: 'hooks:read',
    summary: 'One webhook',
    params: IdParams,
    response: Webhook,
  },
  changeWebhook: {
    method: 'PATCH',
    path: '/webhooks/:id',
    access: 'hooks:manage',
    summary: 'Change a webhook',
    params: IdParams,
    body: ChangeWebhook,
    response: Webhook,
  },
  deleteWebhook: {
    method: 'DELETE',
    path: '/webhooks/:id',
    access: 'hooks:manage',
    summary: 'Remove a webhook',
    params: IdParams,
    status: 204,
  },
  addWebhookToken: {
    method: 'POST',
    path: '/webhooks/:id/tokens',
    access: 'hooks:manage',
    summary: 'A new address; the one before goes on until it is removed, an older one ends now',
    params: IdParams,
    status: 201,
    response: z.object({ webhook: Webhook, address: WebhookAddress }),
  },
  removeWebhookToken: {
    method: 'DELETE',
    path: '/webhooks/:id/tokens/:tokenId',
    access: 'hooks:manage',
    summary: 'End an address',
    params: z.object({ id: Id, tokenId: Id }),
    status: 204,
  },
  listWebhookCalls: {
    method: 'GET',
    path: '/webhooks/:id/calls',
    access: 'hooks:read',
    summary: 'Calls, newest first, the refused ones with their code',
    params: IdParams,
    query: PageQuery,
    response: pageOf(WebhookCall),
  },
  getWebhookCall: {
    method: 'GET',
    path: '/webhooks/:id/calls/:callId',
    access: 'hooks:manage',
    summary: 'One call with its headers and body',
    params: CallParams,
    response: WebhookCallDetail,
  },
  replayWebhookCall: {
    method: 'POST',
    path: '/webhooks/:id/calls/:callId/replay',
    access: 'hooks:manage',
    summary: 'Make a kept call again, by today’s mapping and without deduplication',
    params: CallParams,
    status: 202,
    response: RunStarted,
  },
  callWebhook: {
    method: 'POST',
    path: '/hooks/:token',
    access: 'public',
    secretPath: true,
    rawBody: true,
    bodyLimit: 2_097_152,
    stream: 'raw',
    summary:
      'Start a playbook by a webhook: 202 `{runId}`; 200 with the result where it waits, or with the first run’s id for a duplicate',
    params: z.object({ token: z.string().min(20).max(100) }),
  },
});

/** What `POST /hooks/:token` answers. */
export const WebhookAnswer = z.object({
  runId: Id,
  duplicate: z.literal(true).optional(),
  status: z.string().optional(),
  outputs: JsonValue.nullish(),
  error: RunError.nullish(),
});
export type WebhookAnswer = z.infer<typeof WebhookAnswer>;
