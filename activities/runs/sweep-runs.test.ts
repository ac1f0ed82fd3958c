import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTenant } from '#db/kit/in-tenant.ts';
import { endRun } from '#db/runs/end-run.ts';
import { createMetrics } from '#system/metrics.ts';
import { type TriggerWorld, triggerWorld } from '#tests/kit/trigger-world.ts';
import { followEndings, type WorkflowLookup } from './sweep-runs.ts';

let world: TriggerWorld;
beforeAll(async () => void (world = await triggerWorld()));
afterAll(() => world.close());

/** A look at Temporal where everything that was started since is open. */
const sweepSeeing = (open: { id: string; startedAt: Date }[], closed: string[] = []): Promise<void> => {
  const workflows: WorkflowLookup = {
    closedSince: async () => closed,
    startedSince: async () => open,
    look: async (id) => ({ isOpen: open.some((each) => each.id === id), isStuck: false }),
    terminate: async () => true,
    cancel: async () => true,
  };
  const { system, db, log } = world;
  return followEndings({
    system,
    inTenant: (workspaceId, work) => inTenant(db, workspaceId, work),
    startRuns: () => {},
    workflows,
    metrics: createMetrics({ withDefaults: false }),
    log,
  }).run();
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
