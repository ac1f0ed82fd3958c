import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';
import { columnsInView, type ColumnLayout } from './column-layout.ts';
import { placeAfter, placeAt, scaleOf, type ScrollPlace } from './scroll-scale.ts';

export interface GridView {
  /** Rows to draw, end not included; and of those not pinned, columns. */
  fromRow: number;
  toRow: number;
  fromColumn: number;
  toColumn: number;
  /** What lies between the top of the list and the top of the browser's scroll range, in pixels. */
  offset: number;
  /** Rows that fit on screen. */
  page: number;
}
interface Geometry {
  rows: number;
  rowHeight: number;
  headHeight: number;
  /** Width of the row numbers. */
  gutter: number;
  layout: ColumnLayout;
}
/** Rows drawn beyond either edge, and the step in which the view moves: not each pixel draws anew. */
const [OVERSCAN, STEP] = [10, 4];
/** A box that nobody gave a height is as high as all its rows: no more of them are drawn than a screen can show. */
const heightOf = (box: HTMLElement | null): number =>
  Math.min(box?.clientHeight || 600, Math.max(600, globalThis.innerHeight || 0));
/** So long after the last scroll a long list finds its place in the range again, in milliseconds. */
const SETTLE_MS = 160;

/** Which cells are in view of a scrollerRef that may hold any number of rows, and ways to bring others there. */
export function useGridScroll(scrollerRef: RefObject<HTMLElement | null>, geometry: Geometry) {
  const now = useRef(geometry);
  now.current = geometry;
  const place = useRef<ScrollPlace>({ top: 0, scrollTop: 0 });
  // Where nothing is laid out (tests), a screenful is assumed.
  const [view, setView] = useState<GridView>({
    fromRow: 0,
    toRow: 40,
    fromColumn: 0,
    toColumn: 12,
    offset: 0,
    page: 20,
  });
  const settle = useRef<ReturnType<typeof setTimeout>>(undefined);

  const scale = useCallback(() => {
    const { rows, rowHeight, headHeight } = now.current;
    return scaleOf(rows * rowHeight, Math.max(rowHeight, heightOf(scrollerRef.current) - headHeight));
  }, [scrollerRef]);
  const look = useCallback(() => {
    const box = scrollerRef.current;
    if (!box) return;
    const { rows, rowHeight, headHeight, gutter, layout } = now.current;
    const page = Math.max(1, Math.floor((heightOf(box) - headHeight) / rowHeight));
    const first = Math.floor(place.current.top / rowHeight / STEP) * STEP;
    const fromRow = Math.max(0, first - OVERSCAN);
    const toRow = Math.min(rows, first + page + STEP + OVERSCAN);
    const [fromColumn, toColumn] = columnsInView(layout, box.scrollLeft, (box.clientWidth || 1_000) - gutter);
    const offset = place.current.top - place.current.scrollTop;
    setView((old) =>
      old.fromRow === fromRow &&
      old.toRow === toRow &&
      old.fromColumn === fromColumn &&
      old.toColumn === toColumn &&
      old.offset === offset &&
      old.page === page
        ? old
        : { fromRow, toRow, fromColumn, toColumn, offset, page },
    );
  }, [scrollerRef]);
  const goTo = useCallback(
    (next: ScrollPlace) => {
      const box = scrollerRef.current;
      place.current = next;
      if (box && Math.abs(box.scrollTop - next.scrollTop) >= 1) {
        box.scrollTop = next.scrollTop;
        // What the browser made of it: it may stop short of the end.
        place.current = { top: next.top, scrollTop: box.scrollTop };
      }
      look();
    },
    [scrollerRef, look],
  );
  const onScroll = useCallback(() => {
    const box = scrollerRef.current;
    if (!box) return;
    const next = placeAfter(scale(), place.current, box.scrollTop);
    if (next.scrollTop === box.scrollTop) {
      place.current = next;
      look();
    } else goTo(next);
    clearTimeout(settle.current);
    settle.current = setTimeout(() => {
      const range = scale();
      if (range.height < range.content) goTo(placeAt(range, place.current.top));
    }, SETTLE_MS);
  }, [scrollerRef, scale, look, goTo]);

  const { rows, layout } = geometry;
  useEffect(() => {
    // Fewer rows than before: what lay below is gone.
    const range = scale();
    if (place.current.top > range.content - range.view) goTo(placeAt(range, place.current.top));
    else look();
  }, [rows, layout, scale, goTo, look]);
  useEffect(() => {
    const box = scrollerRef.current;
    if (!box || typeof ResizeObserver !== 'function') return undefined;
    const observer = new ResizeObserver(look);
    observer.observe(box);
    return () => {
      observer.disconnect();
      clearTimeout(settle.current);
    };
  }, [scrollerRef, look]);

  /** Brings a cell into view, no further than it must. */
  const reveal = useCallback(
    (row: number, column: number) => {
      const box = scrollerRef.current;
      if (!box) return;
      const { rowHeight, gutter, layout: columns } = now.current;
      const range = scale();
      if (row >= 0) {
        const top = row * rowHeight;
        const at = place.current.top;
        if (top < at) goTo(placeAt(range, top));
        else if (top + rowHeight > at + range.view) goTo(placeAt(range, top + rowHeight - range.view));
      }
      if (column >= columns.pinned) {
        const pinned = columns.lefts[columns.pinned] ?? 0;
        const [left, right] = [columns.lefts[column] ?? 0, columns.lefts[column + 1] ?? 0];
        const width = box.clientWidth - gutter;
        if (left - pinned < box.scrollLeft) box.scrollLeft = left - pinned;
        else if (right > box.scrollLeft + width) box.scrollLeft = Math.min(left - pinned, right - width);
      }
      look();
    },
    [scrollerRef, scale, goTo, look],
  );
  /** The place under a point of the screen, the nearest one where the point lies outside. */
  const placeUnder = useCallback(
    (x: number, y: number): { row: number; column: number } => {
      const box = scrollerRef.current;
      const { rows: count, rowHeight, headHeight, gutter, layout: columns } = now.current;
      const edge = box?.getBoundingClientRect() ?? { left: 0, top: 0 };
      const row = Math.floor((place.current.top + y - edge.top - headHeight) / rowHeight);
      const inView = x - edge.left - gutter;
      const isPinned = inView < (columns.lefts[columns.pinned] ?? 0);
      const left = isPinned ? inView : inView + (box?.scrollLeft ?? 0);
      let column = 0;
      while (column < columns.columns.length - 1 && (columns.lefts[column + 1] ?? 0) <= left) column += 1;
      return { row: Math.min(count - 1, Math.max(0, row)), column };
    },
    [scrollerRef],
  );
  const { rowHeight } = geometry;
  return { view, onScroll, reveal, placeUnder, height: scaleOf(rows * rowHeight, 0).height };
}
