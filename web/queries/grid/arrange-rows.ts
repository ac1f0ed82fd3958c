import type { ColumnFilter } from './filter.ts';
import type { Arrangement } from './grid-engine.ts';
import type { ResultStore } from './result-store.ts';

/** Sorted by this column ascending, then descending, then as they came; `extend` keeps the other columns before it. */
export function sortedBy(arrangement: Arrangement, column: number, extend: boolean): Arrangement {
  const { sort } = arrangement;
  const key = sort.find((each) => each.column === column);
  const next = key?.isDescending ? [] : [{ column, isDescending: key !== undefined }];
  if (!extend) return { ...arrangement, sort: next };
  return { ...arrangement, sort: key ? sort.flatMap((each) => (each === key ? next : [each])) : [...sort, ...next] };
}
/** A column has one filter: the new one takes the place of the old. */
export const filteredBy = (arrangement: Arrangement, filter: ColumnFilter): Arrangement => ({
  ...arrangement,
  filters: [...arrangement.filters.filter(({ column }) => column !== filter.column), filter],
});

/** How the rows stand now, as a sentence for those who do not see it. */
export function arrangedWords({ state, columns }: Pick<ResultStore, 'state' | 'columns'>): string {
  const { shown, loaded, arrangement } = state;
  const rows =
    shown < loaded ? `${shown.toLocaleString('en-GB')} of ${loaded.toLocaleString('en-GB')} rows` : 'All rows';
  const by = arrangement.sort.map(
    ({ column, isDescending }) => `${columns[column]?.name ?? ''}${isDescending ? ' descending' : ''}`,
  );
  return by.length > 0 ? `${rows}, sorted by ${by.join(', ')}` : rows;
}
