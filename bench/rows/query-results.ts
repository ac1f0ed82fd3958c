import type { Cell } from '#contracts/queries/engine.ts';
import { diffResults } from '#web/queries/grid/diff.ts';
import { profileColumn } from '#web/queries/grid/profile.ts';
import { ResultTable } from '#web/queries/grid/result-table.ts';
import { ms, percentile } from '../kit/figures.ts';
import { type Row, rounds } from '../kit/row.ts';

const compared = { rows: 100_000, columns: 20 };
const profiled = 1_000_000;
const types = ['integer', 'decimal', 'text', 'timestamp'] as const;

/** A result as services give them: numbers, decimals, texts that come again, instants, some cells empty. */
function tableOf(rows: number, columns: number, changedEvery: number): ResultTable {
  const made = new ResultTable(
    Array.from({ length: columns }, (_, at) => ({ name: `c${at}`, type: types[at % 4] ?? 'text' })),
  );
  const cell = (row: number, at: number): Cell => {
    const value = at > 0 && row % changedEvery === 0 ? row + at + 1 : row + at;
    if (at > 0 && value % 13 === 0) return null;
    if (at % 4 === 0) return String(value);
    if (at % 4 === 1) return `${value % 5_000}.${(value % 90) + 10}`;
    if (at % 4 === 2) return `city ${value % 3_000}`;
    return new Date(1_700_000_000_000 + value * 1_000).toISOString();
  };
  const size = 5_000;
  for (let from = 0; from < rows; from += size)
    made.append(
      Array.from({ length: Math.min(size, rows - from) }, (_, row) =>
        Array.from({ length: columns }, (__, at) => cell(from + row, at)),
      ),
    );
  return made;
}

/** What the grid's worker does with rows that it has: comparing two results, and the profile of a column. */
export const queryResults: Row = {
  name: 'query-results',
  notes: [
    `Results: what the worker of the grid does, measured in Node on the main thread. The diff is of two results of ${compared.rows.toLocaleString('en')} × ${compared.columns} by a key, with one row in fifty changed in each other column; profiles are of each kind of column at ${profiled.toLocaleString('en')} rows, the slowest counts.`,
  ],
  measure: async (tools) => {
    const took = (work: () => unknown): number => {
      const begun = performance.now();
      work();
      return performance.now() - begun;
    };
    const [before, after] = [tableOf(compared.rows, compared.columns, Infinity), tableOf(compared.rows, compared.columns, 50)];
    const diffs = Array.from({ length: rounds(tools, 10) }, () => took(() => diffResults(before, after, ['c0'])));
    const many = tableOf(profiled, 4, Infinity);
    const profiles = types.flatMap((_, at) => Array.from({ length: rounds(tools, 5) }, () => took(() => profileColumn(many, null, at))));
    const line = (what: string, figures: readonly number[], limit: number) => {
      const p95 = percentile(figures, 95);
      return { what, ours: ms(p95), peer: '—', target: `≤ ${limit} ms`, isMet: p95 <= limit };
    };
    return [
      line(`diff of ${compared.rows.toLocaleString('en')} × ${compared.columns} rows by key, p95`, diffs, 1_000),
      line(`profile of a column of ${profiled.toLocaleString('en')} rows, p95`, profiles, 1_000),
    ];
  },
}; // prettier-ignore
