import type { Db, TenantTx } from '#db/kit/database.ts';
import { trimArtifact } from '#db/playbooks/artifacts.ts';
import { trimRuns } from '#db/runs/trim-runs.ts';
import { listRetentions, trimWorkspace } from '#db/system/retention.ts';
import { alone } from '#db/system/sweeps.ts';
import type { Log } from '#system/log.ts';
import type { Sweep } from '../kit/sweep.ts';

/** Lets go of what a workspace keeps no longer: ended runs, audit entries, events and logs older than it says, files past their time. */
export const trimKept = ({
  system,
  inTenant,
  log,
}: {
  system: Db;
  inTenant: <T>(workspaceId: string, work: (tx: TenantTx) => Promise<T>) => Promise<T>;
  log: Log;
}): Sweep => ({
  name: 'trim-kept',
  everyMs: 3_600_000,
  run: async () => {
    await alone(system, 'trim-kept', async () => {
      const retentions = await listRetentions(system);
      const partitionDays = Math.max(1, ...retentions.map(({ retentionDays }) => retentionDays));
      for (const retention of retentions) {
        const { workspaceId, retentionDays } = retention;
        if (retention.isHeld) continue;
        const rows = await trimWorkspace(system, retention, partitionDays);
        let runs = 0;
        for (let gone = 1; gone > 0; runs += gone)
          gone = await inTenant(workspaceId, (tx) => trimRuns(tx, retentionDays));
        let files = 0;
        for (let gone = 1; gone > 0; files += gone) gone = await inTenant(workspaceId, trimArtifact);
        if (rows + runs + files > 0) log.info({ workspaceId, rows, runs, files }, 'what is kept no longer was removed');
      }
    });
  },
});
