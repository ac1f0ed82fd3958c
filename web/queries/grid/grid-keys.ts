import type { KeyboardEvent } from 'react';
import type { CopyFormat } from './copy.ts';
import { onlyCell, rangeOf, type CellPlace, type Selection } from './selection.ts';
import type { GridColumns } from './use-columns.ts';

interface KeyTools {
  selection: Selection | null;
  select: (next: Selection) => void;
  /** Keys that move the selection. @returns whether the key was one of these */
  onKey: (event: KeyboardEvent) => boolean;
  columns: GridColumns;
  find: () => void;
  copy: (format: CopyFormat, withHead: boolean) => void;
  openMenu: (column: number) => void;
  openCellMenu: (place: CellPlace) => void;
  inspect: (place: CellPlace) => void;
  /** Null where the grid does not fill the window. */
  leaveFull: (() => void) | null;
}
/** A step of a column's width by key, in pixels. */
const WIDTH_STEP = 16;

/** The keys of the grid, while it has the focus itself. */
export function pressGridKey(event: KeyboardEvent<HTMLElement>, tools: KeyTools): void {
  if (event.target !== event.currentTarget) return;
  const isTaken = actOf(event, tools)?.() ?? tools.onKey(event);
  const leaves = !isTaken && event.key === 'Escape' ? tools.leaveFull : null;
  leaves?.();
  if (!isTaken && !leaves) return;
  event.preventDefault();
  event.stopPropagation();
}

/** What a key does beside moving; undefined: nothing. */
function actOf(event: KeyboardEvent<HTMLElement>, tools: KeyTools): (() => true) | undefined {
  const { selection, columns } = tools;
  const end = selection?.end;
  const column = end && columns.layout.columns[end.column];
  const mod = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  const does = (act: () => void) => () => {
    act();
    return true as const;
  };
  if (mod && key === 'f') return does(tools.find);
  if (mod && key === 'c' && selection && rangeOf(selection)) return does(() => tools.copy('tsv', false));
  if (!end || column === undefined) return undefined;
  const wantsMenu = key === 'contextmenu' || (event.shiftKey && key === 'f10');
  if (end.row >= 0) {
    if (wantsMenu) return does(() => tools.openCellMenu(end));
    return key === 'enter' ? does(() => tools.inspect(end)) : undefined;
  }
  // In the head.
  if (wantsMenu || ((key === 'enter' || key === ' ') && !mod)) return does(() => tools.openMenu(column));
  if (event.altKey && (key === 'arrowleft' || key === 'arrowright'))
    return does(() => {
      const to = columns.move(column, end.column + (key === 'arrowleft' ? -1 : 1));
      tools.select(onlyCell({ row: -1, column: to }));
    });
  if (key === '+' || key === '=' || key === '-')
    return does(() => columns.widenBy(column, key === '-' ? -WIDTH_STEP : WIDTH_STEP));
  return undefined;
}
