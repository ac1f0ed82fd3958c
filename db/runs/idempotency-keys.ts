import { sql } from 'kysely';
import type { TenantTx } from '../kit/database.ts';

interface KeyOf {
  route: string;
  key: string;
}
export interface StoredAnswer {
  status: number;
  body: unknown;
}
export interface Claim {
  bodyHash: string;
  reservedId: string;
  /** The caller is to do the work: the key is new, or its first holder has died. */
  isMine: boolean;
  answer: StoredAnswer | null;
}

/** A holder that has not answered for so long is taken for dead. */
const abandonedAfter = sql`interval '30 seconds'`;

/** Claims a key for the work, or tells what is known of it. Keys are kept for 24 hours. */
export async function claimIdempotencyKey(
  tx: TenantTx,
  { route, key, bodyHash, reservedId }: KeyOf & { bodyHash: string; reservedId: string },
): Promise<Claim> {
  const { rows } = await sql<{
    bodyHash: string;
    reservedId: string;
    status: number | null;
    answer: unknown;
    isMine: boolean;
  }>`
    insert into idempotency_keys as k (route, key, body_hash, reserved_id) values (${route}, ${key}, ${bodyHash}, ${reservedId})
    on conflict (workspace_id, route, key) do update set
      created_at = case when k.status is null and k.created_at < now() - ${abandonedAfter} then now() else k.created_at end
    returning body_hash as "bodyHash", reserved_id as "reservedId", status, answer,
      (status is null and created_at = now()) as "isMine"`.execute(tx);
  const row = rows[0];
  if (!row) throw new Error('An upsert of an idempotency key returned nothing.');
  return {
    bodyHash: row.bodyHash,
    reservedId: row.reservedId,
    isMine: row.isMine,
    answer: row.status === null ? null : { status: row.status, body: row.answer },
  };
}

export const storeIdempotentAnswer = async (
  tx: TenantTx,
  { route, key, answer }: KeyOf & { answer: StoredAnswer },
): Promise<void> => {
  await tx
    .updateTable('idempotencyKeys')
    .set({ status: answer.status, answer: JSON.stringify(answer.body ?? null) })
    .where('route', '=', route)
    .where('key', '=', key)
    .execute();
};

export const forgetIdempotencyKey = async (tx: TenantTx, { route, key }: KeyOf): Promise<void> => {
  await tx
    .deleteFrom('idempotencyKeys')
    .where('route', '=', route)
    .where('key', '=', key)
    .where('status', 'is', null)
    .execute();
};

export async function readIdempotentAnswer(tx: TenantTx, { route, key }: KeyOf): Promise<StoredAnswer | null> {
  const row = await tx
    .selectFrom('idempotencyKeys')
    .select(['status', 'answer'])
    .where('route', '=', route)
    .where('key', '=', key)
    .executeTakeFirst();
  return row?.status == null ? null : { status: row.status, body: row.answer };
}
