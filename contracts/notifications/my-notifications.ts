import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { Id, IdParams, Instant, Name } from '../kit/schemas.ts';
import { Delivery, PhoneNumber } from './channels.ts';
import { NotificationPreferences } from './plan-pages.ts';

export const contactKinds = ['email', 'slack', 'sms'] as const;
export type ContactKind = (typeof contactKinds)[number];

/** A way to reach a person beside the mail of the account. */
export const Contact = z.object({
  id: Id,
  kind: z.enum(contactKinds),
  label: z.string(),
  /** The address, as far as it is no secret: of Slack its host. */
  shown: z.string(),
  verifiedAt: Instant.nullable(),
  createdAt: Instant,
});
export type Contact = z.infer<typeof Contact>;

export const CreateContact = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('email'), label: Name, address: z.email().transform((text) => text.toLowerCase()) }),
  /** The address of an incoming webhook that writes to the person directly. */
  z.object({ kind: z.literal('slack'), label: Name, address: z.url({ protocol: /^https?$/ }).max(2_000) }),
  z.object({ kind: z.literal('sms'), label: Name, address: PhoneNumber }),
]);
export type CreateContact = z.infer<typeof CreateContact>;

export const MyNotifications = z.object({
  accountMail: z.string(),
  contacts: z.array(Contact),
  preferences: NotificationPreferences,
  /** What this installation can send at all. */
  canSend: z.object({ email: z.boolean(), sms: z.boolean() }),
});
export type MyNotifications = z.infer<typeof MyNotifications>;

/** How the caller is reached in this workspace: own contacts, order, delays, quiet hours. */
export const myNotificationRoutes = defineRoutes({
  getMyNotifications: {
    method: 'GET',
    path: '/me/notifications',
    access: 'member',
    summary: 'How you are told in this workspace',
    response: MyNotifications,
  },
  setMyNotificationPreferences: {
    method: 'PUT',
    path: '/me/notifications/preferences',
    access: 'member',
    summary: 'Set order, delays, severities and quiet hours',
    body: NotificationPreferences,
    response: MyNotifications,
  },
  addMyContact: {
    method: 'POST',
    path: '/me/notifications/contacts',
    access: 'member',
    idempotent: true,
    summary: 'Add a way to reach you; a code is sent to it, and it is used once you have given that back',
    body: CreateContact,
    status: 201,
    response: Contact,
  },
  sendMyContactCode: {
    method: 'POST',
    path: '/me/notifications/contacts/:id/code',
    access: 'member',
    summary: 'Send another code to a contact',
    params: IdParams,
    response: Contact,
  },
  verifyMyContact: {
    method: 'POST',
    path: '/me/notifications/contacts/:id/verify',
    access: 'member',
    summary: 'Give back the code that was sent to a contact',
    params: IdParams,
    body: z.object({ code: z.string().trim().min(4).max(20) }),
    response: Contact,
  },
  removeMyContact: {
    method: 'DELETE',
    path: '/me/notifications/contacts/:id',
    access: 'member',
    summary: 'Remove a contact; preferences no longer name it',
    params: IdParams,
    status: 204,
  },
  testMyNotifications: {
    method: 'POST',
    path: '/me/notifications/test',
    access: 'member',
    summary: 'Send yourself a test message, by one way or by all that are in use',
    body: z.object({ contactId: Id.nullable().optional() }).default({}),
    status: 202,
    response: z.object({ deliveries: z.array(Delivery) }),
  },
});
