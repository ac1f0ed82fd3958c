import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Cell, QueryColumn } from '#contracts/queries/engine.ts';
import { filterRows, type ColumnFilter } from './filter.ts';
import { Find } from './find.ts';
import { ResultTable } from './result-table.ts';
import { sortRows } from './sort.ts';
import { rankTexts, type TextOrder } from './text-order.ts';

const table = (columns: readonly (readonly [string, QueryColumn['type']])[], rows: readonly Cell[][]): ResultTable => {
  const made = new ResultTable(columns.map(([name, type]) => ({ name, type })));
  made.append(rows);
  return made;
};
const sorted = (
  type: QueryColumn['type'],
  cells: readonly Cell[],
  isDescending = false,
  textOrder: TextOrder = 'language',
) => {
  const made = table([['a', type]], cells.map((cell) => [cell])); // prettier-ignore
  return Array.from(sortRows(made, null, [{ column: 0, isDescending }], { textOrder }), (row) => made.text(row, 0));
};

test('numbers sort by value, nulls last in both directions, what is no number after all numbers', () => {
  const cells = ['10', null, '9', '-1.5', 'NaN', '0', '1e3', '-0'];
  expect(sorted('decimal', cells)).toEqual(['-1.5', '0', '-0', '9', '10', '1e3', 'NaN', null]);
  expect(sorted('decimal', cells, true)).toEqual(['NaN', '1e3', '10', '9', '0', '-0', '-1.5', null]);
});

test('numbers sort to their last digit, also where a double cannot tell them apart', () => {
  const cells = ['9007199254740993', '9007199254740992', null, '9007199254740994', '5'];
  expect(sorted('integer', cells)).toEqual(['5', '9007199254740992', '9007199254740993', '9007199254740994', null]);
  expect(sorted('integer', cells, true)).toEqual([
    '9007199254740994',
    '9007199254740993',
    '9007199254740992',
    '5',
    null,
  ]);
});

test('instants sort by the moment, not by how it is written', () => {
  expect(
    sorted('timestamp', ['2026-01-01T00:00:00+02:00', '2025-12-31T22:30:00Z', '2025-12-31 21:59:59.999999']),
  ).toEqual(['2025-12-31 21:59:59.999999', '2026-01-01T00:00:00+02:00', '2025-12-31T22:30:00Z']);
});

test('texts sort as the language does or by their codes; empty before all others, null after', () => {
  const cells = ['b', 'Ä', null, 'a', 'B', '', 'z', 'é', 'e'];
  expect(sorted('text', cells)).toEqual(['', 'a', 'Ä', 'b', 'B', 'e', 'é', 'z', null]);
  expect(sorted('text', cells, false, 'codes')).toEqual(['', 'B', 'a', 'b', 'e', 'z', 'Ä', 'é', null]);
});

test('the order of any texts is the one that comparing them pair by pair gives', () => {
  const collator = new Intl.Collator('en');
  const text = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.stringMatching(/^(aa?|b|A|_| ){0,14}$/),
    fc.string({ unit: 'grapheme' }),
  );
  const compareOf = (order: TextOrder) => (a: string, b: string) =>
    order === 'language' ? collator.compare(a, b) : a < b ? -1 : a > b ? 1 : 0;
  for (const order of ['language', 'codes'] as const) {
    fc.assert(
      fc.property(fc.uniqueArray(text, { minLength: 1, maxLength: 120 }), (texts) => {
        const ranks = rankTexts(['', ...texts], order);
        for (let at = 1; at < texts.length; at += 1) {
          const sign = Math.sign((ranks[at] ?? 0) - (ranks[at + 1] ?? 0));
          expect(sign).toBe(Math.sign(compareOf(order)(texts[at - 1] ?? '', texts[at] ?? '')));
        }
      }),
      { numRuns: 60 },
    );
  }
});

test('several columns: the first counts most, and equal rows keep their order', () => {
  const rows = [['b', '1', 'x'], ['a', '2', 'y'], ['b', '1', 'z'], ['a', '3', 'w'], ['b', null, 'v']]; // prettier-ignore
  const made = table([['t', 'text'], ['n', 'integer'], ['k', 'text']], rows); // prettier-ignore
  const order = sortRows(made, null, [
    { column: 0, isDescending: false },
    { column: 1, isDescending: true },
  ]);
  expect(Array.from(order, (row) => made.text(row, 2)).join('')).toBe('wyxzv');
});

test('a sort of what passed a filter keeps to those rows', () => {
  const made = table([['n', 'integer']], ['3', '1', '2', '5'].map((cell) => [cell])); // prettier-ignore
  const rows = filterRows(made, [{ column: 0, test: 'less', values: ['4'] }]);
  expect([...sortRows(made, rows, [{ column: 0, isDescending: false }])]).toEqual([1, 2, 0]);
});

const passing = (type: QueryColumn['type'], cells: readonly Cell[], filter: Omit<ColumnFilter, 'column'>): Cell[] => {
  const made = table([['a', type]], cells.map((cell) => [cell])); // prettier-ignore
  return Array.from(filterRows(made, [{ column: 0, ...filter }]) ?? [], (row) => made.text(row, 0));
};
test('filters of text: case does not count for "contains", null and empty are told apart', () => {
  const cells = ['Gold', 'gold', '', null, 'Old'];
  expect(passing('text', cells, { test: 'contains', values: ['OLD'] })).toEqual(['Gold', 'gold', 'Old']);
  expect(passing('text', cells, { test: 'lacks', values: ['g'] })).toEqual(['', null, 'Old']);
  expect(passing('text', cells, { test: 'equals', values: ['gold'] })).toEqual(['gold']);
  expect(passing('text', cells, { test: 'isNull', values: [] })).toEqual([null]);
  expect(passing('text', cells, { test: 'isEmpty', values: [] })).toEqual(['']);
  expect(passing('text', cells, { test: 'notEmpty', values: [] })).toEqual(['Gold', 'gold', 'Old']);
  expect(passing('text', cells, { test: 'oneOf', values: ['Old', null] })).toEqual([null, 'Old']);
});
test('filters of numbers and instants compare by value, to the last digit', () => {
  const cells = ['1.5', '1.50', '2', null, 'NaN', '9007199254740993', '9007199254740992'];
  expect(passing('decimal', cells, { test: 'equals', values: ['1.5'] })).toEqual(['1.5', '1.50']);
  expect(passing('decimal', cells, { test: 'equals', values: ['9007199254740993'] })).toEqual(['9007199254740993']);
  expect(passing('decimal', cells, { test: 'more', values: ['9007199254740992'] })).toEqual(['9007199254740993']);
  expect(passing('decimal', cells, { test: 'less', values: ['2'] })).toEqual(['1.5', '1.50']);
  expect(passing('decimal', cells, { test: 'equals', values: ['NaN'] })).toEqual(['NaN']);
  expect(passing('decimal', cells, { test: 'oneOf', values: ['2', null] })).toEqual(['2', null]);
  const days = ['2026-11-18T10:00:00Z', '2026-11-18T12:00:00+02:00', '2026-11-19T00:00:00Z'];
  expect(passing('timestamp', days, { test: 'less', values: ['2026-11-18 11:00:00'] })).toEqual(days.slice(0, 2));
});

test('a text is found in the cells shown, in reading order; numbers with or without commas', () => {
  const made = table([['t', 'text'], ['n', 'integer']], [['12,345 x', '1'], ['no', '12345'], [null, '5']]); // prettier-ignore
  const find = (needle: string, columns = [0, 1]) => {
    const found = new Find(made, null, columns, needle);
    while (!found.step());
    return found.matches;
  };
  expect(find('12,345')).toEqual([0, 3]);
  expect(find('X')).toEqual([0]);
  expect(find('12345', [1, 0])).toEqual([2]);
  expect(find('nowhere')).toEqual([]);
});
