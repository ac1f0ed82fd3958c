import type { Db, TenantTx } from '#db/kit/database.ts';
import { beginLettingGo } from '#db/settings/let-go.ts';
import { dropDaysNobodyKeeps, forgetEventKeys } from '#db/system/log-sweeps.ts';
import { alone, listWorkspaceIds } from '#db/system/sweeps.ts';
import type { RunRef } from '#db/runs/insert-run.ts';
import type { Vault } from '#system/vault/vault.ts';
import type { Sweep } from '../kit/sweep.ts';

/**
 * Begins a run for each workspace that keeps something no longer, one at a time. Where there is none the house still drops
 * days that stand empty, and forgets keys of events.
 */
export const lettingGo = ({
  system,
  vault,
  inTenant,
  startRuns,
  now = Date.now,
}: {
  system: Db;
  vault: Vault;
  inTenant: <T>(workspaceId: string, work: (tx: TenantTx) => Promise<T>) => Promise<T>;
  startRuns: (runs: readonly RunRef[]) => void;
  now?: () => number;
}): Sweep => ({
  name: 'let-go',
  everyMs: 3_600_000,
  run: async () => {
    await alone(system, 'let-go', async () => {
      let begun = 0;
      for (const workspaceId of await listWorkspaceIds(system)) {
        const runs = await inTenant(workspaceId, (tx) => beginLettingGo(tx, vault, workspaceId, now()));
        begun += runs?.length ?? 0;
        startRuns(runs ?? []);
      }
      if (begun === 0) await dropDaysNobodyKeeps(system, now());
      await forgetEventKeys(system);
    });
  },
});
