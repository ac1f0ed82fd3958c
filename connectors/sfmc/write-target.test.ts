import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { RunRef, SchemaColumn, WriteTarget } from '#contracts/queries/engine.ts';
import { failureOf } from '#tests/kit/query-failure.ts';
import { SfmcCalls } from './calls.ts';
import { type SfmcWorld, ask, numberColumn, pollToEnd, sfmcWorld, startOf, textColumn } from './fixtures/world.ts';
import { createResultExtension, ensureFolder } from './objects.ts';
import { countRows, readRowset, rowsetPath } from './rest.ts';
import { keyOfRun } from './run-state.ts';

let world: SfmcWorld;
let calls: SfmcCalls;
let folderId: number;
beforeAll(async () => {
  world = await sfmcWorld();
  calls = new SfmcCalls({ ask, tokens: world.tokensOf() });
  folderId = await ensureFolder(calls, { name: 'Audiences', key: 'audiences' });
});
afterAll(() => world.stop());
beforeEach(() => {
  world.simulator.world.faults = [];
});

const columns = [textColumn('SubscriberKey', 50), textColumn('City', 80), numberColumn('Points')];
const keyField: SchemaColumn = { ...textColumn('subscriberkey', 50), isKey: true, isRequired: true };
const sql = (points: number) => `SELECT SubscriberKey, City, Points FROM Members WHERE Points < ${points}`;
let made = 0;

/** A data extension of somebody's with a key, and a run whose rows are ready. */
async function ready(
  points: number,
  fields: SchemaColumn[] = [keyField, textColumn('City', 80), numberColumn('Points')],
) {
  const key = `AUDIENCE${++made}`;
  await createResultExtension(calls, { key, folderId, columns: fields });
  const engine = world.engine({
    sleep: (ms: number) => world.sleep(ms).then(() => new Promise((done) => setTimeout(done, 5))),
  });
  const run = async (below: number) => {
    const start = startOf(sql(below), columns);
    const { ref } = await engine.start(start);
    const end = await pollToEnd(world, ref, engine);
    return { ref: end.ref, rows: end.rowCount ?? 0, runId: start.runId };
  };
  const { targets } = engine;
  if (!targets) throw new Error('This engine writes into targets.');
  const notes: RunRef[] = [];
  const write = async (of: { ref: RunRef }, more: Partial<WriteTarget> = {}) =>
    targets.write({
      ref: notes.at(-1)?.runId === of.ref.runId ? (notes.at(-1) ?? of.ref) : of.ref,
      columns,
      target: await targets.describe(key),
      mode: 'overwrite',
      index: 0,
      mayWrite: () => undefined,
      note: (ref) => void notes.push(ref),
      ...more,
    });
  const clean = async (of: { ref: RunRef }) =>
    engine.cleanup(notes.findLast(({ runId }) => runId === of.ref.runId) ?? of.ref);
  return {
    key,
    engine,
    targets,
    run,
    first: await run(points),
    write,
    clean,
    notes,
    count: () => countRows(calls, key),
  };
}
const performsOf = (runId: string, letter: string) =>
  world.simulator.world.performs.get(`${keyOfRun(runId)}${letter}`) ?? 0;

test('rows are copied by the service itself, by way of a copy with the fields of the target, and nothing is left beside it', async () => {
  const { first, write, clean, count, key, notes } = await ready(500);
  expect(first.rows).toBeGreaterThan(10);
  expect(await write(first)).toEqual({ rows: first.rows, total: first.rows });
  expect(await count()).toBe(first.rows);
  const page = await readRowset(calls, rowsetPath(key, 5), columns);
  expect(page.rows[0]).toEqual([expect.stringMatching(/^sub-/), expect.any(String), expect.stringMatching(/^\d+$/)]);
  // What was made is on record before it is there, and goes with the run.
  expect(notes[0]?.parts).toMatchObject({ copies: 'gh', writePhase: 'new' });
  expect(JSON.stringify(notes)).not.toMatch(/SELECT|sub-0/);
  const { left } = await clean(first);
  expect(left).toEqual([]);
  const own = [...world.simulator.world.extensions.values()].filter(({ key: of }) => of.startsWith('QC_'));
  expect([own, world.simulator.world.queries.size]).toEqual([[], 0]);
});

test('overwrite replaces, append adds, update changes by primary key', async () => {
  const { first, run, write, clean, count } = await ready(500);
  await write(first);
  const fewer = await run(200);
  expect(fewer.rows).toBeLessThan(first.rows);
  expect(await write(fewer)).toEqual({ rows: fewer.rows, total: fewer.rows });
  expect((await write(first, { mode: 'update' })).total).toBe(first.rows);
  expect(await count()).toBe(first.rows);
  await clean(first);
  await clean(fewer);
  const plain = await ready(200, [textColumn('SubscriberKey', 50), textColumn('City', 80), numberColumn('Points')]);
  await plain.write(plain.first);
  expect(await plain.write(await plain.run(200), { mode: 'append' })).toMatchObject({ total: 2 * plain.first.rows });
  await plain.clean(plain.first);
});

test('what the target would refuse is refused by the copy: the target is not touched', async () => {
  // Many members live in one city, so that it cannot be a primary key.
  const cities: SchemaColumn = { ...textColumn('City', 80), isKey: true, isRequired: true };
  const { first, write, count } = await ready(500, [cities, numberColumn('Points'), textColumn('SubscriberKey', 50)]);
  expect(await failureOf(write(first))).toMatchObject({
    code: 'target_refused',
    retryable: false,
    message: expect.stringContaining('Nothing was written'),
  });
  expect(performsOf(first.runId, 'g')).toBe(1);
  expect(performsOf(first.runId, 'h')).toBe(0);
  expect(await count()).toBe(0);
});

test('a service that fails while it overwrites may be asked again: the same copy is written until it is whole', async () => {
  const { first, run, write, count } = await ready(500);
  await write(first);
  const second = await run(400);
  let asked = 0;
  const notes: RunRef[] = [];
  const failing = write(second, {
    note: (ref) => {
      notes.push(ref);
      // The fault is for the step after the copy.
      if (ref.parts['writePhase'] === 'write_starting' && asked++ === 0) world.faults({ kind: 'query_fails_midway' });
    },
  });
  expect(await failureOf(failing)).toMatchObject({
    code: 'write_failed',
    retryable: true,
    message: expect.stringContaining('half filled'),
  });
  expect(await count()).toBeLessThan(second.rows);
  expect(await write({ ref: notes.at(-1) ?? second.ref })).toMatchObject({ rows: second.rows, total: second.rows });
  expect([performsOf(second.runId, 'g'), performsOf(second.runId, 'h')]).toEqual([1, 2]);
});

test('rows are never appended twice: a start whose answer was lost is met, and a failure is told', async () => {
  const { first, write, count, notes } = await ready(300, [
    textColumn('SubscriberKey', 50),
    numberColumn('Points'),
    textColumn('City', 80),
  ]);
  const keep = (ref: RunRef) => {
    notes.push(ref);
    if (ref.parts['writePhase'] === 'write_starting') world.faults({ kind: 'reset_after', at: 'Perform' });
  };
  await write(first, { mode: 'append', note: keep });
  expect(await count()).toBe(first.rows);
  expect(performsOf(first.runId, 'h')).toBe(1);
  // Whoever comes after a worker that died while it waited takes up what runs.
  const started = notes.findLast(({ parts }) => parts['writePhase'] === 'write_started');
  if (!started) throw new Error('The start was noted.');
  expect((await write({ ref: started }, { mode: 'append' })).rows).toBe(first.rows);
  expect(performsOf(first.runId, 'h')).toBe(1);
});

test('nothing is made where the count is not allowed, and a target that is not there is told', async () => {
  const { first, write, targets, count } = await ready(300);
  const refuse = () => {
    throw new Error('too many');
  };
  await expect(write(first, { mayWrite: refuse })).rejects.toThrow('too many');
  expect(performsOf(first.runId, 'g')).toBe(0);
  expect(await count()).toBe(0);
  expect(await failureOf(targets.describe('NO_SUCH'))).toMatchObject({ code: 'target_unknown' });
});

test('what a write left is swept with its run, and stays while the run is open', async () => {
  const { first, engine, write } = await ready(300);
  await write(first);
  const own = () =>
    [...world.simulator.world.extensions.values(), ...world.simulator.world.queries.values()].filter(({ key }) =>
      key.startsWith(keyOfRun(first.runId)),
    ).length;
  // The result and its copy; the queries of the run, of the copy and of the target.
  expect(own()).toBe(5);
  await engine.sweep({ olderThanMs: 0, keepRunIds: [first.runId] });
  expect(own()).toBe(5);
  await engine.sweep({ olderThanMs: 0, keepRunIds: [] });
  expect(own()).toBe(0);
});
