import { Context } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assetRecordActivities } from '#activities/assets/import-assets.ts';
import { lettingGo } from '#activities/settings/begin-letting-go.ts';
import { letGoActivities } from '#activities/settings/let-go.ts';
import type { LogEvent } from '#contracts/ingest/log-event.ts';
import type { IncomingAlert } from '#contracts/alerts/incoming-alert.ts';
import { LetGo } from '#contracts/settings/let-go.ts';
import { acceptAlerts } from '#db/alerts/accept-alerts.ts';
import { openIncident } from '#db/incidents/open-incident.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { readLogKeeping, updateLogKeeping } from '#db/logs/log-keeping.ts';
import { LogWriter } from '#db/logs/log-writer.ts';
import type { RunRef } from '#db/runs/insert-run.ts';
import { createMetrics } from '#system/metrics.ts';
import { dyingOnce } from '#tests/kit/dying-once.ts';
import { recordHistory } from '#tests/kit/record-history.ts';
import { closeTemporal, skippingTemporal } from '#tests/kit/test-temporal.ts';
import { type TriggerWorld, triggerWorld } from '#tests/kit/trigger-world.ts';

let world: TriggerWorld;
let writer: LogWriter;
let other = '';
beforeAll(async () => {
  world = await triggerWorld();
  writer = new LogWriter({ url: world.database.appUrl });
  other = uuidv7();
  await world.sql(`insert into workspaces (id, slug, name) values ($1, 'other-logs', 'Other')`, [other]);
});
afterAll(async () => {
  await closeTemporal();
  await writer?.close();
  await world?.close();
});

const dayMs = 86_400_000;
const line = (text: string, at: number): LogEvent => ({ at, severity: 17, host: null, service: null, text, attributes: {}, traceId: null, spanId: null, key: null }); // prettier-ignore
const inWorkspace = <T>(workspaceId: string, work: Parameters<typeof inTenant<T>>[2]): Promise<T> =>
  inTenant(world.db, workspaceId, work);
const textsOf = async (workspaceId: string): Promise<string[]> =>
  (await world.sql('select text from log_events where workspace_id = $1 order by text', [workspaceId])).map(({ text }) => String(text)); // prettier-ignore
const alert = (key: string): IncomingAlert => ({
  key, groupKey: null, status: 'resolved', severity: 'info', title: key, description: '', labels: {}, startsAt: null, endsAt: null, links: [],
}); // prettier-ignore
const begin = async (now = Date.now()): Promise<RunRef[]> => {
  const begun: RunRef[] = [];
  const startRuns = (runs: readonly RunRef[]) => void begun.push(...runs);
  await lettingGo({ system: world.system, vault: world.vault, inTenant: inWorkspace, startRuns, now: () => now }).run();
  return begun;
};

const activities = () => ({
  ...letGoActivities({ system: world.system, inTenant: inWorkspace }),
  ...assetRecordActivities({ inTenant: inWorkspace, startRuns: () => {}, metrics: createMetrics() }),
});
test('logs and alerts over their time go by a run, once, though its worker dies after each step; what is younger or of open incidents stays', async () => {
  await inWorkspace(world.workspaceId, (tx) => updateLogKeeping(tx, { keepDays: 3, quotaBytes: null }));
  await inWorkspace(other, (tx) => updateLogKeeping(tx, { keepDays: 10, quotaBytes: null }));
  const now = Date.now();
  for (const workspaceId of [world.workspaceId, other])
    await writer.write(
      workspaceId,
      null,
      [0, 2, 3, 9, 10, 400].map((days) => line(`d${days}`, now - days * dayMs)),
    );
  const { id: incidentId } = await world.tx((tx) =>
    openIncident(tx, {
      title: 'Open', description: '', severity: 'sev3', service: null, ownerId: null, escalationPolicyId: null, links: [],
      actor: { kind: 'system', id: null, name: 'Test' },
    }),
  ); // prettier-ignore
  await world.tx((tx) => acceptAlerts(tx, null, 'Test', ['old', 'older', 'of an open one', 'young', 'firing'].map(alert))); // prettier-ignore
  await world.sql(`update alerts set resolved_at = now() - interval '91 days' where key <> 'young'`);
  await world.sql(`update alerts set incident_id = $1 where key = 'of an open one'`, [incidentId]);
  await world.sql(`update alerts set status = 'firing', resolved_at = null where key = 'firing'`);

  const begun = await begin();
  expect(begun.map(({ workspaceId, kind }) => [workspaceId, kind]).sort()).toEqual(
    [world.workspaceId, other].sort().map((id) => [id, 'retention']),
  );
  // While a run is open no second one is begun.
  expect(await begin()).toEqual([]);
  const { client, worker } = await skippingTemporal(LetGo.taskQueue, dyingOnce(activities()));
  await worker.runUntil(async () => {
    for (const { workspaceId, id } of begun) {
      const run = await client.workflow.start(LetGo.type, { workflowId: id, taskQueue: LetGo.taskQueue, args: [{ workspaceId, runId: id }] }); // prettier-ignore
      await run.result();
      if (workspaceId === world.workspaceId) await recordHistory('let-go-retried', run);
    }
  });
  expect(await textsOf(world.workspaceId)).toEqual(['d0', 'd2']);
  expect(await textsOf(other)).toEqual(['d0', 'd2', 'd3', 'd9']);
  expect((await world.sql('select key from alerts order by key')).map(({ key }) => key)).toEqual(['firing', 'of an open one', 'young']); // prettier-ignore
  const { trims, events } = await inWorkspace(world.workspaceId, readLogKeeping);
  expect([trims.map((trim) => trim.events), events]).toEqual([[4], 2]);
  const runs = await world.sql(`select workspace_id, status, outputs from runs where kind = 'retention'`);
  expect(runs.find(({ workspace_id: id }) => id === world.workspaceId)).toMatchObject({
    status: 'succeeded',
    outputs: { logEvents: 4, alerts: 2, marks: 0 },
  });
  expect(runs.find(({ workspace_id: id }) => id === other)).toMatchObject({ outputs: { logEvents: 2, alerts: 0 } });
  expect(await begin()).toEqual([]);
});

test('a day that nobody keeps goes as a whole partition, also where no run is due for it', async () => {
  const partitions = async () => (await world.sql(`select 1 from pg_inherits where inhparent = 'log_events'::regclass`)).length; // prettier-ignore
  const before = await partitions();
  await world.sql('delete from log_days');
  expect(await begin(Date.now() + 13 * dayMs)).toEqual([]);
  expect(await partitions()).toBeLessThan(before);
  await world.sql('select windlass_make_partitions(7)');
});

test('a cancel leaves the rest for the next time, and says what went', async () => {
  await writer.write(world.workspaceId, null, [line('d300', Date.now() - 300 * dayMs)]);
  const [ref] = await begin();
  const all = activities();
  // At work until it hears of the cancel.
  const letAlertsGo = async (): Promise<void> => {
    const { cancelled, heartbeat } = Context.current();
    const beat = setInterval(heartbeat, 50);
    await cancelled.finally(() => clearInterval(beat));
  };
  const { client, worker } = await skippingTemporal(
    LetGo.taskQueue,
    { ...all, letAlertsGo },
    { maxHeartbeatThrottleInterval: '100ms' },
  );
  await worker.runUntil(async () => {
    const id = ref?.id ?? '';
    const run = await client.workflow.start(LetGo.type, { workflowId: id, taskQueue: LetGo.taskQueue, args: [{ workspaceId: world.workspaceId, runId: id }] }); // prettier-ignore
    for (;;) {
      const { pendingActivities } = (await run.describe()).raw;
      if (pendingActivities?.some(({ activityType }) => activityType?.name === 'letAlertsGo')) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await run.cancel();
    await run.result();
  });
  const [run] = await world.sql('select status, outputs from runs where id = $1', [ref?.id]);
  expect(run).toMatchObject({ status: 'canceled', outputs: { logEvents: 1 } });
});

test('a legal hold that is set while a run is at it holds what is left, and no day of the house is dropped', async () => {
  const at = Date.now() - 40 * dayMs;
  await inWorkspace(world.workspaceId, (tx) => updateLogKeeping(tx, { keepDays: 3, quotaBytes: null }));
  await writer.write(world.workspaceId, null, [line('held', at)]);
  const hold = (isOn: boolean) =>
    world.sql('update settings set legal_hold = $2 where workspace_id = $1', [world.workspaceId, isOn]);
  await hold(true);
  const { letLogsGo, letAlertsGo, dropDays } = activities();
  const of = { workspaceId: world.workspaceId, runId: uuidv7() };
  const run = <T>(step: (input: typeof of) => Promise<T>): Promise<T> => new MockActivityEnvironment().run(step, of);
  for (const step of [letLogsGo, letAlertsGo]) await run(step);
  expect(await run(dropDays)).toEqual([]);
  expect(await textsOf(world.workspaceId)).toContain('held');
  const trims = 'select 1 from log_trims where run_id = $1';
  expect(await world.sql(trims, [of.runId])).toEqual([]);
  await hold(false);
  await run(letLogsGo);
  expect(await textsOf(world.workspaceId)).not.toContain('held');
  expect(await world.sql(trims, [of.runId])).toHaveLength(1);
});
