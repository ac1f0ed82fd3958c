import type { Db, TenantTx } from '#db/kit/database.ts';
import { inSystem } from '#db/kit/in-tenant.ts';
import { beginDue } from '#db/notifications/due-deliveries.ts';
import { workspacesWithDue } from '#db/system/deliveries-due.ts';
import type { RunRef } from '#db/runs/insert-run.ts';
import type { Vault } from '#system/vault/vault.ts';
import type { Sweep } from '../kit/sweep.ts';

export interface BeginDeliveriesTools {
  system: Db;
  vault: Vault;
  inTenant: <T>(workspaceId: string, work: (tx: TenantTx) => Promise<T>) => Promise<T>;
  startRuns: (runs: readonly RunRef[]) => void;
}

/** Messages whose time has come become runs. What dies between commit and start is started by the sweep of runs. */
export const beginDeliveries = ({ system, vault, inTenant, startRuns }: BeginDeliveriesTools): Sweep => ({
  name: 'begin-deliveries',
  everyMs: 500,
  run: async () => {
    for (const workspaceId of await inSystem(system, workspacesWithDue))
      startRuns(await inTenant(workspaceId, (tx) => beginDue(tx, vault, workspaceId)));
  },
});
