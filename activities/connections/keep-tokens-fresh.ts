import { ConnectionLifecycle } from '#contracts/connections/lifecycle.ts';
import { sealLifecycle, insertLifecycle, endedLifecycle } from '#db/connections/lifecycle-run.ts';
import { type DueTokens, endedLifecycles, leavingConnections, takeDueTokens } from '#db/system/connections-due.ts';
import { keeper } from '#db/connections/connection-states.ts';
import { newRunId } from '#db/runs/insert-run.ts';
import type { Sweep } from '../kit/sweep.ts';
import type { ActivityTools } from '../kit/tools.ts';
import { renewTokens, type RenewTools } from './renew-tokens.ts';

export interface KeepFreshTools extends RenewTools, Pick<ActivityTools, 'system' | 'log' | 'signalRun'> {
  /** Renewals at once in this process. */
  readonly atOnce?: number;
}

/** One that was taken and not renewed is due again after so long. */
const leaseMs = 2 * 60_000;

/** The sweep, and a way to wait until what it began is done. */
export interface FreshSweep extends Sweep {
  settled(): Promise<void>;
}

/**
 * Renews token sets ahead of their end, of all workspaces. The turn of each is its row's, the same that the connection's
 * lifecycle takes, so that neither two processes nor sweep and lifecycle use a rotating token twice. What cannot be renewed
 * is the lifecycle's from then on: it is told, tries again in its own time, and says where the connection stands.
 */
export function keepTokensFresh({ atOnce = 32, ...tools }: KeepFreshTools): FreshSweep {
  const running = new Set<Promise<void>>();
  return {
    name: 'keep-tokens-fresh',
    everyMs: 1_000,
    async run() {
      const free = atOnce * 2 - running.size;
      if (free <= 0) return;
      // Beyond what is done at once, so that a pass that finds many begins them all before it looks again.
      for (const due of await takeDueTokens(tools.system, free, leaseMs)) {
        const renewal = renew(tools, due)
          .catch((error: unknown) =>
            tools.log.error({ err: error, connectionId: due.connectionId }, 'a token could not be renewed'),
          )
          .finally(() => running.delete(renewal));
        running.add(renewal);
      }
    },
    async settled() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

async function renew(
  tools: KeepFreshTools,
  { workspaceId, connectionId, unit, generation, runId }: DueTokens,
): Promise<void> {
  const { outcome, failure } = await renewTokens(
    tools,
    { workspaceId, connectionId, unit },
    { spent: generation, cause: 'ahead' },
    AbortSignal.timeout(leaseMs),
  );
  if ((outcome === 'refused' || outcome === 'failed') && failure && runId !== null)
    await tools.signalRun(workspaceId, runId, ConnectionLifecycle.signal.renewalFailed, [
      { unit, outcome, failure: { ...failure } },
    ]);
}

/**
 * What a lost signal or an ended run would leave behind: connections on their way out whose lifecycle is told again, and
 * those that nobody tends any more (their run was ended from outside), which get a lifecycle anew.
 */
export const tendConnections = ({
  system,
  inTenant,
  vault,
  signalRun,
  startRuns,
}: Pick<ActivityTools, 'system' | 'inTenant' | 'vault' | 'signalRun' | 'startRuns'>): Sweep => ({
  name: 'tend-connections',
  everyMs: 30_000,
  async run() {
    for (const { workspaceId, runId } of await leavingConnections(system, 20_000))
      if (runId !== null) await signalRun(workspaceId, runId, ConnectionLifecycle.signal.disconnectAsked, []);
    for (const { workspaceId, connectionId, runId: endedRunId } of await endedLifecycles(system)) {
      const runId = newRunId();
      const sealedInput = await sealLifecycle(vault, { workspaceId, connectionId, runId });
      const ref = await inTenant(workspaceId, async (tx) => {
        const name = await endedLifecycle(tx, connectionId, endedRunId, runId);
        if (name === undefined) return null;
        return insertLifecycle(tx, { workspaceId, connectionId, runId, title: name, actor: keeper, sealedInput });
      });
      if (ref) startRuns([ref]);
    }
  },
});
