import { expect, test } from 'vitest';
import { ganttRows } from './gantt-rows.ts';
import { hostTiles } from './host-tiles.ts';
import { aHost as host, aStep as step } from './sample-run.ts';

const now = Date.parse('2026-11-20T14:10:00Z');

test('each attempt of a step is a bar of its own', () => {
  const attempts = [1, 2, 3].map((attempt) => ({
    attempt,
    status: attempt === 3 ? ('succeeded' as const) : ('failed' as const),
    startedAt: `2026-11-20T14:00:0${attempt}Z`,
    endedAt: `2026-11-20T14:00:0${attempt}Z`,
  }));
  const [row] = ganttRows(
    { steps: [step('a', { attempts })], hosts: [], strand: [], definition: null },
    new Set(),
    now,
  );
  expect(row?.bars.map(({ status }) => status)).toEqual(['failed', 'failed', 'succeeded']);
  expect(row?.note).toBe('1:15 · 3 attempts');
});

test('what is inside a step is folded where all went well, and shown where it did not', () => {
  const steps = [
    step('good', { position: 1 }),
    step('good.x', { parent: 'good' }),
    step('bad', { position: 2, status: 'failed' }),
    step('bad.x', { parent: 'bad', status: 'failed' }),
  ];
  const rows = ganttRows({ steps, hosts: [], strand: [], definition: null }, new Set(), now);
  expect(rows.map(({ id, index }) => `${index ?? ''} ${id}`)).toEqual(['1 good', '2 bad', ' bad.x']);
  expect(
    ganttRows({ steps, hosts: [], strand: [], definition: null }, new Set(['good', 'bad']), now).map(({ id }) => id),
  ).toEqual(['good', 'good.x', 'bad']);
});

test('a host shows the gravest of what its steps came to', () => {
  const tiles = hostTiles({
    steps: [step('a', { position: 1 }), step('b', { position: 2 })],
    hosts: [
      host('b', 'web-1', { status: 'failed', exitCode: 28, attempt: 3 }),
      host('a', 'web-1'),
      host('a', 'web-2'),
      host('b', 'web-2', { status: 'pending', startedAt: null, endedAt: null }),
    ],
  });
  expect(tiles[0]).toMatchObject({
    host: 'web-1',
    status: 'failed',
    note: 'exit 28 · 3 tries',
    segments: [{ id: 'a' }, { id: 'b' }],
  });
  expect(tiles[1]).toMatchObject({ host: 'web-2', status: 'running', endedAt: null });
});

test('what the run has not reached yet stands at the end, by its name', () => {
  const strand = [
    { id: 'a', status: 'running' as const },
    { id: 'b', status: 'pending' as const },
  ];
  const rows = ganttRows(
    {
      steps: [step('a', { status: 'running', endedAt: null })],
      hosts: [],
      strand,
      definition: { steps: [{ id: 'a' }, { id: 'b', name: 'Tell #ops' }] },
    },
    new Set(),
    now,
  );
  expect(rows.map(({ index, name, status }) => [index, name, status])).toEqual([
    ['1', 'a', 'running'],
    ['2', 'Tell #ops', 'pending'],
  ]);
});

test('narrowed to a host, only the steps that touch it are there, with its own times', () => {
  const run = {
    steps: [step('batch', { position: 1 }), step('batch.copy', { parent: 'batch' }), step('mail', { position: 2 })],
    hosts: [
      host('batch.copy', 'web-1', { startedAt: '2026-11-20T14:00:05Z', status: 'failed' }),
      host('batch.copy', 'web-2'),
    ],
    strand: [{ id: 'later', status: 'pending' as const }],
    definition: null,
  };
  const rows = ganttRows(run, new Set(['batch']), now, 'web-1');
  expect(rows.map(({ id, status }) => [id, status])).toEqual([
    ['batch', 'succeeded'],
    ['batch.copy', 'failed'],
  ]);
  expect(rows[1]?.bars).toMatchObject([{ from: Date.parse('2026-11-20T14:00:05Z'), status: 'failed' }]);
});

test('a wait for people is drawn as work only while it stands', () => {
  const bar = (status: 'waiting' | 'succeeded') =>
    ganttRows(
      { steps: [step('ask', { kind: 'approve', status })], hosts: [], strand: [], definition: null },
      new Set(),
      now,
    )[0]?.bars[0]?.isTimer;
  expect([bar('waiting'), bar('succeeded')]).toEqual([false, true]);
});
