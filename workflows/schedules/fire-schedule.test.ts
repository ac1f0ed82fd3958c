import { fileURLToPath } from 'node:url';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { RunError } from '#contracts/runs/runs.ts';
import { FireSchedule, type FiringBegun, firingWorkflowId } from '#contracts/schedules/fire-schedule.ts';
import { type SkippingTemporal, closeTemporal, skippingTemporal } from '#tests/kit/test-temporal.ts';

let temporal: SkippingTemporal;
let stop: () => Promise<void>;
let begun: FiringBegun;
const told: { alert: number; runId: string }[] = [];

const untold: string[] = [];
let attempts = 0;

beforeAll(async () => {
  temporal = await skippingTemporal(
    FireSchedule.taskQueue,
    {
      insertScheduledRun: async () => begun,
      tellLate: async ({ alert, runId }: { alert: number; runId: string }) => void told.push({ alert, runId }),
      endFiring: async () => undefined,
      tellNotStarted: async ({ problem }: { problem: RunError }) => {
        attempts += 1;
        if (attempts < 3) throw new Error('The database is away.');
        untold.push(problem.code);
      },
    },
    { workflowsPath: fileURLToPath(new URL('../../tests/kit/fixtures/schedule-workflows.ts', import.meta.url)) },
  );
  const running = temporal.worker.run();
  stop = async () => {
    temporal.worker.shutdown();
    await running;
  };
}, 180_000);
afterAll(async () => {
  await stop();
  await closeTemporal();
});
beforeEach(() => void (told.length = 0));

const minute = 60_000;
const fire = async (takesMs: number): Promise<string> => {
  const [workspaceId, scheduleId, runId] = [uuidv7(), uuidv7(), uuidv7()];
  begun = {
    outcome: 'child',
    runId,
    workflowType: 'sleepFor',
    taskQueue: FireSchedule.taskQueue,
    kind: 'query',
    subject: null,
    input: takesMs,
    late: [
      { alert: 2, inMs: minute },
      { alert: 0, inMs: 10 * minute },
    ],
  };
  const firing = await temporal.client.workflow.start(FireSchedule.type, {
    workflowId: `${firingWorkflowId({ workspaceId, scheduleId })}-2026-11-21T07:00:00Z`,
    taskQueue: FireSchedule.taskQueue,
  });
  expect(await firing.result()).toEqual({ runId });
  return runId;
};

test('a run that has not ended by a mark is told as late, once, and not by marks after its end', async () => {
  const runId = await fire(5 * minute);
  expect(told).toEqual([{ alert: 2, runId }]);
});

test('each mark that passes is told in its turn; a run in time is told of by none', async () => {
  const late = await fire(20 * minute);
  expect(told).toEqual([
    { alert: 2, runId: late },
    { alert: 0, runId: late },
  ]);
  await fire(minute / 2);
  expect(told).toHaveLength(2);
});

test('a time that could start no run is told, and again until it is', async () => {
  const [workspaceId, scheduleId] = [uuidv7(), uuidv7()];
  const problem = { code: 'query.connection_unknown', message: 'It is gone.' };
  begun = { outcome: 'none', reason: problem.message, problem };
  const firing = await temporal.client.workflow.start(FireSchedule.type, {
    workflowId: `${firingWorkflowId({ workspaceId, scheduleId })}-2026-11-21T07:00:00Z`,
    taskQueue: FireSchedule.taskQueue,
  });
  expect(await firing.result()).toEqual({ runId: null });
  expect([untold, attempts]).toEqual([['query.connection_unknown'], 3]);
});
