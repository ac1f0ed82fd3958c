import { listWorkspaceIds } from '#db/system/sweeps.ts';
import { appendEvents } from '#db/events/append-event.ts';
import type { Db, TenantTx } from '#db/kit/database.ts';
import type { Sweep } from '../kit/sweep.ts';

/** A part of the installation that ended by itself and was started again. */
export interface RestartNote {
  at: string;
  what: string;
  reason: string;
  attempt: number;
}
export interface TellRestartsTools {
  system: Db;
  inTenant: <T>(workspaceId: string, work: (tx: TenantTx) => Promise<T>) => Promise<T>;
  /** Hands over what the supervisor has noted, and forgets it once that has settled. */
  takeRestarts: (save: (restarts: RestartNote[]) => Promise<void>) => Promise<unknown>;
}

/** Tells every workspace of restarts (`system.restarted`): whoever saw a run stand still learns why. */
export const tellRestarts = ({ system, inTenant, takeRestarts }: TellRestartsTools): Sweep => ({
  name: 'tell-restarts',
  everyMs: 5_000,
  run: async () => {
    await takeRestarts(async (restarts) => {
      const events = restarts.map(({ at, what, reason, attempt }) => ({
        type: 'system.restarted',
        subject: `system:${what}`,
        data: { at, what, reason, attempt },
      }));
      for (const workspaceId of await listWorkspaceIds(system))
        await inTenant(workspaceId, (tx) => appendEvents(tx, events));
    });
  },
});
