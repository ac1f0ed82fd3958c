import { expect, test } from 'vitest';
import { compareSteps, compareValues } from './compare.ts';
import { aStep } from './sample-run.ts';

test('values are compared by their path, and those that differ come first', () => {
  expect(compareValues({ same: 1, deep: { x: 'a' }, gone: [1] }, { same: 1, deep: { x: 'b' }, came: true })).toEqual([
    { path: 'deep.x', a: 'a', b: 'b' },
    { path: 'gone', a: '[1]', b: null },
    { path: 'came', a: null, b: 'true' },
    { path: 'same', a: '1', b: '1' },
  ]);
  expect(compareValues(null, undefined)).toEqual([]);
});

test('steps stand side by side; what only one run has stays in its place', () => {
  const at = (address: string, position: number, endedAt: string | null = '2026-11-20T14:00:10Z') =>
    aStep(address, { position, startedAt: '2026-11-20T14:00:00Z', endedAt });
  const rows = compareSteps(
    { steps: [at('copy', 1), at('reload', 3, null), at('check', 2)] },
    { steps: [at('copy', 1, '2026-11-20T14:00:25Z'), at('warm', 2), at('reload', 3)] },
  );
  expect(rows.map(({ address, a, b, differenceMs }) => [address, a?.ms, b?.ms, differenceMs])).toEqual([
    ['copy', 10_000, 25_000, 15_000],
    ['warm', undefined, 10_000, null],
    ['check', 10_000, undefined, null],
    ['reload', null, 10_000, null],
  ]);
});
