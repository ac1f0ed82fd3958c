import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { Delivery } from '#contracts/notifications/channels.ts';
import { contains } from '../kit/like.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';

export type DeliveryRow = Omit<Delivery, 'createdAt' | 'deliveredAt' | 'dueAt'> & {
  createdAt: Date;
  deliveredAt: Date | null;
  dueAt: Date | null;
};

export const showDelivery = ({ createdAt, deliveredAt, dueAt, ...row }: DeliveryRow): Delivery => ({
  ...row,
  createdAt: createdAt.toISOString(),
  deliveredAt: deliveredAt?.toISOString() ?? null,
  dueAt: dueAt?.toISOString() ?? null,
});

export interface NewDelivery {
  /** Run, step and address: one message stays one, however often it is tried. */
  key: string;
  channelId: string | null;
  channel: string;
  kind: Delivery['kind'];
  target: string;
  runId: string | null;
  stepAddress: string | null;
  subject: string;
}

/**
 * Opens a delivery for an attempt, or finds the one that was opened before.
 * @returns `isDone`: it arrived already and is not sent again
 */
export async function beginDelivery(
  tx: TenantTx,
  { key, ...delivery }: NewDelivery,
): Promise<{ id: string; isDone: boolean }> {
  const { id, status } = await tx
    .insertInto('deliveries')
    .values({
      id: uuidv7(),
      key,
      ...delivery,
      subject: delivery.subject.slice(0, 300),
      status: 'sending',
      attempts: 1,
      error: null,
      deliveredAt: null,
      pageId: null,
      personId: null,
      contactId: null,
      incidentId: null,
      dueAt: null,
      begunAt: null,
      contactKey: null,
      bundledInto: null,
      providerRef: null,
    })
    .onConflict((conflict) =>
      conflict.constraint('deliveries_once').doUpdateSet({
        attempts: sql<number>`deliveries.attempts + case when deliveries.status = 'delivered' then 0 else 1 end`,
        status: sql<'sending'>`case when deliveries.status = 'delivered' then 'delivered' else 'sending' end`,
      }),
    )
    .returning(['id', 'status'])
    .executeTakeFirstOrThrow();
  return { id, isDone: status === 'delivered' };
}

export const endDelivery = async (
  tx: TenantTx,
  id: string,
  error: { code: string; message: string } | null,
): Promise<void> => {
  await tx
    .updateTable('deliveries')
    .set({
      status: error ? 'failed' : 'delivered',
      error: error && JSON.stringify(error),
      deliveredAt: error ? null : new Date(),
    })
    .where('id', '=', id)
    .execute();
  await appendEvent(tx, {
    type: 'notification.sent',
    subject: `delivery:${id}`,
    data: error ? { status: 'failed', code: error.code } : { status: 'delivered' },
  });
};

const columns = [
  'id', 'channelId', 'channel', 'kind', 'target', 'runId', 'stepAddress', 'subject', 'status', 'attempts', 'error', 'createdAt', 'deliveredAt',
  'dueAt', 'incidentId', 'personId', 'bundledInto', 'tries',
] as const; // prettier-ignore

export const readDeliveries = async (tx: TenantTx, ids: readonly string[]): Promise<Delivery[]> =>
  ids.length === 0
    ? []
    : (
        await tx
          .selectFrom('deliveries')
          .select(columns)
          .where('id', 'in', [...ids])
          .orderBy('id')
          .execute()
      ).map(showDelivery);

export async function listDeliveries(
  tx: TenantTx,
  {
    channel,
    run,
    status,
    incident,
    person,
    kind,
    search,
    cursor,
    limit,
  }: {
    channel?: string | undefined;
    run?: string | undefined;
    status?: Delivery['status'] | undefined;
    incident?: string | undefined;
    person?: string | undefined;
    kind?: Delivery['kind'] | undefined;
    search?: string | undefined;
    cursor?: string | undefined;
    limit: number;
  },
) {
  let query = tx.selectFrom('deliveries').select(columns);
  if (channel !== undefined) query = query.where('channelId', '=', channel);
  if (run !== undefined) query = query.where('runId', '=', run);
  if (status !== undefined) query = query.where('status', '=', status);
  if (incident !== undefined) query = query.where('incidentId', '=', incident);
  if (person !== undefined) query = query.where('personId', '=', person);
  if (kind !== undefined) query = query.where('kind', '=', kind);
  if (search) {
    const like = contains(search);
    query = query.where((eb) =>
      eb.or([eb('subject', 'ilike', like), eb('target', 'ilike', like), eb('channel', 'ilike', like)]),
    );
  }
  if (cursor !== undefined) query = query.where('id', '<', cursor);
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const data = rows.slice(0, limit).map(showDelivery);
  return { data, pagination: { limit, nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null } };
}
