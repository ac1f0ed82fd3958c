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

/** Reads the marks of a result; null where its service gives none. */
export class PrivacyMarks {
  readonly #table: ResultTable;
  readonly #at: Record<keyof typeof names, number>;
  /** Rows in which something was hidden. */
  rows = 0;
  #counted = 0;

  private constructor(table: ResultTable) {
    this.#table = table;
    const find = (wanted: string) => table.columns.findIndex(({ name }) => name.toLowerCase() === wanted);
    this.#at = { filtered: find(names.filtered), users: find(names.users), reason: find(names.reason) };
  }
  static of(table: ResultTable): PrivacyMarks | null {
    const marks = new PrivacyMarks(table);
    return marks.#at.filtered < 0 ? null : marks;
  }

  /** Counts the rows that have come since. */
  count(): void {
    for (; this.#counted < this.#table.rowCount; this.#counted += 1) if (this.#isHidden(this.#counted)) this.rows += 1;
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
