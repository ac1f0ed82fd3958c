import { CompleteAsyncError } from '@temporalio/activity';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HostBatch } from '#activities/playbooks/run-hosts.ts';
import { RunPlaybook, type RunPlaybookInput } from '#contracts/playbooks/run-playbook.ts';
import type { RunRecord } from '#contracts/runs/record-run.ts';
import { realWorkers } from '#tests/kit/real-workers.ts';
import { recordHistory } from '#tests/kit/record-history.ts';

const records: RunRecord[] = [];
const batches: HostBatch[] = [];
const activities = {
  recordRun: async (record: RunRecord) => {
    records.push(record);
    return { isEnded: false };
  },
  selectServers: async () => ({
    hosts: ['h1', 'h2'].map((name) => ({ id: uuidv7(), name, host: '127.0.0.1', port: 22, tags: [] })),
    leftOut: [],
    unknown: [],
  }),
  runHostBatch: async (batch: HostBatch) => {
    batches.push(batch);
    // Neither beats nor answers any more, as where the process that carried it out is dead.
    if (!batch.onlyStop) throw new CompleteAsyncError();
    return Object.fromEntries(batch.request.hosts.map(({ server }) => [server.name, { kind: 'canceled' }]));
  },
};

let workers: Awaited<ReturnType<typeof realWorkers>>;
beforeAll(async () => {
  workers = await realWorkers([RunPlaybook.taskQueue, RunPlaybook.hostsQueue], activities);
}, 60_000);
afterAll(() => workers.stop());

test('a cancel that meets the death of the worker that speaks to the hosts stops on each what may have begun', async () => {
  const input: RunPlaybookInput = {
    workspaceId: uuidv7(), runId: uuidv7(), inputs: {}, vars: {}, secrets: [], title: 'Long', trigger: 'api', actorEmail: '',
    definition: { name: 'Long', steps: [{ id: 'long', kind: 'ssh', hosts: { tags: ['web'] }, command: 'sleep 600' }] },
    actor: { kind: 'system', id: null, name: 'Test' }, url: '/', playbook: { id: uuidv7(), name: 'Long', version: 1 },
    pins: {}, depth: 0, rootRunId: uuidv7(), carried: null, isDryRun: false, onlyHosts: null,
  }; // prettier-ignore
  const run = await workers.client.workflow.start(RunPlaybook.type, {
    workflowId: input.runId,
    taskQueue: RunPlaybook.taskQueue,
    args: [input],
  });
  while (batches.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await run.cancel();
  expect(await run.result()).toMatchObject({ status: 'canceled' });
  const [lost, stopping] = batches;
  expect(batches).toEqual([lost, { ...lost, onlyStop: true }]);
  expect(stopping?.request.hosts).toHaveLength(2);
  expect(records.at(-1)?.steps).toMatchObject([{ address: 'long', status: 'canceled' }]);
  await recordHistory('run-playbook-lost-worker', run);
}, 60_000);
