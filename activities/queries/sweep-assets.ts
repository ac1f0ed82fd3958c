import type { Engines } from '#contracts/connections/engines.ts';
import type { CleanupResult } from '#contracts/queries/engine.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { forgetAssets, noteCleanup, postponeAssets } from '#db/queries/move-query-run.ts';
import { openQueryRuns, readAssets, unitsToSweep } from '#db/queries/read-execution.ts';
import { assetsDue } from '#db/system/remote-assets.ts';
import { alone, listWorkspaceIds } from '#db/system/sweeps.ts';
import type { Sweep } from '../kit/sweep.ts';
import type { ActivityTools } from '../kit/tools.ts';

type SweepTools = Pick<ActivityTools, 'system' | 'inTenant' | 'log'> & { engines: Engines };

/** Runs at once, over all connections: each connection's own budget of calls holds below that. */
const atOnce = 10;
const mostInPass = 1_000;
/** What nobody's record tells of is swept once it is this old: a start of this moment is never met. */
const orphanMs = 60 * 60_000;

/**
 * Removes what runs have left at their services and nobody needs any more: rows that are idle or were closed, and whatever
 * a failed cleanup or a crash left. What a service does not let go comes up again, later each time.
 */
export const sweepAssets = ({ system, inTenant, engines, log }: SweepTools): Sweep => ({
  name: 'sweep-query-assets',
  everyMs: 15_000,
  run: async () => {
    await alone(system, 'sweep-query-assets', async () => {
      const due = (await assetsDue(system, mostInPass)).values();
      const one = async (): Promise<void> => {
        for (const { workspaceId, runId, connectionId } of due) {
          try {
            await cleanOne({ inTenant, engines }, workspaceId, runId);
          } catch (error) {
            await inTenant(workspaceId, (tx) =>
              postponeAssets(tx, runId, error instanceof QueryFailure ? error.facts : null),
            );
            log.info({ err: error, workspaceId, runId, connectionId }, 'what a query left is removed later');
          }
        }
      };
      await Promise.all(Array.from({ length: atOnce }, one));
    });
  },
});

async function cleanOne(
  { inTenant, engines }: Pick<SweepTools, 'inTenant' | 'engines'>,
  workspaceId: string,
  runId: string,
): Promise<void> {
  const assets = await inTenant(workspaceId, (tx) => readAssets(tx, runId));
  if (!assets) return;
  // A run that is at work needs what it made; its end sets it due.
  if (assets.isAtWork) return inTenant(workspaceId, (tx) => postponeAssets(tx, runId, null));
  const { ref, connectionId, unit, hasConnection } = assets;
  // Nobody of ours can reach it any more: taking leave of the service has removed what it could.
  if (!hasConnection) return inTenant(workspaceId, (tx) => forgetAssets(tx, runId));
  const engine = await engines.open({ workspaceId, connectionId, unit });
  const result = await engine.cleanup(ref);
  await inTenant(workspaceId, (tx) => noteCleanup(tx, runId, result, true));
}

/** Each hour: whatever is ours at a service and belongs to no open run, also where no record of ours tells of it. */
export const sweepOrphans = ({ system, inTenant, engines, log }: SweepTools): Sweep => ({
  name: 'sweep-query-orphans',
  everyMs: 60 * 60_000,
  run: async () => {
    await alone(system, 'sweep-query-orphans', async () => {
      for (const workspaceId of await listWorkspaceIds(system))
        for (const { connectionId, unit } of await inTenant(workspaceId, unitsToSweep)) {
          try {
            const keepRunIds = await inTenant(workspaceId, (tx) => openQueryRuns(tx, connectionId));
            const engine = await engines.open({ workspaceId, connectionId, unit });
            const { removed, left }: CleanupResult = await engine.sweep({ olderThanMs: orphanMs, keepRunIds });
            if (removed.length + left.length > 0)
              log.info(
                { workspaceId, connectionId, unit, removed: removed.length, left: left.length },
                'orphans at a service were removed',
              );
          } catch (error) {
            if (!(error instanceof QueryFailure)) throw error;
            log.info({ err: error, workspaceId, connectionId }, 'a service could not be swept');
          }
        }
    });
  },
});
