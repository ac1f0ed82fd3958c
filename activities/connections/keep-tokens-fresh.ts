import { ConnectionLifecycle, type RenewalOutcome } from '#contracts/connections/lifecycle.ts';
import { KeptConnections } from '#connectors/http/kept-connections.ts';
import { openSealed } from '#db/connections/connection-secrets.ts';
import { egressOf } from '#db/connections/engine-rows.ts';
import { takeTurns } from '#db/connections/take-turns.ts';
import { sealLifecycle, insertLifecycle, endedLifecycle } from '#db/connections/lifecycle-run.ts';
import { type DueTokens, endedLifecycles, leavingConnections, takeDueTokens } from '#db/system/connections-due.ts';
import { keeper } from '#db/connections/connection-states.ts';
import { newRunId } from '#db/runs/insert-run.ts';
import type { Sweep } from '../kit/sweep.ts';
import type { ActivityTools } from '../kit/tools.ts';
import { type OurTurn, renewTokens, type RenewTools, turnMs, useTurn } from './renew-tokens.ts';

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
export function keepTokensFresh({ atOnce = 32, ...given }: KeepFreshTools): FreshSweep {
  const running = new Set<Promise<void>>();
  const tools: KeepFreshTools = { connections: new KeptConnections({ most: atOnce }), ...given };
  const begin = (due: DueTokens, renewing: () => Promise<RenewalOutcome>): void => {
    const renewal = renew(tools, due, renewing)
      .catch((error: unknown) =>
        tools.log.error({ err: error, connectionId: due.connectionId }, 'a token could not be renewed'),
      )
      .finally(() => running.delete(renewal));
    running.add(renewal);
  };
  return {
    name: 'keep-tokens-fresh',
    everyMs: 2_000,
    async run() {
      // Beyond what is done at once, so that a pass that finds many begins them all before it looks again.
      const free = atOnce * 2 - running.size;
      if (free <= 0) return;
      const due = await takeDueTokens(tools.system, free, leaseMs);
      for (const [workspaceId, sets] of Map.groupBy(due, (set) => set.workspaceId)) {
        const turns = await takeAll(tools, workspaceId, sets);
        for (const set of sets) {
          const signal = AbortSignal.timeout(leaseMs);
          const turn = turns.get(keyOf(set));
          begin(set, () =>
            turn
              ? useTurn(tools, set, { ...turn, cause: 'ahead' }, signal)
              : renewTokens(tools, set, { spent: set.generation, cause: 'ahead' }, signal),
          );
        }
      }
    },
    async settled() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

const keyOf = ({ connectionId, unit }: { connectionId: string; unit: string }): string => `${connectionId}/${unit}`;

/** The turns of all sets that can be renewed as they stand, in one transaction. The others are looked at one by one. */
async function takeAll(
  { inTenant, vault }: KeepFreshTools,
  workspaceId: string,
  sets: readonly DueTokens[],
): Promise<Map<string, Omit<OurTurn, 'cause'>>> {
  const [egress, taken] = await inTenant(workspaceId, (tx) => Promise.all([egressOf(tx), takeTurns(tx, sets, turnMs)]));
  const turns = new Map<string, Omit<OurTurn, 'cause'>>();
  for (const { connectionId, unit, config, secrets, row, isAfterLoss } of taken) {
    if (config.kind === 'postgres') continue;
    const opened = await openSealed(vault, workspaceId, connectionId, secrets);
    turns.set(keyOf({ connectionId, unit }), { config, secrets: opened, egress, row, isAfterLoss });
  }
  return turns;
}

async function renew(
  { signalRun }: KeepFreshTools,
  { workspaceId, unit, runId }: DueTokens,
  renewing: () => Promise<RenewalOutcome>,
): Promise<void> {
  const { outcome, failure } = await renewing();
  if ((outcome === 'refused' || outcome === 'failed') && failure && runId !== null)
    await signalRun(workspaceId, runId, ConnectionLifecycle.signal.renewalFailed, [
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
