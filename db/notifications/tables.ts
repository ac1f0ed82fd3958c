import type { ColumnType, Generated } from 'kysely';
import type { ChannelKind } from '#contracts/notifications/channels.ts';

export interface NotificationsTables {
  channels: ChannelsTable;
  deliveries: DeliveriesTable;
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
  status: 'sending' | 'delivered' | 'failed';
  attempts: Generated<number>;
  error: ColumnType<{ code: string; message: string } | null, string | null, string | null>;
  createdAt: Generated<Date>;
  deliveredAt: Date | null;
}
