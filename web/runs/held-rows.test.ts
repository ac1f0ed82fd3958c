import { expect, test } from 'vitest';
import { holdRows } from './held-rows.ts';

const idOf = (row: string) => row.slice(0, 1);

test('new rows at the head wait and are counted; rows that are shown change in place', () => {
  expect(holdRows(['d', 'c', 'a2', 'b2'], idOf, ['a', 'b'])).toEqual({ shown: ['a2', 'b2'], waiting: 2 });
});

test('the next page, at the tail, is shown at once', () => {
  expect(holdRows(['c', 'a', 'b', 'x', 'y'], idOf, ['a', 'b'])).toEqual({ shown: ['a', 'b', 'x', 'y'], waiting: 1 });
});

test('a row that is gone leaves', () => {
  expect(holdRows(['b'], idOf, ['a', 'b'])).toEqual({ shown: ['b'], waiting: 0 });
});
