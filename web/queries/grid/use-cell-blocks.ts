import { useEffect, useReducer, useRef } from 'react';
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
 * The cells in view and around them, asked of the worker block by block. What was asked for and is out of view by the time
 * it comes is kept all the same: one scrolls back.
 */
export function useCellBlocks(
  store: ResultStore,
  { fromRow, toRow, columns }: Window,
): (place: number) => RowBlock | undefined {
  const [, drawAgain] = useReducer((count: number) => count + 1, 0);
  const { version, shown } = store.state;
  const kept = useRef({ store, version, blocks: new Map<number, RowBlock>(), asked: new Map<string, number>() });
  if (kept.current.store !== store || kept.current.version !== version)
    kept.current = { store, version, blocks: new Map(), asked: new Map() };
  const groups = [...new Set(columns.map((at) => Math.floor(at / COLUMNS)))].sort((a, b) => a - b).join(' ');
  const [first, last] = [Math.floor(fromRow / ROWS), Math.floor(Math.max(fromRow, toRow - 1) / ROWS)];
  useEffect(() => {
    const mine = kept.current;
    if (groups === '') return;
    for (let block = first; block <= last; block += 1) {
      const from = block * ROWS;
      const rows = Math.min(shown, from + ROWS) - from;
      if (rows <= 0) continue;
      for (const group of groups.split(' ').map(Number)) {
        const name = `${block} ${group}`;
        // The last block is asked for again when more rows have come.
        if ((mine.asked.get(name) ?? 0) >= rows) continue;
        mine.asked.set(name, rows);
        const wanted = Array.from({ length: COLUMNS }, (_, at) => group * COLUMNS + at).filter(
          (at) => at < store.columns.length,
        );
        store.block(from, from + rows, wanted).then(
          (answer) => {
            if (kept.current !== mine) return;
            const before = mine.blocks.get(block);
            mine.blocks.delete(block);
            mine.blocks.set(block, { from, groups: new Map([...(before?.groups ?? []), [group, answer]]) });
            for (const old of mine.blocks.keys()) {
              if (mine.blocks.size <= KEPT) break;
              mine.blocks.delete(old);
              for (const key of mine.asked.keys()) if (key.startsWith(`${old} `)) mine.asked.delete(key);
            }
            drawAgain();
          },
          // It is asked for again when it is next in view.
          () => mine.asked.delete(name),
        );
      }
    }
  }, [store, version, shown, groups, first, last]);
  return (place) => kept.current.blocks.get(Math.floor(place / ROWS));
}
