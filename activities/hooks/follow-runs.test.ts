import { afterAll, beforeAll, expect, test } from 'vitest';
import { runTriggerRoom } from '#api/hooks/run-triggers.ts';
import type { RunTrigger } from '#contracts/hooks/run-triggers.ts';
import { endRun } from '#db/runs/end-run.ts';
import { triggerWorld, type TriggerWorld } from '#tests/kit/trigger-world.ts';
import { followRuns } from './follow-runs.ts';

let world: TriggerWorld;
let first: string;
let second: string;

beforeAll(async () => {
  world = await triggerWorld({ triggers: runTriggerRoom });
  first = await world.playbook('First');
  second = await world.playbook('Second', {
    inputs: [
      { name: 'from', type: 'string' },
      { name: 'code', type: 'string' },
    ],
  });
});
afterAll(() => world.close());

const make = async (more: object = {}): Promise<RunTrigger> => {
  const answer = await world.post('/run-triggers', {
    name: 'Then second',
    playbooks: [first],
    target: { kind: 'playbook', id: second },
    inputs: { from: 'run.title' },
    ...more,
  });
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json<RunTrigger>();
};
const sweep = () =>
  followRuns({
    system: world.system,
    vault: world.vault,
    inTenant: (_id, work) => world.tx(work),
    startRuns: world.tools.startRuns,
  });
const end = (runId: string, status: 'succeeded' | 'failed' = 'succeeded') =>
  world.tx((tx) =>
    endRun(tx, runId, {
      status,
      error: status === 'failed' ? { code: 'command.exited_nonzero', message: 'exit 1' } : null,
    }),
  );
const followersOf = (triggerId: string) =>
  world.sql('select id, inputs, actor, trigger from runs where trigger_id = $1 order by id', [triggerId]);
const look = async (id: string) => (await world.get(`/run-triggers/${id}`)).json<RunTrigger>();

test('the end of a run starts the next one exactly once, however many sweeps look', async () => {
  const { id } = await make();
  const runId = await world.run(first);
  await end(runId);
  expect((await look(id)).lastFirings).toMatchObject([{ endedRunId: runId, status: 'pending' }]);
  await Promise.all([sweep().run(), sweep().run(), sweep().run()]);
  await sweep().run();
  const followers = await followersOf(id);
  expect(followers).toMatchObject([
    { inputs: { from: 'First', code: null }, trigger: 'run', actor: { kind: 'system', name: 'Then second' } },
  ]);
  expect(world.started.map((run) => run.id)).toContain(followers[0]?.['id']);
  expect((await look(id)).lastFirings).toMatchObject([{ status: 'started', runId: followers[0]?.['id'] }]);
  await world.del(`/run-triggers/${id}`);
});

test('only the ends and playbooks it names count, and its condition must hold', async () => {
  const { id } = await make({
    statuses: ['failed'],
    condition: 'run.error.code == "command.exited_nonzero"',
    inputs: { code: 'run.error.code' },
  });
  const other = await world.playbook('Other');
  await end(await world.run(first), 'succeeded');
  await end(await world.run(other), 'failed');
  expect((await look(id)).lastFirings).toEqual([]);
  await end(await world.run(first), 'failed');
  await sweep().run();
  expect(await followersOf(id)).toMatchObject([{ inputs: { code: 'command.exited_nonzero' } }]);
  await world.patch(`/run-triggers/${id}`, { condition: 'run.error.code == "other"' });
  await end(await world.run(first), 'failed');
  await sweep().run();
  expect((await look(id)).lastFirings.map(({ status }) => status)).toEqual(['passed', 'started']);
  await world.patch(`/run-triggers/${id}`, { enabled: false });
  await end(await world.run(first), 'failed');
  expect((await look(id)).lastFirings).toHaveLength(2);
  await world.del(`/run-triggers/${id}`);
});

test('a mapping that fails is on record and in the stream, and keeps nothing from ending', async () => {
  const { id } = await make({ inputs: { from: 'run.outputs.nowhere' } });
  const runId = await world.run(first);
  await end(runId);
  await sweep().run();
  expect((await look(id)).lastFirings).toMatchObject([
    { status: 'failed', runId: null, error: { code: 'run_trigger.mapping_failed' } },
  ]);
  expect(await world.eventTypes(`run_trigger:${id}`)).toContain('run_trigger.failed');
  const wrong = await make({ inputs: { from: '1 + 1' } });
  await end(await world.run(first));
  await sweep().run();
  expect((await look(wrong.id)).lastFirings).toMatchObject([
    { status: 'failed', error: { code: 'playbook.inputs_refused' } },
  ]);
  for (const one of [id, wrong.id]) await world.del(`/run-triggers/${one}`);
});

test('a ring of triggers ends after five', async () => {
  const { id } = await make({
    name: 'Ring',
    playbooks: [second],
    target: { kind: 'playbook', id: second },
    inputs: {},
  });
  await end(await world.run(second));
  for (let round = 0; round < 8; round++) {
    await sweep().run();
    const open = await world.sql('select id from runs where trigger_id = $1 and ended_at is null', [id]);
    for (const run of open) await end(String(run['id']));
  }
  expect(await followersOf(id)).toHaveLength(5);
  expect((await look(id)).lastFirings[0]).toMatchObject({ status: 'failed', error: { code: 'run_trigger.too_deep' } });
  await world.del(`/run-triggers/${id}`);
});

test('422: saving refuses other names than run, and inputs that the target does not have', async () => {
  const answer = await world.post('/run-triggers', {
    name: 'x',
    target: { kind: 'playbook', id: second },
    condition: 'body.x',
    inputs: { nope: 'run.id' },
  });
  expect(answer.statusCode).toBe(422);
  expect(answer.json().details).toMatchObject([
    { path: '/body/inputs/nope', code: 'input.unknown' },
    { path: '/body/condition', code: 'expression.name_unknown' },
  ]);
});
