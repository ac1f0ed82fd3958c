import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTenant } from '#db/kit/in-tenant.ts';
import { endRun } from '#db/runs/end-run.ts';
import { createMetrics } from '#system/metrics.ts';
import { type TriggerWorld, triggerWorld } from '#tests/kit/trigger-world.ts';
import { findLost, followEndings, type RunSweepTools, type WorkflowLookup } from './sweep-runs.ts';

let world: TriggerWorld;
beforeAll(async () => void (world = await triggerWorld()));
afterAll(() => world.close());

/** A look at Temporal where everything that was started since is open. */
const sweepSeeing = (open: { id: string; startedAt: Date }[], closed: string[] = []): Promise<void> =>
  followEndings(
    tools({
      closedSince: async () => closed,
      startedSince: async () => open,
      look: async (id) => ({ isOpen: open.some((each) => each.id === id), isStuck: false }),
    }),
  ).run();
const tools = (seen: Partial<WorkflowLookup>): RunSweepTools => {
  const workflows: WorkflowLookup = {
    closedSince: async () => [],
    startedSince: async () => [],
    open: async () => new Set(),
    look: async () => ({ isOpen: false, isStuck: false }),
    terminate: async () => true,
    cancel: async () => true,
    ...seen,
  };
  const { system, db, log } = world;
  return {
    system,
    inTenant: (workspaceId, work) => inTenant(db, workspaceId, work),
    startRuns: () => {},
    workflows,
    metrics: createMetrics({ withDefaults: false }),
    log,
  };
};
const endedRun = async (): Promise<{ id: string; endedAt: Date }> => {
  const id = await world.run(await world.playbook());
  const endedAt = new Date();
  await world.tx((tx) => endRun(tx, id, { status: 'succeeded', endedAt }));
  return { id, endedAt };
};
const statusOf = async (id: string): Promise<unknown> =>
  (await world.sql('select status from runs where id = $1', [id]))[0]?.status;

test('a run whose workflow is still about to close after writing its end stays ended', async () => {
  const { id, endedAt } = await endedRun();
  await sweepSeeing([{ id, startedAt: new Date(endedAt.getTime() - 5_000) }]);
  expect(await statusOf(id)).toBe('succeeded');
});

test('a run that was reset in Temporal after its end is at work again', async () => {
  const { id, endedAt } = await endedRun();
  await sweepSeeing([{ id, startedAt: new Date(endedAt.getTime() + 5_000) }]);
  expect(await statusOf(id)).toBe('running');
});

test('what Temporal lists as open is taken at its word; what it does not is looked at, and ends as lost where it is gone', async () => {
  const [listed, late, gone] = await Promise.all([1, 2, 3].map(async () => world.run(await world.playbook())));
  await world.sql(
    `update runs set status = 'running', started_at = now() - interval '5 minutes' where ended_at is null`,
  );
  const looked: string[] = [];
  await findLost(
    tools({
      open: async () => new Set([String(listed)]),
      look: async (id) => {
        looked.push(id);
        return { isOpen: id !== gone, isStuck: false };
      },
    }),
  ).run();
  expect(looked).toContain(late);
  expect(looked).not.toContain(listed);
  expect(await statusOf(String(listed))).toBe('running');
  expect(await statusOf(String(late))).toBe('running');
  expect(await statusOf(String(gone))).toBe('failed');
});
