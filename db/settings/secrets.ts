import { sql } from 'kysely';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { Secret } from '#system/secret.ts';
import type { SealContext, Vault } from '#system/vault/vault.ts';
import { recordAudits } from '../audit/audit-entries.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';

export interface SecretRow {
  id: string;
  name: string;
  description: string | null;
  createdAt: Date;
  updatedAt: Date;
  updatedBy: ActorRef;
}
const columns = ['id', 'name', 'description', 'createdAt', 'updatedAt', 'updatedBy'] as const;

/** What a stored secret is sealed for: it opens in this workspace under this id alone. */
export const secretContext = (workspaceId: string, id: string): SealContext => ({
  workspaceId,
  purpose: 'secret',
  subject: `secret:${id}`,
});

/** The workspace's secrets by name, without values. */
export const listSecrets = (tx: TenantTx): Promise<SecretRow[]> =>
  tx.selectFrom('workspaceSecrets').select(columns).orderBy('name').execute();

export const findSecret = (tx: TenantTx, id: string): Promise<SecretRow | undefined> =>
  tx.selectFrom('workspaceSecrets').select(columns).where('id', '=', id).executeTakeFirst();

export interface NewSecret {
  /** Made ahead, for the value is sealed for it. */
  id: string;
  name: string;
  sealed: string;
  description: string | null;
  actor: ActorRef;
}

export async function insertSecret(tx: TenantTx, { actor, ...secret }: NewSecret): Promise<SecretRow> {
  try {
    return await tx
      .insertInto('workspaceSecrets')
      .values({ ...secret, updatedBy: JSON.stringify(actor) })
      .returning(columns)
      .executeTakeFirstOrThrow();
  } catch (error) {
    if (violates(error, 'workspace_secrets_workspace_id_name_key'))
      throw new Refusal('secret.name_taken', { name: secret.name });
    throw error;
  }
}

/** Replaces the value or the description; undefined where there is none. */
export const updateSecret = (
  tx: TenantTx,
  id: string,
  { sealed, description, actor }: { sealed?: string; description?: string | null; actor: ActorRef },
): Promise<SecretRow | undefined> =>
  tx
    .updateTable('workspaceSecrets')
    .set({
      ...(sealed !== undefined && { sealed }),
      ...(description !== undefined && { description }),
      updatedAt: sql`now()`,
      updatedBy: JSON.stringify(actor),
    })
    .where('id', '=', id)
    .returning(columns)
    .executeTakeFirst();

export const deleteSecret = (tx: TenantTx, id: string): Promise<SecretRow | undefined> =>
  tx.deleteFrom('workspaceSecrets').where('id', '=', id).returning(columns).executeTakeFirst();

/**
 * Opens stored secrets for a run, by name. Each is audited as `secret.read`, once a run, unless nothing but a keyed hash is made of it.
 * @throws Refusal `secret.missing` for a name that is not stored
 */
export async function openSecrets(
  tx: TenantTx,
  vault: Vault,
  {
    workspaceId,
    names,
    actor,
    runId,
    isAudited = true,
  }: { workspaceId: string; names: readonly string[]; actor: ActorRef; runId: string | null; isAudited?: boolean },
): Promise<Map<string, Secret>> {
  const opened = new Map<string, Secret>();
  if (names.length === 0) return opened;
  const rows = await tx
    .selectFrom('workspaceSecrets')
    .select(['id', 'name', 'sealed'])
    .where('name', 'in', names)
    .execute();
  const byName = new Map(rows.map((row) => [row.name, row]));
  for (const name of names) {
    const row = byName.get(name);
    if (!row) throw new Refusal('secret.missing', { name });
    opened.set(name, await vault.open(row.sealed, secretContext(workspaceId, row.id)));
  }
  if (isAudited) await auditReads(tx, rows, { actor, runId });
  return opened;
}

/** One entry a run and secret, however often its steps are tried and on how many hosts. */
async function auditReads(
  tx: TenantTx,
  rows: readonly { id: string; name: string }[],
  { actor, runId }: { actor: ActorRef; runId: string | null },
): Promise<void> {
  const firsts = runId === null ? undefined : await firstReads(tx, runId, rows);
  const entries = rows.filter(({ id }) => firsts?.has(id) ?? true);
  const after = runId && { runId };
  await recordAudits(
    tx,
    entries.map(({ id, name }) => ({ actor, action: 'secret.read', subject: `secret:${id}`, title: name, after })),
  );
}

/** Of these secrets, those that the run had not read before. */
async function firstReads(tx: TenantTx, runId: string, rows: readonly { id: string }[]): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const added = await tx
    .insertInto('secretReads')
    // In one order everywhere, so that two steps that read the same secrets at once cannot wait for each other.
    .values(rows.map(({ id }) => ({ runId, secretId: id })).sort((a, b) => (a.secretId < b.secretId ? -1 : 1)))
    .onConflict((conflict) => conflict.doNothing())
    .returning('secretId')
    .execute();
  return new Set(added.map(({ secretId }) => secretId));
}
