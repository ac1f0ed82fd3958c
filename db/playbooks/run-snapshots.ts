import type { Vault } from '#system/vault/vault.ts';
import type { TenantTx } from '../kit/database.ts';

const contextOf = (workspaceId: string, runId: string) => ({
  workspaceId,
  purpose: 'secret' as const,
  subject: `snapshot:${runId}`,
});

/** Keeps one part of a run's snapshot; the newest is the one that counts. */
export async function keepSnapshotPart(
  tx: TenantTx,
  vault: Vault,
  { workspaceId, runId, part, text }: { workspaceId: string; runId: string; part: number; text: string },
): Promise<void> {
  const sealed = await vault.seal(text, contextOf(workspaceId, runId));
  await tx
    .insertInto('runSnapshots')
    .values({ runId, part, sealed })
    .onConflict((conflict) => conflict.columns(['workspaceId', 'runId', 'part']).doUpdateSet({ sealed }))
    .execute();
}

/** @throws where the part is not there */
export async function readSnapshotPart(
  tx: TenantTx,
  vault: Vault,
  { workspaceId, runId, part }: { workspaceId: string; runId: string; part: number },
): Promise<string> {
  const { sealed } = await tx
    .selectFrom('runSnapshots')
    .select('sealed')
    .where('runId', '=', runId)
    .where('part', '=', part)
    .executeTakeFirstOrThrow();
  return (await vault.open(sealed, contextOf(workspaceId, runId))).reveal();
}
