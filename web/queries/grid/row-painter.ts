import { markOf, cellOf, type RowBlock } from './cell-blocks.ts';
import type { FindState } from './find-bar.tsx';
import { mostRows, type GridView } from './grid-scroll.ts';
import type { PrivacyMark } from './privacy.ts';
import { drawCell, layCells, type DrawnCell, type RowLook } from './row-cells.ts';
import { rangeOf, type Selection } from './selection.ts';
import { foundIn } from './use-find.ts';

/** What is marked in the rows. */
export interface RowMarks {
  selection: Selection | null;
  find: FindState;
}
interface Scene {
  view: GridView;
  look: RowLook;
  marks: RowMarks;
  rows: number;
  blockOf: (place: number) => RowBlock | undefined;
}

/** One row of the page: its number and pinned cells, which stay where one scrolls sideways, and the others. */
interface Slot {
  readonly index: number;
  readonly main: HTMLElement;
  readonly side: HTMLElement;
  readonly head: HTMLElement;
  readonly number: Text;
  place: number;
  top: number;
  cells: DrawnCell[];
  pinned: DrawnCell[];
  /** What it was drawn of. */
  look: RowLook | null;
  columns: readonly number[];
  block: RowBlock | undefined;
  marked: string;
  mark: PrivacyMark | null;
  headLook: string;
}

/** Cells are named so that the grid can tell a screen reader where the focus is. */
export const headId = (gridId: string, column: number): string => `${gridId}-h-${column}`;
const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
/** So long after the last row has come the rows stand in the page in their order again, as a screen reader reads them. */
const REST_MS = 200;

/**
 * Draws the rows in view into elements that it keeps: a row that comes takes the place of one that goes, so that a scrolled
 * frame writes a few texts and makes nothing. The page's React knows nothing of them.
 */
export class RowPainter {
  readonly #main: HTMLElement;
  readonly #side: HTMLElement;
  readonly #grid: HTMLElement;
  readonly #markIcon: () => Node | null;
  #slots: (Slot | undefined)[] = [];
  #signWidth = Number.POSITIVE_INFINITY;
  /** The heights for which it was measured: on a phone the face is larger. */
  #measuredFor: RowLook['height'] | null = null;
  #columns: { from: number; to: number; pinned: number; main: readonly number[]; side: readonly number[] } | null =
    null;
  #rest: ReturnType<typeof setTimeout> | undefined;

  /** `grid` is told which cell is the active one; `markIcon` is the sign of a row in which privacy hid something. */
  constructor(places: { main: HTMLElement; side: HTMLElement; grid: HTMLElement; markIcon: () => Node | null }) {
    ({ main: this.#main, side: this.#side, grid: this.#grid, markIcon: this.#markIcon } = places);
  }

  /** Takes the width of a sign anew: of the face that is there, in the size that is set. */
  #measure(): void {
    const probe = document.createElement('span');
    probe.className = 'invisible absolute whitespace-pre';
    probe.textContent = '0'.repeat(100);
    this.#main.append(probe);
    this.#signWidth = probe.getBoundingClientRect().width / 100 || Number.POSITIVE_INFINITY;
    probe.remove();
  }

  paint(scene: Scene): void {
    const { view, rows, look, marks } = scene;
    const pool = mostRows(view.page);
    if (this.#slots.length !== pool) this.#clear(pool);
    if (this.#measuredFor !== look.height) {
      this.#measuredFor = look.height;
      this.#measure();
    }
    const { layout } = look;
    const { fromColumn, toColumn } = view;
    if (this.#columns?.from !== fromColumn || this.#columns.to !== toColumn || this.#columns.pinned !== layout.pinned)
      this.#columns = {
        from: fromColumn,
        to: toColumn,
        pinned: layout.pinned,
        main: range(Math.max(fromColumn, layout.pinned), Math.min(toColumn, layout.columns.length)),
        side: range(0, layout.pinned),
      };
    const to = Math.min(view.toRow, rows);
    let hasMoved = false;
    for (let place = view.fromRow; place < to; place += 1) {
      const slot = (this.#slots[place % pool] ??= this.#makeSlot(place % pool));
      if (slot.place !== place) hasMoved = true;
      this.#draw(slot, place, scene);
    }
    for (const slot of this.#slots)
      if (slot && slot.place >= 0 && (slot.place < view.fromRow || slot.place >= to)) {
        slot.main.remove();
        slot.side.remove();
        slot.place = -1;
      }
    this.#tellActive(look, marks.selection);
    if (hasMoved) {
      clearTimeout(this.#rest);
      this.#rest = setTimeout(() => this.#putInOrder(view.fromRow, to), REST_MS);
    }
  }
  /** Takes all rows away. */
  close(): void {
    this.#clear(0);
  }

  #clear(pool: number): void {
    clearTimeout(this.#rest);
    for (const slot of this.#slots) {
      slot?.main.remove();
      slot?.side.remove();
    }
    this.#slots = Array.from<Slot | undefined>({ length: pool });
  }
  #makeSlot(index: number): Slot {
    const row = () => {
      const node = document.createElement('div');
      node.setAttribute('role', 'row');
      node.className = 'absolute flex [contain:size_layout_style]';
      return node;
    };
    const [main, side, head] = [row(), row(), document.createElement('div')];
    side.style.left = '0';
    side.classList.add('bg-surface');
    head.setAttribute('role', 'rowheader');
    head.setAttribute('aria-colindex', '1');
    const number = document.createTextNode('');
    head.append(number);
    side.append(head);
    const drawn = { place: -1, top: -1, cells: [], pinned: [], look: null, columns: [], block: undefined, mark: null };
    return { index, main, side, head, number, ...drawn, marked: '', headLook: '' };
  }

  #draw(slot: Slot, place: number, { view, look, marks, blockOf }: Scene): void {
    const { layout } = look;
    const columns = this.#columns;
    if (!columns) return;
    const block = blockOf(place);
    const { selection, find } = marks;
    const selected = selection && rangeOf(selection);
    const isIn = selected !== null && place >= selected.fromRow && place < selected.toRow;
    const [fromSelected, toSelected] = isIn ? [selected.fromColumn, selected.toColumn] : [0, 0];
    const ring = selection?.anchor.row === place ? selection.anchor.column : -1;
    const found = foundIn(find, place, layout.columns.length);
    const marked = isIn || ring >= 0 || found !== '' ? `${fromSelected} ${toSelected} ${ring} ${found}` : '';
    const top = place * look.height.row - view.offset;
    if (slot.top !== top) {
      slot.top = top;
      slot.main.style.top = slot.side.style.top = `${top}px`;
    }
    const isOther = slot.look !== look || slot.columns !== columns.main;
    if (slot.place === place && !isOther && slot.block === block && slot.marked === marked) return;
    if (isOther) this.#lay(slot, look, columns);
    if (slot.place !== place) {
      if (slot.place < 0) {
        this.#main.append(slot.main);
        this.#side.append(slot.side);
      }
      slot.place = place;
      for (const row of [slot.main, slot.side]) row.setAttribute('aria-rowindex', String(place + 2));
      slot.main.dataset['place'] = slot.side.dataset['sidePlace'] = String(place);
      slot.number.data = (place + 1).toLocaleString('en-GB');
    }
    slot.block = block;
    slot.marked = marked;
    const inFind = found === '' ? null : new Set(found.split(' ').map(Number));
    for (const drawn of [...slot.pinned, ...slot.cells]) {
      const { at } = drawn;
      const column = layout.columns[at];
      const shape = column === undefined ? undefined : look.columns[column];
      if (column === undefined || !shape) continue;
      drawCell(drawn, cellOf(block, place, column), shape, {
        isGrouped: look.isGrouped,
        width: look.widths[column] ?? 0,
        signWidth: this.#signWidth,
        marks: {
          isSelected: at >= fromSelected && at < toSelected,
          isFound: inFind?.has(at) === true,
          hasRing: at === ring,
          isLastPinned: at === layout.pinned - 1,
        },
      });
    }
    this.#drawHead(slot, markOf(block, place), toSelected > fromSelected);
  }

  /** Gives the row its columns, each with its width, and its own place from the left. */
  #lay(slot: Slot, look: RowLook, columns: { main: readonly number[]; side: readonly number[] }): void {
    const { layout, widths, gutter, gridId, height } = look;
    const idOf = (at: number) => `${gridId}-${slot.index}-${at}`;
    slot.pinned = layCells(slot.side, slot.pinned, columns.side, { skip: 1, idOf });
    slot.cells = layCells(slot.main, slot.cells, columns.main, { skip: 0, idOf });
    for (const { node, at } of [...slot.pinned, ...slot.cells])
      node.style.width = `${widths[layout.columns[at] ?? -1] ?? 0}px`;
    const lefts = (at: number) => layout.lefts[at] ?? 0;
    const first = columns.main[0] ?? layout.pinned;
    const end = columns.main.length > 0 ? first + columns.main.length : first;
    slot.main.style.left = `${gutter + lefts(first)}px`;
    slot.main.style.width = `${lefts(end) - lefts(first)}px`;
    slot.side.style.width = `${gutter + lefts(layout.pinned)}px`;
    for (const { style } of [slot.main, slot.side]) {
      style.height = `${height.row}px`;
      style.lineHeight = `${height.row - 1}px`;
    }
    slot.head.style.width = `${gutter}px`;
    slot.look = look;
    slot.columns = columns.main;
  }

  #drawHead(slot: Slot, mark: PrivacyMark | null, isSelected: boolean): void {
    const look = `num flex flex-none items-center justify-end gap-1 border-r border-b border-line bg-sunken pr-2.5 font-sans text-meta ${isSelected ? 'font-medium text-text-2' : 'text-text-3'}`;
    if (slot.headLook !== look) slot.head.className = slot.headLook = look;
    if (slot.mark === mark) return;
    slot.mark = mark;
    while (slot.head.firstChild && slot.head.firstChild !== slot.number) slot.head.firstChild.remove();
    slot.head.removeAttribute('title');
    if (!mark) return;
    const words = document.createElement('span');
    words.className = 'sr-only';
    slot.head.title = words.textContent = privacyWords(mark);
    const icon = this.#markIcon();
    slot.head.prepend(...(icon ? [icon] : []), words);
  }

  #tellActive({ gridId, layout }: RowLook, selection: Selection | null): void {
    const end = selection?.end;
    let id: string | undefined;
    if (end?.row === -1) id = headId(gridId, end.column);
    else if (end) {
      const slot = this.#slots[end.row % Math.max(1, this.#slots.length)];
      const cells = end.column < layout.pinned ? slot?.pinned : slot?.cells;
      if (slot?.place === end.row) id = cells?.find(({ at }) => at === end.column)?.node.id;
    }
    // What is not drawn cannot be named.
    if (id === undefined) this.#grid.removeAttribute('aria-activedescendant');
    else if (this.#grid.getAttribute('aria-activedescendant') !== id)
      this.#grid.setAttribute('aria-activedescendant', id);
  }
  #putInOrder(from: number, to: number): void {
    const pool = this.#slots.length;
    for (const [pane, of] of [
      [this.#main, 'main'],
      [this.#side, 'side'],
    ] as const) {
      let next = pane.firstChild;
      for (let place = from; place < to; place += 1) {
        const node = this.#slots[place % pool]?.[of];
        if (!node) continue;
        if (node === next) next = next.nextSibling;
        else pane.insertBefore(node, next);
      }
    }
  }
}

const privacyWords = ({ users, reason }: { users: string | null; reason: string | null }): string =>
  ['Hidden by privacy', reason, users === null ? null : `${users} users`].filter(Boolean).join(' · ');
