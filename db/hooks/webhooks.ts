import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { formatDuration } from '#contracts/kit/duration.ts';
import type { Webhook, WebhookDedup, WebhookSignature } from '#contracts/hooks/webhooks.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { TenantTx } from '../kit/database.ts';

export interface WebhookValues {
  name: string;
  description: string;
  targetId: string;
  targetVersion: number | null;
  enabled: boolean;
  signature: WebhookSignature | null;
  sealedSecret: string | null;
  dedup: WebhookDedup | null;
  inputs: Record<string, string>;
  sizeLimit: number;
  rateLimit: number;
  waitMs: number | null;
}
export interface WebhookRow extends WebhookValues {
  workspaceId: string;
  id: string;
  version: number;
  createdBy: ActorRef;
}

/** What a webhook's shared secret is sealed for. */
export const webhookSeal = (workspaceId: string, webhookId: string) => ({
  workspaceId,
  purpose: 'secret' as const,
  subject: `webhook/${webhookId}`,
});

const columnsOf = ({ signature, dedup, inputs, ...values }: WebhookValues) => ({
  ...values,
  signature: signature && JSON.stringify(signature),
  dedup: dedup && JSON.stringify(dedup),
  inputs: JSON.stringify(inputs),
});

export const insertWebhook = async (
  tx: TenantTx,
  id: string,
  values: WebhookValues,
  actor: ActorRef,
): Promise<void> => {
  await tx
    .insertInto('webhooks')
    .values({ id, ...columnsOf(values), createdBy: JSON.stringify(actor), lastCallAt: null })
    .execute();
};
export const updateWebhook = async (tx: TenantTx, id: string, values: WebhookValues): Promise<void> => {
  await tx
    .updateTable('webhooks')
    .set({ ...columnsOf(values), version: sql<number>`version + 1`, updatedAt: new Date() })
    .where('id', '=', id)
    .execute();
};
export const deleteWebhook = async (tx: TenantTx, id: string): Promise<void> => {
  await tx.deleteFrom('webhooks').where('id', '=', id).execute();
};

export const readWebhookRow = (tx: TenantTx, id: string, { lock = false } = {}): Promise<WebhookRow | undefined> => {
  const query = tx.selectFrom('webhooks').selectAll().where('id', '=', id);
  return (lock ? query.forUpdate() : query).executeTakeFirst();
};

/** Two tokens live at once: adding a third ends the oldest. */
export async function addWebhookToken(
  tx: TenantTx,
  webhookId: string,
  { tokenHash, hint }: { tokenHash: string; hint: string },
): Promise<string> {
  const id = uuidv7();
  await tx.insertInto('webhookTokens').values({ id, webhookId, tokenHash, hint, lastUsedAt: null }).execute();
  await sql`delete from webhook_tokens where webhook_id = ${webhookId}
    and id not in (select id from webhook_tokens where webhook_id = ${webhookId} order by id desc limit 2)`.execute(tx);
  return id;
}
export const removeWebhookToken = async (tx: TenantTx, webhookId: string, tokenId: string): Promise<boolean> =>
  (await tx
    .deleteFrom('webhookTokens')
    .where('webhookId', '=', webhookId)
    .where('id', '=', tokenId)
    .returning('id')
    .executeTakeFirst()) !== undefined;

/** Webhooks with their tokens, newest first. */
export async function listWebhooks(
  tx: TenantTx,
  { cursor, limit, id }: { cursor?: string | undefined; limit: number; id?: string },
) {
  let query = tx
    .selectFrom('webhooks as w')
    .leftJoin('playbooks as p', (join) => join.onRef('p.id', '=', 'w.targetId').on('p.deletedAt', 'is', null))
    .selectAll('w')
    .select('p.name as targetName');
  if (id !== undefined) query = query.where('w.id', '=', id);
  if (cursor !== undefined) query = query.where('w.id', '<', cursor);
  const rows = await query
    .orderBy('w.id', 'desc')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const tokens =
    page.length === 0
      ? []
      : await tx
          .selectFrom('webhookTokens')
          .select(['id', 'webhookId', 'hint', 'createdAt', 'lastUsedAt'])
          .where(
            'webhookId',
            'in',
            page.map((row) => row.id),
          )
          .orderBy('id')
          .execute();
  const data = page.map((row): Webhook => ({
    id: row.id,
    name: row.name,
    description: row.description,
    target: { kind: 'playbook', id: row.targetId, version: row.targetVersion, name: row.targetName },
    enabled: row.enabled,
    signature: row.signature,
    hasSecret: row.sealedSecret !== null,
    dedup: row.dedup,
    inputs: row.inputs,
    sizeLimit: row.sizeLimit,
    rateLimit: row.rateLimit,
    wait: row.waitMs === null ? null : formatDuration(row.waitMs),
    tokens: tokens
      .filter(({ webhookId }) => webhookId === row.id)
      .map((token) => ({
        id: token.id,
        hint: token.hint,
        createdAt: token.createdAt.toISOString(),
        lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
      })),
    lastCallAt: row.lastCallAt?.toISOString() ?? null,
    version: row.version,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }));
  return { data, pagination: { limit, nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null } };
}
export const readWebhook = async (tx: TenantTx, id: string): Promise<Webhook | undefined> =>
  (await listWebhooks(tx, { id, limit: 1 })).data[0];
