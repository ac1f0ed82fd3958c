import { cancellationSignal, heartbeat } from '@temporalio/activity';
import type { LetGoInput, LetGoTotals } from '#contracts/settings/let-go.ts';
import { trimAlerts } from '#db/alerts/trim-alerts.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { noteTrim } from '#db/logs/log-keeping.ts';
import { alertsKept, logsKept, sumTrims } from '#db/settings/let-go.ts';
import { dropDaysNobodyKeeps, trimLogChunk } from '#db/system/log-sweeps.ts';
import type { ActivityTools } from '../kit/tools.ts';

export type LetGoActivities = ReturnType<typeof letGoActivities>;

/** One step each of letting go. Whatever is gone is not found again, so each may be repeated. */
export const letGoActivities = ({ system, inTenant }: Pick<ActivityTools, 'system' | 'inTenant'>) => {
  /** Portions in transactions of their own, until there is nothing more or the run is canceled. */
  const portions = async (work: () => Promise<number>): Promise<void> => {
    const signal = cancellationSignal();
    for (let gone = 1; gone > 0;) {
      signal.throwIfAborted();
      gone = await work();
      heartbeat();
    }
  };
  return {
    /** Repeatable: a day is dropped once. @returns names of the partitions that went; cheap, however many lines they held */
    dropDays: (_of: LetGoInput): Promise<string[]> => dropDaysNobodyKeeps(system, Date.now()),

    /** Repeatable: the note of what went removes the figures that it is made of. */
    async letLogsGo({ workspaceId, runId }: LetGoInput): Promise<void> {
      const keptFrom = async (): Promise<string> =>
        (await inTenant(workspaceId, (tx) => logsKept(tx, Date.now()))).before;
      const beforeDay = await keptFrom();
      // Asked anew for each portion: a legal hold, or more days to keep, holds from the moment it is set.
      const stays = async (): Promise<boolean> => (await keptFrom()) < beforeDay;
      await portions(async () => ((await stays()) ? 0 : trimLogChunk(system, workspaceId, beforeDay)));
      if (await stays()) return;
      // After the rows: should we end between, the next attempt finds none of them and notes what went.
      await inTenant(workspaceId, (tx) => noteTrim(tx, beforeDay, runId));
    },

    /** Repeatable: each portion notes itself where it removes. */
    letAlertsGo: ({ workspaceId, runId }: LetGoInput): Promise<void> =>
      portions(() =>
        inTenant(workspaceId, async (tx: TenantTx) => trimAlerts(tx, runId, (await alertsKept(tx, Date.now())).from)),
      ),

    /** What went by this run, whichever attempt of it did it. */
    sumLetGo: ({ workspaceId, runId }: LetGoInput): Promise<Omit<LetGoTotals, 'days'>> =>
      inTenant(workspaceId, (tx) => sumTrims(tx, runId)),
  };
};
