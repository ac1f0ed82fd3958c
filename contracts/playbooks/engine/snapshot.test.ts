import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Playbook, Step } from '../document.ts';
import { validatePlaybook } from '../validate.ts';
import { replacing } from './virtual/replacing.ts';
import { runVirtually, type VirtualCase, type VirtualResult } from './virtual/run-virtually.ts';

const book = (steps: readonly object[], more: Partial<Playbook> = {}): Playbook => ({
  name: 'X',
  steps: steps as readonly Step[],
  ...more,
});
const set = (id: string, more: object = {}) => ({ id, kind: 'set', values: { x: 1 }, ...more });
const get = (id: string, more: object = {}) => ({
  id,
  kind: 'http',
  method: 'GET',
  url: 'https://x.example.com',
  ...more,
});

/** What must not depend on pauses: everything but times and the order of what runs side by side. */
const essence = ({ status, error, outputs, warnings, undo, steps, batches, rendered }: VirtualResult) => ({
  status,
  code: error?.code,
  step: error?.step,
  outputs,
  warnings,
  undo,
  steps: Object.fromEntries(
    Object.entries(steps).map(([address, { status, attempts, reason, undo }]) => [
      address,
      { status, attempts, reason, undo },
    ]),
  ),
  batches,
  rendered,
});

const folder = new URL('../vectors/', import.meta.url);
const cases = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .flatMap(
    (file) =>
      parse(readFileSync(new URL(file, folder), 'utf8')) as (VirtualCase & {
        name: string;
        expect: { valid?: boolean };
      })[],
  )
  .filter(
    ({ expect: { valid }, dryRun, definition }) =>
      valid !== false &&
      dryRun !== true &&
      validatePlaybook(definition).errors.every(({ code }) => code === 'playbook.unknown'),
  );

describe('a run that changes its engine before any instant ends as one that does not', () => {
  test.each(cases.map((one) => ({ name: one.name, one })))('$name', ({ one }) => {
    const plain = essence(runVirtually(one));
    for (const every of [1, 2, 3])
      expect(essence(runVirtually(one, { pauseAt: (instant) => instant % every === 0 }))).toEqual(plain);
  });
});

const definition = book(
  [
    set('top', { undo: [set('utop')] }),
    {
      id: 'e',
      kind: 'each',
      items: ['a', 'b', 'c', 'd', 'e', 'f'],
      as: 'name',
      parallel: 2,
      maxFailures: 1,
      steps: [
        get('call', {
          undo: [set('ucall', { values: { t: '${{ name + string(steps.call.output.n) + string(nameIndex) }}' } })],
        }),
        { id: 'w', kind: 'wait', for: '10m' },
        { id: 'ask', kind: 'approve', roles: ['owner'] },
        get('last', { retry: { attempts: 2, backoff: '3s' } }),
      ],
      collect: '${{ name + string(steps.call.output.n) }}',
    },
    { id: 'p', kind: 'parallel', timeout: '2h', branches: [[{ id: 'pw', kind: 'wait', for: '3h' }], [get('pc')]] },
  ],
  { outputs: { e: '${{ steps.e.output }}' } },
);
const mocks = {
  call: [{ output: { n: 7 }, delay: '2s' }],
  ask: [{ output: { decision: 'approved', by: ['ana'] }, delay: '1h' }],
  'e[2].last': [{ error: { code: 'http.unreachable' }, delay: '1s' }],
  'e[3].last': [{ error: { code: 'http.unreachable' } }, { output: {}, delay: '4s' }],
  pc: [{ output: {}, delay: '20s' }],
};
test('iterations, waits, questions, retries, timeouts and undo go on where they were', () => {
  const plain = runVirtually({ definition, mocks });
  expect(plain).toMatchObject({
    status: 'failed',
    error: { code: 'step.timed_out', step: 'p' },
    undo: { done: 7, failed: 0 },
  });
  for (const every of [1, 2, 5, 7]) {
    const paused = runVirtually({ definition, mocks }, { pauseAt: (instant) => instant % every === 0 });
    expect(essence(paused)).toEqual(essence(plain));
    expect(paused.elapsedMs).toBe(plain.elapsedMs);
    expect(paused.changes.filter(({ type }) => type === 'step.ended')).toHaveLength(
      plain.changes.filter(({ type }) => type === 'step.ended').length,
    );
    expect(paused.changes.filter(({ type }) => type === 'steps.skipped')).toEqual(
      plain.changes.filter(({ type }) => type === 'steps.skipped'),
    );
  }
});

test('no execution is ever numbered twice, also across a pause', () => {
  const seen: number[] = [];
  runVirtually(
    { definition, mocks },
    {
      pauseAt: (instant) => instant % 2 === 0,
      effects: replacing((inner) => ({
        http: (request, cancel) => {
          seen.push(request.execution);
          return inner.http(request, cancel);
        },
      })),
    },
  );
  expect(seen.length).toBeGreaterThan(10);
  expect(new Set(seen).size).toBe(seen.length);
});

test('iterations that have ended are not carried along', async () => {
  let size: Promise<number> | undefined;
  const items = Array.from({ length: 500 }, (_, index) => index);
  const result = runVirtually(
    {
      definition: book([
        { id: 'e', kind: 'each', items, parallel: 10, steps: [get('call')], collect: '${{ steps.call.output.n }}' },
      ]),
      mocks: { call: [{ output: { n: 1 }, delay: '1s' }] },
    },
    {
      at: {
        '40s': (engine) => void (size = engine.pause().then((snapshot) => Object.keys(snapshot?.steps ?? {}).length)),
      },
    },
  );
  expect(result).toMatchObject({ status: 'succeeded', elapsedMs: 50_000 });
  expect(await size).toBe(1);
});

test('a cancel lifts a pause that has not come to rest, and a run past its steps cannot be paused', async () => {
  let paused: Promise<unknown> | undefined;
  const result = runVirtually(
    {
      definition: book([
        {
          id: 'p',
          kind: 'parallel',
          branches: [[{ id: 'w', kind: 'wait', for: '1h' }], [get('g', { timeout: '1h' }), set('s')]],
        },
      ]),
      mocks: { g: [{ output: {}, delay: '30m' }] },
    },
    { at: { '1m': (engine) => void (paused = engine.pause()), '2m': (engine) => engine.cancel() } },
  );
  expect(result).toMatchObject({ status: 'canceled', elapsedMs: 120_000 });
  expect(await paused).toBeNull();
  let late: Promise<unknown> | undefined;
  runVirtually(
    { definition: book([set('a')], { finally: [{ id: 'w', kind: 'wait', for: '1m' } as Step] }) },
    { at: { '1s': (engine) => void (late = engine.pause()) } },
  );
  expect(await late).toBeNull();
});

test('a run is at ease while it only waits for time and people', () => {
  const seen: boolean[] = [];
  const look = (engine: { isAtEase: boolean }): void => void seen.push(engine.isAtEase);
  runVirtually(
    {
      definition: book([{ id: 'w', kind: 'wait', for: '10s' }, get('g', { timeout: '1h' })]),
      mocks: { g: [{ output: {}, delay: '1m' }] },
    },
    { at: { '5s': look, '15s': look } },
  );
  expect(seen).toEqual([true, false]);
});
