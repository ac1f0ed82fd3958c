import type { Cell, QueryColumn } from '#contracts/queries/engine.ts';
import { codecOf } from './codecs.ts';
import { NumberColumn } from './number-column.ts';
import { TextColumn } from './text-column.ts';

export type DataColumn = NumberColumn | TextColumn;

/** The browser gives no more memory for rows; those that are here stay. */
export class NoRoomError extends Error {
  constructor(rows: number) {
    super(
      `This browser has no room for more than ${rows.toLocaleString('en-GB')} rows of this result. They stay; the export has the whole result.`,
    );
  }
}

/** A result, column by column. It only grows; a row keeps its number for good. */
export class ResultTable {
  readonly columns: readonly QueryColumn[];
  readonly data: readonly DataColumn[];
  rowCount = 0;

  constructor(columns: readonly QueryColumn[]) {
    this.columns = columns;
    this.data = columns.map(({ type }) => {
      const codec = codecOf(type);
      return codec ? new NumberColumn(codec) : new TextColumn();
    });
  }

  /**
   * Adds rows: cells in the order of the columns. A cell that is missing is null. All of them or none.
   * @throws NoRoomError where the browser gives no more memory
   */
  append(rows: readonly (readonly Cell[])[]): void {
    try {
      for (const [at, column] of this.data.entries()) for (const row of rows) column.push(row[at] ?? null);
    } catch (error) {
      // Columns of different lengths would show cells beside those of another row.
      for (const column of this.data) column.cut(this.rowCount);
      if (error instanceof RangeError) throw new NoRoomError(this.rowCount);
      throw error;
    }
    this.rowCount += rows.length;
  }

  column(at: number): DataColumn {
    const column = this.data[at];
    if (!column) throw new RangeError(`There is no column ${at}.`);
    return column;
  }
  text(row: number, at: number): Cell {
    return this.column(at).text(row);
  }
  /** What the result holds in memory, about, in bytes. */
  get bytes(): number {
    return this.data.reduce((sum, column) => sum + column.bytes, 0);
  }
}

/** Which rows are shown, in which order; null: all, as they came. */
export type RowOrder = Uint32Array | null;
export const rowAt = (order: RowOrder, at: number): number => (order ? (order[at] ?? 0) : at);
