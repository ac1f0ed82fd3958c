import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { Id, IdParams, Instant, PageQuery, pageOf } from '../kit/schemas.ts';

/** What a playbook writes after `to:`; the `#` is for reading and may be left out. */
export const ChannelName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^#?[a-z0-9][a-z0-9_-]{0,46}$/, 'Letters, digits, - and _, such as #ops.')
  .transform((name) => (name.startsWith('#') ? name : `#${name}`));

export const channelKinds = ['email', 'webhook', 'slack'] as const;
export type ChannelKind = (typeof channelKinds)[number];

const Emails = z.array(z.email()).min(1).max(100);
const Url = z.url({ protocol: /^https?$/ }).max(2_000);

/** Secrets (`secret`, `url` of Slack) are write-only: left out in a change, they stay. */
export const CreateChannel = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('email'),
    name: ChannelName,
    description: z.string().max(500).default(''),
    recipients: Emails,
  }),
  z.object({
    kind: z.literal('webhook'),
    name: ChannelName,
    description: z.string().max(500).default(''),
    url: Url,
    /** Signs each message: `X-Windlass-Signature: v1=<hex HMAC-SHA256 of the body>`. Made for you where none is given. */
    secret: z.string().min(8).max(500).optional(),
  }),
  z.object({ kind: z.literal('slack'), name: ChannelName, description: z.string().max(500).default(''), url: Url }),
]);
export type CreateChannel = z.infer<typeof CreateChannel>;

export const ChangeChannel = z.object({
  name: ChannelName.optional(),
  description: z.string().max(500).optional(),
  recipients: Emails.optional(),
  url: Url.optional(),
  secret: z.string().min(8).max(500).optional(),
});
export type ChangeChannel = z.infer<typeof ChangeChannel>;

/** One message on its way to one address. */
export const Delivery = z.object({
  id: Id,
  channelId: Id.nullable(),
  channel: z.string(),
  kind: z.enum([...channelKinds, 'person']),
  /** The address, where that is no secret: a mail address, a webhook's host. */
  target: z.string(),
  runId: Id.nullable(),
  stepAddress: z.string().nullable(),
  subject: z.string(),
  status: z.enum(['sending', 'delivered', 'failed']),
  attempts: z.number().int(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  createdAt: Instant,
  deliveredAt: Instant.nullable(),
});
export type Delivery = z.infer<typeof Delivery>;

export const Channel = z.object({
  id: Id,
  name: z.string(),
  kind: z.enum(channelKinds),
  description: z.string(),
  recipients: z.array(z.string()),
  /** Of a webhook the whole address; of Slack its host alone, since the address itself is the secret. */
  url: z.string().nullable(),
  /** Given once, when it was made by us. */
  secret: z.string().optional(),
  lastDelivery: Delivery.nullable(),
  createdAt: Instant,
  updatedAt: Instant,
});
export type Channel = z.infer<typeof Channel>;

export const notificationRoutes = defineRoutes({
  listChannels: {
    method: 'GET',
    path: '/channels',
    access: 'notifications:read',
    summary: 'Where notifications can go',
    response: z.object({ data: z.array(Channel), mailIsReady: z.boolean() }),
  },
  createChannel: {
    method: 'POST',
    path: '/channels',
    access: 'notifications:manage',
    idempotent: true,
    summary: 'Make a channel',
    body: CreateChannel,
    status: 201,
    response: Channel,
  },
  getChannel: {
    method: 'GET',
    path: '/channels/:id',
    access: 'notifications:read',
    summary: 'One channel',
    params: IdParams,
    response: Channel,
  },
  changeChannel: {
    method: 'PATCH',
    path: '/channels/:id',
    access: 'notifications:manage',
    summary: 'Change a channel',
    params: IdParams,
    body: ChangeChannel,
    response: Channel,
  },
  deleteChannel: {
    method: 'DELETE',
    path: '/channels/:id',
    access: 'notifications:manage',
    summary: 'Remove a channel',
    params: IdParams,
    status: 204,
  },
  testChannel: {
    method: 'POST',
    path: '/channels/:id/test',
    access: 'notifications:manage',
    summary: 'Send a test message now; says what became of it',
    params: IdParams,
    response: z.object({ deliveries: z.array(Delivery) }),
  },
  listDeliveries: {
    method: 'GET',
    path: '/deliveries',
    access: 'notifications:read',
    summary: 'Messages sent, newest first',
    query: PageQuery.extend({
      channel: Id.optional(),
      run: Id.optional(),
      status: z.enum(['sending', 'delivered', 'failed']).optional(),
    }),
    response: pageOf(Delivery),
  },
});
