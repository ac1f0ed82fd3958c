import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { afterAll, expect, test } from 'vitest';
import type { EngineInput } from '#contracts/playbooks/engine/core.ts';
import type { Step } from '#contracts/playbooks/document.ts';
import { closeTemporal, skippingTemporal } from '../kit/test-temporal.ts';
import type { engineProbe } from '../kit/fixtures/engine-workflow.ts';

afterAll(closeTemporal);

// A local activity may be delivered again with its workflow task; what the engine asks for is told by its key.
const workflowsPath = fileURLToPath(new URL('../kit/fixtures/engine-workflow.ts', import.meta.url));
const call = (id: string, more: object = {}): Step =>
  ({ id, kind: 'http', method: 'POST', url: 'https://x.example.com', ...more }) as Step;

const steps: Step[] = [
  {
    id: 'e',
    kind: 'each',
    items: Array.from({ length: 24 }, (_, index) => index),
    parallel: 3,
    steps: [call('a', { undo: [call('ua')] }), { id: 'w', kind: 'wait', for: '1h' }, call('b')],
    collect: '${{ steps.a.output.n }}',
  },
  { id: 'last', kind: 'wait', for: '5d' },
];
const inputOf = (id: string, nowMs: number): EngineInput => ({
  definition: { name: 'X', steps, outputs: { items: '${{ steps.e.output.items }}' } },
  inputs: {},
  vars: {},
  secrets: [],
  run: {
    id,
    title: 'X',
    trigger: 'user',
    actor: { name: 'Ana', email: 'ana@example.com' },
    startedAt: new Date(nowMs).toISOString(),
    url: '',
    playbook: { name: 'X', version: 1 },
  },
});

test('a playbook moves through many executions, calls each thing once, and every history replays', async () => {
  const calls = new Set<string>();
  const activities = {
    call: async (key: string) => {
      calls.add(key);
      return { kind: 'ok', output: { n: Number(key.split(' ')[1]) } };
    },
  };
  const { client, worker, env } = await skippingTemporal('engine-probe', activities, { workflowsPath });
  await worker.runUntil(async () => {
    const started = await client.workflow.start<typeof engineProbe>('engineProbe', {
      taskQueue: 'engine-probe',
      workflowId: 'engine-probe-1',
      args: [inputOf('r1', await env.currentTimeMs()), 20],
    });
    const end = await started.result();
    expect(end).toMatchObject({ status: 'succeeded', error: null });
    expect(end.moves).toBeGreaterThan(2);
    expect([...calls].map((key) => key.split(' ')[0]).toSorted()).toEqual(
      Array.from({ length: 24 }, (_, at) => [`e[${at}].a`, `e[${at}].b`])
        .flat()
        .toSorted(),
    );
    expect(new Set(end.outputs['items'] as number[]).size).toBe(24);
    const history = await client.workflow.getHandle('engine-probe-1').fetchHistory();
    await Worker.runReplayHistory({ workflowsPath }, history, 'engine-probe-1');
  });
});

test('a cancel reaches the waits, and undo runs for what was done before and after a move', async () => {
  const calls = new Set<string>();
  const activities = {
    call: async (key: string) => {
      calls.add(key);
      return { kind: 'ok', output: { n: 1 } };
    },
  };
  const { client, worker, env } = await skippingTemporal('engine-probe', activities, { workflowsPath });
  await worker.runUntil(async () => {
    const started = await client.workflow.start<typeof engineProbe>('engineProbe', {
      taskQueue: 'engine-probe',
      workflowId: 'engine-probe-2',
      args: [inputOf('r2', await env.currentTimeMs()), 40],
    });
    await env.sleep('330 minutes');
    await client.workflow.getHandle('engine-probe-2').cancel();
    const end = await started.result();
    expect(end).toMatchObject({ status: 'canceled', error: { code: 'run.canceled' }, undo: { failed: 0 } });
    expect(end.moves).toBeGreaterThan(0);
    const begun = [...calls].filter((key) => /\.a /.test(key)).length;
    expect(end.undo?.done).toBe(begun);
    expect([...calls].filter((key) => /\.ua /.test(key))).toHaveLength(begun);
  });
});
