import { EyeOff } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef, type ComponentProps, type RefObject } from 'react';
import { Icon } from '../../ui/icon.tsx';
import { CellBlocks } from './cell-blocks.ts';
import type { GridGeometry, GridScroll } from './grid-scroll.ts';
import type { ResultStore } from './result-store.ts';
import type { RowLook } from './row-cells.ts';
import { RowPainter, type RowMarks } from './row-painter.ts';
import { scaleOf } from './scroll-scale.ts';

interface GridRowsProps extends ComponentProps<'div'> {
  store: ResultStore;
  scroll: GridScroll;
  scroller: RefObject<HTMLElement | null>;
  look: RowLook;
  marks: RowMarks;
  geometry: GridGeometry;
}

/**
 * The rows below the head. React knows the two panes, the painter what is in them: row numbers and pinned columns stay
 * when one scrolls sideways, so they are a pane of their own, one layer for the browser instead of one for each row.
 */
export function GridRows({ store, scroll, scroller, look, marks, geometry, ...rest }: GridRowsProps) {
  const main = useRef<HTMLDivElement>(null);
  const side = useRef<HTMLDivElement>(null);
  const icon = useRef<HTMLSpanElement>(null);
  const paint = useRef(() => {});
  const latest = useRef({ look, marks, rows: geometry.rows });
  // After each drawing of React: what is the same is not drawn again.
  useLayoutEffect(() => {
    latest.current = { look, marks, rows: geometry.rows };
    scroll.setGeometry(geometry);
    paint.current();
  });
  useEffect(() => {
    if (!main.current || !side.current || !scroller.current) return undefined;
    const markIcon = () => icon.current?.firstChild?.cloneNode(true) ?? null;
    const painter = new RowPainter({ main: main.current, side: side.current, grid: scroller.current, markIcon });
    const blocks = new CellBlocks(store, () => paint.current());
    const blockOf = (place: number) => blocks.blockOf(place);
    const asked: { view: number[]; look: RowLook | null; columns: readonly number[] } = {
      view: [],
      look: null,
      columns: [],
    };
    paint.current = () => {
      const { view } = scroll;
      const now = latest.current;
      const { columns, pinned } = now.look.layout;
      const [fromColumn = -1, toColumn = -1] = asked.view;
      if (asked.look !== now.look || fromColumn !== view.fromColumn || toColumn !== view.toColumn) {
        asked.view = [view.fromColumn, view.toColumn];
        asked.look = now.look;
        asked.columns = [...columns.slice(0, pinned), ...columns.slice(view.fromColumn, view.toColumn)];
      }
      blocks.want({ fromRow: view.fromRow, toRow: view.toRow, columns: asked.columns });
      painter.paint({ ...now, view, blockOf });
    };
    const leave = [scroll.attach(scroller.current), scroll.subscribe(() => paint.current())];
    paint.current();
    return () => {
      for (const each of leave) each();
      paint.current = () => {};
      painter.close();
    };
  }, [store, scroll, scroller]);
  const { layout, gutter } = look;
  return (
    <div
      role="presentation"
      {...rest}
      className="relative select-none"
      style={{
        height: scaleOf(geometry.rows * geometry.rowHeight, 0).height,
        width: gutter + (layout.lefts.at(-1) ?? 0),
      }}
    >
      <div ref={main} role="rowgroup" className="absolute inset-x-0 top-0" />
      <div
        ref={side}
        role="rowgroup"
        className="sticky left-0 z-2 h-full"
        style={{ width: gutter + (layout.lefts[layout.pinned] ?? 0) }}
      />
      <span ref={icon} hidden>
        <Icon of={EyeOff} size={12} className="text-wait-fg" />
      </span>
    </div>
  );
}
