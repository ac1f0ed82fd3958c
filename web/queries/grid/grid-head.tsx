import { ArrowDown, ArrowUp, ChevronDown, ListFilter, Pin } from 'lucide-react';
import { useRef, useSyncExternalStore, type PointerEvent, type ReactNode } from 'react';
import type { QueryColumn } from '#contracts/queries/engine.ts';
import { cx } from '../../kit/cx.ts';
import { useIsPhone } from '../../kit/media.ts';
import { Icon } from '../../ui/icon.tsx';
import { isNumeric, typeWord } from './column-layout.ts';
import type { Arrangement } from './grid-engine.ts';
import type { GridScroll } from './grid-scroll.ts';
import type { RowLook } from './row-cells.ts';
import { headId } from './row-painter.ts';

interface GridHeadProps {
  look: RowLook;
  scroll: GridScroll;
  arrangement: Arrangement;
  /** The column of the ring; −1: it is not in the head. */
  ring: number;
  onSort: (column: number, extend: boolean) => void;
  onMenu: (column: number) => void;
  /** Wraps the button of the column whose menu is open. */
  menuOf: (column: number, button: ReactNode) => ReactNode;
  onWidth: (column: number, width: number) => void;
  onFit: (column: number) => void;
  /** A column was dropped before the one at this place. */
  onMove: (column: number, to: number) => void;
  onSelectAll: () => void;
  placeUnder: (x: number, y: number) => { column: number };
}

/** Names and types of the columns, above the rows at all times. A click sorts, the edge resizes, a drag moves. */
export function GridHead(props: GridHeadProps) {
  const { look, scroll } = props;
  // The rows are not React's, so the head alone is drawn again when other columns come into view.
  const fromColumn = useSyncExternalStore(scroll.subscribe, () => scroll.view.fromColumn);
  const toColumn = useSyncExternalStore(scroll.subscribe, () => scroll.view.toColumn);
  const { layout, widths, gutter } = look;
  const cells = [];
  for (let at = 0; at < toColumn; at += 1) {
    if (at >= layout.pinned && at < fromColumn) continue;
    const column = layout.columns[at];
    const shape = column === undefined ? undefined : look.columns[column];
    if (column === undefined || !shape) continue;
    const isPinned = at < layout.pinned;
    cells.push(
      <HeadCell
        key={column}
        {...props}
        at={at}
        column={column}
        shape={shape}
        isPinned={isPinned}
        style={{
          width: widths[column] ?? 0,
          ...(isPinned
            ? { left: gutter + (layout.lefts[at] ?? 0) }
            : at === fromColumn && { marginLeft: (layout.lefts[at] ?? 0) - (layout.lefts[layout.pinned] ?? 0) }),
        }}
      />,
    );
  }
  return (
    <div
      role="rowgroup"
      className="sticky top-0 z-(--wl-z-sticky)"
      style={{ width: gutter + (layout.lefts.at(-1) ?? 0), minWidth: '100%' }}
    >
      <div
        role="row"
        aria-rowindex={1}
        // Beyond the last column the head goes on to the edge.
        className="flex bg-sunken font-sans text-meta shadow-[inset_0_-1px_0_var(--wl-line)]"
        style={{ height: look.height.head }}
      >
        <div
          role="columnheader"
          aria-colindex={1}
          style={{ width: gutter }}
          className="sticky left-0 z-2 flex-none border-r border-b border-line bg-sunken"
        >
          <button
            type="button"
            tabIndex={-1}
            aria-label="Select all rows"
            title="Select all rows"
            className="size-full hover:bg-fill"
            onClick={props.onSelectAll}
          />
        </div>
        {cells}
      </div>
    </div>
  );
}

interface HeadCellProps extends GridHeadProps {
  at: number;
  column: number;
  shape: QueryColumn;
  isPinned: boolean;
  style: React.CSSProperties & { width: number };
}
function HeadCell({ look, at, column, shape, isPinned, style, arrangement, ring, ...acts }: HeadCellProps) {
  const sortAt = arrangement.sort.findIndex((key) => key.column === column);
  const key = arrangement.sort[sortAt];
  const isFiltered = arrangement.filters.some((filter) => filter.column === column);
  const isPhone = useIsPhone();
  const drag = useRef<{ x: number; y: number; moved: boolean } | null>(null);
  const nativeWords = [shape.nativeType ?? shape.type, shape.length && `(${shape.length})`].filter(Boolean).join('');
  const menu = (
    <button
      type="button"
      tabIndex={-1}
      aria-label={`Acts on column ${shape.name}`}
      className={cx(
        'absolute inset-y-0 right-1.5 my-auto grid size-5 place-items-center rounded-sm bg-fill text-text-2 opacity-0 group-hover:opacity-100 hover:text-text aria-expanded:opacity-100 max-sm:opacity-100',
        at === ring && 'opacity-100',
      )}
      onClick={() => acts.onMenu(column)}
    >
      <Icon of={ChevronDown} size={12} />
    </button>
  );
  return (
    <div
      role="columnheader"
      id={headId(look.gridId, at)}
      aria-colindex={at + 2}
      aria-sort={key ? (key.isDescending ? 'descending' : 'ascending') : 'none'}
      style={style}
      className={cx(
        'group relative flex flex-none items-center border-r border-b border-line bg-sunken',
        isPinned && 'sticky z-2',
        isPinned && at === look.layout.pinned - 1 && 'border-r-line-strong',
        at === ring && 'shadow-[inset_0_0_0_1.5px_var(--wl-accent)]',
      )}
      onContextMenu={(event) => {
        event.preventDefault();
        acts.onMenu(column);
      }}
    >
      <button
        type="button"
        tabIndex={-1}
        title={`${shape.name} · ${nativeWords}`}
        style={{ lineHeight: `${look.height.head - 1}px` }}
        className={cx(
          'flex h-full min-w-0 flex-1 items-baseline gap-1.5 overflow-hidden px-2.5 font-medium whitespace-nowrap text-text-2 hover:text-text',
          isNumeric(shape) && 'justify-end',
        )}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          drag.current = { x: event.clientX, y: event.clientY, moved: false };
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event) => {
          if (drag.current && Math.abs(event.clientX - drag.current.x) > 6) drag.current.moved = true;
        }}
        onPointerUp={(event) => {
          if (drag.current?.moved) acts.onMove(column, acts.placeUnder(event.clientX, event.clientY).column);
        }}
        onClick={(event) => {
          const wasDragged = drag.current?.moved === true;
          drag.current = null;
          // A finger has no second button: it gets all acts, sorting first among them.
          if (!wasDragged && isPhone) acts.onMenu(column);
          else if (!wasDragged) acts.onSort(column, event.shiftKey);
        }}
      >
        {isPinned && <Icon of={Pin} size={11} className="self-center text-text-3" />}
        <span className="truncate">{shape.name}</span>
        {/* Where room is scarce the type goes before the name does. */}
        <span className="min-w-0 shrink-[999] overflow-hidden text-micro leading-[inherit] font-normal text-text-3">
          {typeWord(shape.type)}
        </span>
        {key && (
          <span className="inline-flex items-center self-center text-accent">
            <Icon of={key.isDescending ? ArrowDown : ArrowUp} size={12} />
            {arrangement.sort.length > 1 && <span className="num text-micro">{sortAt + 1}</span>}
          </span>
        )}
        {isFiltered && <Icon of={ListFilter} size={12} className="self-center text-accent" />}
      </button>
      {acts.menuOf(column, menu)}
      <Edge width={style.width} onWidth={(width) => acts.onWidth(column, width)} onFit={() => acts.onFit(column)} />
    </div>
  );
}

/** The right edge of a head: dragged it resizes, at a double click the column fits what it holds. */
function Edge({ width, onWidth, onFit }: { width: number; onWidth: (width: number) => void; onFit: () => void }) {
  const from = useRef<{ x: number; width: number } | null>(null);
  const onDown = (event: PointerEvent<HTMLElement>) => {
    event.preventDefault();
    event.stopPropagation();
    from.current = { x: event.clientX, width };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  return (
    <span
      aria-hidden="true"
      className="absolute inset-y-0 -right-1 z-1 w-2 cursor-col-resize touch-none after:absolute after:inset-y-1 after:left-[3px] after:w-0.5 after:rounded-full hover:after:bg-accent"
      onPointerDown={onDown}
      onPointerMove={(event) => {
        if (from.current) onWidth(from.current.width + event.clientX - from.current.x);
      }}
      onPointerUp={() => (from.current = null)}
      onDoubleClick={onFit}
    />
  );
}
