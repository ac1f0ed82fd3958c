import type { Cell, QueryColumn } from '#contracts/queries/engine.ts';
import { cx } from '../../kit/cx.ts';
import { drawnText } from './cell-text.ts';
import { isNumeric, type ColumnLayout } from './column-layout.ts';

export interface RowLook {
  gridId: string;
  columns: readonly QueryColumn[];
  layout: ColumnLayout;
  widths: readonly number[];
  gutter: number;
  /** In pixels. */
  height: { head: number; row: number };
  isGrouped: boolean;
}

/** What there is to see of a cell beside its text. */
export interface CellMarks {
  isSelected: boolean;
  isFound: boolean;
  hasRing: boolean;
  isLastPinned: boolean;
}

/** One cell of the page. It is kept, and shows another cell of the result when its own is out of view. */
export interface DrawnCell {
  readonly node: HTMLElement;
  readonly text: Text;
  /** Its column, by place on screen; −1: none yet. */
  at: number;
  /** What the node shows, so that nothing is written twice. */
  shown: string;
  look: string;
  direction: boolean;
  isSelected: boolean;
  isEmpty: boolean;
}

export function makeCell(): DrawnCell {
  const node = document.createElement('div');
  const text = document.createTextNode('');
  node.append(text);
  node.setAttribute('role', 'gridcell');
  node.setAttribute('aria-selected', 'false');
  return { node, text, at: -1, shown: '', look: '', direction: false, isSelected: false, isEmpty: false };
}

/** What is inside of a cell to the left and right of its text, and its line, in pixels. */
const PADDING = 21;
const isPlain = /^[\u0020-\u007e]*$/;
/** Hebrew, Arabic and their neighbours, and signs that turn the direction. */
const isTurned = /[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufefc]|[\ud802\ud803\ud83a\ud83b]/;

/**
 * Draws a cell; `undefined` is not here yet. `signWidth` is the width of one sign of its face: a text that is known to fit
 * is not clipped, as each clip is a thing of its own for the browser to paint.
 */
export function drawCell(
  drawn: DrawnCell,
  cell: Cell | undefined,
  shape: QueryColumn,
  { isGrouped, width, signWidth, marks }: { isGrouped: boolean; width: number; signWidth: number; marks: CellMarks },
): void {
  const shown = cell === undefined ? '' : drawnText(cell, shape.type, isGrouped);
  const isAscii = isPlain.test(shown);
  const fits = isAscii && shown.length * signWidth <= width - PADDING;
  const isRight = isNumeric(shape);
  const look = cx(
    'flex-none border-r border-b border-line px-2.5 whitespace-pre',
    !fits && 'overflow-hidden text-ellipsis',
    marks.isLastPinned && 'border-r-line-strong',
    isRight && 'num text-right',
    cell === null && 'font-sans text-micro leading-[inherit] text-text-3 italic',
    marks.isSelected ? 'bg-accent-soft' : marks.isFound && 'bg-mark',
    marks.hasRing && 'shadow-[inset_0_0_0_1.5px_var(--wl-accent)]',
  );
  if (drawn.shown !== shown) drawn.text.data = drawn.shown = shown;
  if (drawn.look !== look) drawn.node.className = drawn.look = look;
  const direction = !isAscii && !isRight && cell !== null && isTurned.test(shown);
  if (drawn.direction !== direction) {
    drawn.direction = direction;
    if (direction) drawn.node.dir = 'auto';
    else drawn.node.removeAttribute('dir');
  }
  if (drawn.isSelected !== marks.isSelected) {
    drawn.isSelected = marks.isSelected;
    drawn.node.setAttribute('aria-selected', String(marks.isSelected));
  }
  // An empty text is seen as nothing; null is written out.
  const isEmpty = cell === '';
  if (drawn.isEmpty !== isEmpty) {
    drawn.isEmpty = isEmpty;
    if (isEmpty) drawn.node.setAttribute('aria-label', 'empty text');
    else drawn.node.removeAttribute('aria-label');
  }
}

/** Gives the cells of a row these columns, in this order: those that stay keep their element, the others take what is free. */
export function layCells(
  row: HTMLElement,
  cells: readonly DrawnCell[],
  wanted: readonly number[],
  { skip, idOf }: { skip: number; idOf: (at: number) => string },
): DrawnCell[] {
  const kept = new Map(cells.map((cell) => [cell.at, cell]));
  const free = cells.filter(({ at }) => !wanted.includes(at));
  const next = wanted.map((at) => {
    const cell = kept.get(at) ?? free.pop() ?? makeCell();
    if (cell.at !== at) {
      cell.at = at;
      cell.node.id = idOf(at);
      cell.node.setAttribute('aria-colindex', String(at + 2));
    }
    return cell;
  });
  for (const { node } of free) node.remove();
  for (const [index, { node }] of next.entries()) {
    const there = row.children[index + skip] ?? null;
    if (there !== node) row.insertBefore(node, there);
  }
  return next;
}
