import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { RunRef } from '#contracts/queries/engine.ts';
import { type AmcWorld, startAmcWorld } from '#tests/kit/amc-world.ts';
import { failureOf } from '#tests/kit/query-failure.ts';
import { accountHeaders } from './accounts.ts';
import { workflowIdOf } from './engine-options.ts';
import { amcEngine } from './engine.ts';

let world: AmcWorld;
beforeAll(async () => {
  world = await startAmcWorld();
});
afterAll(() => world.stop());
afterEach(() => {
  world.simulator.world.faults.length = 0;
  world.simulator.world.outcomes.length = 0;
});
const sql = 'SELECT campaign,\n  SUM(impressions) AS impressions -- a sum\nFROM dsp_impressions\nGROUP BY campaign;';
const executions = () => world.simulator.assets().executions;
const storage = (path: string) => `POST /amc/reporting/${world.instance.instanceId}/${path}`;

test('a query as people write it runs and its rows come in pages', async () => {
  const asked = world.asked(sql);
  const started = await world.engine.start(asked);
  expect(started).toMatchObject({
    isAdopted: false,
    ref: { engine: 'amc', runId: asked.runId, parts: { executionId: expect.any(String) } },
  });
  const done = await world.ended(started.ref);
  expect(done).toMatchObject({ state: 'succeeded', failure: null, pollAfterMs: 0 });
  // Amazon names the columns with the rows alone; those that were told before have their type.
  const other = amcEngine({ client: world.client, instance: world.instance });
  expect(await other.columns?.(done.ref, [{ name: 'IMPRESSIONS', type: 'integer' }])).toEqual([
    { name: 'campaign', type: 'text' },
    { name: 'IMPRESSIONS', type: 'integer' },
    { name: 'windlass_filtered', type: 'boolean' },
    { name: 'windlass_users', type: 'integer' },
    { name: 'windlass_filter_reason', type: 'text' },
  ]);
  const rows: (string | null)[][] = [];
  let cursor: string | null = null;
  let total: number | null = null;
  do {
    const page = await world.engine.page({ ref: done.ref, columns: [], cursor, limit: 7 });
    expect(page.columns.map(({ name }) => name)).toEqual([
      'campaign',
      'impressions',
      'windlass_filtered',
      'windlass_users',
      'windlass_filter_reason',
    ]);
    expect([page.offset, page.source]).toEqual([rows.length, 'provider']);
    expect(Date.parse(page.expiresAt ?? '')).toBeGreaterThan(Date.now());
    rows.push(...page.rows.map((row) => [...row]));
    ({ cursor } = page);
    total = page.total;
  } while (cursor !== null);
  expect(rows).toHaveLength(24);
  expect(total).toBe(24);
  expect(rows.reduce((sum, row) => sum + Number(row[1]), 0)).toBe(20_000);
  // Another process, which remembers nothing, can go on anywhere.
  const first = await world.engine.page({ ref: done.ref, columns: [], cursor: null, limit: 20 });
  const rest = await other.page({
    ref: done.ref,
    columns: [{ name: 'IMPRESSIONS', type: 'integer' }],
    cursor: first.cursor,
    limit: 100,
  });
  expect(rest.rows).toEqual(rows.slice(20));
  expect(rest.columns[1]).toEqual({ name: 'IMPRESSIONS', type: 'integer' });
});

test('account headers go with every AMC call, the Scope header with none; no two instances are asked for at once', () => {
  const { requests } = world.simulator.world;
  const amc = requests.filter(({ path }) => /\/amc\/(reporting|instances)/.test(path));
  expect(amc.length).toBeGreaterThan(5);
  for (const { headers } of amc) {
    for (const name of Object.keys(accountHeaders(world.instance.account)))
      expect(headers).toContain(name.toLowerCase());
    expect(headers).not.toContain('amazon-advertising-api-scope');
  }
  expect(Math.max(...requests.filter(({ path }) => path.endsWith('/amc/instances')).map(({ atOnce }) => atOnce))).toBe(
    1,
  );
});

test('presigned addresses are fetched bare, and cleanup leaves no saved query behind', async () => {
  const files = world.simulator.world.requests.filter(({ path }) => path.startsWith('/s3/'));
  expect(files.length).toBeGreaterThan(0);
  for (const { headers } of files)
    expect(headers.filter((name) => /authorization|amazon|cookie/.test(name))).toEqual([]);
  const asked = world.asked(sql);
  const { ref } = await world.engine.start(asked);
  const done = await world.ended(ref);
  expect(world.simulator.assets().workflows).toContainEqual({
    instanceId: world.instance.instanceId,
    id: workflowIdOf(asked.runId),
  });
  expect(await world.engine.cleanup(ref)).toEqual({
    removed: [{ kind: 'workflow', name: workflowIdOf(asked.runId) }],
    left: [],
  });
  expect((await world.engine.cleanup(ref)).left).toEqual([]);
  expect((await world.engine.page({ ref: done.ref, columns: [], cursor: null, limit: 1 })).rows).toHaveLength(1);
  expect(world.simulator.assets().workflows.some(({ id }) => id === workflowIdOf(asked.runId))).toBe(false);
});

test('both forms of answers are read, and a status nobody knows is looked at again', async () => {
  world.turn({ wrapsAnswers: true });
  const { ref } = await world.engine.start(world.asked(sql));
  expect((await world.ended(ref)).state).toBe('succeeded');
  world.turn({ wrapsAnswers: false, pendingMs: [200, 200] });
  world.outcome({ status: 'SUCCEEDED', reason: '', strangeStatus: 'WARMING_UP' });
  const strange = await world.engine.start(world.asked(sql));
  expect(await world.engine.poll(strange.ref)).toMatchObject({
    state: 'running',
    note: 'Amazon calls its state WARMING_UP.',
    pollAfterMs: 1_000,
  });
  expect((await world.ended(strange.ref)).state).toBe('succeeded');
  world.turn({ pendingMs: [0, 0] });
});

test.each(['statusReason', 'message', 'details', 'messageSubject'] as const)(
  'a reason is found in %s',
  async (reasonField) => {
    world.outcome({ status: 'REJECTED', reasonField, reason: 'Because.' });
    const { ref } = await world.engine.start(world.asked(sql));
    expect(await world.ended(ref)).toMatchObject({
      state: 'failed',
      failure: { kind: 'provider', code: 'execution_rejected', message: 'Because.' },
    });
  },
);

test('a lost answer to the start is found again at once: the service runs it once', async () => {
  const before = executions();
  world.fault({ match: storage('workflowExecutions'), kind: 'lost' });
  const started = await world.engine.start(world.asked(sql));
  expect(started.isAdopted).toBe(true);
  expect(executions()).toBe(before + 1);
  expect((await world.ended(started.ref)).state).toBe('succeeded');
});

test('the next attempt adopts what the last one began, whatever was lost between; one that is not seen yet is not begun again', async () => {
  const asked = world.asked(sql);
  const before = executions();
  // The answer is lost, and the process dies before it can look.
  world.fault({ match: storage('workflowExecutions'), kind: 'lost' });
  world.fault({ match: `GET /amc/reporting/${world.instance.instanceId}/workflowExecutions`, status: 403 });
  expect(await failureOf(world.engine.start(asked))).toMatchObject({ status: 403 });
  const known = asked.notes.at(-1) ?? null;
  expect(known?.parts).toMatchObject({ executionId: null, workflowId: workflowIdOf(asked.runId) });
  expect(await world.engine.start({ ...asked, known })).toMatchObject({ isAdopted: true });
  expect(executions()).toBe(before + 1);
  // Noted, but nothing to be seen: it may be on its way.
  const ghost = world.asked(sql);
  const ref: RunRef = {
    engine: 'amc',
    runId: ghost.runId,
    begunAt: new Date().toISOString(),
    parts: {
      startingAt: new Date(world.simulator.world.now()).toISOString(),
      workflowId: workflowIdOf(ghost.runId),
      executionId: null,
    },
  };
  expect(await failureOf(world.engine.start({ ...ghost, known: ref }))).toMatchObject({
    code: 'start_uncertain',
    retryable: true,
    retryAfterMs: 15_000,
  });
  expect(executions()).toBe(before + 1);
  const old = {
    ...ref,
    parts: { ...ref.parts, startingAt: new Date(world.simulator.world.now() - 80_000).toISOString() },
  };
  expect(await world.engine.start({ ...ghost, known: old })).toMatchObject({ isAdopted: false });
  expect(executions()).toBe(before + 2);
});

test('a 504 after the service had acted starts nothing a second time either', async () => {
  const before = executions();
  world.fault({ match: storage('workflowExecutions'), status: 504 });
  expect(await failureOf(world.engine.start(world.asked(sql)))).toMatchObject({ kind: 'provider', mayHaveActed: true });
  expect(executions()).toBe(before);
});

test('overlap and throttling are told apart: one ends the run for now, the other is waited out as asked', async () => {
  await expect.poll(() => world.simulator.assets().openExecutions, { timeout: 20_000 }).toEqual([]);
  world.turn({ rejectsOverlap: true, runningMs: [60_000, 60_000] });
  const first = await world.engine.start(world.asked(sql));
  const asked = world.asked(sql);
  const second = await world.engine.start(asked);
  const rejected = await world.ended(second.ref);
  expect(rejected).toMatchObject({
    state: 'failed',
    failure: { kind: 'quota', code: 'overlap', retryable: true, retryAfterMs: 300_000 },
  });
  expect(await world.engine.cancel(first.ref)).toMatchObject({ outcome: 'stopped' });
  world.turn({ rejectsOverlap: false, runningMs: [0, 0] });
  // What was rejected never ran: the same run may be started once more.
  world.simulator.world.skip(80_000);
  expect(await world.engine.start({ ...asked, known: asked.notes.at(-1) ?? null })).toMatchObject({ isAdopted: false });
  world.waits.length = 0;
  world.fault({ match: storage('workflowExecutions'), status: 429, retryAfterSeconds: 7 });
  await world.engine.start(world.asked(sql));
  expect(world.waits).toHaveLength(1);
  expect(world.waits[0]).toBeGreaterThanOrEqual(7_000);
});

test('cancelling says truthfully what came of it', async () => {
  world.turn({ runningMs: [60_000, 60_000] });
  const running = await world.engine.start(world.asked(sql));
  expect(await world.engine.cancel(running.ref)).toEqual({ outcome: 'stopped', note: 'Amazon stopped the query.' });
  expect((await world.engine.poll(running.ref)).state).toBe('canceled');
  expect((await world.engine.cancel(running.ref)).outcome).toBe('stopped');
  world.turn({ runningMs: [0, 0] });
  const done = await world.engine.start(world.asked(sql));
  await world.ended(done.ref);
  expect(await world.engine.cancel(done.ref)).toMatchObject({
    outcome: 'ended_before',
    note: expect.stringContaining('had finished'),
  });
  const never = world.asked(sql);
  const ref: RunRef = { engine: 'amc', runId: never.runId, begunAt: new Date().toISOString(), parts: {} };
  expect(await world.engine.cancel(ref)).toMatchObject({ outcome: 'ended_before' });
});

test('the token that dies while a run is polled is renewed without a word; one refresh', async () => {
  const { ref } = await world.engine.start(world.asked(sql));
  world.simulator.world.accessTokens.clear();
  expect((await world.ended(ref)).state).toBe('succeeded');
});

test('a timeout at the service is a timeout', async () => {
  world.turn({ runningMs: [60_000, 60_000] });
  const { ref } = await world.engine.start(
    world.asked(sql, { options: { timeoutSeconds: 900, timeWindow: { type: 'ALL', timeZone: 'UTC' } } }),
  );
  await expect.poll(async () => (await world.engine.poll(ref)).state, { timeout: 20_000 }).toBe('running');
  world.simulator.world.skip(901_000);
  expect(await world.engine.poll(ref)).toMatchObject({
    state: 'failed',
    failure: { kind: 'timeout', code: 'execution_timed_out' },
  });
  world.turn({ runningMs: [0, 0] });
});

test('terms that were not accepted are told with where to accept them, and nothing is tried again', async () => {
  world.turn({ needsTerms: true });
  world.waits.length = 0;
  expect(await failureOf(world.engine.start(world.asked(sql)))).toMatchObject({
    kind: 'auth',
    code: 'terms_not_accepted',
    retryable: false,
    hint: expect.stringContaining('https://advertising.amazon.com/'),
  });
  expect(world.waits).toEqual([]);
  world.turn({ needsTerms: false });
});

test('an execution that is gone, and rows that are, are told as such', async () => {
  const { ref } = await world.engine.start(world.asked(sql));
  const done = await world.ended(ref);
  world.simulator.world.skip(86_500_000);
  expect(await failureOf(world.engine.poll(ref))).toMatchObject({ code: 'execution_gone' });
  const fresh = amcEngine({ client: world.client, instance: world.instance });
  expect(await failureOf(fresh.page({ ref: done.ref, columns: [], cursor: null, limit: 5 }))).toMatchObject({
    code: 'rows_expired',
    status: 404,
  });
  // Who asks for the columns of a run that has ended is not failed by it.
  expect(await fresh.columns?.(done.ref, [])).toBe(null);
});

test('a sweep removes what old runs left, and neither what is open nor what is young nor what is another’s', async () => {
  const old = world.asked(sql, { runId: '01900000-0000-7000-8000-000000000001' });
  const open = world.asked(sql, { runId: '01900000-0000-7000-8000-000000000002' });
  const young = world.asked(sql);
  for (const asked of [old, open, young]) await world.ended((await world.engine.start(asked)).ref);
  const theirs = await fetch(`${world.simulator.regions.na.ads}/amc/reporting/${world.instance.instanceId}/workflows`, {
    method: 'POST',
    headers: {
      ...accountHeaders(world.instance.account),
      authorization: `Bearer ${(await world.tokens.current()).reveal()}`,
      'amazon-advertising-api-clientid': world.simulator.clientId,
    },
    body: JSON.stringify({ workflowId: 'theirs', sqlQuery: 'SELECT COUNT(*) AS c FROM dsp_clicks' }),
  });
  expect(theirs.status).toBe(200);
  const swept = await world.engine.sweep({ olderThanMs: 3_600_000, keepRunIds: [open.runId] });
  const names = swept.removed.map(({ name }) => name);
  expect(names).toContain(workflowIdOf(old.runId));
  const left = world.simulator.assets().workflows.map(({ id }) => id);
  expect(left).toEqual(expect.arrayContaining([workflowIdOf(open.runId), workflowIdOf(young.runId), 'theirs']));
});

test('in a sandbox synthetic data are asked for, as it must be', async () => {
  const engine = amcEngine({ client: world.client, instance: world.sandbox });
  const { ref } = await engine.start(
    world.asked(sql, { options: { timeWindow: { type: 'ALL', timeZone: 'UTC' }, disableAggregationControls: true } }),
  );
  await expect.poll(async () => (await engine.poll(ref)).state, { timeout: 20_000 }).toBe('succeeded');
});
