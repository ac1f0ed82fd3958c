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
export interface GridGeometry {
  rows: number;
  rowHeight: number;
  headHeight: number;
  /** Width of the row numbers. */
  gutter: number;
  layout: ColumnLayout;
}
/** Rows drawn beyond either edge, and the step in which the view moves: not each pixel draws anew. */
const [OVERSCAN, STEP] = [10, 4];
/** Rows that are drawn at most where so many fit on screen. */
export const mostRows = (page: number): number => page + STEP + 2 * OVERSCAN;
/** A box that nobody gave a height is as high as all its rows: no more of them are drawn than a screen can show. */
const heightOf = (box: HTMLElement): number =>
  Math.min(box.clientHeight || 600, Math.max(600, globalThis.innerHeight || 0));
/** So long after the last scroll a long list finds its place in the range again, in milliseconds. */
const SETTLE_MS = 160;

/**
 * Which cells are in view of a scroller that may hold any number of rows, and ways to bring others there. A scrolled frame
 * reads one number of the page and draws no React: listeners hear when other cells are in view.
 */
export class GridScroll {
  /** Where nothing is laid out (tests), a screenful is assumed. */
  view: GridView = { fromRow: 0, toRow: 40, fromColumn: 0, toColumn: 12, offset: 0, page: 20 };
  #geometry: GridGeometry;
  #box: HTMLElement | null = null;
  /** Of the box, without its scrollbars. Read when it changes, as reading it in a scroll could lay the page out. */
  #size = { width: 1_000, height: 600 };
  #scrollLeft = 0;
  #place: ScrollPlace = { top: 0, scrollTop: 0 };
  #settle: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(geometry: GridGeometry) {
    this.#geometry = geometry;
  }

  /** @returns leaves the box again */
  attach(box: HTMLElement): () => void {
    this.#box = box;
    const measure = () => {
      this.#size = { width: box.clientWidth || 1_000, height: heightOf(box) };
      this.#look();
    };
    measure();
    const onScroll = () => this.#onScroll(box);
    box.addEventListener('scroll', onScroll, { passive: true });
    const observer = typeof ResizeObserver === 'function' ? new ResizeObserver(measure) : null;
    observer?.observe(box);
    return () => {
      observer?.disconnect();
      box.removeEventListener('scroll', onScroll);
      clearTimeout(this.#settle);
      this.#box = null;
    };
  }
  /** Told of each change of `view`. @returns unsubscribes */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };
  setGeometry(geometry: GridGeometry): void {
    this.#geometry = geometry;
    // Fewer rows than before: what lay below is gone.
    const range = this.#scale();
    if (this.#place.top > range.content - range.view) this.#goTo(placeAt(range, this.#place.top));
    else this.#look();
  }

  /** Brings a cell into view, no further than it must. */
  reveal(row: number, column: number): void {
    const box = this.#box;
    if (!box) return;
    const { rowHeight, gutter, layout } = this.#geometry;
    const range = this.#scale();
    if (row >= 0) {
      const top = row * rowHeight;
      const at = this.#place.top;
      if (top < at) this.#goTo(placeAt(range, top));
      else if (top + rowHeight > at + range.view) this.#goTo(placeAt(range, top + rowHeight - range.view));
    }
    if (column >= layout.pinned) {
      const pinned = layout.lefts[layout.pinned] ?? 0;
      const [left, right] = [layout.lefts[column] ?? 0, layout.lefts[column + 1] ?? 0];
      const width = this.#size.width - gutter;
      if (left - pinned < box.scrollLeft) box.scrollLeft = left - pinned;
      else if (right > box.scrollLeft + width) box.scrollLeft = Math.min(left - pinned, right - width);
      this.#scrollLeft = box.scrollLeft;
    }
    this.#look();
  }
  /** The place under a point of the screen, the nearest one where the point lies outside. */
  readonly placeUnder = (x: number, y: number): { row: number; column: number } => {
    const { rows, rowHeight, headHeight, gutter, layout } = this.#geometry;
    const edge = this.#box?.getBoundingClientRect() ?? { left: 0, top: 0 };
    const row = Math.floor((this.#place.top + y - edge.top - headHeight) / rowHeight);
    const inView = x - edge.left - gutter;
    const isPinned = inView < (layout.lefts[layout.pinned] ?? 0);
    const left = isPinned ? inView : inView + (this.#box?.scrollLeft ?? 0);
    let column = 0;
    while (column < layout.columns.length - 1 && (layout.lefts[column + 1] ?? 0) <= left) column += 1;
    return { row: Math.min(rows - 1, Math.max(0, row)), column };
  };
  /** Where the middle of a cell is on the screen. */
  pointOf({ row, column }: { row: number; column: number }): { x: number; y: number } {
    const { rowHeight, headHeight, gutter, layout } = this.#geometry;
    const edge = this.#box?.getBoundingClientRect() ?? { left: 0, top: 0 };
    const middle = ((layout.lefts[column] ?? 0) + (layout.lefts[column + 1] ?? 0)) / 2;
    return {
      x: edge.left + gutter + middle - (column < layout.pinned ? 0 : this.#scrollLeft),
      y: edge.top + headHeight + (row + 0.5) * rowHeight - this.#place.top,
    };
  }

  #scale() {
    const { rows, rowHeight, headHeight } = this.#geometry;
    return scaleOf(rows * rowHeight, Math.max(rowHeight, this.#size.height - headHeight));
  }
  #onScroll(box: HTMLElement): void {
    this.#scrollLeft = box.scrollLeft;
    const { scrollTop } = box;
    const next = placeAfter(this.#scale(), this.#place, scrollTop);
    if (next.scrollTop === scrollTop) {
      this.#place = next;
      this.#look();
    } else this.#goTo(next);
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => {
      const range = this.#scale();
      if (range.height < range.content) this.#goTo(placeAt(range, this.#place.top));
    }, SETTLE_MS);
  }
  #goTo(next: ScrollPlace): void {
    const box = this.#box;
    this.#place = next;
    if (box && Math.abs(box.scrollTop - next.scrollTop) >= 1) {
      box.scrollTop = next.scrollTop;
      // What the browser made of it: it may stop short of the end.
      this.#place = { top: next.top, scrollTop: box.scrollTop };
    }
    this.#look();
  }
  #look(): void {
    const { rows, rowHeight, headHeight, gutter, layout } = this.#geometry;
    const { width, height } = this.#size;
    const page = Math.max(1, Math.floor((height - headHeight) / rowHeight));
    const first = Math.floor(this.#place.top / rowHeight / STEP) * STEP;
    const fromRow = Math.max(0, first - OVERSCAN);
    const toRow = Math.min(rows, first + page + STEP + OVERSCAN);
    const [fromColumn, toColumn] = columnsInView(layout, this.#scrollLeft, width - gutter);
    const offset = this.#place.top - this.#place.scrollTop;
    const old = this.view;
    if (
      old.fromRow === fromRow &&
      old.toRow === toRow &&
      old.fromColumn === fromColumn &&
      old.toColumn === toColumn &&
      old.offset === offset &&
      old.page === page
    )
      return;
    this.view = { fromRow, toRow, fromColumn, toColumn, offset, page };
    for (const listener of this.#listeners) listener();
  }
}
