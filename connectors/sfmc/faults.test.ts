import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { failureOf } from '#tests/kit/query-failure.ts';
import type { RunRef } from '#contracts/queries/engine.ts';
import { type SfmcWorld, numberColumn, pollToEnd, sfmcWorld, startOf, textColumn } from './fixtures/world.ts';
import { keyOfRun } from './run-state.ts';

let world: SfmcWorld;
beforeAll(async () => (world = await sfmcWorld()));
afterAll(() => world.stop());
beforeEach(() => {
  world.simulator.world.faults = [];
  world.simulator.world.calls.clear();
  world.waits.length = 0;
});

const columns = [textColumn('City', 80), numberColumn('Points')];
const sql = 'SELECT City, Points FROM Members WHERE Points < 1000';
const performsOf = (runId: string) => world.simulator.world.performs.get(keyOfRun(runId)) ?? 0;
const callsAt = (place: string) =>
  [...world.simulator.world.calls].filter(([at]) => at.includes(place)).reduce((sum, [, count]) => sum + count, 0);
/** Runs to its end in spite of whatever is broken; nothing stays and it was started once. */
async function survives(more: Parameters<SfmcWorld['engine']>[0] = {}) {
  const engine = world.engine(more);
  const query = startOf(sql, columns);
  const started = await engine.start(query);
  const end = await pollToEnd(world, started.ref, engine);
  expect(end.state).toBe('succeeded');
  const page = await engine.page({ ref: end.ref, columns, cursor: null, limit: 2_500 });
  expect(page.rows).toHaveLength(end.rowCount ?? -1);
  expect((await engine.cleanup(end.ref)).left).toEqual([]);
  expect(performsOf(query.runId)).toBe(1);
  expect(world.assets()).toEqual({ extensions: 0, queries: 0 });
  return { started, end };
}

test('429 is waited out, for as long as the service asks in seconds or by a date', async () => {
  world.faults({ kind: 'rate_limited', at: 'rowset', retryAfter: '7' });
  await survives();
  expect(world.waits.some((ms) => ms >= 7_000)).toBe(true);
  world.waits.length = 0;
  world.faults({ kind: 'rate_limited', at: 'rowset', retryAfter: 'date' });
  await survives();
});

test('a service that asks for more patience than an attempt has is left to the caller, with the time it asked for', async () => {
  const engine = world.engine();
  const { ref } = await engine.start(startOf(sql, columns));
  world.faults({ kind: 'rate_limited', at: 'rowset', retryAfter: '300' });
  expect(await failureOf(engine.page({ ref, columns, cursor: null, limit: 10 }))).toMatchObject({
    kind: 'quota',
    code: '50100',
    retryable: true,
    retryAfterMs: 300_000,
  });
  await engine.cleanup(ref);
});

test('a throttled SOAP call is repeated with growing waits, five times at most', async () => {
  world.faults({ kind: 'soap_throttled', at: 'Create DataExtension', times: 3 });
  await survives();
  world.faults({ kind: 'soap_throttled', at: 'Create QueryDefinition', times: 99 });
  const query = startOf(sql, columns);
  const before = callsAt('Create QueryDefinition');
  expect(await failureOf(world.engine().start(query))).toMatchObject({
    kind: 'quota',
    code: 'soap_throttled',
    retryable: true,
  });
  expect(callsAt('Create QueryDefinition') - before).toBe(5);
  world.simulator.world.faults = [];
  const [first] = query.notes;
  if (first) await world.engine().cleanup(first);
});

test.each([
  'rowset',
  'Create DataExtension',
  'Create QueryDefinition',
  'Retrieve AsyncActivityStatus',
  'Delete',
  'Perform QueryDefinition',
])('a page of maintenance instead of an answer is never read as one: %s', async (at) => {
  world.faults({ kind: 'unavailable', at, times: 2 });
  expect(await survives()).toMatchObject({ end: { state: 'succeeded' } });
});

test.each([
  'Create DataFolder',
  'Create DataExtension',
  'Create QueryDefinition',
  'Delete QueryDefinition',
  'Delete DataExtension',
  'rowset',
])('what was done before the connection broke is met again: %s', async (at) => {
  if (at === 'Create DataFolder') await world.engine().leave();
  world.faults({ kind: 'reset_after', at });
  expect(await survives()).toMatchObject({ end: { state: 'succeeded' } });
});

test('a start whose answer was lost is adopted and never made twice', async () => {
  for (const kind of ['reset_after', 'truncated'] as const) {
    world.faults({ kind, at: 'Perform' });
    expect((await survives()).started.isAdopted).toBe(true);
  }
});

test('a start that never arrived is not made up: it is unknown, and the next attempt of the same run does not start it either', async () => {
  world.faults({ kind: 'reset_before', at: 'Perform' });
  const query = startOf(sql, columns);
  const engine = world.engine();
  const unknown = { kind: 'provider', code: 'start_unknown', retryable: false, mayHaveActed: true };
  expect(await failureOf(engine.start(query))).toMatchObject(unknown);
  const known = query.notes.at(-1) ?? null;
  expect(await failureOf(engine.start({ ...query, known }))).toMatchObject(unknown);
  expect(performsOf(query.runId)).toBe(0);
  if (known) await engine.cleanup(known);
});

test('a start that was surely refused may be made by the next attempt', async () => {
  world.faults({ kind: 'soap_throttled', at: 'Perform', times: 5 });
  const query = startOf(sql, columns);
  const engine = world.engine();
  expect(await failureOf(engine.start(query))).toMatchObject({ kind: 'quota', mayHaveActed: false });
  const started = await engine.start({ ...query, known: query.notes.at(-1) ?? null });
  expect(started.isAdopted).toBe(false);
  expect(performsOf(query.runId)).toBe(1);
  await engine.cleanup(started.ref);
});

/** A start that dies right after its n-th note; answers the last note. */
async function diesAfter(notes: number) {
  const query = startOf(sql, columns);
  let known: RunRef | null = null;
  let seen = 0;
  const note = (ref: RunRef) => {
    known = ref;
    if (++seen === notes) throw new Error('killed');
  };
  const end = await world
    .engine()
    .start({ ...query, note })
    .catch(String);
  expect(end).toBe('Error: killed');
  return { query, known: known as RunRef | null };
}

test('a worker that dies before the start is followed by one that ends the run, with one start', async () => {
  const { query, known } = await diesAfter(1);
  const again = await world.engine().start({ ...query, known });
  expect((await pollToEnd(world, again.ref)).state).toBe('succeeded');
  expect(performsOf(query.runId)).toBe(1);
  await world.engine().cleanup(again.ref);
  expect(world.assets()).toEqual({ extensions: 0, queries: 0 });
});

test('a worker that dies once the answer to the start is stored is followed by one that starts nothing', async () => {
  const query = startOf(sql, columns);
  const { ref } = await world.engine().start(query);
  const again = await world.engine().start({ ...query, known: ref });
  expect(again.isAdopted).toBe(true);
  expect((await pollToEnd(world, again.ref)).state).toBe('succeeded');
  expect(performsOf(query.runId)).toBe(1);
  await world.engine().cleanup(again.ref);
  expect(world.assets()).toEqual({ extensions: 0, queries: 0 });
});

test('a worker that dies between its note and the start leaves what nobody can know: it is told, not guessed', async () => {
  const { query, known } = await diesAfter(2);
  expect(await failureOf(world.engine().start({ ...query, known }))).toMatchObject({ code: 'start_unknown' });
  expect(performsOf(query.runId)).toBe(0);
  if (known) await world.engine().cleanup(known);
  expect(world.assets()).toEqual({ extensions: 0, queries: 0 });
});

test('a worker that dies after the service has started finds the run by its query', async () => {
  const query = startOf(sql, columns);
  const engine = world.engine();
  await engine.start(query);
  // All it stored is the note from before the start.
  const known = query.notes.find(({ parts }) => parts['phase'] === 'starting') ?? null;
  const again = await world.engine().start({ ...query, known });
  expect(again.isAdopted).toBe(true);
  expect((await pollToEnd(world, again.ref)).state).toBe('succeeded');
  expect(performsOf(query.runId)).toBe(1);
  await engine.cleanup(again.ref);
});

test('a refused token is renewed once and the call repeated once, by REST and by SOAP', async () => {
  for (const at of ['rowset', 'Create DataExtension', 'Perform']) {
    const tokens = world.tokensOf();
    world.faults({ kind: 'unauthorized', at });
    await survives({ tokens });
    expect(tokens.renewals(), at).toBe(1);
  }
  const tokens = world.tokensOf();
  const engine = world.engine({ tokens });
  const { ref } = await engine.start(startOf(sql, columns));
  world.faults({ kind: 'wrong_unit', at: 'rowset', times: 50 });
  const before = callsAt('rowset');
  expect(await failureOf(engine.page({ ref, columns, cursor: null, limit: 5 }))).toMatchObject({
    kind: 'auth',
    code: 'not_authorized',
    retryable: false,
  });
  expect(callsAt('rowset') - before).toBe(2);
  expect(tokens.renewals()).toBe(1);
  world.simulator.world.faults = [];
  await engine.cleanup(ref);
});

test('tokens that expire between pages are renewed by one refresh for all who wait', async () => {
  const tokens = world.tokensOf();
  const engine = world.engine({ tokens });
  const { ref } = await engine.start(startOf(sql, columns));
  const end = await pollToEnd(world, ref, engine);
  const first = await engine.page({ ref: end.ref, columns, cursor: null, limit: 50 });
  for (const access of world.simulator.world.access.values()) access.expiresAt = 0;
  const pages = await Promise.all(
    Array.from({ length: 8 }, () => engine.page({ ref: end.ref, columns, cursor: first.cursor, limit: 50 })),
  );
  expect(pages.map(({ offset }) => offset)).toEqual(Array.from({ length: 8 }, () => 50));
  expect(tokens.renewals()).toBe(1);
  await engine.cleanup(end.ref);
});

test('truncated XML is no answer: it is asked for again', async () => {
  world.faults(
    { kind: 'truncated', at: 'Retrieve AsyncActivityStatus' },
    { kind: 'truncated', at: 'Create DataExtension' },
  );
  expect(await survives()).toMatchObject({ end: { state: 'succeeded' } });
});

test('a service that does not answer is left at the time limit', async () => {
  const engine = world.engine();
  world.faults({ kind: 'hang', at: 'validate' });
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('stopped')), 100);
  await expect(engine.validate({ sql }, { signal: controller.signal })).rejects.toThrow('stopped');
});

test('a cleanup that meets trouble tells what is left, and the next one removes it', async () => {
  const engine = world.engine();
  const { ref } = await engine.start(startOf(sql, columns));
  const end = await pollToEnd(world, ref, engine);
  world.faults({ kind: 'soap_throttled', at: 'Delete DataExtension', times: 99 });
  const first = await engine.cleanup(end.ref);
  expect(first).toMatchObject({
    removed: [{ kind: 'query' }],
    left: [{ kind: 'data_extension', failure: { kind: 'quota' } }],
  });
  world.simulator.world.faults = [];
  expect((await engine.cleanup(end.ref)).left).toEqual([]);
  expect(world.assets()).toEqual({ extensions: 0, queries: 0 });
});

test('no failure, reference or printed tool shows a token, a secret or a row', async () => {
  const tokens = world.tokensOf();
  const engine = world.engine({ tokens });
  const query = startOf("SELECT City, Points FROM Members WHERE City = 'marker-7f3a'", columns);
  const { ref } = await engine.start(query);
  world.faults({ kind: 'truncated', at: 'rowset', times: 9 }, { kind: 'wrong_unit', at: 'validate', times: 9 });
  const failures = await Promise.all([
    failureOf(engine.page({ ref, columns, cursor: null, limit: 5 })),
    failureOf(engine.validate({ sql })),
  ]);
  world.simulator.world.faults = [];
  const shown = inspect({ failures, notes: query.notes, current: await tokens.current() }, { depth: 9 });
  const { clientSecret } = world.simulator.packages.server;
  for (const secret of [...world.simulator.world.access.keys(), clientSecret ?? 'none', 'marker-7f3a'])
    expect(shown).not.toContain(secret);
  await engine.cleanup(ref);
});

test('a budget of calls is asked for each call, also for those made again', async () => {
  let calls = 0;
  world.faults({ kind: 'soap_throttled', at: 'Create DataExtension', times: 2 });
  await survives({ slot: (work) => (calls++, work()) });
  expect(calls).toBeGreaterThanOrEqual(
    [...world.simulator.world.calls]
      .filter(([at]) => !at.includes('/auth/'))
      .reduce((sum, [, count]) => sum + count, 0),
  );
});

test('many runs at once are each started once and leave nothing', async () => {
  world.faults(
    { kind: 'reset_after', at: 'Create', times: 4, after: 5 },
    { kind: 'reset_after', at: 'Perform', times: 2, after: 3 },
    { kind: 'rate_limited', at: 'rowset', times: 5, retryAfter: '1' },
    { kind: 'query_fails', times: 3 },
  );
  const engine = world.engine();
  const ends = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const query = startOf(sql, columns);
      const { ref } = await engine.start(query);
      // In real time: the waits of twelve would make the simulated clock run away.
      const end = await pollToEnd({ ...world, sleep: () => delay(50) }, ref, engine);
      expect((await engine.cleanup(end.ref)).left).toEqual([]);
      expect(performsOf(query.runId)).toBe(1);
      return end.state;
    }),
  );
  expect(ends.filter((state) => state === 'failed')).toHaveLength(3);
  expect(world.assets()).toEqual({ extensions: 0, queries: 0 });
});
