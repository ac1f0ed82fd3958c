import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { Breaker, Channel, ChannelKind } from '#contracts/notifications/channels.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';
import { listBreakers } from './breakers.ts';
import { type DeliveryRow, showDelivery } from './deliveries.ts';

export interface ChannelRow {
  id: string;
  name: string;
  kind: ChannelKind;
  description: string;
  recipients: string[];
  url: string | null;
  sealedUrl: string | null;
  sealedSecret: string | null;
  account: string | null;
  sender: string | null;
  createdAt: Date;
  updatedAt: Date;
}
export type ChannelValues = Pick<
  ChannelRow,
  'name' | 'kind' | 'description' | 'recipients' | 'url' | 'sealedUrl' | 'sealedSecret' | 'account' | 'sender'
>;

export const newChannelId = (): string => uuidv7();

/** What a channel's secrets are sealed for. */
export const channelSeal = (workspaceId: string, channelId: string) => ({
  workspaceId,
  purpose: 'secret' as const,
  subject: `channel/${channelId}`,
});

const taken = (error: unknown, name: string): never => {
  throw violates(error, 'channels_name') ? new Refusal('channel.in_use', { name }) : error;
};

export const insertChannel = async (tx: TenantTx, id: string, values: ChannelValues): Promise<void> => {
  await tx
    .insertInto('channels')
    .values({ id, ...values })
    .execute()
    .catch((error: unknown) => taken(error, values.name));
};

export async function updateChannel(tx: TenantTx, id: string, values: Partial<ChannelValues>): Promise<boolean> {
  const changed = await tx
    .updateTable('channels')
    .set({ ...values, updatedAt: new Date() })
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst()
    .catch((error: unknown) => taken(error, values.name ?? ''));
  return changed !== undefined;
}

export const deleteChannel = async (tx: TenantTx, id: string): Promise<ChannelRow | undefined> =>
  tx.deleteFrom('channels').where('id', '=', id).returningAll().executeTakeFirst();

export const findChannel = (tx: TenantTx, by: { id: string } | { name: string }): Promise<ChannelRow | undefined> => {
  const query = tx.selectFrom('channels').selectAll();
  return ('id' in by ? query.where('id', '=', by.id) : query.where('name', '=', by.name)).executeTakeFirst();
};

/** Channels with their last deliveries, by name. */
export async function listChannels(tx: TenantTx, id?: string): Promise<Channel[]> {
  let query = tx.selectFrom('channels as c').selectAll('c');
  if (id !== undefined) query = query.where('c.id', '=', id);
  const rows = await query.orderBy('c.name').execute();
  if (rows.length === 0) return [];
  const { rows: last } = await sql<DeliveryRow>`
    select distinct on (channel_id) id, channel_id as "channelId", channel, kind, target, run_id as "runId", step_address as "stepAddress", subject, status,
      attempts, error, created_at as "createdAt", delivered_at as "deliveredAt",
      due_at as "dueAt", incident_id as "incidentId", person_id as "personId", bundled_into as "bundledInto", tries
    from deliveries where channel_id = any (${rows.map((row) => row.id)}) order by channel_id, id desc`.execute(tx);
  const breakers = await listBreakers(tx);
  return rows.map((row) =>
    showChannel(
      row,
      breakers.get(row.kind === 'email' ? 'mail' : `channel:${row.id}`),
      last.find(({ channelId }) => channelId === row.id),
    ),
  );
}

const showChannel = (
  { id, name, kind, description, recipients, url, account, sender, sealedSecret, createdAt, updatedAt }: ChannelRow,
  breaker: Breaker | undefined,
  last: DeliveryRow | undefined,
): Channel => ({
  id,
  name,
  kind,
  description,
  recipients,
  url,
  account,
  sender,
  hasSecret: sealedSecret !== null,
  breaker: breaker ?? null,
  answersUrl: null,
  lastDelivery: last ? showDelivery(last) : null,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});
