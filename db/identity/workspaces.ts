import type { TenantTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';

export interface WorkspaceRow {
  id: string;
  slug: string;
  name: string;
}

/** The transaction's own workspace; row-level security shows no other. */
export const readWorkspace = (tx: TenantTx): Promise<WorkspaceRow> =>
  tx.selectFrom('workspaces').select(['id', 'slug', 'name']).executeTakeFirstOrThrow();

/** Renames the transaction's workspace. */
export async function renameWorkspace(
  tx: TenantTx,
  id: string,
  changes: { name?: string; slug?: string },
): Promise<WorkspaceRow | undefined> {
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  if (Object.keys(given).length === 0)
    return tx.selectFrom('workspaces').select(['id', 'slug', 'name']).where('id', '=', id).executeTakeFirst();
  try {
    return await tx
      .updateTable('workspaces')
      .set(given)
      .where('id', '=', id)
      .returning(['id', 'slug', 'name'])
      .executeTakeFirst();
  } catch (error) {
    if (violates(error, 'workspaces_slug_key')) throw new Refusal('identity.slug_taken', { slug: changes.slug });
    throw error;
  }
}
