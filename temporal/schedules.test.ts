import { Client } from '@temporalio/client';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { scheduleActivities } from '#activities/schedules/fire-schedule.ts';
import type { TemporalSchedule } from '#contracts/schedules/temporal-schedule.ts';
import { nextTimes } from '#contracts/schedules/times.ts';
import { endRun } from '#db/runs/end-run.ts';
import { insertSchedule, scheduleSeal } from '#db/schedules/schedules.ts';
import { recordHistory } from '#tests/kit/record-history.ts';
import { connectTemporal, testTemporal } from '#tests/kit/test-temporal.ts';
import { triggerWorld, type TriggerWorld } from '#tests/kit/trigger-world.ts';
import { specOf, temporalSchedules } from './schedules.ts';

let world: TriggerWorld;
let connection: NativeConnection;
let client: Client;
let worker: Worker;
let working: Promise<void>;
let playbook: string;
const made: string[] = [];

beforeAll(async () => {
  world = await triggerWorld();
  playbook = await world.playbook('Tick');
  const place = await testTemporal();
  connection = await connectTemporal(place);
  client = new Client({ connection, namespace: place.namespace });
  worker = await Worker.create({
    connection,
    namespace: place.namespace,
    taskQueue: 'main',
    workflowsPath: fileURLToPath(new URL('../tests/kit/fixtures/schedule-workflows.ts', import.meta.url)),
    activities: {
      ...scheduleActivities({
        vault: world.vault,
        inTenant: (_workspaceId, work) => world.tx(work),
        startRuns: world.tools.startRuns,
        cancelWorkflow: async (_workspaceId, runId) => client.workflow.getHandle(runId).cancel(),
        tellTrouble: () => Promise.resolve(),
      }),
      endTestRun: (workspaceId: string, runId: string, status: 'succeeded' | 'canceled') =>
        world.tx((tx) => endRun(tx, runId, { status })).then(() => void workspaceId),
    },
    maxConcurrentWorkflowTaskExecutions: 4,
  });
  working = worker.run();
});
afterEach(async () => {
  for (const id of made.splice(0)) await temporalSchedules(client).remove(id);
});
afterAll(async () => {
  const open = await world.sql('select id from runs where ended_at is null');
  for (const { id } of open)
    await client.workflow
      .getHandle(String(id))
      .terminate()
      .catch(() => {});
  worker.shutdown();
  await working;
  await connection.close();
  await world.close();
});

const spec = (more: Partial<TemporalSchedule> = {}): TemporalSchedule => {
  const id = uuidv7();
  made.push(id);
  return {
    id,
    workspaceId: world.workspaceId,
    cron: [],
    everyMs: 86_400_000,
    timeZone: 'UTC',
    overlap: 'skip',
    catchUpMs: 60_000,
    jitterMs: 0,
    isPaused: false,
    startAt: null,
    endAt: null,
    ...more,
  };
};
/** A schedule with its row, known to Temporal. */
const schedule = async (more: Partial<TemporalSchedule> = {}): Promise<TemporalSchedule> => {
  const one = spec(more);
  await world.tx(async (tx) =>
    insertSchedule(
      tx,
      one.id,
      {
        name: 'Tick',
        description: '',
        targetKind: 'playbook',
        targetId: playbook,
        targetVersion: null,
        inputs: {},
        sealedInputs: await world.vault.seal('{}', scheduleSeal(world.workspaceId, one.id)),
        cron: one.cron,
        everyMs: one.everyMs,
        timeZone: one.timeZone,
        overlap: one.overlap,
        catchUpMs: one.catchUpMs,
        jitterMs: one.jitterMs,
        startAt: null,
        endAt: null,
      },
      { paused: false, actor: { kind: 'user', id: world.people.olga.id, name: 'Olga' } },
    ),
  );
  await temporalSchedules(client).put(one);
  return one;
};
const runsOf = (id: string): Promise<{ id: string; status: string }[]> =>
  world.sql('select id, status from runs where trigger_id = $1 order by id', [id]) as Promise<
    { id: string; status: string }[]
  >;
// oxlint-disable-next-line vitest/require-awaited-expect-poll -- each caller awaits what it expects
const waitFor = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: 30_000, interval: 100 });
const finish = (runId: string) => client.workflow.getHandle(runId).signal('finish');

test('a schedule started by hand runs its run as a child under the run’s own id, and stays open until it has ended', async () => {
  const { id } = await schedule();
  await temporalSchedules(client).trigger(id);
  await waitFor(() => runsOf(id)).toHaveLength(1);
  const [run] = await runsOf(id);
  const runId = run?.id ?? '';
  await waitFor(async () => (await client.workflow.getHandle(runId).describe()).status.name).toBe('RUNNING');
  const described = await client.workflow.getHandle(runId).describe();
  const firingId = described.raw.workflowExecutionInfo?.parentExecution?.workflowId ?? '';
  expect(firingId).toMatch(new RegExp(`^schedule/${world.workspaceId}/${id}-20`));
  expect((await client.workflow.getHandle(firingId).describe()).status.name).toBe('RUNNING');
  await finish(runId);
  await client.workflow.getHandle(firingId).result();
  await recordHistory('fire-schedule-child', client.workflow.getHandle(firingId));
  expect((await runsOf(id))[0]).toMatchObject({ status: 'succeeded' });
  const firings = await world.sql(
    'select status, run_id, ended_at is not null as over from schedule_firings where schedule_id = $1',
    [id],
  );
  expect(firings).toEqual([{ status: 'started', run_id: runId, over: true }]);
});

test('under `skip` a time that comes during a run starts none', async () => {
  const { id } = await schedule({ cron: ['* * * * * *'], everyMs: null, overlap: 'skip' });
  await waitFor(async () => (await temporalSchedules(client).describe(id))?.overlapSkipped ?? 0).toBeGreaterThan(1);
  expect(await runsOf(id)).toHaveLength(1);
  const [run] = await runsOf(id);
  await finish(run?.id ?? '');
  await waitFor(async () => (await runsOf(id)).length).toBeGreaterThan(1);
});

test('under `cancel_other` the run at work is canceled and awaited before the next begins', async () => {
  const { id } = await schedule({ cron: ['*/2 * * * * *'], everyMs: null, overlap: 'cancel_other' });
  await waitFor(
    async () => (await runsOf(id)).map(({ status }) => status).filter((status) => status === 'canceled').length,
  ).toBeGreaterThan(1);
  await temporalSchedules(client).pause(id, 'enough');
  const runs = await runsOf(id);
  // Each run but the last had ended before the next was written.
  const overlapping = await world.sql(
    `select 1 from runs a join runs b on b.trigger_id = a.trigger_id and b.id > a.id where a.trigger_id = $1 and (a.ended_at is null or a.ended_at > b.created_at)`,
    [id],
  );
  expect(overlapping).toEqual([]);
  const [canceled] = runs;
  const { raw } = await client.workflow.getHandle(canceled?.id ?? '').describe();
  const firing = client.workflow.getHandle(raw.workflowExecutionInfo?.parentExecution?.workflowId ?? '');
  await recordHistory('fire-schedule-canceled', firing);
  expect(runs.slice(0, -1).every(({ status }) => status === 'canceled')).toBe(true);
});

test('a run that has to queue is waited for, whoever starts it', async () => {
  await world.sql('update settings set concurrency = 1');
  const blocking = await world.run(playbook);
  const { id } = await schedule();
  await temporalSchedules(client).trigger(id);
  await waitFor(() => runsOf(id)).toMatchObject([{ status: 'queued' }]);
  const [run] = await runsOf(id);
  const firing = async () =>
    (await world.sql('select ended_at is not null as over from schedule_firings where schedule_id = $1', [id]))[0]?.[
      'over'
    ];
  await world.tx((tx) => endRun(tx, blocking, { status: 'succeeded' }));
  expect(await firing()).toBe(false);
  await world.tx((tx) => endRun(tx, run?.id ?? '', { status: 'succeeded' }));
  await waitFor(firing).toBe(true);
  const [fired] = await world.sql('select nominal_at from schedule_firings where schedule_id = $1', [id]);
  const at = new Date(String(fired?.['nominal_at'])).toISOString().replace('.000', '');
  const waited = client.workflow.getHandle(`schedule/${world.workspaceId}/${id}-${at}`);
  await waited.result();
  await recordHistory('fire-schedule-queued', waited);
  await world.sql('update settings set concurrency = 100');
});

test('a backfill fires each time of its range once', async () => {
  const { id } = await schedule({ everyMs: 3_600_000, overlap: 'allow_all' });
  const to = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000);
  const from = new Date(to.getTime() - 2 * 3_600_000);
  await temporalSchedules(client).backfill(id, from, to);
  await temporalSchedules(client).backfill(id, from, to);
  await waitFor(() => runsOf(id)).toHaveLength(3);
  const firings = await world.sql('select nominal_at from schedule_firings where schedule_id = $1 order by 1', [id]);
  expect(firings.map(({ nominal_at }) => (nominal_at as Date).toISOString())).toEqual(
    [0, 1, 2].map((hour) => new Date(from.getTime() + hour * 3_600_000).toISOString()),
  );
});

test('Temporal counts the times as we do: zones, clock changes, names, both days, seconds', async () => {
  const tools = temporalSchedules(client);
  const timings: [string[], string][] = [
    [['30 2 * * *'], 'Europe/Berlin'], [['0 9 * * mon-fri'], 'America/New_York'], [['0 0 13 * 5'], 'UTC'], [['*/20 8-17/3 1,15 jan,jul *'], 'Asia/Kolkata'],
    [['0 8 * * *', '30 20 * * 0'], 'Europe/London'], [['15 30 4 1 * *'], 'Australia/Sydney'], [['*/7 * * * *'], 'Europe/Berlin'], [['30 2 26-30 3 *'], 'Europe/Berlin'],
    [['@weekly'], 'Pacific/Auckland'], [['0 12 29 2 *'], 'UTC'],
  ]; // prettier-ignore
  for (const [cron, timeZone] of timings) {
    const one = spec({ cron, everyMs: null, timeZone, isPaused: true });
    await tools.put(one);
    const theirs = (await tools.describe(one.id))?.nextTimes ?? [];
    const first = (theirs[0]?.getTime() ?? 0) - 1;
    const ours = nextTimes({ ...one, timeZone }, first, theirs.length).map(({ at }) => new Date(at).toISOString());
    expect(theirs.length, cron.join()).toBeGreaterThan(3);
    expect(
      theirs.map((at) => at.toISOString()),
      `${cron.join()} ${timeZone}`,
    ).toEqual(ours);
  }
});

test('putting a schedule again changes it; what is not there is said and removed without a word', async () => {
  const tools = temporalSchedules(client);
  const one = spec({ isPaused: true });
  await tools.put(one);
  await tools.put({ ...one, everyMs: 60_000, isPaused: false, overlap: 'buffer_all' });
  const state = await tools.describe(one.id);
  expect(state?.isPaused).toBe(false);
  expect((state?.nextTimes[1]?.getTime() ?? 0) - (state?.nextTimes[0]?.getTime() ?? 0)).toBe(60_000);
  await waitFor(async () => (await tools.ids()).has(one.id)).toBe(true);
  await tools.remove(one.id);
  await tools.remove(one.id);
  expect(await tools.describe(one.id)).toBeNull();
});

test('a schedule of every few minutes is told in UTC, so that no hour of it is lost when clocks are put back', () => {
  const of = (cron: string[], timeZone: string) => specOf({ ...spec(), cron, everyMs: null, timeZone });
  expect(of(['*/5 * * * *'], 'Europe/Berlin').timezone).toBe('UTC');
  expect(of(['*/5 * * * *'], 'Asia/Kolkata').timezone).toBe('Asia/Kolkata');
  expect(of(['*/5 1 * * *'], 'Europe/Berlin').timezone).toBe('Europe/Berlin');
});
