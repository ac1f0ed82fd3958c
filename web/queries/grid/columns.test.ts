import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Cell, ColumnType } from '#contracts/queries/engine.ts';
import { NumberColumn } from './number-column.ts';
import { ResultTable } from './result-table.ts';

const cellsOf = (type: ColumnType, cells: readonly Cell[]): Cell[] => {
  const table = new ResultTable([{ name: 'a', type }]);
  table.append(cells.map((cell) => [cell]));
  return cells.map((_, row) => table.text(row, 0));
};

test('every text comes back to the letter, whatever the column’s type: null stays null and empty stays empty', () => {
  const odd: Cell[] = [
    null, '', '0', '-0', '007', '1.50', '1.5', '.5', '5.', '1e5', 'NaN', 'infinity', '-127', '-128', '127', '128',
    '-2147483648', '12345678901234567890', '0.1234567890123456789', '99999.999999999', ' 1', '+1', 'true', 'false',
    'TRUE', '2026-11-18', '2026-02-30', '2026-11-18T11:22:56Z', '2026-11-18 11:22:56.123456+02', '2026-11-18 11:22',
    '2026-11-18T11:22:56.1-03:30', '2026-11-18T11:22:56.1234567Z', '0044-03-15', '2026-11-18T24:00:00Z', 'é', '\u0000',
  ]; // prettier-ignore
  for (const type of ['integer', 'decimal', 'boolean', 'date', 'timestamp', 'text', 'json'] as const)
    expect(cellsOf(type, odd), type).toEqual(odd);
});

test('numbers and texts by chance come back as they were', () => {
  const number = fc.oneof(
    fc.integer().map(String),
    fc.bigInt().map(String),
    fc.double({ noNaN: true }).map(String),
    fc.tuple(fc.integer(), fc.nat({ max: 9_999_999 })).map(([whole, fraction]) => `${whole}.${fraction}`),
  );
  fc.assert(
    fc.property(fc.array(fc.option(number)), (cells) => {
      expect(cellsOf('decimal', cells)).toEqual(cells);
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.option(fc.string())), (cells) => {
      expect(cellsOf('text', cells)).toEqual(cells);
    }),
  );
  const instant = fc.date({ min: new Date('1900-01-01'), max: new Date('2200-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(fc.array(instant.map((date) => date.toISOString())), (cells) => {
      expect(cellsOf('timestamp', cells)).toEqual(cells);
    }),
  );
});

test('whole numbers take the narrowest array that holds them, and nulls survive each widening', () => {
  const table = new ResultTable([{ name: 'a', type: 'integer' }]);
  const column = table.column(0);
  if (!(column instanceof NumberColumn)) throw new Error('no numbers');
  const widths: string[] = [];
  for (const cell of [null, '1', '-127', '128', '40000', '3000000000', '0.5']) {
    table.append([[cell]]);
    widths.push(column.values.constructor.name);
  }
  expect(widths).toEqual([
    'Int8Array', 'Int8Array', 'Int8Array', 'Int16Array', 'Int32Array', 'Float64Array', 'Float64Array',
  ]); // prettier-ignore
  expect(column.isNull(0)).toBe(true);
  expect([1, 2, 3, 4, 5, 6].map((row) => column.text(row))).toEqual(['1', '-127', '128', '40000', '3000000000', '0.5']);
});

test('a text that comes often is kept once', () => {
  const table = new ResultTable([{ name: 'a', type: 'text' }]);
  const rows = Array.from({ length: 70_000 }, (_, row) => [row % 2 ? `only ${row}` : 'often'] as const);
  table.append(rows);
  const column = table.column(0);
  if (column.kind !== 'text') throw new Error('no texts');
  expect(column.texts.length).toBe(35_002);
  expect(column.codes).toBeInstanceOf(Uint16Array);
  expect([0, 1, 69_999].map((row) => column.text(row))).toEqual(['often', 'only 1', 'only 69999']);
});

test('where the browser has no room the rows that are here stay as they are, and the page that did not fit can come again', () => {
  const table = new ResultTable([
    { name: 'a', type: 'integer' },
    { name: 'b', type: 'text' },
  ]);
  table.append([['1', 'x']]);
  const texts = table.column(1);
  const push = texts.push.bind(texts);
  texts.push = (cell) => {
    if (cell === 'z') throw new RangeError('Array buffer allocation failed');
    push(cell);
  };
  // A text that its number does not give back is kept beside it, and must not be met again.
  expect(() =>
    table.append([
      ['007', 'y'],
      ['3', 'z'],
    ]),
  ).toThrow('no room for more than 1 rows');
  expect([table.rowCount, table.text(0, 0), table.text(0, 1)]).toEqual([1, '1', 'x']);
  texts.push = push;
  table.append([
    ['2', 'y'],
    ['3', 'z'],
  ]);
  expect([1, 2].map((row) => [table.text(row, 0), table.text(row, 1)])).toEqual([
    ['2', 'y'],
    ['3', 'z'],
  ]);
});
