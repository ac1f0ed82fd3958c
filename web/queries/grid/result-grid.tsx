/*
 * The result of a query as a grid. What the page does:
 *
 * - It opens a store, `createResultStore(columns)`, or lets `useResultRows({ fetchPage })` open one, append the pages and
 *   stop at a limit; both are dropped when the result closes. Rows are in the worker of the store and in no storage.
 * - It mounts `<ResultGrid store status … />`, lazily with the query page, in a box with a height: the grid fills it, and it
 *   alone scrolls. It brings its own foot (`foot` adds to it) and says every limit or cut that `status.cut` names,
 *   with `cutActs` beside it ("Load more", "Export the whole result").
 * - `onNeedMore` is called when somebody comes near the last loaded row. `empty` replaces the words for a result without
 *   rows where the page knows more, and `notice` stands above all: a failure with what is loaded still below it.
 *
 * Sort, filter, find, profile, chart and selection work on the rows that are loaded, in the worker; nothing runs again.
 */
import { Rows3, SearchX } from 'lucide-react';
import {
  useCallback,
  useEffect,
  useId,
  useMemo,
  useReducer,
  useRef,
  useState,
  useSyncExternalStore,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import { announce } from '../../kit/announce.tsx';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Menu } from '../../ui/menu.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { CellInspector } from './cell-inspector.tsx';
import { CellMenu } from './cell-menu.tsx';
import { ChartPanel } from './chart-panel.tsx';
import {
  changeColumns,
  clampWidth,
  firstColumns,
  headWidth,
  layoutOf,
  textWidth,
  FIRST_MOST_WIDTH,
  type ColumnAct,
} from './column-layout.ts';
import { ColumnMenu } from './column-menu.tsx';
import type { CopyFormat } from './copy.ts';
import { copySelected } from './copy-cells.ts';
import { FilterDialog } from './filter-dialog.tsx';
import { FindBar } from './find-bar.tsx';
import type { Arrangement } from './grid-engine.ts';
import { figuresText, GridFoot } from './grid-foot.tsx';
import { GridHead, HEAD_HEIGHT } from './grid-head.tsx';
import { GridNotices, type LoadStatus } from './grid-notices.tsx';
import { cellId, GridRow, type RowLook } from './grid-row.tsx';
import { ProfilePanel } from './profile-panel.tsx';
import type { ResultStore } from './result-store.ts';
import { onlyCell, rangeOf, type CellPlace } from './selection.ts';
import { useCellBlocks } from './use-cell-blocks.ts';
import { foundIn, useFind } from './use-find.ts';
import { useGridScroll } from './use-grid-scroll.ts';
import { useFigures, useSelection } from './use-selection.ts';

/** As the design has it; the last pixel is the line. */
export const ROW_HEIGHT = 27;
/** Rows are placed from the nearest of these, so that no row lies further down than browsers can place it. */
const BASE_ROWS = 100_000;

export interface ResultGridProps {
  store: ResultStore;
  status: LoadStatus;
  label?: string;
  onNeedMore?: () => void;
  cutActs?: ReactNode;
  notice?: ReactNode;
  foot?: ReactNode;
  empty?: ReactNode;
}
type Panel = { of: 'filter' | 'profile' | 'chart'; column: number } | { of: 'cell'; column: number; place: number };

/** Rows and columns of a result, any number of either. See the head of this file for what the page does. */
export const ResultGrid = (props: ResultGridProps): ReactNode => <GridOfStore key={props.store.id} {...props} />;

/** One result: its columns, its selection and what is open over it go with it. */
function GridOfStore({ store, status, label = 'Result', onNeedMore, cutActs, notice, foot, empty }: ResultGridProps) {
  const state = useSyncExternalStore(store.subscribe, () => store.state);
  const gridId = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [columnState, changeColumn] = useReducer(changeColumns, store.columns, firstColumns);
  const layout = useMemo(() => layoutOf(columnState), [columnState]);
  const [isGrouped, setGrouped] = useState(true);
  const [panel, setPanel] = useState<Panel | null>(null);
  const [menu, setMenu] = useState<number | null>(null);
  const [cellMenu, setCellMenu] = useState<{ x: number; y: number; place: CellPlace } | null>(null);
  const gutter = Math.max(
    42,
    state.loaded.toLocaleString('en-GB').length * 7 + (state.hiddenByPrivacy === null ? 22 : 38),
  );
  const { columns, pinned } = layout;
  const { view, onScroll, reveal, placeUnder, height } = useGridScroll(scroller, {
    rows: state.shown,
    rowHeight: ROW_HEIGHT,
    headHeight: HEAD_HEIGHT,
    gutter,
    layout,
  });
  const { selection, select, setSelection, onKey, pointer } = useSelection({
    rows: state.shown,
    columns: columns.length,
    page: view.page,
    reveal,
    placeUnder,
    scroller: () => scroller.current,
    gutter,
  });
  const range = selection && rangeOf(selection);
  const figures = useFigures(store, range, columns);
  const goTo = (row: number, column: number) => select(onlyCell({ row, column }));
  const finding = useFind(store, columns, goTo);
  const drawn = useMemo(
    () => [...columns.slice(0, pinned), ...columns.slice(view.fromColumn, view.toColumn)],
    [columns, pinned, view.fromColumn, view.toColumn],
  );
  const blockOf = useCellBlocks(store, { fromRow: view.fromRow, toRow: view.toRow, columns: drawn });
  const look = useMemo(
    (): RowLook => ({
      gridId,
      columns: store.columns,
      layout,
      widths: columnState.widths,
      gutter,
      height: ROW_HEIGHT,
      isGrouped,
    }),
    [gridId, store, layout, columnState.widths, gutter, isGrouped],
  );
  useFirstWidths(store, state.loaded > 0, changeColumn);
  const focusGrid = useCallback(() => scroller.current?.focus(), []);

  useEffect(() => {
    if (onNeedMore && !status.isComplete && view.toRow >= state.shown - 200) onNeedMore();
  }, [onNeedMore, status.isComplete, view.toRow, state.shown, state.loaded]);
  // Once all is there, what came after the last sort is sorted in.
  const { waiting, arrangement } = state;
  useEffect(() => {
    if (status.isComplete && waiting > 0) void store.arrange(arrangement);
  }, [status.isComplete, waiting, arrangement, store]);
  useEffect(() => {
    if (figures) announce(figuresText(figures));
  }, [figures]);

  const arrange = (next: Arrangement) => {
    void store.arrange(next).then(({ shown, loaded }) => {
      const { sort } = next;
      announce(
        [
          shown < loaded ? `${shown.toLocaleString('en-GB')} of ${loaded.toLocaleString('en-GB')} rows` : 'All rows',
          sort.length > 0 &&
            `sorted by ${sort.map(({ column, isDescending }) => `${store.columns[column]?.name ?? ''}${isDescending ? ' descending' : ''}`).join(', ')}`,
        ]
          .filter(Boolean)
          .join(', '),
      );
    });
    // What was selected is somewhere else now.
    setSelection((old) => (old && old.end.row < 0 ? old : null));
  };
  const sortBy = (column: number, extend: boolean) => {
    const { sort } = arrangement;
    const key = sort.find((each) => each.column === column);
    const rest = sort.filter((each) => each.column !== column);
    // Ascending, descending, as they came.
    const next = key?.isDescending ? [] : [{ column, isDescending: key !== undefined }];
    arrange({
      ...arrangement,
      sort: extend ? (key ? sort.flatMap((each) => (each === key ? next : [each])) : [...rest, ...next]) : next,
    });
  };
  const actOnColumns = (act: ColumnAct) => {
    changeColumn(act);
    if (act.do !== 'widen') setSelection(null);
    if (act.do === 'move')
      announce(`${store.columns[act.column]?.name ?? ''}, column ${Math.max(0, act.to) + 1} of ${columns.length}`);
  };
  const fit = (column: number) => {
    const shape = store.columns[column];
    if (!shape) return;
    void store.longest(column).then((text) => {
      const width = Math.max(headWidth(shape), textWidth(text) * (isGrouped ? 1.1 : 1) + 24);
      changeColumn({ do: 'widen', widths: new Map([[column, Math.min(720, width)]]) });
    });
  };
  const copy = (format: CopyFormat, withHead: boolean) => {
    const all = { fromRow: 0, toRow: state.shown, fromColumn: 0, toColumn: columns.length };
    const { fromRow, toRow, fromColumn, toColumn } = range ?? all;
    void copySelected(store, { fromRow, toRow, columns: columns.slice(fromColumn, toColumn), format, withHead });
  };
  const inspect = ({ row, column }: CellPlace) => {
    const at = columns[column];
    if (at !== undefined && row >= 0 && row < state.shown) setPanel({ of: 'cell', column: at, place: row });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.target !== event.currentTarget) return;
    const end = selection?.end;
    const column = end && columns[end.column];
    const mod = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    if (mod && key === 'f') finding.open();
    else if (mod && key === 'c' && range) copy('tsv', false);
    else if (end?.row === -1 && column !== undefined && (key === 'enter' || key === ' ') && !mod) setMenu(column);
    else if (end?.row === -1 && column !== undefined && event.altKey && (key === 'arrowleft' || key === 'arrowright')) {
      const to = end.column + (key === 'arrowleft' ? -1 : 1);
      changeColumn({ do: 'move', column, to });
      const kept = Math.min(columns.length - 1, Math.max(0, to));
      select(onlyCell({ row: -1, column: kept }));
      announce(`${store.columns[column]?.name ?? ''}, column ${kept + 1} of ${columns.length}`);
    } else if (end?.row === -1 && column !== undefined && (key === '+' || key === '=' || key === '-'))
      changeColumn({
        do: 'widen',
        widths: new Map([[column, clampWidth((columnState.widths[column] ?? 0) + (key === '-' ? -16 : 16))]]),
      });
    else if (end && key === 'enter') inspect(end);
    else if (!onKey(event)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  const base = Math.floor(view.fromRow / BASE_ROWS) * BASE_ROWS;
  const rows = [];
  // A row keeps its element while it is in view, and gives it to the row that comes when it goes.
  const pool = Math.max(1, view.page + 40);
  for (let place = view.fromRow; place < Math.min(view.toRow, state.shown); place += 1) {
    const isIn = range !== null && place >= range.fromRow && place < range.toRow;
    rows.push(
      <GridRow
        key={place % pool}
        look={look}
        place={place}
        top={(place - base) * ROW_HEIGHT}
        block={blockOf(place)}
        fromColumn={view.fromColumn}
        toColumn={view.toColumn}
        fromSelected={isIn ? range.fromColumn : 0}
        toSelected={isIn ? range.toColumn : 0}
        ring={selection?.anchor.row === place ? selection.anchor.column : -1}
        found={foundIn(finding.find, place, columns.length)}
      />,
    );
  }
  const isEmpty = state.shown === 0 && (status.isComplete || state.loaded > 0);
  const menuOf = (column: number, button: ReactNode) => {
    const shape = store.columns[column];
    if (menu !== column || !shape) return button;
    const at = columns.indexOf(column);
    return (
      <Menu
        trigger={button}
        label={`Column ${shape.name}`}
        isOpen
        onOpen={(isOpen) => !isOpen && setMenu(null)}
        onCloseFocus={focusGrid}
      >
        <ColumnMenu
          column={column}
          shape={shape}
          at={at}
          isPinned={at < pinned}
          arrangement={arrangement}
          onArrange={arrange}
          onColumns={actOnColumns}
          onFit={() => fit(column)}
          onFilter={() => setPanel({ of: 'filter', column })}
          onProfile={() => setPanel({ of: 'profile', column })}
          onChart={() => setPanel({ of: 'chart', column })}
        />
      </Menu>
    );
  };
  const closePanel = useCallback(() => setPanel(null), []);

  return (
    <section aria-label={label} className="flex min-h-0 min-w-0 flex-1 flex-col bg-surface" data-testid="queries.grid">
      {notice}
      <GridNotices
        columns={store.columns}
        state={state}
        status={status}
        cutActs={cutActs}
        onArrange={arrange}
        find={
          finding.isOpen ? (
            <FindBar
              {...finding.find}
              rows={state.shown}
              onNeedle={finding.look}
              onGo={finding.go}
              onClose={() => {
                finding.close();
                focusGrid();
              }}
            />
          ) : null
        }
      />
      <div
        ref={scroller}
        role="grid"
        tabIndex={0}
        aria-label={label}
        aria-rowcount={state.shown + 1}
        aria-colcount={columns.length + 1}
        aria-multiselectable
        aria-activedescendant={selection ? cellId(gridId, selection.end.row, selection.end.column) : undefined}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
        onFocus={() => {
          if (!selection && state.shown > 0) setSelection(onlyCell({ row: 0, column: 0 }));
        }}
        className="relative min-h-0 flex-1 overflow-auto bg-surface font-mono text-meta outline-offset-[-2px]"
      >
        <GridHead
          look={look}
          fromColumn={view.fromColumn}
          toColumn={view.toColumn}
          arrangement={arrangement}
          ring={selection?.end.row === -1 ? selection.end.column : -1}
          onSort={sortBy}
          onMenu={setMenu}
          menuOf={menuOf}
          onWidth={(column, width) => changeColumn({ do: 'widen', widths: new Map([[column, width]]) })}
          onFit={fit}
          onMove={(column, to) => actOnColumns({ do: 'move', column, to })}
          onSelectAll={() => {
            if (state.shown > 0)
              setSelection({
                anchor: { row: 0, column: 0 },
                end: { row: state.shown - 1, column: columns.length - 1 },
              });
            focusGrid();
          }}
          placeUnder={placeUnder}
        />
        {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys are the grid's */}
        <div
          role="rowgroup"
          className="relative select-none"
          style={{ height, width: gutter + (layout.lefts.at(-1) ?? 0) }}
          {...pointer}
          onDoubleClick={(event) => inspect(placeUnder(event.clientX, event.clientY))}
          onContextMenu={(event) => {
            if (state.shown === 0) return;
            event.preventDefault();
            const place = placeUnder(event.clientX, event.clientY);
            const isInside =
              range &&
              place.row >= range.fromRow &&
              place.row < range.toRow &&
              place.column >= range.fromColumn &&
              place.column < range.toColumn;
            if (!isInside) setSelection(onlyCell(place));
            setCellMenu({ x: event.clientX, y: event.clientY, place });
          }}
        >
          <div
            className="absolute inset-x-0 top-0"
            style={{ transform: `translateY(${base * ROW_HEIGHT - view.offset}px)` }}
          >
            {rows}
          </div>
        </div>
        {isEmpty && (
          <div className="sticky left-0 w-full max-w-full font-sans" style={{ width: scroller.current?.clientWidth }}>
            {state.loaded > 0 ? (
              <EmptyState
                icon={SearchX}
                title="No row matches"
                action={<Button onClick={() => arrange({ ...arrangement, filters: [] })}>Clear filters</Button>}
              />
            ) : (
              (empty ?? (
                <EmptyState icon={Rows3} title="No rows">
                  The query ran and gave none.
                </EmptyState>
              ))
            )}
          </div>
        )}
        {state.loaded === 0 && !status.isComplete && (
          <div className="sticky left-0 p-3.5" aria-hidden="true">
            <Skeleton className="appear-late h-40" />
          </div>
        )}
      </div>
      <GridFoot
        columns={store.columns}
        columnState={columnState}
        shownColumns={columns.length}
        state={state}
        figures={figures}
        isGrouped={isGrouped}
        canCopy={range !== null}
        onGrouped={setGrouped}
        onColumns={actOnColumns}
        onFind={finding.open}
        onChart={() => setPanel({ of: 'chart', column: columns[selection?.end.column ?? 0] ?? 0 })}
        onCopy={copy}
      >
        {foot}
      </GridFoot>
      {cellMenu && (
        <CellMenu
          {...cellMenu}
          store={store}
          column={columns[cellMenu.place.column] ?? 0}
          onCopy={copy}
          onInspect={() => inspect(cellMenu.place)}
          onFilter={(filter) =>
            arrange({
              ...arrangement,
              filters: [...arrangement.filters.filter((each) => each.column !== filter.column), filter],
            })
          }
          onClose={() => setCellMenu(null)}
          onCloseFocus={focusGrid}
        />
      )}
      {panel?.of === 'filter' && (
        <FilterDialog
          store={store}
          column={panel.column}
          standing={arrangement.filters.find(({ column }) => column === panel.column)}
          onFilter={(filter) =>
            arrange({
              ...arrangement,
              filters: [...arrangement.filters.filter(({ column }) => column !== filter.column), filter],
            })
          }
          onClose={closePanel}
        />
      )}
      {panel?.of === 'profile' && <ProfilePanel store={store} column={panel.column} onClose={closePanel} />}
      {panel?.of === 'chart' && <ChartPanel store={store} column={panel.column} onClose={closePanel} />}
      {panel?.of === 'cell' && (
        <CellInspector store={store} place={panel.place} column={panel.column} onClose={closePanel} />
      )}
    </section>
  );
}

/** When the first rows are here, each column takes the width they need, within reason; once, and never again by itself. */
function useFirstWidths(store: ResultStore, hasRows: boolean, change: (act: ColumnAct) => void): void {
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
  }, [store, hasRows, change]);
}
