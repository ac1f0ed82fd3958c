import type { Cell, QueryColumn } from '#contracts/queries/engine.ts';
import { copyCells, type CopyRange } from './copy.ts';
import { diffResults, driftOf } from './diff.ts';
import { selectionFigures } from './figures.ts';
import { filterRows, type ColumnFilter } from './filter.ts';
import { Find } from './find.ts';
import { groupRows, type Grouping } from './group.ts';
import { PrivacyMarks, type PrivacyMark, type PrivacyShare } from './privacy.ts';
import { profileColumn } from './profile.ts';
import { ResultTable, rowAt, type RowOrder } from './result-table.ts';
import { sortRows, type SortKey } from './sort.ts';
import type { TextOrder } from './text-order.ts';

/** How the rows are shown. */
export interface Arrangement {
  sort: readonly SortKey[];
  textOrder: TextOrder;
  filters: readonly ColumnFilter[];
}
export const asTheyCame: Arrangement = { sort: [], textOrder: 'language', filters: [] };

/** What a store holds and shows. */
export interface StoreState {
  /** Counts each change of what is shown: blocks of cells read before it are out of date. */
  version: number;
  /** Rows that are here. */
  loaded: number;
  /** Rows that are shown: those that pass the filters. */
  shown: number;
  /** Rows that came after the last sort and are not sorted in yet. */
  waiting: number;
  /** Rows in which something was hidden for privacy; null where the service does not tell. */
  hiddenByPrivacy: number | null;
  /** How much of each number stands in those rows. */
  hiddenShares: readonly PrivacyShare[];
  arrangement: Arrangement;
  bytes: number;
}

/** A block of cells as the grid draws them. */
export interface CellBlock {
  /** By column asked for, then by row. Long texts are cut; `cell` has the whole. */
  cells: Cell[][];
  /** By row; null where the service tells nothing about privacy. */
  marks: (PrivacyMark | null)[] | null;
}
/** A drawn cell shows no more of its text than this. */
const CELL_CHARS = 400;

interface Shelf {
  table: ResultTable;
  marks: PrivacyMarks | null;
  version: number;
  arrangement: Arrangement;
  order: RowOrder;
  /** Rows that the order was made of. */
  arranged: number;
  find: Find | null;
}

/** All results of a tab, by number. It runs in the worker; where there is none (tests), in the page. */
export function makeGridEngine() {
  const shelves = new Map<number, Shelf>();
  const shelfOf = (id: number): Shelf => {
    const shelf = shelves.get(id);
    if (!shelf) throw new RangeError('This result is no longer open.');
    return shelf;
  };
  const stateOf = ({ table, marks, version, arrangement, order, arranged }: Shelf): StoreState => ({
    version,
    loaded: table.rowCount,
    shown: order?.length ?? table.rowCount,
    waiting: order ? table.rowCount - arranged : 0,
    hiddenByPrivacy: marks?.rows ?? null,
    hiddenShares: marks?.shares ?? [],
    arrangement,
    bytes: table.bytes + (order?.byteLength ?? 0),
  });
  /** Makes the order anew from all rows. */
  const arrangeAll = (shelf: Shelf): void => {
    const { table, arrangement } = shelf;
    const rows = filterRows(table, arrangement.filters);
    shelf.order =
      arrangement.sort.length > 0
        ? sortRows(table, rows, arrangement.sort, { textOrder: arrangement.textOrder })
        : rows;
    shelf.arranged = table.rowCount;
    shelf.version += 1;
  };
  /** Rows that only have to pass filters are shown at once, after the others. */
  const extend = (shelf: Shelf): void => {
    const { order, table, arrangement } = shelf;
    if (!order || arrangement.sort.length > 0) return;
    const more = filterRows(table, arrangement.filters, { from: shelf.arranged }) ?? new Uint32Array();
    const next = new Uint32Array(order.length + more.length);
    next.set(order);
    next.set(more, order.length);
    shelf.order = next;
    shelf.arranged = table.rowCount;
  };

  return {
    open(id: number, columns: readonly QueryColumn[]): StoreState {
      const table = new ResultTable(columns);
      const marks = PrivacyMarks.of(table);
      const shelf: Shelf = { table, marks, version: 0, arrangement: asTheyCame, order: null, arranged: 0, find: null };
      shelves.set(id, shelf);
      return stateOf(shelf);
    },
    /** Forgets the rows. */
    drop: (id: number): void => void shelves.delete(id),
    append(id: number, rows: readonly (readonly Cell[])[]): StoreState {
      const shelf = shelfOf(id);
      shelf.table.append(rows);
      shelf.marks?.count();
      extend(shelf);
      return stateOf(shelf);
    },
    arrange(id: number, arrangement: Arrangement): StoreState {
      const shelf = shelfOf(id);
      shelf.arrangement = arrangement;
      shelf.find = null;
      arrangeAll(shelf);
      return stateOf(shelf);
    },
    /** Cells of the rows at these places, end not included. */
    block(id: number, from: number, to: number, columns: readonly number[]): CellBlock {
      const { table, order, marks } = shelfOf(id);
      const end = Math.min(to, order?.length ?? table.rowCount);
      const cells = columns.map((at) => {
        const column = table.column(at);
        return Array.from({ length: Math.max(0, end - from) }, (_, index) => {
          const text = column.text(rowAt(order, from + index));
          return text !== null && text.length > CELL_CHARS ? `${text.slice(0, CELL_CHARS)}…` : text;
        });
      });
      return { cells, marks: marks?.marksOf(order, from, end) ?? null };
    },
    /** The whole of one cell. */
    cell(id: number, place: number, column: number): Cell {
      const { table, order } = shelfOf(id);
      return table.text(rowAt(order, place), column);
    },
    /** The longest text of a column, of numbers among the first rows. */
    longest(id: number, at: number): string {
      const { table, order } = shelfOf(id);
      const column = table.column(at);
      let longest = '';
      const look = (text: string): void => void (text.length > longest.length && (longest = text));
      if (column.kind === 'text') for (const text of column.texts) look(text);
      else {
        const count = Math.min(20_000, order?.length ?? table.rowCount);
        for (let place = 0; place < count; place += 1) look(column.text(rowAt(order, place)) ?? '');
      }
      return longest.slice(0, CELL_CHARS);
    },
    profile: (id: number, column: number) => profileColumn(shelfOf(id).table, shelfOf(id).order, column),
    group: (id: number, grouping: Grouping) => groupRows(shelfOf(id).table, shelfOf(id).order, grouping),
    figures: (id: number, range: { fromRow: number; toRow: number; columns: readonly number[] }) =>
      selectionFigures(shelfOf(id).table, shelfOf(id).order, range),
    copy: (id: number, range: CopyRange) => copyCells(shelfOf(id).table, shelfOf(id).order, range),
    /** Begins to look for a text; `findOn` goes on. */
    find(id: number, columns: readonly number[], needle: string): void {
      const shelf = shelfOf(id);
      shelf.find = needle ? new Find(shelf.table, shelf.order, columns, needle) : null;
    },
    findOn(id: number): { matches: number[]; isDone: boolean; looked: number } {
      const { find } = shelfOf(id);
      if (!find) return { matches: [], isDone: true, looked: 0 };
      const isDone = find.step();
      return { matches: find.matches, isDone, looked: find.looked };
    },
    diff: (before: number, after: number, keys: readonly string[]) =>
      diffResults(shelfOf(before).table, shelfOf(after).table, keys),
    drift: (before: number, after: number) => driftOf(shelfOf(before).table, shelfOf(after).table),
  };
}
export type GridEngine = ReturnType<typeof makeGridEngine>;
