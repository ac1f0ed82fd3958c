import type { Cell, QueryColumn } from '#contracts/queries/engine.ts';
import type { Copied, CopyRange } from './copy.ts';
import type { ColumnDrift, ResultDiff } from './diff.ts';
import { takeEngine } from './engine-line.ts';
import type { SelectionFigures } from './figures.ts';
import { asTheyCame, type Arrangement, type CellBlock, type StoreState } from './grid-engine.ts';
import type { Grouped, Grouping } from './group.ts';
import type { ColumnProfile } from './profile.ts';

/**
 * The rows of one result, in a worker of this tab and nowhere else: nothing is written to the browser's storage, and
 * `dispose` or closing the tab drops them. Rows and columns are named by place: of the rows shown, and of `columns`.
 */
export interface ResultStore {
  /** Unique in this tab. */
  readonly id: number;
  readonly columns: readonly QueryColumn[];
  /** What is there and shown; a new object after each change. */
  readonly state: StoreState;
  subscribe: (listener: () => void) => () => void;
  append: (rows: readonly (readonly Cell[])[]) => Promise<StoreState>;
  arrange: (arrangement: Arrangement) => Promise<StoreState>;
  block: (from: number, to: number, columns: readonly number[]) => Promise<CellBlock>;
  cell: (place: number, column: number) => Promise<Cell>;
  longest: (column: number) => Promise<string>;
  profile: (column: number) => Promise<ColumnProfile>;
  group: (grouping: Grouping) => Promise<Grouped>;
  figures: (range: { fromRow: number; toRow: number; columns: readonly number[] }) => Promise<SelectionFigures>;
  copy: (range: CopyRange) => Promise<Copied>;
  /** Looks for a text; `told` hears of each step. @returns stops it */
  find: (
    columns: readonly number[],
    needle: string,
    told: (found: { matches: number[]; isDone: boolean; looked: number }) => void,
  ) => () => void;
  /** This result against a later one. */
  diff: (after: ResultStore, keys: readonly string[]) => Promise<ResultDiff>;
  drift: (after: ResultStore) => Promise<ColumnDrift[]>;
  dispose: () => void;
}

/** Cells of one message to the worker: more would hold the page up for longer than a frame. */
const MESSAGE_CELLS = 20_000;
let lastId = 0;

/** Opens a store for a result of these columns. Whoever opens it disposes of it. */
export function createResultStore(columns: readonly QueryColumn[]): ResultStore {
  lastId += 1;
  const id = lastId;
  const engine = takeEngine();
  const listeners = new Set<() => void>();
  let state: StoreState = {
    version: 0,
    loaded: 0,
    shown: 0,
    waiting: 0,
    hiddenByPrivacy: null,
    hiddenShares: [],
    arrangement: asTheyCame,
    bytes: 0,
  };
  let isOpen = true;
  const set = (next: StoreState): StoreState => {
    state = next;
    if (isOpen) for (const listener of listeners) listener();
    return next;
  };
  const opened = engine.call('open', id, columns);
  opened.catch(() => undefined); // told by the first act that needs it
  return {
    id,
    columns,
    get state() {
      return state;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    append: async (rows) => {
      const step = Math.max(1, Math.floor(MESSAGE_CELLS / Math.max(1, columns.length)));
      for (let from = 0; from < rows.length; from += step)
        set(await engine.call('append', id, rows.slice(from, from + step)));
      return state;
    },
    arrange: async (arrangement) => set(await engine.call('arrange', id, arrangement)),
    block: (from, to, wanted) => engine.call('block', id, from, to, wanted),
    cell: (place, column) => engine.call('cell', id, place, column),
    longest: (column) => engine.call('longest', id, column),
    profile: (column) => engine.call('profile', id, column),
    group: (grouping) => engine.call('group', id, grouping),
    figures: (range) => engine.call('figures', id, range),
    copy: (range) => engine.call('copy', id, range),
    find: (wanted, needle, told) => {
      let isStopped = false;
      const go = async (): Promise<void> => {
        await engine.call('find', id, wanted, needle);
        for (;;) {
          if (isStopped) return;
          const found = await engine.call('findOn', id);
          if (isStopped) return;
          told(found);
          if (found.isDone) return;
        }
      };
      // A store that is gone finds nothing more.
      go().catch(() => undefined);
      return () => void (isStopped = true);
    },
    diff: (after, keys) => engine.call('diff', id, after.id, keys),
    drift: (after) => engine.call('drift', id, after.id),
    dispose: () => {
      if (!isOpen) return;
      isOpen = false;
      void engine.call('drop', id).catch(() => undefined);
      engine.close();
    },
  };
}
