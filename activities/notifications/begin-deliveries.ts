import type { Db, TenantTx } from '#db/kit/database.ts';
import { inSystem } from '#db/kit/in-tenant.ts';
import { beginDue, mostAtOnce } from '#db/notifications/due-deliveries.ts';
import { workspacesWithDue } from '#db/system/deliveries-due.ts';
import type { RunRef } from '#db/runs/insert-run.ts';
import type { Log } from '#system/log.ts';
import type { Vault } from '#system/vault/vault.ts';
import { byWorkspace } from '../kit/by-workspace.ts';
import type { Sweep } from '../kit/sweep.ts';

export interface BeginDeliveriesTools {
  system: Db;
  vault: Vault;
  inTenant: <T>(workspaceId: string, work: (tx: TenantTx) => Promise<T>) => Promise<T>;
  startRuns: (runs: readonly RunRef[]) => void;
  log: Log;
}

/**
 * Messages whose time has come become runs: at once where the event of a commit tells of them, else by the sweep, which also
 * finds what comes due by time alone. What dies between commit and start is started by the sweep of runs.
 */
export function deliveryBeginner({ system, vault, inTenant, startRuns, log }: BeginDeliveriesTools) {
  const due = byWorkspace(async (workspaceId) => {
    const begun = await inTenant(workspaceId, (tx) => beginDue(tx, vault, workspaceId));
    startRuns(begun.runs);
    // A contact without room keeps its messages waiting: they are looked at again by the sweep.
    return begun.runs.length === 0 || begun.looked < mostAtOnce;
  });
  return {
    /** Is told of every event of the stream. */
    onEvent({ type, workspaceId }: { type: string; workspaceId: string }): void {
      if (type !== 'notification.due' || due.isStopped) return;
      due.look(workspaceId).catch((err: unknown) => log.warn({ err, workspaceId }, 'messages begin a moment later'));
    },
    sweep: {
      name: 'begin-deliveries',
      everyMs: 500,
      run: async () => {
        for (const workspaceId of await inSystem(system, workspacesWithDue)) await due.look(workspaceId);
      },
    } satisfies Sweep,
    stop: due.stop,
  };
}
