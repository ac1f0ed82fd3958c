import {
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  createSortedRowModel,
  rowSelectionFeature,
  rowSortingFeature,
  tableFeatures,
  useTable,
  type ColumnDef,
  type Row,
  type RowData,
} from '@tanstack/react-table';
import { ChevronDown, ChevronUp } from 'lucide-react';
import { useEffect, useMemo, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { cx } from '../kit/cx.ts';
import { useKeys, type KeyAct } from '../kit/keys.ts';
import { useIsNarrow, useIsPhone, useIsTight } from '../kit/media.ts';
import { Checkbox } from './choice.tsx';
import { DataRow, type RowActs, type RowLook } from './data-row.tsx';
import { Icon } from './icon.tsx';
import { useHaste } from './row-haste.ts';
import { useRowWindow } from './row-window.ts';

const features = tableFeatures({
  columnVisibilityFeature,
  columnSizingFeature,
  columnResizingFeature,
  rowSelectionFeature,
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
});
type Features = typeof features;

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
        sortUndefined: 'last',
        sortFn: (a: Row<Features, T>, b: Row<Features, T>) =>
          compare(column.sortValue?.(a.original), column.sortValue?.(b.original)),
      })),
    [columns],
  );
  const sorting = sort ? [{ id: sort.replace(/^-/, ''), desc: sort.startsWith('-') }] : [];
  const sortColumn = columns.find(({ id }) => id === sorting[0]?.id);
  const table = useTable<Features, T>({
    features,
    columns: defs,
    data: rows,
    getRowId: rowId,
    columnResizeMode: 'onChange',
    manualSorting: !sortColumn?.sortValue,
    state: {
      sorting,
      columnVisibility: Object.fromEntries(columns.map((column) => [column.id, isShown(column)])),
      rowSelection: Object.fromEntries([...(selected ?? [])].map((id) => [id, true])),
    },
    onSortingChange: () => undefined,
    onRowSelectionChange: () => undefined,
    onColumnVisibilityChange: () => undefined,
  });
  const drawn = table.getRowModel().rows;
  const shownIds = columns
    .filter(isShown)
    .map(({ id }) => id)
    .join(' ');
  // The same columns are the same list, so that no row is drawn again for their sake.
  const shown = useMemo(() => columns.filter(({ id }) => shownIds.split(' ').includes(id)), [columns, shownIds]);
  const view = useRowWindow(scroller, drawn.length, height, 16);
  const haste = useHaste(scroller);
  const last = Math.max(0, view.to - 1);
  useEffect(() => {
    if (onMore && drawn.length > 0 && last >= drawn.length - 10) onMore();
  }, [last, drawn.length, onMore]);

  const toggle = (id: string, extend: boolean) => {
    if (!onSelected) return;
    const next = new Set(selected);
    const ids = drawn.map((row) => row.id);
    const anchor = [...next].at(-1);
    if (extend && anchor) {
      const [from, to] = [ids.indexOf(anchor), ids.indexOf(id)].sort((a, b) => a - b);
      for (const between of ids.slice(from, (to ?? 0) + 1)) next.add(between);
    } else if (!next.delete(id)) next.add(id);
    onSelected(next);
  };
  const move = (from: number, step: number) => {
    const to = Math.min(drawn.length - 1, Math.max(0, from + step));
    view.reveal(to);
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
  const allSelected = drawn.length > 0 && drawn.every((row) => selected?.has(row.id));
  const minWidth = isPhone
    ? undefined
    : shown.reduce((sum, column) => sum + column.width, 0) + (onSelected ? 43 : 0) + (props.rowMenu ? 44 : 0);

  return (
    <div
      ref={scroller}
      onScroll={view.onScroll}
      className="min-h-0 flex-1 overflow-auto"
      role="grid"
      aria-label={label}
      aria-rowcount={total ?? drawn.length + 1}
      aria-multiselectable={onSelected ? true : undefined}
    >
      <div style={{ minWidth }} className="flex min-h-full flex-col">
        <div role="rowgroup" className="sticky top-0 z-(--wl-z-sticky)">
          <div
            role="row"
            aria-rowindex={1}
            style={{ gridTemplateColumns: template }}
            className="grid h-8 items-center border-y max-sm:h-[46px] border-line bg-sunken text-meta font-medium text-text-3"
          >
            {onSelected && (
              <span role="columnheader" className="pl-5">
                <Checkbox
                  hideLabel
                  label="Select all that are shown"
                  checked={allSelected ? true : selected && selected.size > 0 ? 'indeterminate' : false}
                  onChecked={(on) => onSelected(on ? new Set(drawn.map((row) => row.id)) : new Set())}
                />
              </span>
            )}
            {table
              .getHeaderGroups()[0]
              ?.headers.filter((header) => header.column.getIsVisible())
              .map((header, index) => {
                const column = shown[index];
                if (!column) return null;
                const isSorted =
                  sorting[0]?.id === column.id ? (sorting[0].desc ? 'descending' : 'ascending') : undefined;
                return (
                  <span
                    key={column.id}
                    role="columnheader"
                    aria-sort={isSorted}
                    className={cx(
                      'group relative flex min-w-0 items-center px-2.5',
                      column.align === 'right' && 'justify-end',
                      !onSelected && index === 0 && 'pl-5',
                      !props.rowMenu && index === shown.length - 1 && 'pr-5',
                    )}
                  >
                    {onSort && header.column.getCanSort() ? (
                      <button
                        type="button"
                        className="inline-flex min-w-0 items-center gap-1 hover:text-text max-sm:h-11"
                        onClick={() => onSort(isSorted === 'descending' ? column.id : `-${column.id}`)}
                      >
                        <span className="truncate">{column.head}</span>
                        {isSorted && <Icon of={isSorted === 'descending' ? ChevronDown : ChevronUp} size={12} />}
                      </button>
                    ) : (
                      <span className="truncate">{column.head}</span>
                    )}
                    <span
                      aria-hidden="true"
                      onMouseDown={header.getResizeHandler()}
                      onTouchStart={header.getResizeHandler()}
                      className="absolute inset-y-[-8px] right-0 w-1.5 cursor-col-resize opacity-0 group-hover:border-r group-hover:border-line-strong group-hover:opacity-100"
                    />
                  </span>
                );
              })}
            {props.rowMenu && (
              <span role="columnheader">
                <span className="sr-only">Acts</span>
              </span>
            )}
          </div>
        </div>
        <div role="rowgroup" className="relative" style={{ height: drawn.length * height }}>
          {drawn.slice(view.from, view.to).map((row, offset) => {
            const index = view.from + offset;
            return (
              <DataRow<T>
                key={row.id}
                id={row.id}
                row={row.original}
                index={index}
                top={index * height}
                height={height}
                template={template}
                columns={shown}
                version={props.versionOf?.(row.original)}
                isActive={row.id === props.active}
                isSelected={Boolean(selected?.has(row.id))}
                isTabStop={offset === 0 || row.id === props.active}
                look={look}
                acts={acts}
                haste={haste}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

const compare = (a: string | number | undefined, b: string | number | undefined): number => {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return typeof a === 'string' && typeof b === 'string' ? a.localeCompare(b, 'en', { numeric: true }) : a < b ? -1 : 1;
};
