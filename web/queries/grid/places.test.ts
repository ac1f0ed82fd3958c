import { expect, test } from 'vitest';
import type { QueryColumn } from '#contracts/queries/engine.ts';
import { drawnText, groupDigits } from './cell-text.ts';
import { changeColumns, columnsInView, firstColumns, layoutOf, type ColumnAct } from './column-layout.ts';
import { prettyJson } from './cell-inspector.tsx';
import { MOST_PIXELS, placeAfter, placeAt, scaleOf } from './scroll-scale.ts';
import { moveSelection, onlyCell, rangeOf } from './selection.ts';

test('a list that a browser can scroll is scrolled as it is', () => {
  const scale = scaleOf(27_000, 500);
  expect(scale.height).toBe(27_000);
  expect(placeAfter(scale, { top: 0, scrollTop: 0 }, 300)).toEqual({ top: 300, scrollTop: 300 });
  expect(placeAt(scale, 99_999)).toEqual({ top: 26_500, scrollTop: 26_500 });
});
test('a longer list fits into the range: a wheel moves it pixel by pixel, a leap by its share, and both ends are reached', () => {
  const scale = scaleOf(270_000_000, 500);
  expect(scale.height).toBe(MOST_PIXELS);
  const middle = placeAt(scale, 135_000_000);
  expect(placeAfter(scale, middle, middle.scrollTop + 40).top - middle.top).toBe(40);
  expect(placeAfter(scale, middle, MOST_PIXELS - 500).top).toBe(270_000_000 - 500);
  expect(placeAfter(scale, middle, 0).top).toBe(0);
  // Wheeled up from far down without a rest: the range would end before the list does, so the browser is set back.
  const after = placeAfter(scale, { top: 1_000_000, scrollTop: 300 }, 0);
  expect(after.top).toBe(999_700);
  expect(after.scrollTop).toBeGreaterThan(400_000);
  let place = placeAt(scale, 9_000);
  expect(place.scrollTop).toBe(9_000);
  for (let wheel = 0; wheel < 100 && place.top > 0; wheel += 1)
    place = placeAfter(scale, place, Math.max(0, place.scrollTop - 100));
  expect(place).toEqual({ top: 0, scrollTop: 0 });
});

const columns: QueryColumn[] = [
  { name: 'a', type: 'text' },
  { name: 'b', type: 'integer' },
  { name: 'windlass_filtered', type: 'boolean' },
  { name: 'c', type: 'json' },
];
const after = (...acts: ColumnAct[]) => layoutOf(acts.reduce(changeColumns, firstColumns(columns))).columns;
test('columns move, hide and are pinned; pinned ones stay first, marks of privacy are no columns', () => {
  expect(after()).toEqual([0, 1, 3]);
  expect(after({ do: 'move', column: 3, to: 0 })).toEqual([3, 0, 1]);
  expect(after({ do: 'pin', column: 3 })).toEqual([3, 0, 1]);
  expect(after({ do: 'pin', column: 3 }, { do: 'move', column: 1, to: 0 })).toEqual([3, 1, 0]);
  expect(after({ do: 'hide', column: 0 }, { do: 'move', column: 3, to: 0 }, { do: 'show', column: 0 })).toEqual([
    3, 1, 0,
  ]);
  expect(after({ do: 'hide', column: 0 }, { do: 'showAll', columns })).toEqual([0, 1, 3]);
});
test('only columns in view are drawn, one more to either side', () => {
  const layout = { columns: [0, 1, 2, 3, 4, 5, 6, 7], pinned: 1, lefts: [0, 100, 200, 300, 400, 500, 600, 700, 800] };
  expect(columnsInView(layout, 0, 350)).toEqual([1, 5]);
  expect(columnsInView(layout, 250, 350)).toEqual([2, 7]);
  expect(columnsInView(layout, 450, 350)).toEqual([4, 8]);
});

test('keys move and extend the selection within the rows, and into the head', () => {
  const bounds = { rows: 1_000, columns: 5, page: 20 };
  const at = (row: number, column: number) => onlyCell({ row, column });
  const press = (from: ReturnType<typeof at>, key: string, { shift = false, mod = false } = {}) =>
    moveSelection(from, { key, shift, mod }, bounds)?.end;
  expect(press(at(0, 0), 'ArrowUp')).toEqual({ row: -1, column: 0 });
  expect(press(at(0, 0), 'ArrowUp', { shift: true })).toEqual({ row: 0, column: 0 });
  expect(press(at(5, 2), 'ArrowDown', { mod: true })).toEqual({ row: 999, column: 2 });
  expect(press(at(5, 2), 'ArrowRight', { mod: true })).toEqual({ row: 5, column: 4 });
  expect(press(at(5, 2), 'PageDown')).toEqual({ row: 25, column: 2 });
  expect(press(at(995, 2), 'PageDown')).toEqual({ row: 999, column: 2 });
  expect(press(at(5, 2), 'Home', { mod: true })).toEqual({ row: 0, column: 0 });
  expect(press(at(5, 2), 'End')).toEqual({ row: 5, column: 4 });
  expect(press(at(5, 2), 'x')).toBeUndefined();
  const extended = moveSelection(at(5, 2), { key: 'ArrowUp', shift: true, mod: false }, bounds);
  expect(extended && rangeOf(extended)).toEqual({ fromRow: 4, toRow: 6, fromColumn: 2, toColumn: 3 });
  const all = moveSelection(at(5, 2), { key: 'a', shift: false, mod: true }, bounds);
  expect(all && rangeOf(all)).toEqual({ fromRow: 0, toRow: 1_000, fromColumn: 0, toColumn: 5 });
  expect(rangeOf(at(-1, 0))).toBeNull();
});

test('numbers are drawn in groups with every digit, instants with a space, breaks as signs', () => {
  expect(groupDigits('-12345678901234567890.123456')).toBe('-12,345,678,901,234,567,890.123456');
  expect(groupDigits('123')).toBe('123');
  expect(groupDigits('1e10')).toBe('1e10');
  expect(drawnText('2026-11-18T11:22:56Z', 'timestamp', true)).toBe('2026-11-18 11:22:56Z');
  expect(drawnText('a\r\nb\tc', 'text', true)).toBe('a ↵ b ⇥ c');
  expect(drawnText(null, 'text', true)).toBe('null');
});
test('JSON is put in order without touching its numbers or texts', () => {
  expect(prettyJson('{"a":[1.10,{}],"b":"x{,\\"y","c":12345678901234567890}')).toBe(
    '{\n  "a": [\n    1.10,\n    {}\n  ],\n  "b": "x{,\\"y",\n  "c": 12345678901234567890\n}',
  );
  expect(prettyJson('{no')).toBeNull();
  expect(prettyJson('plain')).toBeNull();
});
