import {
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  rowSortingFeature,
  tableFeatures,
  useTable,
  type ColumnDef,
  type RowData,
} from '@tanstack/react-table';
import { useMemo, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { useKeys, type KeyAct } from '../kit/keys.ts';
import { useIsNarrow, useIsPhone, useIsTight } from '../kit/media.ts';
import { DataHead, type DataHeader } from './data-head.tsx';
import type { RowActs, RowLook } from './data-row.tsx';
import { DataRows } from './data-rows.tsx';
import { revealRow } from './row-window.ts';

const features = tableFeatures({
  columnVisibilityFeature,
  columnSizingFeature,
  columnResizingFeature,
  rowSortingFeature,
});
export type Features = typeof features;

export interface DataColumn<T> {
  id: string;
  head: string;
  cell: (row: T) => ReactNode;
  /** Pixels; the columns that `grow` share what is left. */
  width: number;
  grow?: boolean;
  align?: 'right';
  /** Makes the head a button. With `onSort` and no `sortValue` the server sorts. */
  sortValue?: (row: T) => string | number;
  serverSort?: boolean;
  /** Left out below this width. */
  hideBelow?: 'sm' | 'md' | 'lg';
}

interface DataTableProps<T> {
  label: string;
  rows: readonly T[];
  columns: ReadonlyArray<DataColumn<T>>;
  rowId: (row: T) => string;
  /** Changes when the row's content does: rows of the same version are not drawn again, changed ones are tinted. */
  versionOf?: (row: T) => string;
  onOpen?: (row: T) => void;
  /** Space shows a row without leaving the list; without it, Space opens. */
  onPeek?: (row: T) => void;
  /** The row whose detail is open. */
  active?: string;
  selected?: ReadonlySet<string>;
  onSelected?: (selected: Set<string>) => void;
  /** `-createdAt` is newest first. */
  sort?: string;
  onSort?: (sort: string) => void;
  hidden?: readonly string[];
  rowHeight?: number;
  /** Called near the end of what is loaded. */
  onMore?: () => void;
  total?: number;
  rowAttributes?: (row: T) => Record<`data-${string}`, string>;
  /** In the last cell of each row: a menu. */
  rowMenu?: (row: T) => ReactNode;
  nameOf?: (row: T) => string;
}

interface ListActs {
  into: () => void;
  isFilled: () => boolean;
  opens: boolean;
  peeks: boolean;
  selects: boolean;
}
/** The keys of a list: the first leads into it from anywhere on the page, the others are those of the row in focus. */
function listKeys({ into, isFilled, opens, peeks, selects }: ListActs): KeyAct[] {
  const there = { run: into, when: isFilled };
  const inRow = { ...there, inList: true };
  return [
    { ...there, keys: 'j', label: 'Into the list' },
    { ...there, keys: 'down', label: 'Into the list' },
    { ...inRow, keys: 'k', label: 'Up' },
    { ...inRow, keys: 'up', label: 'Up' },
    { ...inRow, keys: 'home', label: 'First' },
    { ...inRow, keys: 'end', label: 'Last' },
    ...(opens ? [{ ...inRow, keys: 'enter', label: 'Open' }] : []),
    ...(peeks || opens ? [{ ...inRow, keys: ' ', label: peeks ? 'Peek' : 'Open' }] : []),
    ...(selects
      ? [
          { ...inRow, keys: 'x', label: 'Select' },
          { ...inRow, keys: 'shift+x', label: 'Select to here' },
        ]
      : []),
  ];
}

/** A list of things with many facts: virtual rows, one tab stop, `J` `K` or arrows to move, Enter to open, `X` to select. */
export function DataTable<T extends RowData>(props: DataTableProps<T>) {
  const {
    label,
    rows,
    columns,
    rowId,
    onOpen,
    selected,
    onSelected,
    sort,
    onSort,
    hidden = [],
    rowHeight = 36,
    onMore,
    total,
  } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [isPhone, isNarrow, isTight] = [useIsPhone(), useIsNarrow(), useIsTight()];
  const height = isPhone ? Math.max(rowHeight, 56) : rowHeight;
  const isShown = (column: DataColumn<T>) =>
    !hidden.includes(column.id) &&
    !(column.hideBelow === 'sm' && isPhone) &&
    !(column.hideBelow === 'md' && isNarrow) &&
    !(column.hideBelow === 'lg' && isTight);
  const defs = useMemo(
    () =>
      columns.map((column): ColumnDef<Features, T, unknown> => ({
        id: column.id,
        accessorFn: column.sortValue ?? (() => null),
        header: column.head,
        size: column.width,
        enableSorting: Boolean(column.sortValue ?? column.serverSort),
      })),
    [columns],
  );
  const sorting = sort ? [{ id: sort.replace(/^-/, ''), desc: sort.startsWith('-') }] : [];
  const sortValue = columns.find(({ id }) => id === sorting[0]?.id)?.sortValue;
  const isDescending = sorting[0]?.desc === true;
  const table = useTable<Features, T>({
    features,
    columns: defs,
    // The library has the columns. Rows stay what they are: a model of ten thousand would be made anew for each page.
    data: noRows as readonly T[],
    columnResizeMode: 'onChange',
    manualSorting: true,
    state: {
      sorting,
      columnVisibility: Object.fromEntries(columns.map((column) => [column.id, isShown(column)])),
    },
    onSortingChange: () => undefined,
    onColumnVisibilityChange: () => undefined,
  });
  const drawn = useMemo(
    () => (sortValue ? sortRows(rows, sortValue, isDescending) : rows),
    [rows, sortValue, isDescending],
  );
  const shownIds = columns
    .filter(isShown)
    .map(({ id }) => id)
    .join(' ');
  // The same columns are the same list, so that no row is drawn again for their sake.
  const shown = useMemo(() => columns.filter(({ id }) => shownIds.split(' ').includes(id)), [columns, shownIds]);

  const toggle = (id: string, extend: boolean) => {
    if (!onSelected) return;
    const next = new Set(selected);
    const ids = drawn.map(rowId);
    const anchor = [...next].at(-1);
    if (extend && anchor) {
      const [from, to] = [ids.indexOf(anchor), ids.indexOf(id)].sort((a, b) => a - b);
      for (const between of ids.slice(from, (to ?? 0) + 1)) next.add(between);
    } else if (!next.delete(id)) next.add(id);
    onSelected(next);
  };
  const move = (from: number, step: number) => {
    const to = Math.min(drawn.length - 1, Math.max(0, from + step));
    if (scroller.current) revealRow(scroller.current, to, height);
    focusRow(to);
  };
  /** A row far away is drawn some frames after the list has gone there. */
  const focusRow = (index: number, frames = 30): void => {
    requestAnimationFrame(() => {
      const row = scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"]`);
      if (row) row.focus();
      else if (frames > 0) focusRow(index, frames - 1);
    });
  };
  const onRowKey = (event: KeyboardEvent, index: number, id: string, row: T) => {
    if (event.target !== event.currentTarget || event.metaKey || event.ctrlKey) return;
    const key = event.key.toLowerCase();
    if (key === 'arrowdown' || key === 'j') move(index, 1);
    else if (key === 'arrowup' || key === 'k') move(index, -1);
    else if (key === 'home') move(index, -drawn.length);
    else if (key === 'end') move(index, drawn.length);
    else if (key === ' ' && props.onPeek) props.onPeek(row);
    else if ((key === 'enter' || key === ' ') && onOpen) onOpen(row);
    else if (key === 'x' && onSelected) toggle(id, event.shiftKey);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const into = () => scroller.current?.querySelector<HTMLElement>('[data-index][tabindex="0"], [data-index]')?.focus();
  useKeys(
    listKeys({
      into,
      isFilled: () => drawn.length > 0,
      opens: onOpen !== undefined,
      peeks: props.onPeek !== undefined,
      selects: onSelected !== undefined,
    }),
  );
  // Rows are drawn again when what they show changes, not when the list scrolls: their acts are one object for good.
  const latest = useRef({ toggle, onRowKey, onOpen });
  latest.current = { toggle, onRowKey, onOpen };
  const acts = useMemo(
    (): RowActs<T> => ({
      toggle: (id, extend) => latest.current.toggle(id, extend),
      onKeyDown: (event, index, id, row) => latest.current.onRowKey(event, index, id, row),
      open: (row) => latest.current.onOpen?.(row),
    }),
    [],
  );
  const { rowMenu, rowAttributes, nameOf } = props;
  const [canOpen, canSelect] = [onOpen !== undefined, onSelected !== undefined];
  const look = useMemo(
    (): RowLook<T> => ({ canOpen, canSelect, rowMenu, rowAttributes, nameOf }),
    [canOpen, canSelect, rowMenu, rowAttributes, nameOf],
  );
  const template = [
    onSelected ? '43px' : '',
    ...shown.map((column) => {
      const width = table.getColumn(column.id)?.getSize() ?? column.width;
      return column.grow && width === column.width
        ? `minmax(${Math.min(width, isPhone ? 120 : width)}px, 1fr)`
        : `${width}px`;
    }),
    props.rowMenu ? '44px' : '',
  ]
    .filter(Boolean)
    .join(' ');
  const allSelected = drawn.length > 0 && drawn.every((row) => selected?.has(rowId(row)));
  const minWidth = isPhone
    ? undefined
    : shown.reduce((sum, column) => sum + column.width, 0) + (onSelected ? 43 : 0) + (props.rowMenu ? 44 : 0);

  return (
    <div
      ref={scroller}
      className="min-h-0 flex-1 overflow-auto"
      role="grid"
      aria-label={label}
      aria-rowcount={total ?? drawn.length + 1}
      aria-multiselectable={onSelected ? true : undefined}
    >
      <div style={{ minWidth }} className="flex min-h-full flex-col">
        <DataHead
          headers={
            table.getHeaderGroups()[0]?.headers.filter((header) => header.column.getIsVisible()) ?? noHeaders<T>()
          }
          columns={shown}
          template={template}
          sorting={sorting[0]}
          onSort={onSort}
          checked={allSelected ? true : selected && selected.size > 0 ? 'indeterminate' : false}
          onAll={onSelected && ((on) => onSelected(on ? new Set(drawn.map(rowId)) : new Set()))}
          hasMenu={props.rowMenu !== undefined}
        />
        <DataRows<T>
          scroller={scroller}
          rows={drawn}
          rowId={rowId}
          versionOf={props.versionOf}
          height={height}
          template={template}
          columns={shown}
          active={props.active}
          selected={selected}
          onMore={onMore}
          look={look}
          acts={acts}
        />
      </div>
    </div>
  );
}

const noRows: readonly never[] = [];
const noHeaders = <T extends RowData>(): DataHeader<T>[] => [];

type SortValue<T> = NonNullable<DataColumn<T>['sortValue']>;
/** Equal rows stay in their order; what has no value is last in either direction. */
function sortRows<T>(rows: readonly T[], valueOf: SortValue<T>, isDescending: boolean): readonly T[] {
  const sign = isDescending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [one, other]: (string | number | undefined)[] = [valueOf(a), valueOf(b)];
    if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined);
    return sign * compare(one, other);
  });
}
const compare = (a: string | number, b: string | number): number => {
  if (a === b) return 0;
  return typeof a === 'string' && typeof b === 'string' ? a.localeCompare(b, 'en', { numeric: true }) : a < b ? -1 : 1;
};
