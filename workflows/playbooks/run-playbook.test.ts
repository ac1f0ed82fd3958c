import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Playbook } from '#contracts/playbooks/document.ts';
import type { HostReply } from '#contracts/playbooks/engine/effects.ts';
import { RunPlaybook, type RunPlaybookInput, type RunPlaybookResult } from '#contracts/playbooks/run-playbook.ts';
import type { RunRecord } from '#contracts/runs/record-run.ts';
import { type SkippingTemporal, closeTemporal, skippingTemporal } from '#tests/kit/test-temporal.ts';

/** What the activities were asked, by run; and what they answer. */
const records = new Map<string, RunRecord[]>();
const asked: { approvalId: string; runId: string; round: number }[] = [];
const calls: string[] = [];
const snapshots = new Map<string, string>();
let decision: { decision: 'approved' | 'rejected'; by: string[]; reason: string; form: null; expired: boolean } | null =
  null;
let children: Record<string, Playbook> = {};

const activities = {
  recordRun: async (record: RunRecord) => {
    const known = records.get(record.runId) ?? [];
    records.set(record.runId, [...known, record]);
    return { isEnded: false };
  },
  keepSnapshotPart: async ({ runId, part, text }: { runId: string; part: number; text: string }) =>
    void snapshots.set(`${runId} ${part}`, text),
  readSnapshotPart: async ({ runId, part }: { runId: string; part: number }) => snapshots.get(`${runId} ${part}`) ?? '',
  planRun: async () => ({ hash: 'h', entries: [], reachability: {} }),
  selectServers: async () => ({
    hosts: [{ id: uuidv7(), name: 'h1', host: '127.0.0.1', port: 22, tags: [] }],
    leftOut: [],
    unknown: [],
  }),
  hashSecrets: async () => ({}),
  keepSealed: async () => undefined,
  askApproval: async ({ runId, round }: { runId: string; round: number }) => {
    const approvalId = uuidv7();
    asked.push({ approvalId, runId, round });
    return approvalId;
  },
  withdrawApproval: async () => void calls.push('withdrawn'),
  settleApproval: async ({ isExpired, by }: { isExpired: boolean; by: 'approve' | 'reject' | null }) =>
    isExpired
      ? { decision: by === 'approve' ? 'approved' : 'rejected', by: [], reason: null, form: null, expired: true }
      : decision,
  acquireLock: async () => true,
  releaseLock: async () => void calls.push('released'),
  prepareChild: async ({ request, parentRunId }: { request: { playbook: string }; parentRunId: string }) => {
    const definition = children[request.playbook];
    if (!definition) return { ok: false, error: { code: 'playbook.unknown', message: 'There is none.' } };
    return { ok: true, input: { ...inputOf(definition), rootRunId: parentRunId, depth: 1 } };
  },
  abandonChild: async () => undefined,
  callHttp: async ({ request }: { request: { url: string; method: string } }) => {
    calls.push(`${request.method} ${request.url}`);
    return { kind: 'ok', output: { status: 200, body: { id: 7 }, headers: {}, bytes: 2, truncated: false } };
  },
  sendNotification: async () => ({ kind: 'ok', output: { delivered: ['#ops'], failed: [] } }),
  callConnector: async () => ({ kind: 'ok', output: {} }),
  runHostBatch: async ({
    request,
  }: {
    request: { hosts: { server: { name: string } }[] };
  }): Promise<Record<string, HostReply>> =>
    Object.fromEntries(
      request.hosts.map(({ server }) => [
        server.name,
        { kind: 'ended', exitCode: 0, stdout: `hello from ${server.name}\n` },
      ]),
    ),
};

const inputOf = (definition: Playbook): RunPlaybookInput => ({
  workspaceId: uuidv7(), runId: uuidv7(), definition, inputs: {}, vars: {}, secrets: [], title: definition.name, trigger: 'api',
  actor: { kind: 'system', id: null, name: 'Test' }, actorEmail: '', url: '/', playbook: { id: uuidv7(), name: definition.name, version: 1 },
  pins: {}, depth: 0, rootRunId: uuidv7(), carried: null, isDryRun: false, onlyHosts: null,
}); // prettier-ignore

let temporal: SkippingTemporal;
let stop: () => Promise<void>;
beforeAll(async () => {
  temporal = await skippingTemporal(RunPlaybook.taskQueue, activities);
  const hosts = await skippingTemporal(RunPlaybook.hostsQueue, activities);
  const running = [temporal.worker.run(), hosts.worker.run()];
  stop = async () => {
    temporal.worker.shutdown();
    hosts.worker.shutdown();
    await Promise.all(running);
  };
}, 180_000);
afterAll(async () => {
  await stop();
  await closeTemporal();
});

const begin = async (definition: Playbook, more: Partial<RunPlaybookInput> = {}) => {
  const input = { ...inputOf(definition), ...more };
  const handle = await temporal.client.workflow.start(RunPlaybook.type, {
    workflowId: input.runId,
    taskQueue: RunPlaybook.taskQueue,
    args: [input],
  });
  return {
    input,
    handle,
    result: () => handle.result() as Promise<RunPlaybookResult>,
    recorded: () => records.get(input.runId) ?? [],
  };
};
const last = (all: readonly RunRecord[]) => all.at(-1);

test('forty cheap steps are one record: state, steps and end together', async () => {
  const run = await begin({
    name: 'Cheap',
    steps: Array.from({ length: 40 }, (_, at) => ({ id: `s${at}`, kind: 'set', values: { at } })),
    outputs: { last: '${{ steps.s39.output.at }}' },
  });
  expect(await run.result()).toMatchObject({ status: 'succeeded', outputs: { last: 39 } });
  expect(run.recorded()).toHaveLength(1);
  expect(last(run.recorded())).toMatchObject({ seq: 1, status: 'succeeded', progress: { done: 40, total: 40 } });
  expect(last(run.recorded())?.steps).toHaveLength(40);
});

test('a wait of thirty days is told as waiting, and goes on after it', async () => {
  const run = await begin({
    name: 'Wait',
    timeout: '40d',
    steps: [
      { id: 'w', kind: 'wait', for: '30d' },
      { id: 'a', kind: 'set', values: { x: 1 } },
    ],
  });
  expect((await run.result()).status).toBe('succeeded');
  expect(run.recorded()[0]).toMatchObject({ status: 'waiting', waitingFor: 'timer' });
  const [first, end] = [run.recorded()[0]?.startedAt, last(run.recorded())?.endedAt];
  expect(Date.parse(end ?? '') - Date.parse(first ?? '')).toBeGreaterThanOrEqual(30 * 86_400_000);
});

test('an approval that nobody answers is decided by its default after a week', async () => {
  const run = await begin({
    name: 'Ask',
    steps: [{ id: 'ask', kind: 'approve', roles: ['owner'], default: 'approve' }],
  });
  expect((await run.result()).status).toBe('succeeded');
  expect(run.recorded()[0]).toMatchObject({ status: 'waiting', waitingFor: 'approval' });
  const strict = await begin({ name: 'Ask', steps: [{ id: 'ask', kind: 'approve', roles: ['owner'] }] });
  expect(await strict.result()).toMatchObject({ status: 'failed', error: { code: 'approval.expired' } });
});

test('a decision ends the wait at once, and later steps read it', async () => {
  decision = { decision: 'approved', by: ['Ana'], reason: 'fine', form: null, expired: false };
  const run = await begin({
    name: 'Decide',
    steps: [{ id: 'ask', kind: 'approve', roles: ['owner'] }],
    outputs: { by: '${{ steps.ask.output.by }}' },
  });
  await waitUntil(() => asked.some(({ runId }) => runId === run.input.runId));
  await run.handle.signal(RunPlaybook.signal.approvalDecided, {
    approvalId: 'x',
    address: 'ask',
    attempt: 1,
    round: asked.find(({ runId }) => runId === run.input.runId)?.round ?? 0,
  });
  expect(await run.result()).toMatchObject({ status: 'succeeded', outputs: { by: ['Ana'] } });
});

test('a cancel asked of Temporal itself stops the wait, undoes where the playbook says so, and runs the last steps', async () => {
  calls.length = 0;
  const run = await begin({
    name: 'Cancel', undoOn: ['canceled'],
    steps: [
      { id: 'made', kind: 'http', method: 'PUT', url: 'https://x.example.com/1', undo: [{ id: 'unmade', kind: 'http', method: 'DELETE', url: 'https://x.example.com/1' }] },
      { id: 'w', kind: 'wait', for: '1d' },
    ],
    finally: [{ id: 'bye', kind: 'http', method: 'POST', url: 'https://x.example.com/bye' }],
  }); // prettier-ignore
  await waitUntil(() => run.recorded().some(({ status }) => status === 'waiting'));
  await run.handle.cancel();
  expect((await run.result()).status).toBe('canceled');
  expect(calls).toEqual([
    'PUT https://x.example.com/1',
    'DELETE https://x.example.com/1',
    'POST https://x.example.com/bye',
  ]);
  expect(last(run.recorded())).toMatchObject({ status: 'canceled', undo: { done: 1, failed: 0, skipped: 0 } });
});

test('a cancel that says without undo leaves what was done', async () => {
  calls.length = 0;
  const run = await begin({
    name: 'Keep', undoOn: ['canceled'],
    steps: [{ id: 'made', kind: 'http', method: 'PUT', url: 'https://x.example.com/2', undo: [{ id: 'u', kind: 'http', method: 'DELETE', url: 'https://x.example.com/2' }] }, { id: 'w', kind: 'wait', for: '1d' }],
  }); // prettier-ignore
  await waitUntil(() => run.recorded().some(({ status }) => status === 'waiting'));
  await run.handle.signal(RunPlaybook.signal.cancelAsked, { undo: false, by: 'Ana' });
  expect((await run.result()).status).toBe('canceled');
  expect(calls).toEqual(['PUT https://x.example.com/2']);
});

test('a step on hosts is worked by the queue of hosts, and its output reaches the next step', async () => {
  const run = await begin({
    name: 'Hosts',
    steps: [{ id: 'a', kind: 'ssh', hosts: { names: ['*'] }, command: 'hostname' }],
    outputs: { said: '${{ steps.a.output.stdout }}' },
  });
  expect(await run.result()).toMatchObject({ status: 'succeeded', outputs: { said: 'hello from h1\n' } });
  expect(
    run
      .recorded()
      .flatMap(({ hosts }) => hosts ?? [])
      .at(-1),
  ).toMatchObject({ host: 'h1', status: 'succeeded' });
});

test('a child run gives its outputs, and one that fails fails the step with its code and run', async () => {
  children = {
    Good: {
      name: 'Good',
      steps: [{ id: 's', kind: 'set', values: { x: 2 } }],
      outputs: { double: '${{ steps.s.output.x * 2 }}' },
    },
    Bad: { name: 'Bad', steps: [{ id: 'f', kind: 'fail', message: 'no', code: 'my.reason' }] },
  };
  const run = await begin({
    name: 'Parent',
    steps: [
      { id: 'one', kind: 'playbook', playbook: 'Good' },
      { id: 'two', kind: 'playbook', playbook: 'Bad' },
    ],
    outputs: {},
  });
  const result = await run.result();
  expect(result).toMatchObject({ status: 'failed', error: { code: 'my.reason' } });
  const steps = run.recorded().flatMap(({ steps: written }) => written ?? []);
  expect(steps.findLast(({ address, status }) => address === 'one' && status === 'succeeded')).toMatchObject({
    output: { double: 4 },
  });
});

test('the run’s own time limit ends it as timed out', async () => {
  const run = await begin({ name: 'Late', timeout: '1h', steps: [{ id: 'w', kind: 'wait', for: '2h' }] });
  expect(await run.result()).toMatchObject({ status: 'timed_out', error: { code: 'run.timed_out' } });
});

test('a run with a long history moves to a new execution, calls each thing once, and undoes all of it in the end', async () => {
  calls.length = 0;
  const run = await begin(
    {
      name: 'Long',
      steps: [
        {
          id: 'e', kind: 'each', items: Array.from({ length: 30 }, (_, at) => at),
          steps: [{ id: 'put', kind: 'http', method: 'PUT', url: 'https://x.example.com/${{ item }}', undo: [{ id: 'del', kind: 'http', method: 'DELETE', url: 'https://x.example.com/${{ item }}' }] }],
        },
        { id: 'stop', kind: 'fail', message: 'enough' },
      ],
    },
    { moveAfterEvents: 60 },
  ); // prettier-ignore
  expect(await run.result()).toMatchObject({ status: 'failed', error: { code: 'run.failed_by_step' } });
  expect(snapshots.has(`${run.input.runId} 0`)).toBe(true);
  const expected = Array.from({ length: 30 }, (_, at) => at);
  expect(calls).toEqual([
    ...expected.map((at) => `PUT https://x.example.com/${at}`),
    ...expected.toReversed().map((at) => `DELETE https://x.example.com/${at}`),
  ]);
  const seqs = run.recorded().map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, at) => at + 1));
  expect(new Set(run.recorded().map(({ startedAt }) => startedAt)).size).toBe(1);
  expect(last(run.recorded())).toMatchObject({ undo: { done: 30, failed: 0, skipped: 0 } });
});

async function waitUntil(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}
