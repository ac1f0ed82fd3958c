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

export const channelKinds = ['email', 'webhook', 'slack', 'teams', 'sms'] as const;
export type ChannelKind = (typeof channelKinds)[number];

const Emails = z.array(z.email()).min(1).max(100);
const Url = z.url({ protocol: /^https?$/ }).max(2_000);
/** A telephone number as E.164 has it; spaces, dots and dashes are left out. */
export const PhoneNumber = z
  .string()
  .transform((text) => text.replaceAll(/[\s().-]/g, ''))
  .pipe(z.string().regex(/^\+[1-9]\d{6,14}$/, 'A number with its country, such as +49 170 1234567.'));
const Numbers = z.array(PhoneNumber).max(100);
const Account = z.string().trim().min(1).max(200);
/** What messages come from: a number, or a name where the provider lets one. */
const Sender = z.string().trim().min(1).max(40);
const Description = z.string().max(500).default('');

/** Secrets (`secret`, `url` of Slack and Teams) are write-only: left out in a change, they stay. */
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
  z.object({
    kind: z.literal('slack'),
    name: ChannelName,
    description: Description,
    url: Url,
    /** The app's signing secret: with it, buttons in the message act without leaving Slack. */
    secret: z.string().min(8).max(500).optional(),
  }),
  /** A workflow of Microsoft Teams that takes an Adaptive Card over a webhook. */
  z.object({ kind: z.literal('teams'), name: ChannelName, description: Description, url: Url }),
  /** A provider of the Twilio kind. The first one of a workspace also carries messages to people's own numbers. */
  z.object({
    kind: z.literal('sms'),
    name: ChannelName,
    description: Description,
    url: Url,
    account: Account,
    secret: z.string().min(1).max(500),
    sender: Sender,
    recipients: Numbers.default([]),
  }),
]);
export type CreateChannel = z.infer<typeof CreateChannel>;

export const ChangeChannel = z.object({
  name: ChannelName.optional(),
  description: z.string().max(500).optional(),
  recipients: z.union([Emails, Numbers]).optional(),
  url: Url.optional(),
  account: Account.optional(),
  sender: Sender.optional(),
  secret: z.string().min(8).max(500).optional(),
});
export type ChangeChannel = z.infer<typeof ChangeChannel>;

/** `waiting`: its time has not come; `canceled`: by then it was not needed any more. */
export const deliveryStatuses = ['waiting', 'sending', 'delivered', 'failed', 'canceled'] as const;

/** One try to hand a message over. */
export const DeliveryTry = z.object({
  at: Instant,
  /** `begun`: nobody came back to say how it ended; `unclear`: it may have arrived, but no answer came. */
  outcome: z.enum(['begun', 'delivered', 'failed', 'unclear']),
  code: z.string().nullable(),
  /** What the provider said, shortened. */
  answer: z.string().nullable(),
});
export type DeliveryTry = z.infer<typeof DeliveryTry>;

/** Deliveries in trouble are held back from a provider that failed again and again, until a single one has passed. */
export const Breaker = z.object({
  key: z.string(),
  state: z.enum(['closed', 'open', 'half_open']),
  failures: z.int(),
  lastError: z.string().nullable(),
  openedAt: Instant.nullable(),
  /** When the next one may try. */
  retryAt: Instant.nullable(),
});
export type Breaker = z.infer<typeof Breaker>;

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
  status: z.enum(deliveryStatuses),
  attempts: z.number().int(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  createdAt: Instant,
  deliveredAt: Instant.nullable(),
  /** Of a page: when it is or was to go out, about what and to whom. */
  dueAt: Instant.nullable(),
  incidentId: Id.nullable(),
  personId: Id.nullable(),
  /** The delivery whose message names this one too. */
  bundledInto: Id.nullable(),
  tries: z.array(DeliveryTry),
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
  account: z.string().nullable(),
  sender: z.string().nullable(),
  /** Whether a secret is kept: of Slack that buttons act, of SMS that replies are taken. */
  hasSecret: z.boolean(),
  breaker: Breaker.nullable(),
  /** Where its provider sends what people answer, for Slack and SMS. */
  answersUrl: z.string().nullable(),
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
    response: z.object({ data: z.array(Channel), mailIsReady: z.boolean(), mailBreaker: Breaker.nullable() }),
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
      status: z.enum(deliveryStatuses).optional(),
      incident: Id.optional(),
      person: Id.optional(),
      kind: z.enum([...channelKinds, 'person']).optional(),
      /** In subject and address. */
      search: z.string().max(200).optional(),
    }),
    response: pageOf(Delivery),
  },
});
