import type { TenantTx } from '../kit/database.ts';

/** Makes the rows of hosts that the workflow's own record has not brought yet; those that are there stay as they are. */
export async function ensureHostRows(
  tx: TenantTx,
  runId: string,
  address: string,
  hosts: readonly { name: string; serverId: string; batch: number; attempt: number }[],
): Promise<void> {
  if (hosts.length === 0) return;
  await tx
    .insertInto('runHosts')
    .values(
      hosts.map(({ name, serverId, batch, attempt }) => ({
        runId,
        address,
        host: name,
        serverId,
        batch,
        status: 'running' as const,
        attempt,
        exitCode: null,
        signal: null,
        error: 'null',
        facts: 'null',
        phase: null,
        startedAt: null,
        endedAt: null,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
