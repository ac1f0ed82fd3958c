import type { Db, TenantTx } from '#db/kit/database.ts';
import { firstKeptDay, noteTrim, readLogKeeping } from '#db/logs/log-keeping.ts';
import { dropLogDays, forgetEventKeys, trimLogChunk } from '#db/system/log-sweeps.ts';
import { alone, listWorkspaceIds } from '#db/system/sweeps.ts';
import type { Log } from '#system/log.ts';
import type { Sweep } from '../kit/sweep.ts';

/**
 * Lets go of lines that a workspace keeps no longer, by its days and its quota. Days that no workspace keeps go as whole
 * partitions; others row by row, in short transactions. Repeated at any place, it goes on where it was.
 */
export const trimLogs = ({
  system,
  inTenant,
  log,
  now = Date.now,
}: {
  system: Db;
  inTenant: <T>(workspaceId: string, work: (tx: TenantTx) => Promise<T>) => Promise<T>;
  log: Log;
  now?: () => number;
}): Sweep => ({
  name: 'trim-logs',
  everyMs: 3_600_000,
  run: async () => {
    await alone(system, 'trim-logs', async () => {
      const kept = new Map<string, string>();
      for (const workspaceId of await listWorkspaceIds(system))
        kept.set(workspaceId, firstKeptDay(await inTenant(workspaceId, readLogKeeping), now()));
      const oldest = [...kept.values()].sort()[0];
      const dropped = oldest === undefined ? [] : await dropLogDays(system, oldest);
      for (const [workspaceId, beforeDay] of kept) {
        for (let gone = 1; gone > 0;) gone = await trimLogChunk(system, workspaceId, beforeDay);
        // After the rows: should we end between, the next pass finds none of them and notes what went.
        const { events, bytes } = await inTenant(workspaceId, (tx) => noteTrim(tx, beforeDay));
        if (events > 0)
          log.info({ workspaceId, beforeDay, events, bytes }, 'lines that are kept no longer were removed');
      }
      if (dropped.length > 0) log.info({ dropped }, 'days of logs were dropped');
      await forgetEventKeys(system);
    });
  },
});
