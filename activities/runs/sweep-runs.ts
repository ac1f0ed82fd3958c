import type { Db, TenantTx } from '#db/kit/database.ts';
import { admitRuns, admittedNotBegun } from '#db/runs/admit-runs.ts';
import { endRun, reopenRun } from '#db/runs/end-run.ts';
import type { RunRef } from '#db/runs/insert-run.ts';
import {
  aliveRuns,
  alone,
  endedRuns,
  keepHouse,
  longAliveRuns,
  readNote,
  slowCancels,
  workspacesWithQueue,
  writeNote,
} from '#db/system/sweeps.ts';
import type { Log } from '#system/log.ts';
import type { Metrics } from '#system/metrics.ts';
import type { Sweep } from '../kit/sweep.ts';

/** What the sweeps ask of Temporal. */
export interface WorkflowLookup {
  /** Ids of run workflows that were ended from outside since a time; by visibility, so a moment late. */
  closedSince(since: Date): Promise<string[]>;
  /** Those that are open and began since a time. */
  startedSince(since: Date): Promise<{ id: string; startedAt: Date }[]>;
  /** All that are open, by visibility. */
  open(): Promise<ReadonlySet<string>>;
  /** Whether an execution is open, and whether its workflow task fails again and again. */
  look(workflowId: string): Promise<{ isOpen: boolean; isStuck: boolean }>;
  terminate(workflowId: string, reason: string): Promise<boolean>;
  cancel(workflowId: string): Promise<boolean>;
}
export interface RunSweepTools {
  system: Db;
  inTenant: <T>(workspaceId: string, work: (tx: TenantTx) => Promise<T>) => Promise<T>;
  startRuns: (runs: readonly RunRef[]) => void;
  workflows: WorkflowLookup;
  metrics: Metrics;
  log: Log;
}

const abandonedMs = 10_000;
const overlapMs = 120_000;
/** A workflow that has written its end closes a moment later; the other way round it was ended from outside. */
const graceMs = 5_000;
const stuckCancelMs = 60_000;
const longestCancelMs = 30 * 60_000;

/** Starts what a dead process left between its commit and Temporal, and lets in what waits while slots are free. */
export const startAbandoned = ({ system, inTenant, startRuns }: RunSweepTools): Sweep => ({
  name: 'start-abandoned',
  everyMs: 3_000,
  run: async () => {
    for (const workspaceId of await workspacesWithQueue(system)) {
      const refs = await inTenant(workspaceId, async (tx) => [
        ...(await admitRuns(tx)),
        ...(await admittedNotBegun(tx, abandonedMs, 200)),
      ]);
      startRuns(refs);
    }
  },
});

/** Both consoles tell the same story: what was ended or reset in Temporal is so here within a quarter of a minute. */
export const followEndings = ({ system, inTenant, startRuns, workflows, log }: RunSweepTools): Sweep => ({
  name: 'follow-endings',
  everyMs: 15_000,
  run: async () => {
    await alone(system, 'follow-endings', async () => {
      const begun = Date.now();
      const last = await readNote<{ at: number }>(system, 'follow-endings');
      const since = new Date((last?.at ?? begun - 3_600_000) - overlapMs);
      const closed = await workflows.closedSince(since);
      const suspects = await aliveRuns(system, closed);
      if (suspects.length > 0) await new Promise((resolve) => setTimeout(resolve, graceMs));
      for (const { workspaceId, id } of await aliveRuns(
        system,
        suspects.map(({ id }) => id),
      )) {
        if ((await workflows.look(id)).isOpen) continue; // a reset made a new execution meanwhile
        const { admitted } = await inTenant(workspaceId, (tx) =>
          endRun(tx, id, {
            status: 'canceled',
            error: { code: 'run.ended_outside', message: 'The run was ended in Temporal.' },
          }),
        );
        log.info({ runId: id, workspaceId }, 'a run was ended outside');
        startRuns(admitted);
      }
      const open = new Map((await workflows.startedSince(since)).map(({ id, startedAt }) => [id, startedAt]));
      for (const { workspaceId, id, endedAt } of await endedRuns(system, [...open.keys()])) {
        // A run writes its end before its workflow closes: only an execution that began after that is a reset.
        const startedAt = open.get(id);
        if (!startedAt || startedAt <= endedAt) continue;
        if ((await workflows.look(id)).isOpen) await inTenant(workspaceId, (tx) => reopenRun(tx, id));
      }
      await writeNote(system, 'follow-endings', { at: begun });
    });
  },
});

/** A run that Temporal knows nothing of any more (its history was deleted, its server's data lost) ends as lost. */
export const findLost = ({ system, inTenant, startRuns, workflows, log }: RunSweepTools): Sweep => ({
  name: 'find-lost',
  everyMs: 60_000,
  run: async () => {
    await alone(system, 'find-lost', async () => {
      // One list instead of a look at each: thousands of connections have a run that is always open.
      const open = await workflows.open();
      let after = '00000000-0000-0000-0000-000000000000';
      for (;;) {
        const page = await longAliveRuns(system, 120_000, after, 1_000);
        for (const { workspaceId, id } of page) {
          if (open.has(id) || (await workflows.look(id)).isOpen) continue;
          const { didEnd, admitted } = await inTenant(workspaceId, (tx) =>
            endRun(tx, id, {
              status: 'failed',
              error: { code: 'run.lost', message: 'Temporal knows no execution of this run any more.' },
            }),
          );
          if (didEnd) log.warn({ runId: id, workspaceId }, 'a run was lost');
          startRuns(admitted);
        }
        const last = page.at(-1);
        if (!last || page.length < 1_000) return;
        after = last.id;
      }
    });
  },
});

/** A cancel always ends the run: one whose workflow is gone or stuck is ended here. */
export const enforceCancels = ({ system, inTenant, startRuns, workflows, log }: RunSweepTools): Sweep => ({
  name: 'enforce-cancels',
  everyMs: 10_000,
  run: async () => {
    for (const { workspaceId, id, askedMsAgo } of await slowCancels(system, 5_000)) {
      const { isOpen, isStuck } = await workflows.look(id);
      if (isOpen && askedMsAgo < stuckCancelMs) await workflows.cancel(id);
      const mustEnd = !isOpen || (isStuck && askedMsAgo >= stuckCancelMs) || askedMsAgo >= longestCancelMs;
      if (!mustEnd) continue;
      if (isOpen) await workflows.terminate(id, 'Its cancel did not end it.');
      const { admitted } = await inTenant(workspaceId, (tx) =>
        endRun(tx, id, { status: 'canceled', error: { code: 'run.canceled', message: 'Canceled.' } }),
      );
      log.warn({ runId: id, workspaceId, isStuck }, 'a cancel was enforced');
      startRuns(admitted);
    }
  },
});

/** Partitions ahead, old ones away, old keys gone. */
export const houseKeeping = ({ system, metrics, log }: RunSweepTools): Sweep => ({
  name: 'house-keeping',
  everyMs: 3_600_000,
  run: async () => {
    await alone(system, 'house-keeping', async () => {
      const { dropped, strayRows } = await keepHouse(system);
      for (const [table, rows] of Object.entries(strayRows)) metrics.defaultPartitionRows.set({ table }, rows);
      if (dropped.length > 0) log.info({ dropped }, 'old partitions were dropped');
    });
  },
});
