import { useEffect, useMemo, useReducer } from 'react';
import { announce } from '../../kit/announce.tsx';
import {
  changeColumns,
  clampWidth,
  firstColumns,
  FIRST_MOST_WIDTH,
  headWidth,
  layoutOf,
  textWidth,
  type ColumnAct,
} from './column-layout.ts';
import type { ResultStore } from './result-store.ts';

/** A column that is fitted to its texts is no wider. */
const FIT_MOST_WIDTH = 720;

/** How the columns of a grid stand, and what changes that. `onOther`: other columns stand where others stood. */
export function useColumns(
  store: ResultStore,
  { hasRows, isGrouped, onOther }: { hasRows: boolean; isGrouped: boolean; onOther: () => void },
) {
  const [columnState, change] = useReducer(changeColumns, store.columns, firstColumns);
  const layout = useMemo(() => layoutOf(columnState), [columnState]);
  // When the first rows are here, each column takes the width they need, within reason; once, and never again by itself.
  useEffect(() => {
    if (!hasRows) return;
    const all = store.columns.map((_, at) => at);
    store.block(0, 50, all).then(
      ({ cells }) => {
        const widths = store.columns.map((shape, at) => {
          const longest = Math.max(0, ...(cells[at] ?? []).map((cell) => textWidth(cell ?? 'null')));
          return [at, Math.min(FIRST_MOST_WIDTH, Math.max(headWidth(shape), longest * 1.08 + 24))] as const;
        });
        change({ do: 'widen', widths: new Map(widths) });
      },
      () => undefined, // the widths by type stay
    );
  }, [store, hasRows]);

  const tellPlace = (column: number, at: number) =>
    announce(`${store.columns[column]?.name ?? ''}, column ${at + 1} of ${layout.columns.length}`);
  const widen = (column: number, width: number) => change({ do: 'widen', widths: new Map([[column, width]]) });
  return {
    columnState,
    layout,
    widen,
    /** Wider or narrower by so many pixels. */
    widenBy: (column: number, by: number) => widen(column, clampWidth((columnState.widths[column] ?? 0) + by)),
    act: (act: ColumnAct) => {
      change(act);
      if (act.do !== 'widen') onOther();
      if (act.do === 'move') tellPlace(act.column, Math.max(0, act.to));
    },
    /** Moves a column to a place on screen. @returns the place it has then */
    move: (column: number, to: number): number => {
      change({ do: 'move', column, to });
      const kept = Math.min(layout.columns.length - 1, Math.max(0, to));
      tellPlace(column, kept);
      return kept;
    },
    /** As wide as its longest text. */
    fit: (column: number) => {
      const shape = store.columns[column];
      if (!shape) return;
      void store.longest(column).then((text) => {
        const width = Math.max(headWidth(shape), textWidth(text) * (isGrouped ? 1.1 : 1) + 24);
        widen(column, Math.min(FIT_MOST_WIDTH, width));
      });
    },
  };
}
export type GridColumns = ReturnType<typeof useColumns>;
