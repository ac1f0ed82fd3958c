import { ApplicationFailure } from '@temporalio/common';
import { Context } from '@temporalio/activity';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { QueryBegun, QueryLook } from '#activities/queries/run-query.ts';
import type { QueryFailureFacts } from '#contracts/queries/failures.ts';
import { RunQuery, type RunQueryInput } from '#contracts/queries/run-query.ts';
import type { RunRecord } from '#contracts/runs/record-run.ts';
import { recordHistory } from '#tests/kit/record-history.ts';
import { type SkippingTemporal, closeTemporal, skippingTemporal } from '#tests/kit/test-temporal.ts';

const facts = (more: Partial<QueryFailureFacts> = {}): QueryFailureFacts => ({
  kind: 'provider',
  code: 'c',
  message: 'It failed.',
  hint: 'Try again.',
  retryable: false,
  retryAfterMs: null,
  mayHaveActed: false,
  status: null,
  position: null,
  ...more,
});
const look = (more: Partial<QueryLook> = {}): QueryLook => ({
  state: 'succeeded',
  pollAfterMs: 0,
  rowCount: 7,
  columns: [{ name: 'n', type: 'integer' }],
  failure: null,
  note: null,
  ...more,
});
/** Ends with the cancel, as activities do that hear it. */
const untilCanceled = (): Promise<never> => {
  const beat = setInterval(() => Context.current().heartbeat(), 200);
  return Context.current().cancelled.finally(() => clearInterval(beat));
};

const calls: string[] = [];
const records: { record: RunRecord; change?: Record<string, unknown> }[] = [];
let script: {
  validate: () => Promise<QueryFailureFacts | null>;
  start: () => Promise<{ isAdopted: boolean; pollAfterMs: number }>;
  follow: () => Promise<QueryLook>;
  isSignedIn: () => boolean;
};
beforeEach(() => {
  calls.length = 0;
  records.length = 0;
  script = {
    validate: async () => null,
    start: async () => ({ isAdopted: false, pollAfterMs: 10 }),
    follow: async () => look(),
    isSignedIn: () => true,
  };
});
const told = <T>(name: string, work: () => T): T => {
  calls.push(name);
  return work();
};
const activities = {
  validateQuery: () => told('validate', () => script.validate()),
  startQuery: () => told('start', () => script.start()),
  beginQuery: async (): Promise<QueryBegun> => {
    const refusal = await told('validate', () => script.validate());
    return refusal ? { refusal } : { refusal: null, ...(await told('start', () => script.start())) };
  },
  followQuery: () => told('follow', () => script.follow()),
  cancelQuery: async () => told('cancel', () => ({ outcome: 'running_on', note: 'It may run on.' })),
  cleanQuery: async ({ keepRows }: { keepRows: boolean }) => told(`clean keepRows=${keepRows}`, () => undefined),
  recordQuery: async (one: (typeof records)[number]) => {
    records.push(one);
    return { isEnded: false };
  },
  isSignedIn: async () => script.isSignedIn(),
};

let temporal: SkippingTemporal;
let stop: () => Promise<void>;
beforeAll(async () => {
  temporal = await skippingTemporal(RunQuery.taskQueue, activities);
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

const start = () => {
  const runId = uuidv7();
  const input: RunQueryInput = {
    workspaceId: uuidv7(),
    runId,
    connectionId: uuidv7(),
    engine: 'sfmc',
    unit: '7000001',
    limitMs: 3_600_000,
    inOne: true,
  };
  return temporal.client.workflow.start(RunQuery.type, {
    workflowId: runId,
    taskQueue: RunQuery.taskQueue,
    args: [input],
  });
};
const statuses = (): string[] => records.map(({ record }) => record.status);
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
};

test('a query is validated, started and followed until its rows can be read; the rest is removed then', async () => {
  const ready = await start();
  expect(await ready.result()).toMatchObject({ status: 'succeeded', rowCount: 7 });
  expect(calls).toEqual(['validate', 'start', 'follow', 'clean keepRows=true']);
  expect(records.at(-1)).toMatchObject({ record: { status: 'succeeded' }, change: { phase: 'ready', rowCount: 7 } });
  await recordHistory('run-query-one-ready', ready);
});

test('what the service would not run is not started', async () => {
  script.validate = async () => facts({ kind: 'syntax' });
  expect(await (await start()).result()).toMatchObject({ status: 'failed', failure: { kind: 'syntax' } });
  expect(calls).toEqual(['validate', 'clean keepRows=false']);
  expect(records.at(-1)?.record.error).toMatchObject({ code: 'query.syntax', message: 'It failed.' });
});

test('an hour of refusals fails nothing', async () => {
  let refusals = 0;
  script.start = async () => {
    if (refusals++ < 12)
      throw ApplicationFailure.create({ type: 'query.quota', details: [facts()], nextRetryDelay: '5 minutes' });
    return { isAdopted: true, pollAfterMs: 10 };
  };
  expect(await (await start()).result()).toMatchObject({ status: 'succeeded' });
  expect(refusals).toBe(13);
});

test('where nobody is signed in it waits, visibly, and goes on when somebody is', async () => {
  let isIn = false;
  script.isSignedIn = () => isIn;
  script.start = async () => {
    if (isIn) return { isAdopted: false, pollAfterMs: 10 };
    throw ApplicationFailure.create({
      type: 'query.needs_sign_in',
      details: [facts({ kind: 'auth' })],
      nonRetryable: true,
    });
  };
  const waiting = await start();
  await until(() => statuses().includes('waiting'));
  expect(records.at(-1)?.record).toMatchObject({ status: 'waiting', waitingFor: 'sign_in' });
  isIn = true;
  await waiting.signal(RunQuery.signal.connectionSettled);
  expect(await waiting.result()).toMatchObject({ status: 'succeeded' });
  expect(statuses()).toEqual(['running', 'waiting', 'running', 'succeeded']);
  await recordHistory('run-query-one-sign-in', waiting);
});

test('an old run is looked at by timers', async () => {
  let looks = 0;
  script.follow = async () => (++looks < 4 ? look({ state: 'running', pollAfterMs: 20_000 }) : look());
  const old = await start();
  expect(await old.result()).toMatchObject({ status: 'succeeded' });
  expect(calls.filter((call) => call === 'follow')).toHaveLength(4);
  await recordHistory('run-query-one-timers', old);
});

test('what takes longer than it may is stopped at the service, and says what came of that', async () => {
  script.follow = async () => look({ state: 'running', pollAfterMs: 1_200_000 });
  expect(await (await start()).result()).toMatchObject({ status: 'timed_out', failure: { kind: 'timeout' } });
  expect(calls.slice(-2)).toEqual(['cancel', 'clean keepRows=false']);
  expect(records.at(-1)?.record.error?.message).toContain('It may run on.');
});

test('what fails at the service fails the run, and all it left is removed', async () => {
  script.follow = async () => look({ state: 'failed', failure: facts() });
  expect(await (await start()).result()).toMatchObject({ status: 'failed', failure: { code: 'c' } });
  expect(calls.at(-1)).toBe('clean keepRows=false');
});

test.each(['validate', 'start', 'follow'] as const)(
  'canceled while it is to %s, it says what could be stopped and cleans up',
  async (phase) => {
    script[phase] = untilCanceled;
    const run = await start();
    await until(() => calls.includes(phase));
    await run.cancel();
    expect(await run.result()).toMatchObject({ status: 'canceled' });
    expect(calls.slice(-2)).toEqual(['cancel', 'clean keepRows=false']);
    expect(records.at(-1)).toMatchObject({
      record: { status: 'canceled', error: { code: 'run.canceled', message: 'It may run on.' } },
      change: { note: 'It may run on.' },
    });
    if (phase === 'follow') await recordHistory('run-query-one-canceled', run);
  },
);
