import { expect, test } from 'vitest';
import type { QueryColumn } from '#contracts/queries/engine.ts';
import { makeGridEngine } from './grid-engine.ts';

const columns: readonly QueryColumn[] = [
  { name: 'city', type: 'text' },
  { name: 'impressions', type: 'integer' },
  { name: 'cost', type: 'decimal' },
  { name: 'campaign_id', type: 'integer' },
];
const flags: readonly QueryColumn[] = [
  { name: 'windlass_filtered', type: 'boolean' },
  { name: 'windlass_users', type: 'integer' },
];

test('after a run it is told how much of each number stands in rows whose parts privacy hides, the largest first', () => {
  const engine = makeGridEngine();
  engine.open(1, [...columns, ...flags]);
  engine.append(1, [['a', '60', '9.5', '1', 'false', '100']]);
  const state = engine.append(1, [
    [null, '40', '0.5', '2', 'true', '97'],
    ['b', null, null, '3', 'false', '2'],
  ]);
  expect(state).toMatchObject({
    hiddenByPrivacy: 1,
    hiddenShares: [
      { column: 'impressions', share: 0.4 },
      { column: 'cost', share: 0.05 },
    ],
  });
});

test('where nothing is hidden, or the service does not tell, no share is named', () => {
  const engine = makeGridEngine();
  engine.open(1, [...columns, ...flags]);
  expect(engine.append(1, [['a', '60', '9.5', '1', 'false', '100']])).toMatchObject({
    hiddenByPrivacy: 0,
    hiddenShares: [],
  });
  engine.open(2, columns);
  expect(engine.append(2, [['a', '60', '9.5', '1']])).toMatchObject({ hiddenByPrivacy: null, hiddenShares: [] });
});
