import { Context } from '@temporalio/activity';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { PreparedQueryStep, QueryStepCall, QueryStepState } from '#activities/playbooks/run-query-step.ts';
import type { Playbook, Step } from '#contracts/playbooks/document.ts';
import type { QueryReply } from '#contracts/playbooks/engine/effects.ts';
import { RunPlaybook, type RunPlaybookInput, type RunPlaybookResult } from '#contracts/playbooks/run-playbook.ts';
import { RunQuery, type RunQueryInput } from '#contracts/queries/run-query.ts';
import type { RunRecord } from '#contracts/runs/record-run.ts';
import { type SkippingTemporal, closeTemporal, skippingTemporal } from '#tests/kit/test-temporal.ts';
import { recordHistory } from '#tests/kit/record-history.ts';

const calls: string[] = [];
const asked: QueryStepCall[] = [];
let refusal: PreparedQueryStep | null = null;
let mayBegin = true;
let isOver = true;
let isQueued = false;
let reply: (runId: string) => QueryReply | null;
let follow: () => Promise<unknown>;
beforeEach(() => {
  calls.length = 0;
  asked.length = 0;
  refusal = null;
  mayBegin = true;
  isOver = true;
  isQueued = false;
  reply = (runId) => ({ kind: 'succeeded', runId, output: { rowCount: 3, columns: [{ name: 'n', type: 'integer' }] } });
  follow = async () => ({ state: 'succeeded', pollAfterMs: 0, rowCount: 3, columns: [], failure: null, note: null });
});
const told = <T>(name: string, answer: T): T => {
  calls.push(name);
  return answer;
};
/** Ends with the cancel, as activities do that hear it. */
const untilCanceled = (): Promise<never> => {
  const beat = setInterval(() => Context.current().heartbeat(), 200);
  return Context.current().cancelled.finally(() => clearInterval(beat));
};

const activities = {
  recordRun: async (_record: RunRecord) => ({ isEnded: false }),
  prepareQueryStep: async (call: QueryStepCall): Promise<PreparedQueryStep> => {
    asked.push(call);
    if (refusal) return refusal;
    const runId = uuidv7();
    const input: RunQueryInput = { workspaceId: call.workspaceId, runId, connectionId: uuidv7(), engine: 'sfmc', unit: '1', limitMs: 3_600_000, inOne: true }; // prettier-ignore
    return { ok: true, runId, input, mayBegin };
  },
  readQueryStep: async ({ runId }: { runId: string }) => reply(runId),
  cancelQueryStep: async ({ how }: { how: QueryStepState }) => told(`cancel ${how}`, undefined),
  // Who waits for a slot hears nothing until its row has been told.
  awaitRunEnd: async () => {
    calls.push('await');
    return isQueued && !calls.includes('cancel alone') ? untilCanceled() : isOver;
  },
  countQueryRows: async () => told('count', 7),
  beginQuery: async () => told('begin', { refusal: null, isAdopted: false, pollAfterMs: 10 }),
  followQuery: async () => {
    calls.push('follow');
    return follow();
  },
  cancelQuery: async () => told('cancel at service', { outcome: 'stopped', note: 'It was stopped.' }),
  cleanQuery: async () => undefined,
  recordQuery: async () => ({ isEnded: false }),
  isSignedIn: async () => true,
};

let temporal: SkippingTemporal;
let stop: () => Promise<void>;
beforeAll(async () => {
  temporal = await skippingTemporal(RunPlaybook.taskQueue, activities);
  const engines = await skippingTemporal(RunQuery.engineQueue, activities);
  const running = [temporal.worker.run(), engines.worker.run()];
  stop = async () => {
    temporal.worker.shutdown();
    engines.worker.shutdown();
    await Promise.all(running);
  };
}, 180_000);
afterAll(async () => {
  await stop();
  await closeTemporal();
});

const begin = async (more: object = {}) => {
  const definition: Playbook = {
    name: 'Count',
    steps: [{ id: 'q', kind: 'query', query: 'Sends', ...more } as Step],
    outputs: { rows: '${{ steps.q.output.rowCount }}' },
  };
  const input: RunPlaybookInput = {
    workspaceId: uuidv7(), runId: uuidv7(), definition, inputs: {}, vars: {}, secrets: [], title: 'Count', trigger: 'api',
    actor: { kind: 'system', id: null, name: 'Test' }, actorEmail: '', url: '/', playbook: { id: uuidv7(), name: 'Count', version: 1 },
    pins: {}, depth: 0, rootRunId: uuidv7(), carried: null, isDryRun: false, onlyHosts: null,
  }; // prettier-ignore
  const handle = await temporal.client.workflow.start(RunPlaybook.type, {
    workflowId: input.runId,
    taskQueue: RunPlaybook.taskQueue,
    args: [input],
  });
  return { input, handle, result: () => handle.result() as Promise<RunPlaybookResult> };
};
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
};

test('a query with a free slot runs as a child, and the step has its counts', async () => {
  const run = await begin({ parameters: { day: 'today' } });
  expect(await run.result()).toMatchObject({ status: 'succeeded', outputs: { rows: 3 } });
  expect(calls).toEqual(['begin', 'follow']);
  expect(asked).toMatchObject([
    { runId: run.input.runId, actor: run.input.actor, request: { query: 'Sends', attempt: 1, parameters: { day: 'today' } } },
  ]); // prettier-ignore
  await recordHistory('run-playbook-query', run.handle);
});

test('past the step’s timeout the query is canceled and the step has timed out', async () => {
  // Its time passes and is not skipped: a skip goes over the limits of workflow tasks too, and a worker that is slow on a
  // loaded machine then loses each of its tasks to them.
  follow = async () => ({
    state: 'running',
    pollAfterMs: 1_200_000,
    rowCount: null,
    columns: null,
    failure: null,
    note: null,
  });
  reply = (runId) => ({ kind: 'canceled', runId });
  const run = await begin({ timeout: '4s' });
  await until(() => calls.includes('follow'));
  while ((await run.handle.describe()).status.name === 'RUNNING')
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await run.result()).toMatchObject({ status: 'failed', error: { code: 'step.timed_out' } });
  expect(calls).toContain('cancel at service');
});

test('a query that has to queue is waited for and not started twice', async () => {
  mayBegin = false;
  isOver = false;
  const run = await begin();
  await until(() => calls.filter((call) => call === 'await').length > 1);
  isOver = true;
  expect(await run.result()).toMatchObject({ status: 'succeeded', outputs: { rows: 3 } });
  expect(new Set(calls)).toEqual(new Set(['await']));
  await recordHistory('run-playbook-query-queued', run.handle);
});

test('rows that the service did not count are counted, and one that may not run fails the step before it begins', async () => {
  reply = (runId) => ({ kind: 'succeeded', runId, output: { rowCount: null, columns: [] } });
  const run = await begin({ expect: 'result.rowCount == 7' });
  expect(await run.result()).toMatchObject({ status: 'succeeded', outputs: { rows: 7 } });
  expect(calls.at(-1)).toBe('count');
  await recordHistory('run-playbook-query-counted', run.handle);
  calls.length = 0;
  refusal = { ok: false, error: { code: 'query.not_allowed', message: 'No.', retryable: false } };
  expect(await (await begin()).result()).toMatchObject({ status: 'failed', error: { code: 'query.not_allowed' } });
  expect(calls).toEqual([]);
});

test('a cancel of the playbook is handed on to the query, which stops at its service first', async () => {
  follow = untilCanceled;
  reply = (runId) => ({ kind: 'canceled', runId });
  const run = await begin();
  await until(() => calls.includes('follow'));
  await run.handle.cancel();
  expect(await run.result()).toMatchObject({ status: 'canceled' });
  // It ended by itself, and its row says how: nobody else has to end it.
  expect(calls).toEqual(['begin', 'follow', 'cancel at service']);
  await recordHistory('run-playbook-query-canceled', run.handle);
});

test('one that waits for a slot is told of the cancel in its row', async () => {
  mayBegin = false;
  isQueued = true;
  reply = (runId) => ({ kind: 'canceled', runId });
  const run = await begin();
  await until(() => calls.includes('await'));
  await run.handle.cancel();
  expect(await run.result()).toMatchObject({ status: 'canceled' });
  expect(calls).toEqual(['await', 'cancel alone', 'await']);
});
