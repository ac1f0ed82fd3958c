import type { Cell } from '#contracts/queries/engine.ts';
import type { PrivacyMark } from './privacy.ts';
import type { ResultStore } from './result-store.ts';

/** Rows and columns of a block: one answer of the worker. */
const [ROWS, COLUMNS] = [64, 12];
/** Blocks that are kept; those not looked at for longest go. A screen shows about six. */
const KEPT = 160;

/** The cells of 64 rows, as far as they are here: by group of columns. The same object as long as nothing has come. */
export interface RowBlock {
  from: number;
  groups: ReadonlyMap<number, { cells: Cell[][]; marks: (PrivacyMark | null)[] | null }>;
}
/** A cell of a block; undefined: not here yet. */
export const cellOf = (block: RowBlock | undefined, place: number, column: number): Cell | undefined =>
  block?.groups.get(Math.floor(column / COLUMNS))?.cells[column % COLUMNS]?.[place - block.from];
export function markOf(block: RowBlock | undefined, place: number): PrivacyMark | null {
  if (!block) return null;
  for (const { marks } of block.groups.values()) return marks?.[place - block.from] ?? null;
  return null;
}

interface Window {
  fromRow: number;
  toRow: number;
  columns: readonly number[];
}

/**
 * The cells in view and ahead of it, asked of the worker block by block. What was asked for and is out of view by the time
 * it comes is kept all the same: one scrolls back. `onCame` hears of each answer.
 */
export class CellBlocks {
  readonly #store: ResultStore;
  readonly #onCame: () => void;
  #version = -1;
  #blocks = new Map<number, RowBlock>();
  /** Rows that were asked for, by block and group. */
  #asked = new Map<string, number>();
  #groups: { of: readonly number[]; all: readonly number[] } = { of: [], all: [] };
  #lastRow = 0;

  constructor(store: ResultStore, onCame: () => void) {
    this.#store = store;
    this.#onCame = onCame;
  }

  /** The block in which a row lies, as far as it is here. */
  blockOf(place: number): RowBlock | undefined {
    this.#keepUp();
    return this.#blocks.get(Math.floor(place / ROWS));
  }

  /** Asks for what is missing of these cells, and for the next rows the way one scrolls. `columns`: a new array when they change. */
  want({ fromRow, toRow, columns }: Window): void {
    this.#keepUp();
    if (this.#groups.of !== columns)
      this.#groups = { of: columns, all: [...new Set(columns.map((at) => Math.floor(at / COLUMNS)))] };
    const ahead = fromRow > this.#lastRow ? [0, ROWS] : fromRow < this.#lastRow ? [ROWS, 0] : [0, 0];
    this.#lastRow = fromRow;
    const { shown } = this.#store.state;
    const first = Math.floor(Math.max(0, fromRow - (ahead[0] ?? 0)) / ROWS);
    const last = Math.floor((Math.min(shown, toRow + (ahead[1] ?? 0)) - 1) / ROWS);
    for (let block = first; block <= last; block += 1)
      for (const group of this.#groups.all) this.#ask(block, group, Math.min(shown - block * ROWS, ROWS));
  }

  #ask(block: number, group: number, rows: number): void {
    const name = `${block} ${group}`;
    // The last block is asked for again when more rows have come.
    if (rows <= 0 || (this.#asked.get(name) ?? 0) >= rows) return;
    const [asked, blocks, from] = [this.#asked, this.#blocks, block * ROWS];
    asked.set(name, rows);
    const wanted = Array.from({ length: COLUMNS }, (_, at) => group * COLUMNS + at).filter(
      (at) => at < this.#store.columns.length,
    );
    this.#store.block(from, from + rows, wanted).then(
      (answer) => {
        // Rows in another order have blocks of their own.
        if (this.#blocks !== blocks) return;
        const before = blocks.get(block);
        blocks.delete(block);
        blocks.set(block, { from, groups: new Map([...(before?.groups ?? []), [group, answer]]) });
        for (const old of blocks.keys()) {
          if (blocks.size <= KEPT) break;
          blocks.delete(old);
          for (const key of asked.keys()) if (key.startsWith(`${old} `)) asked.delete(key);
        }
        this.#onCame();
      },
      // It is asked for again when it is next in view.
      () => asked.delete(name),
    );
  }

  #keepUp(): void {
    const { version } = this.#store.state;
    if (version === this.#version) return;
    this.#version = version;
    this.#blocks = new Map();
    this.#asked = new Map();
  }
}
