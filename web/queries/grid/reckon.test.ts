import { expect, test } from 'vitest';
import type { Cell, QueryColumn } from '#contracts/queries/engine.ts';
import { copyCells } from './copy.ts';
import { diffResults, driftOf } from './diff.ts';
import { selectionFigures } from './figures.ts';
import { groupRows } from './group.ts';
import { profileColumn } from './profile.ts';
import { ResultTable } from './result-table.ts';

const table = (columns: readonly (readonly [string, QueryColumn['type']])[], rows: readonly (readonly Cell[])[]) => {
  const made = new ResultTable(columns.map(([name, type]) => ({ name, type })));
  made.append(rows);
  return made;
};
const column = (type: QueryColumn['type'], cells: readonly Cell[]) => table([['a', type]], cells.map((cell) => [cell])); // prettier-ignore

test('a profile of numbers: nulls, different values, range, mean, quantiles, the most frequent', () => {
  const cells = [...Array.from({ length: 100 }, (_, at) => String(at + 1)), '7', '7', null, 'NaN'];
  expect(profileColumn(column('integer', cells), null, 0)).toMatchObject({
    rows: 104,
    nulls: 1,
    empty: 0,
    distinct: 101,
    isDistinctCapped: false,
    numbers: { count: 102, min: '1', max: '100', mean: (5050 + 14) / 102 },
  });
  const { numbers } = profileColumn(column('integer', cells), null, 0);
  expect(profileColumn(column('integer', cells), null, 0).top[0]).toEqual({ value: '7', count: 3 });
  expect(numbers?.quantiles.map(({ value }) => value)).toEqual(['6', '24', '50', '75', '95']);
  expect(numbers?.histogram.reduce((sum, { count }) => sum + count, 0)).toBe(102);
});
test('a profile of texts tells null from empty, and of the rows shown alone', () => {
  const made = column('text', ['a', 'a', '', null, 'long']);
  expect(profileColumn(made, null, 0)).toMatchObject({
    nulls: 1, empty: 1, distinct: 3, lengths: { least: 0, most: 4 }, numbers: null,
  }); // prettier-ignore
  expect(profileColumn(made, Uint32Array.of(0, 4), 0)).toMatchObject({ rows: 2, nulls: 0, distinct: 2, empty: 0 });
});
test('a profile says its range in the words of the column: days and instants', () => {
  expect(profileColumn(column('date', ['2026-01-02', '2025-01-02']), null, 0).numbers).toMatchObject({
    min: '2025-01-02', max: '2026-01-02', mean: null,
  }); // prettier-ignore
  const at = ['2026-01-02T10:00:00Z', '2026-01-02T09:00:00Z'];
  expect(profileColumn(column('timestamp', at), null, 0).numbers).toMatchObject({ min: at[1], max: at[0] });
});

test('rows grouped by month and by name, measured; null is a group, and what is cut is told', () => {
  const rows = [['2026-01-05', 'x', '1'], ['2026-01-31', 'y', '2'], ['2026-02-01', 'x', null], [null, null, '10']]; // prettier-ignore
  const made = table([['d', 'date'], ['t', 'text'], ['n', 'integer']], rows); // prettier-ignore
  const ask = { grain: 'month', measure: 'sum', of: 2, limit: 10 } as const;
  expect(groupRows(made, null, { ...ask, dimension: 0 }).groups).toEqual([
    { label: null, value: 10, rows: 1 },
    { label: '2026-01', value: 3, rows: 2 },
    { label: '2026-02', value: Number.NaN, rows: 1 },
  ]);
  expect(groupRows(made, null, { ...ask, dimension: 1, measure: 'count', limit: 2 })).toMatchObject({
    groups: [{ label: 'x', value: 2 }, { value: 1 }], total: 3, restRows: 1, isOrdered: false,
  }); // prettier-ignore
  expect(groupRows(made, null, { ...ask, dimension: 1, measure: 'average' }).groups[0]).toMatchObject({ value: 10 });
});

test('a sum is exact: tenths add up, and digits beyond a double count', () => {
  const figures = (cells: readonly Cell[]) =>
    selectionFigures(column('decimal', cells), null, { fromRow: 0, toRow: cells.length, columns: [0] });
  expect(figures(['0.1', '0.2', null])).toEqual({ cells: 3, nulls: 1, numbers: 2, sum: '0.3', average: '0.15' });
  expect(figures(['9007199254740993', '1', '-0.5', '1e2']).sum).toBe('9007199254741093.5');
  expect(figures(Array.from({ length: 2_000 }, () => '999999999999999')).sum).toBe('1999999999999998000');
  expect(figures(['2', '2', '1']).average).toBe('1.666667');
  expect(figures(['NaN', null])).toMatchObject({ numbers: 0, sum: null, average: null });
});

test('cells are copied in each format, null apart from empty, and what was cut is said', () => {
  const rows = [['1.50', 'a"b\tc', null], [null, '', '{"k": [1]}'], ['007', 'x|y\nz', 'no json']]; // prettier-ignore
  const made = table([['n', 'decimal'], ['t', 'text'], ['j', 'json']], rows); // prettier-ignore
  const copy = (format: 'tsv' | 'csv' | 'json' | 'markdown', limit?: number) =>
    copyCells(made, null, { fromRow: 0, toRow: 3, columns: [0, 1, 2], format, withHead: true }, limit);
  expect(copy('csv').text).toBe('n,t,j\n1.50,"a""b\tc",\n,"","{""k"": [1]}"\n007,"x|y\nz",no json');
  expect(copy('tsv').text.split('\n')[1]).toBe('1.50\t"a""b\tc"\t');
  expect(JSON.parse(copy('json').text)).toEqual([
    { n: 1.5, t: 'a"b\tc', j: null },
    { n: null, t: '', j: { k: [1] } },
    { n: '007', t: 'x|y\nz', j: 'no json' },
  ]);
  expect(copy('markdown').text.split('\n').slice(1, 4)).toEqual([
    '| ---: | --- | --- |', '| 1.50 | a"b\tc | *null* |', '| *null* |  | {"k": [1]} |',
  ]); // prettier-ignore
  expect(copy('csv', 20)).toMatchObject({ rows: 1, asked: 3 });
});

test('two results are compared by key: same, changed, added, removed, and keys that cannot tell', () => {
  const head = [['id', 'integer'], ['n', 'decimal'], ['t', 'text']] as const; // prettier-ignore
  const before = table(head, [['1', '1.5', 'a'], ['2', '2', 'b'], ['3', '3', null], ['5', '5', 'x'], ['5', '5', 'y']]); // prettier-ignore
  const after = table(
    [['t', 'text'], ['ID', 'integer'], ['n', 'decimal'], ['new', 'text']],
    [['a', '1', '1.50', 'q'], ['B', '2', '2', 'q'], ['c', '4', '4', 'q'], ['', '3', '3', 'q'], ['x', '5', '5', 'q']],
  ); // prettier-ignore
  const diff = diffResults(before, after, ['id']);
  expect(diff).toMatchObject({ same: 1, changed: 2, added: 1, removed: 0, repeatedKeys: { before: 2, after: 0 } });
  expect(diff).toMatchObject({ onlyBefore: [], onlyAfter: ['new'], byColumn: [{ name: 't', changed: 2 }] });
  expect(diff.rows).toEqual([
    { how: 'changed', key: ['2'], cells: [{ name: 't', before: 'b', after: 'B' }] },
    { how: 'changed', key: ['3'], cells: [{ name: 't', before: null, after: '' }] },
    { how: 'added', key: ['4'], cells: [{ name: 'n', before: null, after: '4' }, { name: 't', before: null, after: 'c' }] },
  ]); // prettier-ignore
  expect(driftOf(before, after).find(({ name }) => name === 't')).toMatchObject({
    before: { nulls: 1, distinct: 4 }, after: { nulls: 0, distinct: 5 },
  }); // prettier-ignore
});
