import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TriggerWorld, triggerWorld } from '#tests/kit/trigger-world.ts';
import { drainInstance, resumeInstance } from '../system/instance-drains.ts';
import { admitNext, admitRuns } from './admit-runs.ts';
import { type NewRun, insertRun } from './insert-run.ts';
import { drainQueue, listDrains, queuedByQueue, resumeQueue } from './queue-drains.ts';
import { readRun } from './run-detail.ts';
import { listRuns } from './runs.ts';

let world: TriggerWorld;
const actor = { kind: 'system' as const, id: null, name: 'Test' };
const base: NewRun = {
  kind: 'playbook', title: 'A run', trigger: 'api', actor, workflowType: 'runPlaybook', taskQueue: 'main', sealedInput: 'sealed',
}; // prettier-ignore
const insert = (run: Partial<NewRun> = {}) => world.tx((tx) => insertRun(tx, { ...base, ...run }));
const waitingOf = async (id: string) => (await world.tx((tx) => readRun(tx, id)))?.waitingFor;
const drain = (queue = 'main') => world.tx((tx) => drainQueue(tx, queue, { actor, reason: 'The disks are changed.' }));
const resume = (queue = 'main') => world.tx((tx) => resumeQueue(tx, queue, { actor }));

beforeAll(async () => {
  world = await triggerWorld();
});
beforeEach(async () => {
  await world.sql('delete from queue_drains');
  await world.sql('delete from instance_drains');
  await world.sql('delete from runs');
  await world.sql('update settings set concurrency = 100');
});
afterAll(() => world?.close());

test('a run of a drained queue is promised and stays in line, which says so; resumed, it is admitted in its turn', async () => {
  expect(await drain()).toBe(true);
  const [first, second] = [await insert(), await insert()];
  expect([first.admitted, second.admitted]).toEqual([[], []]);
  expect(await world.tx((tx) => admitRuns(tx))).toEqual([]);
  expect(await waitingOf(first.id)).toBe('drain');
  const page = await world.tx((tx) => listRuns(tx, { limit: 10, shape: 'job', sort: 'createdAt' }));
  expect(page.data.map(({ waitingFor, queuePlace }) => [waitingFor, queuePlace])).toEqual([
    ['drain', 1],
    ['drain', 2],
  ]);
  expect((await world.tx(queuedByQueue)).get('main')).toMatchObject({ queued: 2 });
  expect(await resume()).toBe(true);
  expect((await world.tx((tx) => admitRuns(tx))).map(({ id }) => id)).toEqual([first.id, second.id]);
});

test('the end of a run lets nobody in from a drained queue', async () => {
  await world.sql('update settings set concurrency = 1');
  const [, second] = [await insert(), await insert()];
  expect(await waitingOf(second.id)).toBe('slot');
  await drain();
  await world.sql(`update runs set status = 'succeeded', ended_at = now() where admitted_at is not null`);
  expect(await world.tx((tx) => admitNext(tx))).toEqual([]);
  expect(await waitingOf(second.id)).toBe('drain');
});

test('runs of another queue pass those of a drained one, and children of what runs begin', async () => {
  await drain();
  const parent = await insert();
  expect((await insert({ taskQueue: 'other' })).admitted).toHaveLength(1);
  const child = await insert({ isChild: true, parentRunId: parent.id });
  expect(await waitingOf(child.id)).toBeNull();
});

test('a second drain keeps the first one’s word, a resume of what is not drained does nothing, and each tells once', async () => {
  await drain();
  expect(await drain()).toBe(false);
  expect(await world.tx(listDrains)).toMatchObject([
    { queue: 'main', scope: 'workspace', by: actor, reason: 'The disks are changed.' },
  ]);
  await resume();
  expect(await resume()).toBe(false);
  expect((await world.eventTypes('queue:main')).slice(-2)).toEqual(['queue.drained', 'queue.resumed']);
});

test('a drain of the whole installation holds whatever the workspace says, and the app’s role cannot change it', async () => {
  const made = await drainInstance(world.system, 'main', { actor, reason: null });
  expect(made).toMatchObject({ isNew: true, drain: { scope: 'instance' } });
  expect((await drainInstance(world.system, 'main', { actor, reason: 'Again.' })).isNew).toBe(false);
  const run = await insert();
  expect(run.admitted).toEqual([]);
  expect(await waitingOf(run.id)).toBe('drain');
  await expect(world.tx((tx) => tx.deleteFrom('instanceDrains').execute())).rejects.toThrow(/permission denied/);
  expect(await resumeInstance(world.system, 'main')).toBe(true);
  expect(await resumeInstance(world.system, 'main')).toBe(false);
  expect(await world.tx((tx) => admitRuns(tx))).toHaveLength(1);
});

test('a drain waits for the admission under way, so nothing is admitted after it', async () => {
  const results = await Promise.all([...Array.from({ length: 10 }, () => insert()), drain()]);
  expect(results.at(-1)).toBe(true);
  const [{ late } = { late: undefined }] = await world.sql(
    `select count(*)::int as late from runs r, queue_drains d where r.admitted_at > d.drained_at and r.xmin::text::bigint > d.xmin::text::bigint`,
  );
  expect(late).toBe(0);
  expect((await insert()).admitted).toEqual([]);
});
