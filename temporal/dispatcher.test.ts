import { expect, test } from 'vitest';
import { createLog } from '#system/log.ts';
import { createMetrics } from '#system/metrics.ts';
import { type DispatchRun, Dispatcher } from './dispatcher.ts';

const run = (id: string, workspaceId = 'w1', input: unknown = {}): DispatchRun => ({
  id, workspaceId, workflowType: 'runPlaybook', taskQueue: 'main', kind: 'playbook', subject: null, actorId: null, priority: 2, input,
}); // prettier-ignore
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

function gate({ limit = 2, loadInput = async () => ({}) as unknown, fails = new Set<string>() } = {}) {
  const started: string[] = [];
  const eager: string[] = [];
  const dispatcher = new Dispatcher({
    client: {
      start: async ({ workflowId, isEager }) => {
        if (fails.delete(workflowId)) throw new Error('Temporal is away');
        started.push(workflowId);
        if (isEager) eager.push(workflowId);
        return { isEager, didStart: true };
      },
    },
    loadInput,
    eagerQueues: new Set(['main']),
    metrics: createMetrics({ withDefaults: false }),
    log: createLog({ level: 'silent' }),
    limit,
  });
  return { dispatcher, started, eager };
}

test('no more than the limit are open; each end lets the next one through', async () => {
  const { dispatcher, started, eager } = gate();
  dispatcher.offer([run('a'), run('b'), run('c'), run('d')]);
  await settled();
  expect(started).toEqual(['a', 'b']);
  dispatcher.release('a');
  await settled();
  expect(started).toEqual(['a', 'b', 'c']);
  expect([dispatcher.open, dispatcher.waiting]).toEqual([2, 1]);
  expect(eager).toEqual(started);
});

test('workspaces take turns: a thousand runs of one do not hold up the single run of another', async () => {
  const { dispatcher, started } = gate({ limit: 1 });
  dispatcher.offer(Array.from({ length: 1_000 }, (_, index) => run(`big-${index}`, 'big')));
  dispatcher.offer([run('small', 'small')]);
  for (let ended = 0; ended < 3; ended++) {
    await settled();
    dispatcher.release(started.at(-1) ?? '');
  }
  await settled();
  expect(started.indexOf('small')).toBeLessThanOrEqual(2);
});

test('a run offered twice is started once', async () => {
  const { dispatcher, started } = gate({ limit: 10 });
  dispatcher.offer([run('a')]);
  dispatcher.offer([run('a')]);
  await settled();
  dispatcher.offer([run('a')]);
  await settled();
  expect(started).toEqual(['a']);
});

test('a start that fails frees its place, and the run may be offered again', async () => {
  const { dispatcher, started } = gate({ limit: 1, fails: new Set(['a']) });
  dispatcher.offer([run('a'), run('b')]);
  await settled();
  expect(started).toEqual(['b']);
  dispatcher.release('b');
  dispatcher.offer([run('a')]);
  await settled();
  expect(started).toEqual(['b', 'a']);
});

test('a run that ended while it waited is not started', async () => {
  const { dispatcher, started } = gate({ loadInput: async () => null });
  dispatcher.offer([{ ...run('a'), input: undefined }, run('b')]);
  await settled();
  expect(started).toEqual(['b']);
  expect(dispatcher.open).toBe(1);
});

test('a run not heard of for a minute no longer holds a place', async () => {
  const { dispatcher, started } = gate({ limit: 1 });
  dispatcher.offer([run('a'), run('b')]);
  await settled();
  dispatcher.forgetStale(Date.now() + 61_000);
  await settled();
  expect(started).toEqual(['a', 'b']);
});
