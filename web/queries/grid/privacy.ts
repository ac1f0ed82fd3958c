import { HiddenShareMeter } from '#contracts/queries/amc/hidden-share.ts';
import type { QueryColumn } from '#contracts/queries/engine.ts';
import { rowAt, type ResultTable, type RowOrder } from './result-table.ts';

/**
 * Columns that Amazon Marketing Cloud adds at our wish: whether a row holds what was hidden for privacy, of how many users,
 * and why. They are no columns of the result; the grid marks the rows with them.
 */
const names = { filtered: 'windlass_filtered', users: 'windlass_users', reason: 'windlass_filter_reason' } as const;
export const isPrivacyColumn = ({ name }: QueryColumn): boolean =>
  (Object.values(names) as string[]).includes(name.toLowerCase());

/** What a row says about its privacy; null: nothing was hidden. */
export interface PrivacyMark {
  users: string | null;
  reason: string | null;
}

export interface PrivacyShare {
  column: string;
  /** 0 to 1. */
  share: number;
}
const numbers: ReadonlySet<string> = new Set(['integer', 'decimal', 'float']);

/** Reads the marks of a result; null where its service gives none. */
export class PrivacyMarks {
  readonly #table: ResultTable;
  readonly #at: Record<keyof typeof names, number>;
  /** Adds up each number of the rows, and of those in which something was hidden. */
  readonly #meter: HiddenShareMeter;
  readonly #metrics: readonly number[];
  /** Rows in which something was hidden. */
  rows = 0;
  #counted = 0;

  private constructor(table: ResultTable) {
    this.#table = table;
    const find = (wanted: string) => table.columns.findIndex(({ name }) => name.toLowerCase() === wanted);
    this.#at = { filtered: find(names.filtered), users: find(names.users), reason: find(names.reason) };
    const isMetric = (column: QueryColumn): boolean =>
      numbers.has(column.type) && !isPrivacyColumn(column) && !/(^|_)id$/i.test(column.name);
    this.#metrics = table.columns.flatMap((column, at) => (isMetric(column) ? [at] : []));
    const header = this.#metrics.map((at) => table.columns[at]?.name ?? '');
    this.#meter = new HiddenShareMeter([...header, names.filtered], header, names.filtered);
  }
  static of(table: ResultTable): PrivacyMarks | null {
    const marks = new PrivacyMarks(table);
    return marks.#at.filtered < 0 ? null : marks;
  }

  /** Counts the rows that have come since. */
  count(): void {
    for (; this.#counted < this.#table.rowCount; this.#counted += 1) {
      const row = this.#counted;
      if (this.#isHidden(row)) this.rows += 1;
      this.#meter.add([...this.#metrics, this.#at.filtered].map((at) => this.#table.text(row, at)));
    }
  }
  /** Of each number the share that stands in rows whose parts are hidden, the largest first; none where nothing is. */
  get shares(): readonly PrivacyShare[] {
    return this.#meter
      .result()
      .shares.flatMap(({ column, share }) => (share !== null && share > 0 ? [{ column, share }] : []))
      .toSorted((a, b) => b.share - a.share);
  }
  marksOf(order: RowOrder, from: number, to: number): (PrivacyMark | null)[] {
    return Array.from({ length: to - from }, (_, at) => {
      const row = rowAt(order, from + at);
      if (!this.#isHidden(row)) return null;
      const read = (column: number) => (column < 0 ? null : this.#table.text(row, column));
      return { users: read(this.#at.users), reason: read(this.#at.reason) };
    });
  }
  #isHidden(row: number): boolean {
    return this.#table.text(row, this.#at.filtered)?.toLowerCase() === 'true';
  }
}
