import type { QueryColumn } from '#contracts/queries/engine.ts';
import type { ColumnFilter, FilterTest } from './filter.ts';

export const testWords: Readonly<Record<FilterTest, string>> = {
  contains: 'contains',
  lacks: 'does not contain',
  equals: 'is',
  differs: 'is not',
  less: 'is less than',
  atMost: 'is at most',
  more: 'is more than',
  atLeast: 'is at least',
  oneOf: 'is one of',
  isNull: 'is null',
  notNull: 'is not null',
  isEmpty: 'is empty text',
  notEmpty: 'has text',
};
/** Tests that compare with nothing. */
export const isBare = (test: FilterTest): boolean => ['isNull', 'notNull', 'isEmpty', 'notEmpty'].includes(test);

/** The tests that fit a column, the usual one first. */
export function testsFor({ type }: QueryColumn): FilterTest[] {
  const ordered: FilterTest[] = ['equals', 'differs', 'less', 'atMost', 'more', 'atLeast', 'oneOf'];
  if (type === 'boolean') return ['equals', 'differs', 'isNull', 'notNull'];
  if (['integer', 'decimal', 'date', 'timestamp'].includes(type)) return [...ordered, 'contains', 'isNull', 'notNull'];
  return ['contains', 'lacks', ...ordered, 'isEmpty', 'notEmpty', 'isNull', 'notNull'];
}

/** A filter as one reads it: "Tier is Gold". */
export function filterText({ column, test, values }: ColumnFilter, columns: readonly QueryColumn[]): string {
  const name = columns[column]?.name ?? '';
  const said = values.map((value) => (value === null ? 'null' : value === '' ? 'empty text' : value));
  return [name, testWords[test], isBare(test) ? '' : said.join(', ')].filter(Boolean).join(' ');
}
