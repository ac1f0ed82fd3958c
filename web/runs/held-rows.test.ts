// @vitest-environment jsdom
import { renderHook } from '@testing-library/react';
import { expect, test } from 'vitest';
import { holdRows, useHeldRows } from './held-rows.ts';

const idOf = (row: string) => row.slice(0, 1);
const kept = (...rows: string[]) => ({ ids: rows.map(idOf), last: new Map(rows.map((row) => [idOf(row), row])) });

test('new rows at the head wait and are counted; rows that are shown change in place', () => {
  expect(holdRows(['d', 'c', 'a2', 'b2'], idOf, kept('a', 'b'))).toEqual({ shown: ['a2', 'b2'], waiting: 2 });
});

test('the next page, at the tail, is shown at once', () => {
  expect(holdRows(['c', 'a', 'b', 'x', 'y'], idOf, kept('a', 'b'))).toEqual({
    shown: ['a', 'b', 'x', 'y'],
    waiting: 1,
  });
});

test('a row that left the list stays as it was last seen until the list is let go', () => {
  expect(holdRows(['b2'], idOf, kept('a', 'b', 'c'))).toEqual({ shown: ['a', 'b2', 'c'], waiting: 0 });
});

test('the same rows are the same list, so that nothing behind it is made anew; let go, what waited is in it', () => {
  const first = ['b', 'a'];
  const { result, rerender } = renderHook(({ rows, isHeld }) => useHeldRows(rows, idOf, isHeld, 'all'), {
    initialProps: { rows: first, isHeld: false },
  });
  expect(result.current.shown).toBe(first);
  rerender({ rows: first, isHeld: true });
  expect(result.current.shown).toBe(first);
  const second = ['c', 'b', 'a'];
  rerender({ rows: second, isHeld: true });
  const held = result.current;
  expect(held).toEqual({ shown: ['b', 'a'], waiting: 1 });
  rerender({ rows: second, isHeld: true });
  expect(result.current).toBe(held);
  rerender({ rows: second, isHeld: false });
  expect(result.current).toEqual({ shown: second, waiting: 0 });
});
