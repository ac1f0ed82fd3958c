import { EyeOff } from 'lucide-react';
import { memo } from 'react';
import type { QueryColumn } from '#contracts/queries/engine.ts';
import { cx } from '../../kit/cx.ts';
import { Icon } from '../../ui/icon.tsx';
import { drawnText } from './cell-text.ts';
import { isNumeric, type ColumnLayout } from './column-layout.ts';
import { cellOf, markOf, type RowBlock } from './use-cell-blocks.ts';

export interface RowLook {
  gridId: string;
  columns: readonly QueryColumn[];
  layout: ColumnLayout;
  widths: readonly number[];
  gutter: number;
  height: number;
  isGrouped: boolean;
}
interface GridRowProps {
  look: RowLook;
  place: number;
  top: number;
  block: RowBlock | undefined;
  fromColumn: number;
  toColumn: number;
  /** Selected columns of this row, end not included; equal where none is. */
  fromSelected: number;
  toSelected: number;
  /** The column of the ring; −1: it is in another row. */
  ring: number;
  /** Columns, separated by blanks, in which what is looked for was found. */
  found: string;
}

/** Cells are named so that the grid can tell a screen reader where the focus is. */
export const cellId = (gridId: string, place: number, column: number): string => `${gridId}-${place}-${column}`;

/** One row: its number, its pinned cells, and of the others those in view. */
export const GridRow = memo(function GridRow(props: GridRowProps) {
  const { look, place, top, block, fromColumn, toColumn } = props;
  const { layout, widths, gutter, height } = look;
  const mark = markOf(block, place);
  const found = props.found === '' ? [] : props.found.split(' ').map(Number);
  const cells = [];
  for (let at = 0; at < toColumn; at += 1) {
    if (at >= layout.pinned && at < fromColumn) continue;
    const column = layout.columns[at];
    const shape = column === undefined ? undefined : look.columns[column];
    if (column === undefined || !shape) continue;
    const cell = cellOf(block, place, column);
    const isPinned = at < layout.pinned;
    const isSelected = at >= props.fromSelected && at < props.toSelected;
    const isText = cell !== null && cell !== undefined && !isNumeric(shape);
    cells.push(
      <div
        key={column}
        role="gridcell"
        id={cellId(look.gridId, place, at)}
        aria-colindex={at + 2}
        aria-selected={isSelected}
        aria-label={cell === '' ? 'empty text' : undefined}
        dir={isText ? 'auto' : undefined}
        style={{
          width: widths[column],
          ...(isPinned
            ? { left: gutter + (layout.lefts[at] ?? 0) }
            : at === fromColumn && { marginLeft: (layout.lefts[at] ?? 0) - (layout.lefts[layout.pinned] ?? 0) }),
        }}
        className={cx(
          'relative flex-none overflow-hidden border-r border-b border-line px-2.5 text-ellipsis whitespace-pre',
          isPinned && 'sticky z-1',
          isPinned && at === layout.pinned - 1 && 'border-r-line-strong',
          isNumeric(shape) && 'num text-right',
          cell === null && 'font-sans text-micro leading-[26px] text-text-3 italic',
          isSelected ? 'bg-accent-soft' : found.includes(at) ? 'bg-mark' : isPinned && 'bg-surface',
          at === props.ring && 'z-1 shadow-[inset_0_0_0_1.5px_var(--wl-accent)]',
        )}
      >
        {cell === undefined ? '' : drawnText(cell, shape.type, look.isGrouped)}
      </div>,
    );
  }
  return (
    <div
      role="row"
      aria-rowindex={place + 2}
      data-place={place}
      style={{ top, height, width: gutter + (layout.lefts.at(-1) ?? 0) }}
      className="absolute left-0 flex leading-[26px] [contain:layout_style]"
    >
      <div
        role="rowheader"
        aria-colindex={1}
        style={{ width: gutter }}
        className={cx(
          'num sticky left-0 z-2 flex flex-none items-center justify-end gap-1 border-r border-b border-line bg-sunken pr-2.5 font-sans text-meta',
          props.toSelected > props.fromSelected ? 'font-medium text-text-2' : 'text-text-3',
        )}
        title={mark ? privacyWords(mark) : undefined}
      >
        {mark && (
          <>
            <Icon of={EyeOff} size={12} className="text-wait-fg" />
            <span className="sr-only">{privacyWords(mark)}</span>
          </>
        )}
        {(place + 1).toLocaleString('en-GB')}
      </div>
      {cells}
    </div>
  );
});

const privacyWords = ({ users, reason }: { users: string | null; reason: string | null }): string =>
  ['Hidden by privacy', reason, users === null ? null : `${users} users`].filter(Boolean).join(' · ');
