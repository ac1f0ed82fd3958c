/** A cell by place: of the rows shown, of the columns on screen. Row −1 is the head. */
export interface CellPlace {
  row: number;
  column: number;
}
/** A rectangle of cells: where it began, and the corner that moves. */
export interface Selection {
  anchor: CellPlace;
  end: CellPlace;
}
export interface CellRange {
  fromRow: number;
  toRow: number;
  fromColumn: number;
  toColumn: number;
}
export const onlyCell = (place: CellPlace): Selection => ({ anchor: place, end: place });

/** Ends not included; null where the head alone is in it. */
export function rangeOf({ anchor, end }: Selection): CellRange | null {
  const range = {
    fromRow: Math.max(0, Math.min(anchor.row, end.row)),
    toRow: Math.max(anchor.row, end.row) + 1,
    fromColumn: Math.min(anchor.column, end.column),
    toColumn: Math.max(anchor.column, end.column) + 1,
  };
  return range.toRow > range.fromRow ? range : null;
}

export const isWithin = (range: CellRange, { row, column }: CellPlace): boolean =>
  row >= range.fromRow && row < range.toRow && column >= range.fromColumn && column < range.toColumn;

interface Bounds {
  rows: number;
  columns: number;
  /** Rows of a page. */
  page: number;
}
interface Key {
  key: string;
  shift: boolean;
  mod: boolean;
}

/** The selection after a key; null where the key moves nothing. Shift moves the far corner and stays out of the head. */
export function moveSelection(selection: Selection, { key, shift, mod }: Key, bounds: Bounds): Selection | null {
  const { end } = selection;
  const [lastRow, lastColumn] = [bounds.rows - 1, bounds.columns - 1];
  const to = { ...end };
  if (mod && key.toLowerCase() === 'a')
    return { anchor: { row: 0, column: 0 }, end: { row: lastRow, column: lastColumn } };
  if (key === ' ' && shift !== mod)
    return shift
      ? { anchor: { row: end.row, column: 0 }, end: { row: end.row, column: lastColumn } }
      : { anchor: { row: 0, column: end.column }, end: { row: lastRow, column: end.column } };
  if (key === 'ArrowUp') to.row = mod ? Math.min(0, end.row) : end.row - 1;
  else if (key === 'ArrowDown') to.row = mod ? lastRow : end.row + 1;
  else if (key === 'ArrowLeft') to.column = mod ? 0 : end.column - 1;
  else if (key === 'ArrowRight') to.column = mod ? lastColumn : end.column + 1;
  else if (key === 'PageUp') to.row = Math.max(Math.min(0, end.row), end.row - bounds.page);
  else if (key === 'PageDown') to.row = end.row + bounds.page;
  else if (key === 'Home') [to.column, to.row] = [0, mod ? 0 : end.row];
  else if (key === 'End') [to.column, to.row] = [lastColumn, mod ? lastRow : end.row];
  else if (key === 'Escape' && rangeOf(selection) && selection.anchor !== end) return onlyCell(selection.anchor);
  else return null;
  to.row = Math.min(lastRow, Math.max(shift ? 0 : -1, to.row));
  to.column = Math.min(lastColumn, Math.max(0, to.column));
  return shift ? { anchor: selection.anchor, end: to } : onlyCell(to);
}
