import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NewRun, insertRun, newRunId } from './insert-run.ts';
import { endRun } from './end-run.ts';
import { admitRuns, admittedNotBegun } from './admit-runs.ts';
import { type TriggerWorld, triggerWorld } from '#tests/kit/trigger-world.ts';

let world: TriggerWorld;
beforeAll(async () => void (world = await triggerWorld()));
afterAll(() => world?.close());

const base: NewRun = {
  kind: 'query',
  title: 'Q',
  trigger: 'run',
  actor: { kind: 'system', id: null, name: 'Test' },
  workflowType: 'runQuery',
  taskQueue: 'main',
  sealedInput: 'x',
};
const add = (more: Partial<NewRun>) => world.tx((tx) => insertRun(tx, { ...base, ...more }));
const ofConnection = (subject: string): Partial<NewRun> => ({
  subject: { kind: 'connection', id: subject },
  concurrency: { key: `connection:${subject}`, limit: 1 },
});

test('a query of a playbook needs no slot of the workspace, which its parent holds, but one of its connection', async () => {
  await world.sql('update settings set concurrency = 1');
  const subject = newRunId();
  const parent = await add({ kind: 'playbook', workflowType: 'runPlaybook' });
  expect(parent.admitted.map(({ id }) => id)).toEqual([parent.id]);
  const first = await add({ ...ofConnection(subject), parentRunId: parent.id, rootRunId: parent.id });
  expect(first.admitted.map(({ id }) => id)).toEqual([first.id]);
  const second = await add({ ...ofConnection(subject), parentRunId: parent.id, rootRunId: parent.id });
  const top = await add(ofConnection(subject));
  expect([...second.admitted, ...top.admitted]).toEqual([]);
  // First come, first served: the place that the first gives back is the second’s.
  const freed = await world.tx((tx) => endRun(tx, first.id, { status: 'succeeded' }));
  expect(freed.admitted.map(({ id }) => id)).toEqual([second.id]);
  const last = await world.tx((tx) => endRun(tx, second.id, { status: 'succeeded' }));
  expect(last.admitted).toEqual([]);
  const after = await world.tx((tx) => endRun(tx, parent.id, { status: 'succeeded' }));
  expect(after.admitted.map(({ id }) => id)).toEqual([top.id]);
  await world.tx((tx) => endRun(tx, top.id, { status: 'succeeded' }));
});

test('one that was let in and never begun is started by the sweep; a playbook that is a child is its parent’s alone', async () => {
  const parent = await add({ kind: 'playbook', workflowType: 'runPlaybook' });
  const query = await add({ ...ofConnection(newRunId()), parentRunId: parent.id, rootRunId: parent.id });
  const child = await add({ kind: 'playbook', parentRunId: parent.id, rootRunId: parent.id, isChild: true });
  const found = await world.tx((tx) => admittedNotBegun(tx, -1_000, 100));
  const ids = found.map(({ id }) => id);
  expect(ids).toContain(query.id);
  expect(ids).not.toContain(child.id);
  expect(await world.tx((tx) => admitRuns(tx))).toEqual([]);
});
