import { CompleteAsyncError } from '@temporalio/activity';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RunQuery, type RunQueryInput } from '#contracts/queries/run-query.ts';
import type { RunRecord } from '#contracts/runs/record-run.ts';
import { recordHistory } from '#tests/kit/record-history.ts';
import { realWorkers } from '#tests/kit/real-workers.ts';

let workers: Awaited<ReturnType<typeof realWorkers>>;
const calls: string[] = [];
const records: RunRecord[] = [];
/** Neither beats nor answers any more, as where the process that carried it out is dead. */
const dies = ({ runId }: RunQueryInput, name: string): Promise<never> => {
  calls.push(`${name} ${runId}`);
  return Promise.reject(new CompleteAsyncError());
};
const activities = {
  beginQuery: async (input: RunQueryInput) =>
    input.unit === 'begin' ? await dies(input, 'begin') : { refusal: null, isAdopted: false, pollAfterMs: 10 },
  followQuery: (input: RunQueryInput) => dies(input, 'follow'),
  cancelQuery: async ({ runId }: RunQueryInput) => {
    calls.push(`cancel ${runId}`);
    return { outcome: 'stopped', note: 'It was stopped.' };
  },
  cleanQuery: async ({ runId, keepRows }: RunQueryInput & { keepRows: boolean }) =>
    void calls.push(`clean ${runId} keepRows=${keepRows}`),
  recordQuery: async ({ record }: { record: RunRecord }) => {
    records.push(record);
    return { isEnded: false };
  },
  isSignedIn: async () => true,
};

beforeAll(async () => {
  workers = await realWorkers([RunQuery.taskQueue, RunQuery.engineQueue], activities);
}, 60_000);
afterAll(() => workers.stop());

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
};

test.concurrent.each(['begin', 'follow'] as const)(
  'a cancel that meets the death of the worker that was to %s a query is a cancel, and stops what may have begun',
  async (phase) => {
    const runId = uuidv7();
    const input: RunQueryInput = {
      workspaceId: uuidv7(),
      runId,
      connectionId: uuidv7(),
      engine: 'amc',
      unit: phase,
      limitMs: 3_600_000,
      inOne: true,
    };
    const run = await workers.client.workflow.start(RunQuery.type, {
      workflowId: runId,
      taskQueue: RunQuery.taskQueue,
      args: [input],
    });
    await until(() => calls.includes(`${phase} ${runId}`));
    await run.cancel();
    expect(await run.result()).toMatchObject({ status: 'canceled', failure: null });
    expect(calls.filter((call) => call.includes(runId)).slice(-2)).toEqual([
      `cancel ${runId}`,
      `clean ${runId} keepRows=false`,
    ]);
    expect(records.filter((record) => record.runId === runId).at(-1)).toMatchObject({
      status: 'canceled',
      error: { code: 'run.canceled', message: 'It was stopped.' },
    });
    if (phase === 'begin') await recordHistory('run-query-lost-worker', run);
  },
  60_000,
);
