import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { RunRecord, StepState } from '#contracts/runs/record-run.ts';
import { type TestDatabase, testDatabase } from '#tests/kit/test-database.ts';
import { readEpoch, readHorizon, readTail } from '../system/event-tail.ts';
import { listRunEvents } from '../events/read-events.ts';
import { type Db, openDatabase } from '../kit/database.ts';
import { inTenant } from '../kit/in-tenant.ts';
import { admitRuns } from './admit-runs.ts';
import { endRun, reopenRun, requestCancel } from './end-run.ts';
import { claimIdempotencyKey, storeIdempotentAnswer } from './idempotency-keys.ts';
import { type NewRun, insertRun } from './insert-run.ts';
import { recordRun } from './record-run.ts';
import { readRunDetail } from './run-detail.ts';
import { acquireLock, releaseLock } from './run-locks.ts';
import { appendLog, readLog } from './run-logs.ts';
import { pageOf } from '#contracts/kit/schemas.ts';
import { RunSummary } from '#contracts/runs/runs.ts';
import { listRuns } from './runs.ts';

let database: TestDatabase;
let app: Db;
let system: Db;
let workspaceId: string;
const actor = { kind: 'system' as const, id: null, name: 'Test' };
const base: NewRun = {
  kind: 'playbook',
  title: 'A run',
  trigger: 'api',
  actor,
  workflowType: 'runPlaybook',
  taskQueue: 'main',
  sealedInput: 'sealed',
};
const tenant = <T>(work: Parameters<typeof inTenant<T>>[2]): Promise<T> => inTenant(app, workspaceId, work);
const insert = (run: Partial<NewRun> = {}) => tenant((tx) => insertRun(tx, { ...base, ...run }));
const setLimit = (concurrency: number) => tenant((tx) => tx.updateTable('settings').set({ concurrency }).execute());
const record = (runId: string, seq: number, more: Partial<RunRecord> = {}): RunRecord => ({
  workspaceId,
  runId,
  seq,
  startedAt: new Date(0).toISOString(),
  status: 'running',
  ...more,
});
const step = (address: string, more: Partial<StepState> = {}): StepState => ({
  address, id: address, parent: null, kind: 'set', name: null, section: 'steps', status: 'running', reason: null, attempts: [], startedAt: null, endedAt: null,
  error: null, carried: false, undo: null, waitingUntil: null, childRunId: null, position: 0, ...more,
}); // prettier-ignore

beforeAll(async () => {
  database = await testDatabase();
  app = openDatabase(database.appUrl, { max: 12 });
  system = openDatabase(database.systemUrl, { max: 3 });
});
beforeEach(async () => {
  workspaceId = (await newWorkspace()).id;
});
afterAll(async () => {
  await app.destroy();
  await system.destroy();
  await database.close();
});

/**
 * Events and logs are read below the horizon of the whole cluster, which other suites' open transactions hold: what is
 * committed shows a moment later, so a test looks until it does.
 */
async function eventually<T>(read: () => Promise<T>, isThere: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await read();
    if (isThere(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
const eventsOf = async (id: string, count: number): Promise<string[]> => {
  const { data } = await eventually(
    () => tenant((tx) => listRunEvents(tx, id, { limit: 50 })),
    (page) => page.data.length >= count,
  );
  return data.map(({ type }) => type);
};

async function newWorkspace(): Promise<{ id: string }> {
  const owner = openDatabase(database.ownerUrl, { max: 1 });
  const id = uuidv7();
  await sql`insert into workspaces (id, slug, name) values (${id}, ${`w-${id}`}, 'W')`.execute(owner);
  await sql`insert into settings (workspace_id) values (${id})`.execute(owner);
  await owner.destroy();
  return { id };
}

test('a run is admitted while slots are free; the end of one lets the next in, in order', async () => {
  await setLimit(2);
  const [first, second, third, fourth] = [await insert(), await insert(), await insert(), await insert()];
  expect([first, second, third, fourth].map(({ admitted }) => admitted.length)).toEqual([1, 1, 0, 0]);
  const ended = await tenant((tx) =>
    recordRun(tx, record(first?.id ?? '', 1, { status: 'succeeded', endedAt: new Date().toISOString() })),
  );
  expect(ended.admitted.map(({ id }) => id)).toEqual([third?.id]);
  const page = await tenant((tx) => listRuns(tx, { limit: 10, shape: 'job', sort: '-createdAt' }));
  expect(page.data.find(({ id }) => id === fourth?.id)).toMatchObject({ waitingFor: 'slot', queuePlace: 1 });
});

test('a page of runs is what its schema says and no field more, since it is sent as it is built', async () => {
  await insert();
  const ended = await insert({ subject: { kind: 'playbook', id: uuidv7(), version: 2 } });
  const state = {
    status: 'failed',
    endedAt: new Date().toISOString(),
    progress: { done: 1, total: 2, unit: 'steps' },
    strand: [{ id: 'a', status: 'failed' }],
    error: { code: 'command.failed', message: 'It ended with 1.', step: 'a', attempt: 1, retryable: false },
  } as const;
  await tenant((tx) => recordRun(tx, record(ended.id, 1, { ...state, strand: [...state.strand] })));
  const page = await tenant((tx) => listRuns(tx, { limit: 10, shape: 'job', sort: '-createdAt' }));
  expect(page.data.find(({ id }) => id === ended.id)).toMatchObject({ status: 'failed', error: state.error });
  expect(pageOf(RunSummary).parse(page)).toEqual(page);
});

test('fifty starts at once never hold more slots than there are', async () => {
  await setLimit(7);
  const inserted = await Promise.all(Array.from({ length: 50 }, () => insert()));
  expect(inserted.flatMap(({ admitted }) => admitted)).toHaveLength(7);
});

test('a run that waits for a person gives its slot to the next', async () => {
  await setLimit(1);
  const [first, second] = [await insert(), await insert()];
  await tenant((tx) => recordRun(tx, record(first.id, 1, { status: 'waiting', waitingFor: 'approval' })));
  expect((await tenant((tx) => admitRuns(tx))).map(({ id }) => id)).toEqual([second.id]);
});

test('runs of one concurrency key wait for each other, others pass them', async () => {
  const keyed = { subject: { kind: 'playbook', id: uuidv7() }, concurrency: { key: 'k', limit: 1 } };
  const [one, two] = [await insert(keyed), await insert(keyed)];
  const other = await insert({ ...keyed, concurrency: { key: 'other', limit: 1 } });
  expect([one, two, other].map(({ admitted }) => admitted.length)).toEqual([1, 0, 1]);
  const { admitted } = await tenant((tx) => endRun(tx, one.id, { status: 'canceled' }));
  expect(admitted.map(({ id }) => id)).toEqual([two.id]);
});

test('the same id inserted twice is one run with one event', async () => {
  const id = uuidv7();
  const [first, again] = [await insert({ id }), await insert({ id })];
  expect([first.isNew, again.isNew, again.admitted.length]).toEqual([true, false, 0]);
  expect(await eventsOf(id, 1)).toEqual(['run.queued']);
});

test('a record that comes twice changes nothing; one after the end stops the workflow', async () => {
  const { id } = await insert();
  const first = record(id, 1, { steps: [step('a')] });
  for (const _ of [1, 2]) await tenant((tx) => recordRun(tx, first));
  await tenant((tx) => recordRun(tx, record(id, 2, { steps: [step('a', { status: 'succeeded', output: { x: 1 } })] })));
  await tenant((tx) => recordRun(tx, record(id, 3, { steps: [step('a', { status: 'succeeded', undo: 'done' })] })));
  const detail = await tenant((tx) => readRunDetail(tx, id));
  expect(detail?.steps).toMatchObject([{ address: 'a', status: 'succeeded', output: { x: 1 }, undo: 'done' }]);
  expect(await eventsOf(id, 5)).toEqual(['run.queued', 'run.started', 'step.updated', 'step.updated', 'step.updated']);
  await tenant((tx) => endRun(tx, id, { status: 'canceled' }));
  expect(await tenant((tx) => recordRun(tx, record(id, 4)))).toMatchObject({ isEnded: true });
  expect((await tenant((tx) => readRunDetail(tx, id)))?.status).toBe('canceled');
});

test('an end from outside leaves no step that turns for ever, and a second end changes nothing', async () => {
  const { id } = await insert();
  await tenant((tx) =>
    recordRun(
      tx,
      record(id, 1, { steps: [step('a'), step('b', { status: 'waiting' }), step('c', { status: 'succeeded' })] }),
    ),
  );
  expect(
    (await tenant((tx) => endRun(tx, id, { status: 'canceled', error: { code: 'run.ended_outside', message: 'x' } })))
      .didEnd,
  ).toBe(true);
  expect((await tenant((tx) => endRun(tx, id, { status: 'failed' }))).didEnd).toBe(false);
  const detail = await tenant((tx) => readRunDetail(tx, id));
  expect(detail).toMatchObject({ status: 'canceled', error: { code: 'run.ended_outside' } });
  expect(detail?.steps.map(({ status }) => status)).toEqual(['canceled', 'canceled', 'succeeded']);
});

test('a run reset in Temporal is at work again, and its records count from the beginning', async () => {
  const { id } = await insert();
  await tenant((tx) => recordRun(tx, record(id, 1, { status: 'failed', endedAt: new Date().toISOString() })));
  expect(await tenant((tx) => reopenRun(tx, id))).toBe(true);
  await tenant((tx) => recordRun(tx, record(id, 1, { status: 'succeeded', endedAt: new Date().toISOString() })));
  expect((await tenant((tx) => readRunDetail(tx, id)))?.status).toBe('succeeded');
});

test('a cancel ends a run that queues here and now, and only notes the wish for one that has begun', async () => {
  await setLimit(1);
  const [begun, queued] = [await insert(), await insert()];
  expect(await tenant((tx) => requestCancel(tx, queued.id, { actor }))).toMatchObject({
    status: 'canceled',
    mustTell: false,
  });
  expect(await tenant((tx) => requestCancel(tx, begun.id, { actor }))).toMatchObject({ mustTell: true });
  expect((await tenant((tx) => readRunDetail(tx, begun.id)))?.cancelRequestedAt).not.toBeNull();
  expect(await tenant((tx) => requestCancel(tx, uuidv7(), { actor }))).toBeNull();
});

test('a lock has as many holders as slots, first come first served, and passes on when it is given back', async () => {
  const runs = [await insert(), await insert(), await insert()];
  const ask = (index: number) =>
    tenant((tx) => acquireLock(tx, { name: 'db', runId: runs[index]?.id ?? '', address: 's', slots: 1 }));
  expect([await ask(0), await ask(1), await ask(2), await ask(0)]).toEqual([true, false, false, true]);
  const granted = await tenant((tx) => releaseLock(tx, { name: 'db', runId: runs[0]?.id ?? '', address: 's' }));
  expect(granted.map(({ runId }) => runId)).toEqual([runs[1]?.id]);
  // A run that ends gives back what it holds.
  await tenant((tx) => endRun(tx, runs[1]?.id ?? '', { status: 'canceled' }));
  expect(await ask(2)).toBe(true);
});

test('an idempotency key has one holder; its answer is kept, and another body is told apart', async () => {
  const claim = (bodyHash = 'h', reservedId = uuidv7()) =>
    tenant((tx) => claimIdempotencyKey(tx, { route: 'r', key: 'k', bodyHash, reservedId }));
  const claims = await Promise.all([claim(), claim(), claim()]);
  expect(claims.filter(({ isMine }) => isMine)).toHaveLength(1);
  expect(new Set(claims.map(({ reservedId }) => reservedId)).size).toBe(1);
  await tenant((tx) =>
    storeIdempotentAnswer(tx, { route: 'r', key: 'k', answer: { status: 202, body: { runId: 'x' } } }),
  );
  expect(await claim('other')).toMatchObject({
    bodyHash: 'h',
    isMine: false,
    answer: { status: 202, body: { runId: 'x' } },
  });
});

test('a holder that died is replaced by the next, which finds the same reserved id', async () => {
  const claim = () =>
    tenant((tx) => claimIdempotencyKey(tx, { route: 'r', key: 'dead', bodyHash: 'h', reservedId: uuidv7() }));
  const dead = await claim();
  const owner = openDatabase(database.ownerUrl, { max: 1 });
  await sql`update idempotency_keys set created_at = now() - interval '31 seconds' where key = 'dead'`.execute(owner);
  await owner.destroy();
  expect(await claim()).toMatchObject({ isMine: true, reservedId: dead.reservedId });
});

test('logs come in the order of their commits across a thousand transactions, page by page without gaps', async () => {
  const { id } = await insert();
  const chunk = (at: number) => ({
    address: 's',
    host: 'h',
    stream: 'stdout' as const,
    attempt: 1,
    fromByte: at,
    text: `${at}\n`,
  });
  for (let at = 0; at < 60; at++) await tenant((tx) => appendLog(tx, id, [chunk(2 * at), chunk(2 * at + 1)]));
  await eventually(
    () => tenant((tx) => readLog(tx, id, { limit: 200 })),
    (page) => page.data.length >= 120,
  );
  const seen: number[] = [];
  for (let after: string | undefined; ;) {
    const page = await tenant((tx) => readLog(tx, id, { after, limit: 7 }));
    seen.push(...page.data.map(({ fromByte }) => fromByte));
    if (page.nextCursor === null) break;
    after = page.nextCursor;
  }
  expect(seen).toEqual(Array.from({ length: 120 }, (_, at) => at));
  const found = await tenant((tx) => readLog(tx, id, { q: '11', limit: 100 }));
  expect(found.data.every(({ text }) => text.includes('11'))).toBe(true);
});

test('a transaction that stays open elsewhere holds back the log of a living run, never that of an ended one', async () => {
  const { id } = await insert();
  const other = openDatabase(database.ownerUrl, { max: 1 });
  const open = await other.startTransaction().execute();
  try {
    await sql`select pg_current_xact_id()`.execute(open);
    const line = { address: 's', host: 'h', stream: 'stdout', attempt: 1, fromByte: 0, text: 'last line' } as const;
    await tenant((tx) => appendLog(tx, id, [line]));
    expect((await tenant((tx) => readLog(tx, id, { limit: 10 }))).data).toEqual([]);
    await tenant((tx) => endRun(tx, id, { status: 'canceled' }));
    expect((await tenant((tx) => readLog(tx, id, { limit: 10 }))).data).toMatchObject([{ text: 'last line' }]);
  } finally {
    await open.rollback().execute();
    await other.destroy();
  }
});

test('the tail tells every event once and in order while many write and one transaction stays open', async () => {
  const start = await readHorizon(system);
  const seen: string[] = [];
  let place = start;
  const read = async (): Promise<void> => {
    const { events } = await readTail(system, place, new Date(Date.now() - 60_000));
    for (const event of events) {
      if (event.workspaceId === workspaceId && event.type === 'run.queued') seen.push(event.runId ?? '');
      place = { xid: event.xid, seq: event.seq };
    }
  };
  const written = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const open = tenant(async (tx) => {
    const { id } = await insertRun(tx, { ...base, shape: 'part' });
    written.resolve();
    await released.promise;
    return id;
  });
  await written.promise;
  const others = await Promise.all(Array.from({ length: 20 }, () => insert({ shape: 'part' })));
  await read();
  // The open one may still commit with a smaller number: nothing after it is told yet.
  expect(seen).toEqual([]);
  released.resolve();
  const late = await open;
  while (seen.length < 21) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    await read();
  }
  expect(new Set(seen)).toEqual(new Set([late, ...others.map(({ id }) => id)]));
  expect(seen).toHaveLength(21);
  expect(await readEpoch(system)).toMatch(/^[0-9a-f]{32}$/);
});

test('a workspace sees nothing of another: runs, steps, logs, locks, keys', async () => {
  const { id } = await insert();
  await tenant((tx) =>
    appendLog(tx, id, [{ address: 's', host: 'h', stream: 'stdout', attempt: 1, fromByte: 0, text: 'mine' }]),
  );
  const other = (await newWorkspace()).id;
  await inTenant(app, other, async (tx) => {
    expect(await readRunDetail(tx, id)).toBeNull();
    expect((await readLog(tx, id, { limit: 10 })).data).toEqual([]);
    expect((await endRun(tx, id, { status: 'failed' })).didEnd).toBe(false);
    expect((await listRuns(tx, { limit: 10, shape: 'job', sort: '-createdAt' })).data).toEqual([]);
  });
  await expect(app.selectFrom('runs').select('id').execute()).resolves.toEqual([]);
});
