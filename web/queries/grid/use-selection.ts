import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import type { SelectionFigures } from './figures.ts';
import type { ResultStore } from './result-store.ts';
import { moveSelection, onlyCell, type CellPlace, type CellRange, type Selection } from './selection.ts';

interface SelectionTools {
  rows: number;
  columns: number;
  /** Rows that fit on screen now. */
  page: () => number;
  reveal: (row: number, column: number) => void;
  placeUnder: (x: number, y: number) => CellPlace;
  /** The edges of the scroller, for a drag that leaves it. */
  scroller: () => HTMLElement | null;
  gutter: number;
}

/** Which cells are selected, by keys and by the pointer: a click, a drag, Shift, the row numbers. */
export function useSelection(tools: SelectionTools) {
  const [selection, setSelection] = useState<Selection | null>(null);
  const latest = useRef({ tools, selection });
  latest.current = { tools, selection };
  const dragging = useRef<{ x: number; y: number; byRow: boolean; frame: number } | null>(null);

  const select = (next: Selection, { isRevealed = true } = {}) => {
    latest.current.selection = next;
    setSelection(next);
    if (isRevealed) latest.current.tools.reveal(next.end.row, next.end.column);
  };
  /** @returns whether the key was one of these */
  const onKey = (event: KeyboardEvent): boolean => {
    const { rows, columns } = tools;
    if (columns === 0) return false;
    const now = selection ?? onlyCell({ row: 0, column: 0 });
    const { key, shiftKey: shift } = event;
    const next = moveSelection(
      now,
      { key, shift, mod: event.ctrlKey || event.metaKey },
      { rows, columns, page: tools.page() },
    );
    if (!next) return false;
    const isFar = key.toLowerCase() === 'a' || key === ' ';
    select(next, { isRevealed: !isFar });
    return true;
  };
  const extendTo = (x: number, y: number) => {
    const { tools: now, selection: from } = latest.current;
    if (!from || !dragging.current) return;
    const place = now.placeUnder(x, y);
    const end = dragging.current.byRow ? { row: place.row, column: now.columns - 1 } : place;
    if (end.row !== from.end.row || end.column !== from.end.column) select({ anchor: from.anchor, end });
  };
  /** While the pointer is beyond an edge the grid goes on that way. */
  const creep = () => {
    const drag = dragging.current;
    const box = latest.current.tools.scroller();
    if (!drag || !box) return;
    const edge = box.getBoundingClientRect();
    const beyond = (at: number, from: number, to: number) => (at < from ? at - from : at > to ? at - to : 0);
    const [dx, dy] = [beyond(drag.x, edge.left, edge.right), beyond(drag.y, edge.top, edge.bottom)];
    if (dx !== 0 || dy !== 0) {
      box.scrollBy(dx / 3, dy / 3);
      extendTo(drag.x, drag.y);
    }
    drag.frame = requestAnimationFrame(creep);
  };
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    const { tools: now } = latest.current;
    // A finger scrolls; a tap selects when it is lifted (`onClick`).
    if (event.button !== 0 || event.pointerType === 'touch' || now.rows === 0) return;
    const box = now.scroller();
    const place = now.placeUnder(event.clientX, event.clientY);
    const byRow = event.clientX - (box?.getBoundingClientRect().left ?? 0) < now.gutter;
    const end = byRow ? { row: place.row, column: now.columns - 1 } : place;
    const anchor =
      event.shiftKey && selection && selection.anchor.row >= 0
        ? selection.anchor
        : byRow
          ? { row: place.row, column: 0 }
          : place;
    select({ anchor, end }, { isRevealed: !byRow });
    event.currentTarget.setPointerCapture(event.pointerId);
    dragging.current = { x: event.clientX, y: event.clientY, byRow, frame: requestAnimationFrame(creep) };
  };
  const stop = () => {
    if (dragging.current) cancelAnimationFrame(dragging.current.frame);
    dragging.current = null;
  };
  useEffect(() => stop, []);
  const pointer = {
    onPointerDown,
    onPointerMove: (event: PointerEvent) => {
      if (!dragging.current) return;
      dragging.current.x = event.clientX;
      dragging.current.y = event.clientY;
      extendTo(event.clientX, event.clientY);
    },
    onPointerUp: stop,
    onPointerCancel: stop,
    onLostPointerCapture: stop,
    onClick: (event: React.MouseEvent) => {
      const kind = (event.nativeEvent as globalThis.PointerEvent).pointerType;
      if (kind === 'touch') select(onlyCell(latest.current.tools.placeUnder(event.clientX, event.clientY)));
    },
  };
  return { selection, select, setSelection, onKey, pointer };
}

/** Cells, sum and average of what is selected, as the worker finds them; null while one cell alone is. */
export function useFigures(
  store: ResultStore,
  range: CellRange | null,
  columns: readonly number[],
): SelectionFigures | null {
  const [found, setFound] = useState<{ key: string; figures: SelectionFigures } | null>(null);
  const { version } = store.state;
  const isOne = !range || (range.toRow - range.fromRow) * (range.toColumn - range.fromColumn) <= 1;
  const key = isOne
    ? ''
    : [version, range.fromRow, range.toRow, ...columns.slice(range.fromColumn, range.toColumn)].join(' ');
  const latest = useRef({ range, columns });
  latest.current = { range, columns };
  useEffect(() => {
    const { range: asked, columns: all } = latest.current;
    if (key === '' || !asked) return undefined;
    let isHere = true;
    // While a selection is drawn only where it rests is counted.
    const timer = setTimeout(() => {
      const { fromRow, toRow, fromColumn, toColumn } = asked;
      store.figures({ fromRow, toRow, columns: all.slice(fromColumn, toColumn) }).then(
        (figures) => isHere && setFound({ key, figures }),
        () => undefined,
      );
    }, 40);
    return () => {
      isHere = false;
      clearTimeout(timer);
    };
  }, [store, key]);
  return found?.key === key ? found.figures : null;
}
