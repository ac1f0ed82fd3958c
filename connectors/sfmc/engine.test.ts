import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { failureOf } from '#tests/kit/query-failure.ts';
import { RunRef } from '#contracts/queries/engine.ts';
import {
  type SfmcWorld,
  ask,
  clientOf,
  numberColumn,
  pollToEnd,
  sfmcWorld,
  startOf,
  textColumn,
} from './fixtures/world.ts';
import { takeClientToken } from './oauth.ts';
import { keyOfRun } from './run-state.ts';

let world: SfmcWorld;
beforeAll(async () => (world = await sfmcWorld()));
afterAll(() => world.stop());
beforeEach(() => {
  world.simulator.world.faults = [];
  world.waits.length = 0;
});

const columns = [textColumn('SubscriberKey'), textColumn('City', 80), numberColumn('Points')];
const sql = 'SELECT SubscriberKey, City, Points FROM Members WHERE Points < 1000';
const performsOf = (runId: string) => world.simulator.world.performs.get(keyOfRun(runId)) ?? 0;

test('a query goes from text to rows and leaves nothing behind', async () => {
  const engine = world.engine();
  const query = startOf(sql, columns);
  const started = await engine.start(query);
  expect(started).toMatchObject({ isAdopted: false });
  const end = await pollToEnd(world, started.ref, engine);
  expect(end).toMatchObject({ state: 'succeeded', failure: null });
  const page = await engine.page({ ref: end.ref, columns, cursor: null, limit: 100 });
  expect(page).toMatchObject({ offset: 0, total: end.rowCount, source: 'provider' });
  expect(page.rows).toHaveLength(100);
  expect(page.rows[0]).toEqual(['sub-000001', expect.any(String), '37']);
  expect(await engine.assets()).toHaveLength(2);
  expect(await engine.cleanup(end.ref, { keepRows: true })).toMatchObject({ removed: [{ kind: 'query' }], left: [] });
  expect((await engine.page({ ref: end.ref, columns, cursor: page.cursor, limit: 100 })).offset).toBe(100);
  expect((await engine.cleanup(end.ref)).left).toEqual([]);
  expect(world.assets()).toEqual({ extensions: 0, queries: 0 });
  expect((await engine.cleanup(end.ref)).left).toEqual([]);
  expect(await failureOf(engine.page({ ref: end.ref, columns, cursor: null, limit: 10 }))).toMatchObject({
    code: 'rows_expired',
  });
});

test('a reference is small and holds neither text nor rows nor a token', async () => {
  const engine = world.engine();
  const query = startOf(sql, columns);
  const { ref } = await engine.start(query);
  expect(RunRef.parse(JSON.parse(JSON.stringify(ref)))).toEqual(ref);
  expect(JSON.stringify(ref).length).toBeLessThan(1_000);
  expect(JSON.stringify([ref, query.notes])).not.toMatch(/Members|eyJ|SELECT/);
  await engine.cleanup(ref);
});

test('rows come whole and in order over all pages, with our case, order and types', async () => {
  const engine = world.engine();
  const wanted = [
    { name: 'ORDERDATE', type: 'timestamp' as const },
    numberColumn('PurchaseID'),
    { name: 'Amount', type: 'decimal' as const },
    { name: 'IsGift', type: 'boolean' as const },
    textColumn('Coupon', 20),
    numberColumn('Rating'),
  ];
  const query = startOf(
    'SELECT PurchaseID, OrderDate, Amount, IsGift, Coupon, Rating FROM Purchases WHERE PurchaseID <= 6000',
    wanted,
  );
  const { ref } = await engine.start(query);
  const end = await pollToEnd(world, ref, engine);
  expect(end.rowCount).toBe(6_000);
  const rows = [];
  let cursor: string | null = null;
  const sizes: number[] = [];
  do {
    const page = await engine.page({ ref: end.ref, columns: wanted, cursor, limit: 10_000 });
    expect(page.offset).toBe(rows.length);
    sizes.push(page.rows.length);
    rows.push(...page.rows);
    cursor = page.cursor;
  } while (cursor !== null);
  expect(sizes).toEqual([2_500, 2_500, 1_000]);
  expect(rows.map((row) => row[1])).toEqual(Array.from({ length: 6_000 }, (_, index) => String(index + 1)));
  expect(rows[0]).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/), '1', '79.19', 'false', '', null]);
  expect(rows[16]?.[3]).toBe('true');
  await engine.cleanup(end.ref);
});

test('no rows are a success, told only after the service had time to show some', async () => {
  const engine = world.engine();
  const { ref } = await engine.start(startOf("SELECT City FROM Members WHERE City = 'Nowhere'", [textColumn('City')]));
  const end = await pollToEnd(world, ref, engine);
  expect(end).toMatchObject({ state: 'succeeded', rowCount: 0 });
  expect(world.waits.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(15_000);
  expect((await engine.page({ ref: end.ref, columns: [textColumn('City')], cursor: null, limit: 10 })).rows).toEqual(
    [],
  );
  await engine.cleanup(end.ref);
});

test('rows that show late after Complete are waited for', async () => {
  const engine = world.engine();
  world.faults({ kind: 'late_rows', forMs: 6_000 });
  const { ref } = await engine.start(startOf(sql, columns));
  const end = await pollToEnd(world, ref, engine);
  expect(end.rowCount).toBeGreaterThan(100);
  await engine.cleanup(end.ref);
});

test('a cursor outlives the link of the service it holds', async () => {
  const engine = world.engine();
  const { ref } = await engine.start(startOf(sql, columns));
  const end = await pollToEnd(world, ref, engine);
  const first = await engine.page({ ref: end.ref, columns, cursor: null, limit: 50 });
  world.simulator.world.moveClock(11 * 60_000);
  const second = await engine.page({ ref: end.ref, columns, cursor: first.cursor, limit: 50 });
  expect(second.offset).toBe(50);
  expect(second.rows).toHaveLength(50);
  expect(second.rows[0]).not.toEqual(first.rows[0]);
  await engine.cleanup(end.ref);
});

test('a cursor of somebody else’s making leads nowhere', async () => {
  const engine = world.engine();
  const { ref } = await engine.start(startOf(sql, columns));
  const made = (link: string) =>
    Buffer.from(JSON.stringify({ link, offset: 0, page: 1, size: 10 })).toString('base64url');
  for (const cursor of [
    'x',
    made('https://evil.example/data/v1/customobjectdata/a?'),
    made('data/v1/customobjectdata/../../platform?x'),
    made('//evil.example'),
  ]) {
    expect(await failureOf(engine.page({ ref, columns, cursor, limit: 10 })), cursor).toMatchObject({
      code: 'cursor_invalid',
    });
  }
  await engine.cleanup(ref);
});

test('what the service refuses to save is told in its words, without their wrapping', async () => {
  const engine = world.engine();
  for (const [text, words] of [
    ['SELECT nope FROM Members', "Invalid column name 'nope'."],
    ['SELECT City FROM Members ORDER BY City', /^The ORDER BY clause is invalid/],
    ['SELECT City FROM [No such thing]', "Invalid object name 'No such thing'."],
  ] as const) {
    const query = startOf(text, [textColumn('City')]);
    const facts = await failureOf(engine.start(query));
    expect(facts).toMatchObject({ kind: 'syntax', retryable: false, message: expect.stringMatching(words) });
    expect(performsOf(query.runId)).toBe(0);
    const last = query.notes.at(-1);
    expect(last).toBeDefined();
    if (last) await engine.cleanup(last);
  }
  expect(world.assets()).toEqual({ extensions: 0, queries: 0 });
});

test('a query that fails while it runs is failed, also when rows were written on the way', async () => {
  const engine = world.engine();
  for (const kind of ['query_fails', 'query_fails_midway'] as const) {
    world.faults({ kind, message: 'Conversion failed when converting the varchar value.' });
    const { ref } = await engine.start(startOf(sql, columns));
    const end = await pollToEnd(world, ref, engine);
    expect(end, kind).toMatchObject({
      state: 'failed',
      failure: { kind: 'syntax', message: expect.stringContaining('Conversion failed') },
    });
    await engine.cleanup(end.ref);
  }
  expect(world.assets()).toEqual({ extensions: 0, queries: 0 });
});

test('a half-written result of a failing query is not taken for a success while its failure is still on its way', async () => {
  const slow = await sfmcWorld({ statusLagMs: [9_000, 9_000] });
  try {
    const engine = slow.engine();
    slow.faults({ kind: 'query_fails_midway' });
    const { ref } = await engine.start(startOf(sql, columns));
    expect((await pollToEnd(slow, ref, engine)).state).toBe('failed');
  } finally {
    await slow.stop();
  }
});

test('lags of the service do not change the end: rows show early, the end is confirmed', async () => {
  const slow = await sfmcWorld({
    statusLagMs: [8_000, 8_000],
    runningLagMs: [3_000, 3_000],
    extensionLagMs: [1_500, 1_500],
  });
  try {
    const engine = slow.engine();
    let { ref } = await engine.start(startOf(sql, columns));
    const states: string[] = [];
    let early: number | null = null;
    for (;;) {
      const look = await engine.poll(ref);
      states.push(look.state);
      if (look.state === 'running' && (look.rowCount ?? 0) > 0) early ??= states.length;
      if (look.state === 'succeeded') break;
      ref = look.ref;
      await slow.sleep(look.pollAfterMs);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(early).not.toBeNull();
    expect(states[0]).toBe('queued');
    expect(states).not.toContain('failed');
  } finally {
    await slow.stop();
  }
});

test('without a status the query is over when nothing has run for a while', async () => {
  const blind = await sfmcWorld({ statusLagMs: [3_600_000, 3_600_000] });
  try {
    const engine = blind.engine();
    const { ref } = await engine.start(startOf(sql, columns));
    const end = await pollToEnd(blind, ref, engine);
    expect(end).toMatchObject({ state: 'succeeded' });
    expect(end.rowCount).toBeGreaterThan(100);
  } finally {
    await blind.stop();
  }
});

test('nobody looks longer than the service lets a query run', async () => {
  const stuck = await sfmcWorld({ queueMs: [3_600_000, 3_600_000] });
  try {
    const engine = stuck.engine();
    const { ref } = await engine.start(startOf(sql, columns));
    expect(await pollToEnd(stuck, ref, engine)).toMatchObject({
      state: 'failed',
      failure: { kind: 'timeout', code: 'query_timed_out' },
    });
  } finally {
    await stuck.stop();
  }
});

test('cancel says truthfully what it could do', async () => {
  const engine = world.engine();
  const { ref } = await engine.start(startOf(sql, columns));
  expect(await engine.cancel(ref)).toMatchObject({
    outcome: 'running_on',
    note: expect.stringContaining('30 minutes'),
  });
  const end = await pollToEnd(world, ref, engine);
  expect(await engine.cancel(end.ref)).toMatchObject({ outcome: 'ended_before' });
  await engine.cleanup(end.ref);
});

test('validate gives the service’s verdict, and none where it does not answer', async () => {
  const engine = world.engine();
  expect(await engine.validate({ sql: 'SELECT City FROM Members' })).toMatchObject({ isValid: true, remarks: [] });
  expect(await engine.validate({ sql: 'SELECT City FROM Members LIMIT 5' })).toMatchObject({
    isValid: false,
    remarks: [{ severity: 'error', message: "Incorrect syntax near '5'." }],
  });
  world.faults({ kind: 'unavailable', at: 'validate', times: 20 });
  expect(await engine.validate({ sql: 'SELECT City FROM Members' })).toMatchObject({ isValid: null, remarks: [] });
});

test('the columns of a result must be known', async () => {
  expect(await failureOf(world.engine().start(startOf(sql, [])))).toMatchObject({
    kind: 'syntax',
    code: 'columns_unknown',
  });
});

test('orphans are swept by age, those of open runs and of others stay', async () => {
  const engine = world.engine();
  const [old, open] = [startOf(sql, columns), startOf(sql, columns)];
  await engine.start(old);
  await engine.start(open);
  expect((await engine.sweep({ olderThanMs: 24 * 3_600_000, keepRunIds: [] })).removed).toEqual([]);
  world.simulator.world.moveClock(31 * 3_600_000);
  const young = startOf(sql, columns);
  await engine.start(young);
  const swept = await engine.sweep({ olderThanMs: 24 * 3_600_000, keepRunIds: [open.runId] });
  expect(swept.left).toEqual([]);
  expect(swept.removed.map(({ name }) => name)).toEqual([keyOfRun(old.runId), keyOfRun(old.runId)]);
  expect((await engine.assets()).map(({ name }) => name).toSorted()).toEqual(
    [open, open, young, young].map(({ runId }) => keyOfRun(runId)).toSorted(),
  );
  expect((await engine.leave()).left).toEqual([]);
  expect(world.assets()).toEqual({ extensions: 0, queries: 0 });
  expect([...world.simulator.world.folders.values()].filter(({ madeAt }) => madeAt !== null)).toEqual([]);
});

test('what has a name like ours but is not ours is not swept', async () => {
  const engine = world.engine();
  const { ref } = await engine.start(startOf(sql, columns));
  const strange = [...world.simulator.world.extensions.values()].find(({ key }) => key === ref.parts['key']);
  const description = strange?.description ?? '';
  Object.assign(strange ?? {}, { description: 'Mine' });
  const swept = await engine.sweep({ olderThanMs: 0, keepRunIds: [] });
  expect(swept.removed).toMatchObject([{ kind: 'query' }]);
  expect(world.assets().extensions).toBe(1);
  Object.assign(strange ?? {}, { description });
  await engine.cleanup(ref);
});

test('another business unit sees nothing of a run', async () => {
  const engine = world.engine();
  const { ref } = await engine.start(startOf(sql, columns));
  const end = await pollToEnd(world, ref, engine);
  const elsewhere = world.engine({ tokens: world.tokensOf(7_000_002), mid: 7_000_002 });
  expect(await failureOf(elsewhere.page({ ref: end.ref, columns, cursor: null, limit: 10 }))).toMatchObject({
    code: 'rows_expired',
  });
  expect(await failureOf(elsewhere.start(startOf(sql, columns)))).toMatchObject({
    kind: 'syntax',
    message: "Invalid object name 'Members'.",
  });
  await elsewhere.leave();
  await engine.cleanup(end.ref);
});

test('a package without the scope is told which right it lacks', async () => {
  const { simulator, oauth } = world;
  const weak = await takeClientToken(
    clientOf(simulator),
    { scopes: ['data_extensions_read', 'data_extensions_write'], accountId: 7_000_001 },
    oauth,
  );
  const engine = world.engine({ ask, tokens: { current: async () => weak, renew: async () => weak } });
  const query = startOf(sql, columns);
  expect(await failureOf(engine.start(query))).toMatchObject({
    kind: 'auth',
    message: expect.stringContaining('automations_write'),
  });
  const [first] = query.notes;
  if (first) await world.engine().cleanup(first);
});
