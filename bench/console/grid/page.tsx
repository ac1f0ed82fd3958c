import { createRoot } from 'react-dom/client';
import type { Cell, QueryColumn } from '#contracts/queries/engine.ts';
import { ResultGrid, ROW_HEIGHT } from '#web/queries/grid/result-grid.tsx';
import { createResultStore, type ResultStore } from '#web/queries/grid/result-store.ts';
import { TooltipProvider } from '#web/ui/tooltip.tsx';
import './page.css';

/** What the bench asks of the page: it measures inside, so that its own calls are not in the figures. */
export interface GridBench {
  /** Fills a result of 50 columns. @returns milliseconds and bytes */
  fill: (rows: number) => Promise<{ ms: number; bytes: number }>;
  /** Sorts by a number column, each time by another. @returns milliseconds until the rows are on screen */
  sort: (times: number) => Promise<number[]>;
  profile: (column: number) => Promise<number>;
  /** Two results of 100,000 × 20 compared by key. */
  diff: () => Promise<number>;
  /** In place of the grid, a page without a framework that does nothing when it is scrolled: as many cells on screen. */
  plain: (cellsOfRow: number) => void;
}

const kinds = [
  'integer',
  'decimal',
  'text',
  'integer',
  'timestamp',
  'text',
  'boolean',
  'decimal',
  'integer',
  'text',
] as const;
const shapes = (count: number): QueryColumn[] =>
  Array.from({ length: count }, (_, at) => ({ name: `column_${at + 1}`, type: kinds[at % kinds.length] ?? 'text' }));
const chance = (row: number, at: number): number => Math.abs(Math.imul(row * 31 + at + 1, 2_654_435_761 | 0));
const cellAt = (row: number, at: number, shift = 0): Cell => {
  const drawn = chance(row, at);
  if (drawn % 97 === 0) return null;
  switch (kinds[at % kinds.length]) {
    case 'integer':
      return String(at === 0 ? row + shift : drawn % 1_000_003);
    case 'decimal':
      return (drawn / 10_000).toFixed(2);
    case 'timestamp':
      return new Date(1_700_000_000_000 + drawn).toISOString();
    case 'boolean':
      return drawn % 2 === 0 ? 'true' : 'false';
    default:
      return at % 20 === 2 ? `person${drawn}@mail.example` : `Tier ${drawn % 40}`;
  }
};
/** Rows of one message: a page as a service gives it. */
const PAGE = 2_000;
async function fillStore(store: ResultStore, rows: number, shift = 0): Promise<void> {
  for (let from = 0; from < rows; from += PAGE)
    await store.append(
      Array.from({ length: Math.min(PAGE, rows - from) }, (_, at) =>
        store.columns.map((_shape, column) => cellAt(from + at, column, shift)),
      ),
    );
}
const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const drawnFirst = () => document.querySelector('[data-place="0"] [aria-colindex="2"]')?.textContent ?? '';

const store = createResultStore(shapes(50));
const root = createRoot(document.querySelector('#root') ?? document.body);
const bench: GridBench = {
  fill: async (rows) => {
    const begin = performance.now();
    await fillStore(store, rows);
    const status = { loaded: rows, total: rows, isComplete: true };
    root.render(
      <TooltipProvider>
        <div className="flex h-screen flex-col">
          <ResultGrid store={store} status={status} />
        </div>
      </TooltipProvider>,
    );
    while (drawnFirst() === '') await frame();
    return { ms: performance.now() - begin, bytes: store.state.bytes };
  },
  sort: async (times) => {
    const took: number[] = [];
    const columns = shapes(50).flatMap(({ type }, at) => (type === 'integer' || type === 'decimal' ? [at] : []));
    for (let time = 0; time < times; time += 1) {
      const begin = performance.now();
      const sort = [{ column: columns[(time + 1) % columns.length] ?? 0, isDescending: time % 2 === 1 }];
      await store.arrange({ ...store.state.arrangement, sort });
      await frame(); // the old cells are taken away
      while (drawnFirst() === '') await frame();
      took.push(performance.now() - begin);
    }
    await store.arrange({ ...store.state.arrangement, sort: [] });
    return took;
  },
  profile: async (column) => {
    const begin = performance.now();
    await store.profile(column);
    return performance.now() - begin;
  },
  diff: async () => {
    const [before, after] = [createResultStore(shapes(20)), createResultStore(shapes(20))];
    await fillStore(before, 100_000);
    await fillStore(after, 100_000, 1_000);
    const begin = performance.now();
    await before.diff(after, ['column_1']);
    const took = performance.now() - begin;
    before.dispose();
    after.dispose();
    return took;
  },
  plain: (cellsOfRow) => {
    root.unmount();
    const list = document.createElement('div');
    list.className = 'relative h-screen overflow-auto bg-surface font-mono text-meta';
    // As far as the scroll of the bench goes, and a screen more.
    for (let row = 0; row < 600; row += 1) {
      const line = document.createElement('div');
      line.className = 'plain-row absolute left-0 flex leading-[26px]';
      line.style.top = `${row * ROW_HEIGHT}px`;
      for (let at = 0; at < cellsOfRow; at += 1) {
        const cell = document.createElement('div');
        cell.className = 'w-30 flex-none overflow-hidden border-r border-b border-line px-2.5 whitespace-pre';
        cell.textContent = cellAt(row, at);
        line.append(cell);
      }
      list.append(line);
    }
    document.body.replaceChildren(list);
  },
};
Object.assign(globalThis, { bench });
