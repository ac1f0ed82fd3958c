import type { ColumnType, Generated } from 'kysely';
import type { IncidentSeverity } from '#contracts/alerts/alert-rules.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { ChannelKind, Delivery, DeliveryTry } from '#contracts/notifications/channels.ts';
import type { ContactKind } from '#contracts/notifications/my-notifications.ts';
import type { PageAct } from '#contracts/notifications/page.ts';
import type { NotificationPreferences } from '#contracts/notifications/plan-pages.ts';

export interface NotificationsTables {
  channels: ChannelsTable;
  deliveries: DeliveriesTable;
  pages: PagesTable;
  contacts: ContactsTable;
  notificationPreferences: NotificationPreferencesTable;
  deliveryBreakers: DeliveryBreakersTable;
  messageActs: MessageActsTable;
}

/** What one recipient is told, once. */
export interface PagesTable {
  workspaceId: Generated<string>;
  id: string;
  dedupKey: string;
  /** `person:<id>` or `channel:<id>`. */
  recipient: string;
  personId: string | null;
  channelId: string | null;
  incidentId: string | null;
  severity: IncidentSeverity | null;
  subject: string;
  text: string;
  path: string;
  acts: PageAct[];
  isUrgent: boolean;
  createdAt: Date;
}

/** A person's own way to be reached in a workspace; used once it is proven to be theirs. */
export interface ContactsTable {
  workspaceId: Generated<string>;
  id: string;
  personId: string;
  kind: ContactKind;
  label: string;
  /** The address as it may be shown. */
  shown: string;
  sealedAddress: string;
  addressHash: string;
  verifiedAt: Date | null;
  codeHash: string | null;
  codeExpiresAt: Date | null;
  codeTries: Generated<number>;
  codesSent: Generated<number>;
  codeSentAt: Date | null;
  createdAt: Generated<Date>;
}

export interface NotificationPreferencesTable {
  workspaceId: Generated<string>;
  personId: string;
  preferences: ColumnType<NotificationPreferences, string, string>;
  updatedAt: Generated<Date>;
}

export interface DeliveryBreakersTable {
  workspaceId: Generated<string>;
  /** `mail`, `channel:<id>`, `slack:<host>`. */
  key: string;
  failures: Generated<number>;
  timesOpened: Generated<number>;
  openedAt: Date | null;
  retryAt: Date | null;
  /** One delivery tries whether it works again, until then. */
  probingUntil: Date | null;
  lastError: string | null;
  updatedAt: Generated<Date>;
}

export interface MessageActsTable {
  workspaceId: Generated<string>;
  key: string;
  incidentId: string;
  act: PageAct;
  actor: ColumnType<ActorRef, string, never>;
  via: 'mail' | 'slack' | 'sms' | 'teams' | 'webhook';
  usedAt: Generated<Date>;
  /** Null: whoever began it died, and it may be done again. */
  doneAt: Date | null;
}

export interface ChannelsTable {
  workspaceId: Generated<string>;
  id: string;
  name: string;
  kind: ChannelKind;
  description: string;
  recipients: Generated<string[]>;
  /** Where a webhook goes; of Slack the host alone. */
  url: string | null;
  /** Slack's whole address, which is a secret. */
  sealedUrl: string | null;
  sealedSecret: string | null;
  /** Of SMS: the account at the provider and what messages come from. */
  account: string | null;
  sender: string | null;
  createdAt: Generated<Date>;
  updatedAt: Generated<Date>;
}

export interface DeliveriesTable {
  workspaceId: Generated<string>;
  id: string;
  /** What makes a repeated notification one: run, step and address, without the attempt. */
  key: string;
  channelId: string | null;
  channel: string;
  kind: ChannelKind | 'person';
  target: string;
  runId: string | null;
  stepAddress: string | null;
  subject: string;
  status: Delivery['status'];
  attempts: Generated<number>;
  error: ColumnType<{ code: string; message: string } | null, string | null, string | null>;
  createdAt: Generated<Date>;
  deliveredAt: Date | null;
  pageId: string | null;
  personId: string | null;
  contactId: string | null;
  incidentId: string | null;
  dueAt: Date | null;
  begunAt: Date | null;
  /** The place among a page's ways to reach somebody. */
  ordinal: Generated<number>;
  /** Held back by quiet hours: it goes out together with what waits for the same end. */
  isHeld: Generated<boolean>;
  isOnlyIfOpen: Generated<boolean>;
  /** What is throttled and bundled as one. */
  contactKey: string | null;
  bundledInto: string | null;
  providerRef: string | null;
  tries: ColumnType<DeliveryTry[], string | undefined, string>;
}
