import type { Cell } from '#contracts/queries/engine.ts';
import { parsed } from './codecs.ts';
import { compareDecimals, readDecimal } from './exact-decimal.ts';
import type { NumberColumn } from './number-column.ts';
import { rowAt, type DataColumn, type ResultTable, type RowOrder } from './result-table.ts';
import type { TextColumn } from './text-column.ts';

export const filterTests = [
  'contains',
  'lacks',
  'equals',
  'differs',
  'less',
  'atMost',
  'more',
  'atLeast',
  'oneOf',
  'isNull',
  'notNull',
  'isEmpty',
  'notEmpty',
] as const;
export type FilterTest = (typeof filterTests)[number];

/** One condition; a row is shown where all hold. Null holds only for `isNull`, `lacks` and `differs`. */
export interface ColumnFilter {
  column: number;
  test: FilterTest;
  /** What is compared with; several for `oneOf`, where null may be one of them. None for tests of null and empty. */
  values: readonly Cell[];
}

/** Which of so many rows, from a first one on, pass all filters; in the order they came. Null: all. */
export function filterRows(
  table: ResultTable,
  filters: readonly ColumnFilter[],
  { from = 0, to = table.rowCount } = {},
): RowOrder {
  if (filters.length === 0) return null;
  let rows: RowOrder = null;
  let count = to - from;
  for (const filter of filters) {
    const passes = passesOf(table.column(filter.column), filter);
    const next = new Uint32Array(count);
    let kept = 0;
    for (let at = 0; at < count; at += 1) {
      const row = rows ? rowAt(rows, at) : from + at;
      if (passes(row)) {
        next[kept] = row;
        kept += 1;
      }
    }
    rows = next.slice(0, kept);
    count = kept;
  }
  return rows;
}

type Passes = (row: number) => boolean;

function passesOf(column: DataColumn, filter: ColumnFilter): Passes {
  const { test } = filter;
  if (test === 'isNull') return (row) => column.isNull(row);
  if (test === 'notNull') return (row) => !column.isNull(row);
  return column.kind === 'text' ? textPasses(column, filter) : numberPasses(column, filter);
}

/** Each different text is tested once. */
function textPasses(column: TextColumn, filter: ColumnFilter): Passes {
  const holds = testOfText(filter);
  const verdicts = new Uint8Array(column.texts.length);
  for (let code = 1; code < verdicts.length; code += 1) verdicts[code] = holds(column.texts[code] ?? '') ? 1 : 0;
  verdicts[0] = holds(null) ? 1 : 0;
  const { codes } = column;
  return (row) => verdicts[codes[row] ?? 0] === 1;
}

function testOfText({ test, values }: ColumnFilter): (text: Cell) => boolean {
  const wanted = values[0] ?? '';
  const needle = wanted.toLowerCase();
  const set = new Set(values);
  switch (test) {
    case 'contains':
      return (text) => text !== null && text.toLowerCase().includes(needle);
    case 'lacks':
      return (text) => text === null || !text.toLowerCase().includes(needle);
    case 'equals':
      return (text) => text === wanted;
    case 'differs':
      return (text) => text !== wanted;
    case 'oneOf':
      return (text) => set.has(text);
    case 'isEmpty':
      return (text) => text === '';
    case 'notEmpty':
      return (text) => text !== null && text !== '';
    default:
      return (text) => text !== null && ordered(test, text < wanted ? -1 : text > wanted ? 1 : 0);
  }
}

const ordered = (test: FilterTest, sign: number): boolean =>
  test === 'less' ? sign < 0 : test === 'atMost' ? sign <= 0 : test === 'more' ? sign > 0 : sign >= 0;

/** Numbers, days and instants are compared by value: 1.5 equals 1.50. */
function numberPasses(column: NumberColumn, filter: ColumnFilter): Passes {
  const { test, values } = filter;
  if (test === 'contains' || test === 'lacks' || test === 'isEmpty' || test === 'notEmpty') {
    const holds = testOfText(filter);
    return (row) => holds(column.text(row));
  }
  if (test === 'oneOf') {
    const each = values.map((value) =>
      value === null
        ? (row: number) => column.isNull(row)
        : numberPasses(column, { ...filter, test: 'equals', values: [value] }),
    );
    return (row) => each.some((passes) => passes(row));
  }
  const wanted = (values[0] ?? '').trim();
  const value = column.codec.parse(wanted) ? parsed.value : column.codec.guess(wanted);
  const exact = readDecimal(wanted);
  const isBeyond = !column.codec.parse(wanted) && exact !== null;
  const signOf = (row: number): number => {
    const number = column.number(row);
    if (number !== value) return number < value ? -1 : number > value ? 1 : Number.NaN;
    if (!exact || (!isBeyond && !column.exact.has(row))) return 0;
    const read = readDecimal(column.text(row) ?? '');
    return read ? compareDecimals(read, exact) : 0;
  };
  if (test === 'equals') return (row) => signOf(row) === 0 || column.exact.get(row) === wanted;
  if (test === 'differs') return (row) => signOf(row) !== 0 && column.exact.get(row) !== wanted;
  return (row) => {
    const sign = signOf(row);
    return !Number.isNaN(sign) && !column.isNull(row) && ordered(test, sign);
  };
}
