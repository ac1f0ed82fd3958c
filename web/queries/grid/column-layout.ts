import type { QueryColumn } from '#contracts/queries/engine.ts';
import { isPrivacyColumn } from './privacy.ts';

export const [LEAST_WIDTH, MOST_WIDTH, FIRST_MOST_WIDTH] = [56, 1_200, 360];

/** How the columns stand; columns are told by their place in the result. */
export interface ColumnState {
  order: readonly number[];
  widths: readonly number[];
  hidden: ReadonlySet<number>;
  pinned: ReadonlySet<number>;
}
/** The columns on screen from left to right, the pinned ones first. */
export interface ColumnLayout {
  columns: readonly number[];
  pinned: number;
  /** The left edge of each, in pixels after the row numbers; one more than columns. */
  lefts: readonly number[];
}

/** A text in the mono face of cells is about so wide. */
export const textWidth = (text: string): number => {
  let width = 0;
  // Han, Kana and Hangul are twice as wide.
  for (const sign of text) width += /[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7a3\uff00-\uff60]/.test(sign) ? 14.5 : 7.25;
  return width;
};
/** What a head needs for its name, its type and the marks beside them. */
export const headWidth = ({ name, type }: QueryColumn): number =>
  Math.ceil(name.length * 7.1 + typeWord(type).length * 5.8 + 48);
export const clampWidth = (width: number): number => Math.round(Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, width)));

const words: Partial<Record<QueryColumn['type'], string>> = {
  integer: 'int',
  decimal: 'num',
  boolean: 'bool',
  timestamp: 'time',
  time: 'clock',
};
/** The type in a word short enough for a head. */
export const typeWord = (type: QueryColumn['type']): string => words[type] ?? type;
export const isNumeric = ({ type }: QueryColumn): boolean => type === 'integer' || type === 'decimal';

const usual: Partial<Record<QueryColumn['type'], number>> = { timestamp: 168, date: 96, boolean: 72, uuid: 280 };

/** How columns stand at first: those that say how rows were hidden are no columns. */
export const firstColumns = (columns: readonly QueryColumn[]): ColumnState => ({
  order: columns.map((_, at) => at),
  widths: columns.map((column) =>
    clampWidth(
      Math.min(FIRST_MOST_WIDTH, Math.max(headWidth(column), usual[column.type] ?? (isNumeric(column) ? 96 : 140))),
    ),
  ),
  hidden: new Set(columns.flatMap((column, at) => (isPrivacyColumn(column) ? [at] : []))),
  pinned: new Set(),
});

export function layoutOf({ order, widths, hidden, pinned }: ColumnState): ColumnLayout {
  const shown = order.filter((at) => !hidden.has(at));
  const columns = [...shown.filter((at) => pinned.has(at)), ...shown.filter((at) => !pinned.has(at))];
  const lefts = [0];
  for (const at of columns) lefts.push((lefts.at(-1) ?? 0) + (widths[at] ?? 0));
  return { columns, pinned: columns.filter((at) => pinned.has(at)).length, lefts };
}

export type ColumnAct =
  | { do: 'widen'; widths: ReadonlyMap<number, number> }
  | { do: 'move'; column: number; to: number }
  | { do: 'pin' | 'unpin' | 'hide' | 'show'; column: number }
  | { do: 'showAll'; columns: readonly QueryColumn[] };

/** What an act makes of the columns. `move` names a place among the columns on screen. */
export function changeColumns(state: ColumnState, act: ColumnAct): ColumnState {
  switch (act.do) {
    case 'widen':
      return { ...state, widths: state.widths.map((width, at) => clampWidth(act.widths.get(at) ?? width)) };
    case 'move': {
      const { columns, pinned } = layoutOf(state);
      // A column stays among the pinned or among the others.
      const isPinned = state.pinned.has(act.column);
      const to = Math.min(isPinned ? pinned - 1 : columns.length - 1, Math.max(isPinned ? 0 : pinned, act.to));
      const next = columns.filter((at) => at !== act.column);
      next.splice(to, 0, act.column);
      return { ...state, order: [...next, ...state.order.filter((at) => state.hidden.has(at))] };
    }
    case 'pin':
      return { ...state, pinned: new Set([...state.pinned, act.column]) };
    case 'unpin':
      return { ...state, pinned: new Set([...state.pinned].filter((at) => at !== act.column)) };
    case 'hide':
      return { ...state, hidden: new Set([...state.hidden, act.column]) };
    case 'show':
      return { ...state, hidden: new Set([...state.hidden].filter((at) => at !== act.column)) };
    case 'showAll':
      return {
        ...state,
        hidden: new Set([...state.hidden].filter((at) => act.columns[at] && isPrivacyColumn(act.columns[at]))),
      };
  }
}

/** Which columns are in view, end not included; the pinned ones always are and do not count. */
export function columnsInView({ lefts, columns, pinned }: ColumnLayout, left: number, width: number): [number, number] {
  const pinnedWidth = lefts[pinned] ?? 0;
  const [from, to] = [left + pinnedWidth, left + width];
  let first = pinned;
  while (first < columns.length - 1 && (lefts[first + 1] ?? 0) <= from) first += 1;
  let end = first;
  while (end < columns.length && (lefts[end] ?? 0) < to) end += 1;
  // One more to either side, so that a little way needs nothing new.
  return [Math.max(pinned, first - 1), Math.min(columns.length, end + 1)];
}
