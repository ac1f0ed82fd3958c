import { WithStartWorkflowOperation } from '@temporalio/client';
import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { incidentActivities } from '#activities/incidents/lifecycle.ts';
import {
  IncidentLifecycle,
  type IncidentAct,
  type IncidentAnswer,
  incidentWorkflowId,
} from '#contracts/incidents/lifecycle.ts';
import { type BusinessCalendar, weekdays } from '#contracts/incidents/business-calendar.ts';
import type { IncidentState } from '#contracts/incidents/states.ts';
import { EscalationPolicy } from '#contracts/oncall/escalation.ts';
import { SlaPolicy } from '#contracts/incidents/sla-policy.ts';
import { setAlertCounts } from '#db/incidents/alert-counts.ts';
import { type NewIncident, openIncident } from '#db/incidents/open-incident.ts';
import { showIncident } from '#db/incidents/show-incident.ts';
import { listTimeline } from '#db/incidents/timeline.ts';
import { type Db, openDatabase, type TenantTx } from '#db/kit/database.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { insertPolicy, updatePolicy } from '#db/oncall/escalation-policies.ts';
import { insertCalendar, updateCalendar } from '#db/sla/calendars.ts';
import { insertSlaPolicy, updateSlaPolicy } from '#db/sla/policies.ts';
import { recordHistory } from '#tests/kit/record-history.ts';
import { closeTemporal, skippingTemporal } from '#tests/kit/test-temporal.ts';
import { type TestDatabase, testDatabase } from '#tests/kit/test-database.ts';

// Time is the workflow server's, which skips it; rows, rules and stories are those of a real database.
let database: TestDatabase;
let db: Db;
const [workspaceId, person] = [uuidv7(), uuidv7()];
const by = { actor: { kind: 'system' as const, id: null, name: 'Test' } };
const tenant = <T>(work: (tx: TenantTx) => Promise<T>): Promise<T> => inTenant(db, workspaceId, work);
const activities = incidentActivities({ inTenant: (id, work) => inTenant(db, id, work) });
const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase(database.appUrl);
  const owner = openDatabase(database.ownerUrl, { max: 1 });
  await sql`insert into workspaces (id, slug, name) values (${workspaceId}, 'mine', 'mine')`.execute(owner);
  await owner.destroy();
});
afterAll(async () => {
  await closeTemporal();
  await db?.destroy();
  await database?.close();
});

let made = 0;
async function slaPolicy(service: string, fields: Partial<SlaPolicy>): Promise<{ id: string; policy: SlaPolicy }> {
  const id = uuidv7();
  const policy = SlaPolicy.parse({ name: `Promise ${(made += 1)}`, services: [service], targets: {}, ...fields });
  await tenant((tx) => insertSlaPolicy(tx, id, policy, by.actor));
  return { id, policy };
}
async function escalation(fields: object): Promise<string> {
  const id = uuidv7();
  const target = { kind: 'person', id: person };
  const policy = EscalationPolicy.parse({ name: `Levels ${(made += 1)}`, steps: [{ targets: [target] }], ...fields });
  await tenant((tx) => insertPolicy(tx, id, policy, by.actor));
  return id;
}

/** An incident that opens now, on a worker that goes away and comes back as the test says. */
async function begin(fields: Partial<NewIncident> = {}) {
  // Nothing is cached: each task replays the whole story, as after a restart.
  const options = { maxCachedWorkflows: 0 };
  const { env, client, worker: first } = await skippingTemporal('main', activities, options);
  const at = new Date(await env.currentTimeMs());
  const { id } = await tenant(
    (tx) =>
    openIncident(tx, {
      title: 'Checkout answers 500', description: '', severity: 'sev2', service: null, ownerId: null, escalationPolicyId: null,
      links: [], actor: by.actor, at, ...fields,
    }), // prettier-ignore
  );
  const workflowId = incidentWorkflowId({ workspaceId, incidentId: id });
  let isFirst = true;
  /** A worker for as long as the work takes; the next one knows nothing of it. */
  const withWorker = async <T>(work: () => Promise<T>): Promise<T> => {
    const worker = isFirst ? first : (await skippingTemporal('main', activities, options)).worker;
    isFirst = false;
    return worker.runUntil(work);
  };
  const run = await client.workflow.start(IncidentLifecycle.type, { workflowId, taskQueue: 'main', args: [{ workspaceId, incidentId: id }] }); // prettier-ignore
  const act = (wanted: IncidentAct): Promise<IncidentAnswer> =>
    run.executeUpdate<IncidentAnswer, [IncidentAct]>(IncidentLifecycle.update[wanted.act], { args: [wanted] });
  const move = async (to: IncidentState, reason = 'Because'): Promise<void> => {
    expect(await act({ act: 'move', to, reason, by })).toMatchObject({ isDone: true, standing: { state: to } });
  };
  const now = () => env.currentTimeMs();
  const show = async () => {
    const time = await now();
    return tenant((tx) => showIncident(tx, { id }, time));
  };
  const story = async (...kinds: string[]): Promise<string[]> => {
    const { data } = await tenant((tx) => listTimeline(tx, id, { limit: 200, kind: kinds }));
    return data.map(({ text }) => text).toReversed();
  };
  /** Lets time pass in steps until the story has so many lines of these kinds. */
  const untilStory = async (count: number, step: string, ...kinds: string[]): Promise<string[]> => {
    for (let tries = 0; tries < 60; tries += 1) {
      const lines = await story(...kinds);
      if (lines.length >= count) return lines;
      await env.sleep(step);
    }
    return story(...kinds);
  };
  return { env, run, id, act, move, now, show, story, untilStory, withWorker };
}

test('a clock warns and breaches once each, at its times, and keeps what it used when it is reopened', async () => {
  await slaPolicy('pay', { targets: { sev2: { respond: '15m', resolve: '4h' } } });
  const { withWorker, untilStory, show, move, story, env, run } = await begin({ service: 'pay' });
  await withWorker(async () => {
    const lines = await untilStory(4, '10 minutes', 'sla_warned', 'sla_breached');
    expect(lines).toEqual([
      'The time to answer runs short',
      'The time to answer is over',
      'The time to resolve it runs short',
      'The time to resolve it is over',
    ]);
    await move('investigating');
    await move('resolved');
    await env.sleep('60 days');
    const rested = await show();
    await move('investigating', 'It is back');
    const [, resolve] = (await show()).clocks;
    expect(resolve?.mode).toBe('counting');
    // Two months at rest are not counted.
    expect(Math.abs((resolve?.usedMs ?? 0) - (rested.clocks[1]?.usedMs ?? 0))).toBeLessThan(10 * minuteMs);
    await move('resolved');
    expect(await story('sla_warned', 'sla_breached')).toHaveLength(4);
    await recordHistory('incident-lifecycle-clocks', run);
  });
});

test('who answers stops the escalation', async () => {
  const policyId = await escalation({
    steps: [
      { targets: [], raisesSeverity: true },
      { after: '30m', raisesSeverity: true },
    ],
  });
  const { withWorker, untilStory, env, move, show, story } = await begin({
    escalationPolicyId: policyId,
    severity: 'sev3',
  });
  await withWorker(async () => {
    await untilStory(1, '5 seconds', 'escalated');
    await move('acknowledged');
    await env.sleep('10 days');
    expect(await story('escalated')).toHaveLength(1);
    expect(await show()).toMatchObject({ severity: 'sev2', state: 'acknowledged' });
  });
});

test('a worker that stops and comes back in every state finds the incident where it was', async () => {
  const { withWorker, move, show } = await begin();
  for (const state of ['acknowledged', 'investigating', 'pending', 'mitigated', 'resolved'] as const) {
    await withWorker(() => move(state));
    expect((await show()).state).toBe(state);
  }
});

test('a policy that is edited while its clock runs holds from then on, and the minutes before stay explained', async () => {
  const { id, policy } = await slaPolicy('edited', { targets: { sev2: { respond: null, resolve: '10h' } } });
  const { withWorker, run, env, untilStory, show, now } = await begin({ service: 'edited' });
  await withWorker(async () => {
    await env.sleep('2 hours');
    await tenant((tx) => updateSlaPolicy(tx, id, { ...policy, targets: { sev2: { respond: null, resolve: '3h' } } }));
    await run.signal(IncidentLifecycle.signal.told, { kind: 'rules' });
    await untilStory(2, '10 minutes', 'sla_warned', 'sla_breached');
    const { segments, openedAt, clocks } = await show();
    const resolve = segments.resolve ?? [];
    expect(new Set(resolve.map(({ targetMs }) => targetMs))).toEqual(new Set([10 * hourMs, 3 * hourMs]));
    const used = clocks.find(({ kind }) => kind === 'resolve')?.usedMs ?? 0;
    expect(Math.abs(used - ((await now()) - Date.parse(openedAt)))).toBeLessThan(minuteMs);
    expect(resolve[0]?.from).toBe(openedAt);
    expect(resolve.slice(1).map(({ from }) => from)).toEqual(resolve.slice(0, -1).map(({ to }) => to));
  });
});

test('levels and calendars that are edited while it waits hold at once, and nothing is told twice', async () => {
  const policyId = await escalation({
    steps: [{ targets: [], raisesSeverity: true }, { after: '30d', raisesSeverity: true }],
  }); // prettier-ignore
  const { withWorker, run, env, untilStory, show, story, act, now } = await begin({ escalationPolicyId: policyId });
  const calendarId = uuidv7();
  await withWorker(async () => {
    await untilStory(1, '5 seconds', 'escalated');
    // Open on one day of the week, which is more than 60 hours away.
    const day = weekdays[(new Date(await now()).getUTCDay() + 6 + 4) % 7] ?? 'mon';
    const allDay = [{ from: '00:00', to: '24:00' }];
    const calendar = (week: BusinessCalendar['week']): BusinessCalendar => ({ name: 'Edited', timeZone: 'UTC', week, holidays: [] }); // prettier-ignore
    await tenant((tx) => insertCalendar(tx, calendarId, calendar({ [day]: allDay }), by.actor));
    await slaPolicy('hours', { calendarId, targets: { sev1: { respond: null, resolve: '4h' } } });
    expect(await act({ act: 'change', change: { service: 'hours' }, by })).toMatchObject({ isDone: true });
    const [before] = (await show()).clocks;
    expect([before?.mode, Date.parse(before?.dueAt ?? '') > (await now()) + 60 * hourMs]).toEqual(['outside', true]);

    await tenant((tx) =>
      updatePolicy(tx, policyId, EscalationPolicy.parse({ name: 'Sooner', steps: [{ raisesSeverity: true }, { after: '2h', raisesSeverity: true }], repeats: 0 })),
    ); // prettier-ignore
    await tenant((tx) =>
      updateCalendar(tx, calendarId, calendar(Object.fromEntries(weekdays.map((name) => [name, allDay])))),
    );
    await run.signal(IncidentLifecycle.signal.told, { kind: 'rules' });
    expect(await untilStory(2, '1 hour', 'sla_warned', 'sla_breached')).toHaveLength(2);
    expect(await untilStory(2, '1 hour', 'escalated')).toHaveLength(2);
    await env.sleep('40 days');
    expect(await story('escalated', 'sla_warned', 'sla_breached')).toHaveLength(4);
  });
});

test('business hours over both changes of the clock: months of nights and weekends are not counted', async () => {
  const calendarId = uuidv7();
  const hours = [{ from: '09:00', to: '17:00' }];
  await tenant((tx) =>
    insertCalendar(
      tx,
      calendarId,
      { name: 'Berlin', timeZone: 'Europe/Berlin', week: { mon: hours }, holidays: [] },
      by.actor,
    ),
  );
  await slaPolicy('slow', { calendarId, targets: { sev2: { respond: null, resolve: '400h' } } });
  const { withWorker, env, show, now, run } = await begin({ service: 'slow' });
  await withWorker(async () => {
    await env.sleep('300 days');
    const { clocks, segments } = await show();
    const used = clocks.find(({ kind }) => kind === 'resolve')?.usedMs ?? 0;
    // Eight hours each Monday, whichever side of a change of the clock it is on.
    const counted = (segments.resolve ?? []).filter(({ mode }) => mode === 'counting');
    const whole = counted.slice(1, -1).map(({ from, to }) => Date.parse(to ?? '') - Date.parse(from));
    expect(new Set(whole)).toEqual(new Set([8 * hourMs]));
    expect(whole.length).toBeGreaterThanOrEqual(41);
    const past = counted.slice(0, -1);
    const sum = past.reduce((ms, { from, to }) => ms + Date.parse(to ?? '') - Date.parse(from), 0);
    expect([past.at(-1)?.usedMs, counted.at(-1)?.usedMs]).toEqual([sum, used]);
    expect(Date.parse(segments.resolve?.at(0)?.from ?? '')).toBeLessThan((await now()) - 299 * dayMs);
    // Idle for months at no cost.
    expect(Number((await run.describe()).historyLength)).toBeLessThan(60);
  });
});

test('all its alerts are resolved: so is it, once; whoever takes it up again ends it, until one of them fires again', async () => {
  const { withWorker, id, run, show, story, move } = await begin();
  await withWorker(async () => {
    await tenant((tx) => setAlertCounts(tx, id, { firing: 2, total: 2, resolves: true }));
    await move('acknowledged');
    await tenant((tx) => setAlertCounts(tx, id, { firing: 0, total: 2 }));
    await run.signal(IncidentLifecycle.signal.told, { kind: 'alerts' });
    await run.signal(IncidentLifecycle.signal.told, { kind: 'alerts' });
    await expect.poll(async () => (await show()).state, { timeout: 20_000 }).toBe('resolved');
    expect((await story('moved')).at(-1)).toContain('All its alerts are resolved');
    expect((await show()).postmortem).toContain('## Timeline');
    await move('investigating', 'It is not over');
    const told = async (): Promise<void> => run.signal(IncidentLifecycle.signal.told, { kind: 'alerts' });
    await told();
    await move('mitigated'); // after that look
    expect((await show()).state).toBe('mitigated');
    await tenant((tx) => setAlertCounts(tx, id, { firing: 1, total: 3, resolves: true }));
    await tenant((tx) => setAlertCounts(tx, id, { firing: 0, total: 3 }));
    await told();
    await expect.poll(async () => (await show()).state, { timeout: 20_000 }).toBe('resolved');
  });
});

test('of two who move it at once upon one version one is refused, and an act that is sent twice is done once', async () => {
  const { withWorker, act, run, story } = await begin();
  await withWorker(async () => {
    const answers = await Promise.all([
      // Each may follow the other: it is the version that decides.
      act({ act: 'move', to: 'mitigated', by, version: 1 }),
      act({ act: 'move', to: 'investigating', by, version: 1 }),
    ]);
    expect(answers.filter(({ isDone }) => isDone)).toHaveLength(1);
    const twice = {
      args: [{ act: 'move', to: 'resolved', reason: 'Over', by }] as [IncidentAct],
      updateId: 'the-same',
    };
    await run.executeUpdate(IncidentLifecycle.update.move, twice);
    await run.executeUpdate(IncidentLifecycle.update.move, twice);
    expect((await story('moved')).filter((line) => line.includes('to Resolved'))).toHaveLength(1);
  });
});

test('what was closed for months is reopened, by a workflow that was lost and began anew from the row', async () => {
  const { withWorker, move, run, env, show, id } = await begin();
  await withWorker(async () => {
    await move('resolved');
    await move('closed');
    await env.sleep('200 days');
    expect(Number((await run.describe()).historyLength)).toBeLessThan(40);
    await run.terminate('lost');
    const again = await env.client.workflow.start(IncidentLifecycle.type, {
      workflowId: incidentWorkflowId({ workspaceId, incidentId: id }),
      taskQueue: 'main',
      args: [{ workspaceId, incidentId: id }],
    });
    await again.executeUpdate(IncidentLifecycle.update.move, {
      args: [{ act: 'move', to: 'investigating', reason: 'Again', by }],
    });
    expect((await show()).state).toBe('investigating');
  });
});

test('an act upon an incident that is not there is refused before its workflow ends, in a task of its own', async () => {
  const { client, worker } = await skippingTemporal('main', activities);
  const ref = { workspaceId, incidentId: uuidv7() };
  const start = new WithStartWorkflowOperation(IncidentLifecycle.type, {
    workflowId: incidentWorkflowId(ref),
    taskQueue: 'main',
    args: [ref],
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
  await worker.runUntil(async () => {
    const answer = await client.workflow.executeUpdateWithStart(IncidentLifecycle.update.move, {
      startWorkflowOperation: start,
      args: [{ act: 'move', to: 'acknowledged', by }],
    });
    expect(answer).toMatchObject({ isDone: false, refusal: { code: 'request.not_found' } });
    const run = await start.workflowHandle();
    await run.result();
    const { events } = await run.fetchHistory();
    const told = (events ?? []).map(({ eventType }) => String(eventType));
    expect(events?.filter(({ workflowTaskFailedEventAttributes: failed }) => failed)).toEqual([]);
    const taskOf = (found: number): number =>
      (events ?? []).slice(0, found).filter(({ workflowTaskCompletedEventAttributes: done }) => done).length;
    const answeredAt = (events ?? []).findIndex((event) => event.workflowExecutionUpdateCompletedEventAttributes);
    expect(answeredAt, told.join()).toBeGreaterThan(0);
    expect(taskOf(events?.length ?? 0)).toBeGreaterThan(taskOf(answeredAt));
  });
});
