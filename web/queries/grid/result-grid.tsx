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
  useRef,
  useState,
  useSyncExternalStore,
  type MouseEvent,
  type ReactNode,
} from 'react';
import { announce } from '../../kit/announce.tsx';
import { cx } from '../../kit/cx.ts';
import { useIsPhone } from '../../kit/media.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Menu } from '../../ui/menu.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { arrangedWords, filteredBy, sortedBy } from './arrange-rows.ts';
import { CellMenu } from './cell-menu.tsx';
import { ColumnMenu } from './column-menu.tsx';
import type { CopyFormat } from './copy.ts';
import { copySelected } from './copy-cells.ts';
import { FindBar } from './find-bar.tsx';
import type { Arrangement } from './grid-engine.ts';
import { figuresText, GridFoot } from './grid-foot.tsx';
import { GridHead } from './grid-head.tsx';
import { pressGridKey } from './grid-keys.ts';
import { GridNotices, type LoadStatus } from './grid-notices.tsx';
import { GridPanels, type GridPanel } from './grid-panels.tsx';
import { GridRows } from './grid-rows.tsx';
import { GridScroll, type GridGeometry } from './grid-scroll.ts';
import type { ResultStore } from './result-store.ts';
import type { RowLook } from './row-cells.ts';
import { isWithin, onlyCell, rangeOf, type CellPlace } from './selection.ts';
import { useColumns } from './use-columns.ts';
import { useFind } from './use-find.ts';
import { useFullWindow } from './use-full-window.ts';
import { useFigures, useSelection } from './use-selection.ts';

/** As the design has it; the last pixel is the line. */
export const ROW_HEIGHT = 27;
/** Heights of head and rows, in pixels; on a phone a thumb hits them. */
const heights = { desk: { head: 29, row: ROW_HEIGHT }, phone: { head: 44, row: 36 } } as const;
/** So many rows before the last one more are asked for. */
const NEAR = 200;

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

/** Rows and columns of a result, any number of either. See the head of this file for what the page does. */
export const ResultGrid = (props: ResultGridProps): ReactNode => <GridOfStore key={props.store.id} {...props} />;

/** One result: its columns, its selection and what is open over it go with it. */
function GridOfStore({ store, status, label = 'Result', onNeedMore, cutActs, notice, foot, empty }: ResultGridProps) {
  const state = useSyncExternalStore(store.subscribe, () => store.state);
  const { arrangement, shown, loaded, waiting } = state;
  const gridId = useId();
  const section = useRef<HTMLElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const { isFull, toggle: toggleFull } = useFullWindow(section);
  const [isGrouped, setGrouped] = useState(true);
  const [panel, setPanel] = useState<GridPanel | null>(null);
  const [menu, setMenu] = useState<number | null>(null);
  const [cellMenu, setCellMenu] = useState<{ x: number; y: number; place: CellPlace } | null>(null);
  const columnsOf = useColumns(store, { hasRows: loaded > 0, isGrouped, onOther: () => setSelection(null) });
  const { columnState, layout } = columnsOf;
  const { columns, pinned } = layout;
  const gutter = Math.max(42, loaded.toLocaleString('en-GB').length * 7 + (state.hiddenByPrivacy === null ? 22 : 38));
  const height = heights[useIsPhone() ? 'phone' : 'desk'];
  const geometry: GridGeometry = { rows: shown, rowHeight: height.row, headHeight: height.head, gutter, layout };
  const [scroll] = useState(() => new GridScroll(geometry));
  const { selection, select, setSelection, onKey, pointer } = useSelection({
    rows: shown,
    columns: columns.length,
    page: () => scroll.view.page,
    reveal: (row, column) => scroll.reveal(row, column),
    placeUnder: scroll.placeUnder,
    scroller: () => scroller.current,
    gutter,
  });
  const range = selection && rangeOf(selection);
  const figures = useFigures(store, range, columns);
  const finding = useFind(store, columns, (row, column) => select(onlyCell({ row, column })));
  const { widths } = columnState;
  const look = useMemo(
    (): RowLook => ({ gridId, columns: store.columns, layout, widths, gutter, height, isGrouped }),
    [gridId, store, layout, widths, gutter, height, isGrouped],
  );
  const focusGrid = useCallback(() => scroller.current?.focus(), []);

  useEffect(() => {
    if (!onNeedMore || status.isComplete) return undefined;
    const ask = () => {
      if (scroll.view.toRow >= shown - NEAR) onNeedMore();
    };
    ask();
    return scroll.subscribe(ask);
  }, [onNeedMore, status.isComplete, scroll, shown, loaded]);
  // Once all is there, what came after the last sort is sorted in.
  useEffect(() => {
    if (status.isComplete && waiting > 0) void store.arrange(arrangement);
  }, [status.isComplete, waiting, arrangement, store]);
  useEffect(() => {
    if (figures) announce(figuresText(figures));
  }, [figures]);

  const arrange = (next: Arrangement) => {
    void store.arrange(next).then(() => announce(arrangedWords(store)));
    // What was selected is somewhere else now.
    setSelection((old) => (old && old.end.row < 0 ? old : null));
  };
  const copy = (format: CopyFormat, withHead: boolean) => {
    const all = { fromRow: 0, toRow: shown, fromColumn: 0, toColumn: columns.length };
    const { fromRow, toRow, fromColumn, toColumn } = range ?? all;
    void copySelected(store, { fromRow, toRow, columns: columns.slice(fromColumn, toColumn), format, withHead });
  };
  const inspect = ({ row, column }: CellPlace) => {
    const at = columns[column];
    if (at !== undefined && row >= 0 && row < shown) setPanel({ of: 'cell', column: at, place: row });
  };
  const openCellMenu = (place: CellPlace, at: { x: number; y: number }) => {
    if (!range || !isWithin(range, place)) setSelection(onlyCell(place));
    setCellMenu({ ...at, place });
  };
  const keyTools = {
    selection,
    select,
    onKey,
    columns: columnsOf,
    find: finding.open,
    copy,
    openMenu: setMenu,
    openCellMenu: (place: CellPlace) => {
      scroll.reveal(place.row, place.column);
      openCellMenu(place, scroll.pointOf(place));
    },
    inspect,
    leaveFull: isFull ? toggleFull : null,
  };
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
          onColumns={columnsOf.act}
          onFit={() => columnsOf.fit(column)}
          onFilter={() => setPanel({ of: 'filter', column })}
          onProfile={() => setPanel({ of: 'profile', column })}
          onChart={() => setPanel({ of: 'chart', column })}
        />
      </Menu>
    );
  };
  const closePanel = useCallback(() => setPanel(null), []);
  const isEmpty = shown === 0 && (status.isComplete || loaded > 0);

  return (
    <section
      ref={section}
      aria-label={label}
      className={cx('flex min-h-0 min-w-0 flex-1 flex-col bg-surface', isFull && 'fixed inset-0 z-(--wl-z-rail) h-dvh')}
      data-testid="queries.grid"
    >
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
              rows={shown}
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
        aria-rowcount={shown + 1}
        aria-colcount={columns.length + 1}
        aria-multiselectable
        onKeyDown={(event) => pressGridKey(event, keyTools)}
        onFocus={() => {
          if (!selection && shown > 0) setSelection(onlyCell({ row: 0, column: 0 }));
        }}
        className="relative min-h-0 flex-1 overflow-auto bg-surface font-mono text-meta outline-offset-[-2px]"
      >
        <GridHead
          look={look}
          scroll={scroll}
          arrangement={arrangement}
          ring={selection?.end.row === -1 ? selection.end.column : -1}
          onSort={(column, extend) => arrange(sortedBy(arrangement, column, extend))}
          onMenu={setMenu}
          menuOf={menuOf}
          onWidth={columnsOf.widen}
          onFit={columnsOf.fit}
          onMove={(column, to) => columnsOf.act({ do: 'move', column, to })}
          onSelectAll={() => {
            if (shown > 0)
              setSelection({ anchor: { row: 0, column: 0 }, end: { row: shown - 1, column: columns.length - 1 } });
            focusGrid();
          }}
          placeUnder={scroll.placeUnder}
        />
        <GridRows
          store={store}
          scroll={scroll}
          scroller={scroller}
          look={look}
          marks={{ selection, find: finding.find }}
          geometry={geometry}
          {...pointer}
          onDoubleClick={(event: MouseEvent) => inspect(scroll.placeUnder(event.clientX, event.clientY))}
          onContextMenu={(event: MouseEvent) => {
            if (shown === 0) return;
            event.preventDefault();
            openCellMenu(scroll.placeUnder(event.clientX, event.clientY), { x: event.clientX, y: event.clientY });
          }}
        />
        {isEmpty && (
          <div className="sticky left-0 w-full max-w-full font-sans" style={{ width: scroller.current?.clientWidth }}>
            {loaded > 0 ? (
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
        {loaded === 0 && !status.isComplete && (
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
        onColumns={columnsOf.act}
        onFind={finding.open}
        onChart={() => setPanel({ of: 'chart', column: columns[selection?.end.column ?? 0] ?? 0 })}
        onCopy={copy}
        isFull={isFull}
        onFull={toggleFull}
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
          onFilter={(filter) => arrange(filteredBy(arrangement, filter))}
          onClose={() => setCellMenu(null)}
          onCloseFocus={focusGrid}
        />
      )}
      <GridPanels panel={panel} store={store} onArrange={arrange} onClose={closePanel} />
    </section>
  );
}
