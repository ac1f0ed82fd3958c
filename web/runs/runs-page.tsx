import { useQuery } from '@tanstack/react-query';
import { ListChecks, SearchX } from 'lucide-react';
import { lazy, memo, useCallback, useMemo, useRef, useState } from 'react';
import type { RunSummary } from '#contracts/runs/runs.ts';
import { api } from '../kit/api.ts';
import { clock } from '../kit/clock.ts';
import { useKept } from '../kit/kept.ts';
import { fetchLater } from '../kit/fetch-later.ts';
import { useKeys } from '../kit/keys.ts';
import { Later } from '../kit/later.tsx';
import { useGo } from '../kit/navigation.tsx';
import { useMe } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { FilterBar, Page } from '../ui/page.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { exportAddress } from './export-runs.ts';
import { useHeldRows } from './held-rows.ts';
import { RunMenu, RunMenuButton, useRunActs } from './run-acts.tsx';
import { optionalColumns, runColumns, runVersion } from './run-columns.tsx';
import { RunFilters } from './run-filters.tsx';
import { type RunRow, useRunTree } from './run-tree.ts';
import { LiveSwitch, NewRuns, RunsActs, RunsFoot } from './runs-chrome.tsx';
import { RunsHistogram } from './runs-histogram.tsx';
import { useRunRows } from './runs.ts';
import { columnOfSort, isNarrowed, noFilters, RunsView, runFilter, sortByColumn } from './runs-view.ts';
import { SavedViews } from './saved-views.tsx';
import { useReading } from './use-reading.ts';

// What is asked for by an act comes when the page stands.
const BulkBar = lazy(async () => ({ default: (await fetchLater(() => import('./bulk-bar.tsx'))).BulkBar }));
const CancelRunDialog = lazy(async () => ({
  default: (await fetchLater(() => import('./cancel-dialog.tsx'))).CancelRunDialog,
}));
const RunPeek = lazy(async () => ({ default: (await fetchLater(() => import('./run-peek.tsx'))).RunPeek }));
const RunTagsDialog = lazy(async () => ({
  default: (await fetchLater(() => import('./run-tags-dialog.tsx'))).RunTagsDialog,
}));

// Another page of rows is no news to them.
const [Views, Filters, Histogram] = [memo(SavedViews), memo(RunFilters), memo(RunsHistogram)];

/** Every run of the workspace, newest first, live. */
export function RunsPage() {
  const [view, setView] = useUrlState(RunsView);
  const { user } = useMe();
  const go = useGo();
  const name = JSON.stringify(runFilter(view, user.id, clock.read()));
  // The same words are the same filter, whatever else of the address has changed.
  const filter = useMemo(() => JSON.parse(name) as ReturnType<typeof runFilter>, [name]);
  const runs = useRunRows(filter, view.sort);
  const counts = useQuery({ queryKey: ['runs', 'counts'], queryFn: ({ signal }) => api.countRuns({ signal }) });
  const total = useQuery({
    queryKey: ['runs', 'total', filter],
    queryFn: ({ signal }) => api.countMatchingRuns({ query: filter, signal }),
    placeholderData: (before) => before,
  });
  const [hold, setHold] = useState<'live' | 'hold'>('live');
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [hidden, setHidden] = useKept('runs.hidden', optionalColumns.join(','));
  const [tagging, setTagging] = useState<RunSummary | null>(null);
  const [canceling, setCanceling] = useState<RunSummary | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const reading = useReading(list);
  const held = useHeldRows(
    runs.data?.rows ?? noRuns,
    idOf,
    hold === 'hold' || reading.isReading,
    `${name}${view.sort}`,
  );
  const { waiting } = held;
  // What is unfolded was asked for: it does not wait, though the list is held.
  const { rows: shown, toggle } = useRunTree(held.shown);
  const columns = useMemo(() => runColumns(toggle), [toggle]);
  const { loadMore, hasMore } = runs;
  const onMore = useCallback(() => void (hasMore && loadMore()), [hasMore, loadMore]);
  const [menu, setMenu] = useState<{ run: RunSummary; at: HTMLElement } | null>(null);
  const rowMenu = useCallback(
    (run: RunRow) => <RunMenuButton run={run} onOpen={(row, at) => setMenu({ run: row, at })} />,
    [],
  );
  const focused = (): RunRow | undefined => shown.find(({ id }) => id === reading.focusedId());
  const acts = useRunActs();
  const rowAct = (act: (run: RunRow) => void) => () => {
    const run = focused();
    if (run) act(run);
  };
  useKeys([
    { keys: 'c', label: 'Start a playbook', run: () => go('/playbooks') },
    { keys: 'j', label: 'Into the list', run: reading.focusFirst },
    { keys: 'down', label: 'Into the list', run: reading.focusFirst },
    { keys: 'r', label: 'Rerun', run: rowAct((run) => acts.refusalOf.rerun(run) === null && void acts.rerun(run)) },
    {
      keys: 'shift+r',
      label: 'Rerun from the failed step',
      run: rowAct((run) => acts.refusalOf.rerunFailed(run) === null && void acts.rerun(run, 'failed')),
    },
    {
      keys: 'mod+.',
      label: 'Cancel the run in focus',
      run: rowAct((run) => acts.refusalOf.cancel(run) === null && setCanceling(run)),
    },
    { keys: 'escape', label: 'Select none', run: () => setSelected(new Set()) },
  ]);
  const narrowed = isNarrowed(view);
  const clear = () => setView({ ...noFilters, status: [], kind: [], trigger: [], error: [], view: 'all' });
  const hiddenColumns = hidden.split(',').filter(Boolean);
  const chosen = shown.filter(({ id }) => selected.has(id));
  const figures = counts.data?.counts ?? noCounts;
  const onRange = useCallback((from: string, to: string) => setView({ from, to, started: 'any' }), [setView]);
  return (
    <Page
      title="Runs"
      testId="runs.page"
      panes
      action={
        <RunsActs
          columns={columns}
          hidden={hiddenColumns}
          onHidden={(next) => setHidden(next.join(','))}
          total={total.data ?? null}
          exportHref={exportAddress(filter)}
        />
      }
      head={
        <>
          <Views view={view} onView={setView} counts={figures} />
          <div className="h-3 flex-none" />
          <FilterBar>
            <Filters view={view} onView={setView} />
            <span className="ml-auto flex items-center gap-2">
              <NewRuns
                count={waiting}
                onShow={() => {
                  setHold('live');
                  reading.release();
                }}
              />
              <LiveSwitch value={hold} onValue={setHold} />
            </span>
          </FilterBar>
          <Histogram view={view} filter={filter} onRange={onRange} />
        </>
      }
      foot={<RunsFoot total={total.data ?? null} loaded={shown.length} isNarrowed={narrowed} counts={figures} />}
    >
      <div
        id="runs-list"
        role="tabpanel"
        ref={list}
        className="relative flex min-h-0 flex-1 flex-col"
        {...reading.handlers}
      >
        <Answer
          of={runs}
          what="The runs"
          waiting={<SkeletonRows rows={14} height={43} />}
          isEmpty={() => shown.length === 0}
          empty={
            narrowed || view.view !== 'all' ? (
              <EmptyState
                icon={SearchX}
                title="No run matches"
                action={<Button onClick={clear}>Clear filters</Button>}
              />
            ) : (
              <EmptyState
                icon={ListChecks}
                title="No run yet"
                action={
                  <Button look="primary" onClick={() => go('/playbooks')}>
                    Go to playbooks
                  </Button>
                }
              >
                Everything that takes time is a run: a playbook on your servers, step by step, live.
              </EmptyState>
            )
          }
        >
          {() => (
            <DataTable<RunRow>
              label="Runs"
              rows={shown}
              columns={columns}
              rowId={idOf}
              versionOf={runVersion}
              nameOf={titleOf}
              rowHeight={43}
              total={(total.data?.total ?? shown.length) + 1}
              hidden={hiddenColumns}
              selected={selected}
              onSelected={setSelected}
              active={view.run || undefined}
              sort={columnOfSort(view.sort)}
              onSort={(column) => setView({ sort: sortByColumn(column, view.sort) })}
              onOpen={(run) => go(`/runs/${run.id}`)}
              onPeek={(run) => setView({ run: run.id })}
              onMore={onMore}
              rowAttributes={attributesOf}
              rowMenu={rowMenu}
            />
          )}
        </Answer>
        <Later isWanted={selected.size > 0}>
          {selected.size > 0 && (
            <BulkBar
              selected={selected}
              runs={chosen}
              total={total.data ?? null}
              onSelectAll={async () => setSelected(new Set((await api.findRunIds({ query: filter })).ids))}
              onClear={() => setSelected(new Set())}
            />
          )}
        </Later>
      </div>
      {menu && (
        <RunMenu
          {...menu}
          onClose={() => setMenu(null)}
          onTags={setTagging}
          onCancel={setCanceling}
          beside={chosen.find(({ id }) => id !== menu.run.id)}
        />
      )}
      <Later isWanted={tagging !== null}>
        {tagging && <RunTagsDialog run={tagging} onClose={() => setTagging(null)} />}
      </Later>
      <Later isWanted={canceling !== null}>
        {canceling && <CancelRunDialog run={canceling} isOpen onClose={() => setCanceling(null)} />}
      </Later>
      <Later isWanted={view.run !== ''}>
        <RunPeek id={view.run} onClose={() => setView({ run: '' })} />
      </Later>
    </Page>
  );
}

const noCounts = {};
const noRuns: readonly RunSummary[] = [];
const idOf = ({ id }: RunSummary): string => id;
const titleOf = (run: RunRow): string => run.title;
const attributesOf = (run: RunRow) => ({ 'data-run': run.id, 'data-status': run.status });
