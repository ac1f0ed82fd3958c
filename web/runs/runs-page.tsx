import { useQuery } from '@tanstack/react-query';
import {
  ChevronUp,
  Columns3,
  Ellipsis,
  Link2,
  ListChecks,
  RotateCw,
  Square,
  SearchX,
  Copy as CopyIcon,
  Pause,
  X,
} from 'lucide-react';
import { useCallback, useMemo, useRef, useState } from 'react';
import type { RunSummary } from '#contracts/runs/runs.ts';
import { isEnded, runStatuses, runTriggers } from '#contracts/runs/status.ts';
import { api } from '../kit/api.ts';
import { clock } from '../kit/clock.ts';
import { useKept } from '../kit/kept.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { useGo } from '../kit/navigation.tsx';
import { useMe, useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Segmented } from '../ui/choice.tsx';
import { copyText } from '../ui/copy.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { AlertDialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ChoiceFilter, FilterChip } from '../ui/filter-chip.tsx';
import { Icon } from '../ui/icon.tsx';
import { SearchInput } from '../ui/input.tsx';
import { KeyCaps } from '../ui/key-cap.tsx';
import { Menu, MenuCheck, MenuItem, MenuLabel } from '../ui/menu.tsx';
import { FilterBar, Page, PageFoot } from '../ui/page.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { statusLooks } from '../ui/status.ts';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { toast } from '../ui/toast.tsx';
import { useHeldRows } from './held-rows.ts';
import { kindLook, triggerWords } from './run-words.ts';
import { runColumns, runVersion } from './run-columns.tsx';
import { RunsHistogram } from './runs-histogram.tsx';
import { eachRun, RunsView, runFilter, useRuns } from './runs.ts';

const startedWords = {
  any: 'any time',
  '1h': 'last hour',
  '4h': 'last 4 h',
  '24h': 'last 24 h',
  '7d': 'last 7 days',
} as const;
const kinds = ['playbook'] as const;

/** Every run of the workspace, newest first, live. */
export function RunsPage() {
  const [view, setView] = useUrlState(RunsView);
  const { user } = useMe();
  const go = useGo();
  const filter = useMemo(() => runFilter(view, user.id, clock.read()), [view, user.id]);
  const runs = useRuns(filter);
  const counts = useQuery({ queryKey: ['runs', 'counts'], queryFn: ({ signal }) => api.countRuns({ signal }) });
  const [hold, setHold] = useState<'live' | 'hold'>('live');
  const [isReading, setReading] = useState(false);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [hidden, setHidden] = useKept('runs.hidden', '');
  const rows = useMemo(() => runs.data?.pages.flatMap(({ data }) => data) ?? [], [runs.data]);
  const { shown, waiting } = useHeldRows(rows, (run) => run.id, hold === 'hold' || isReading, JSON.stringify(filter));
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = runs;
  const onMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const table = useRef<HTMLDivElement>(null);
  const showNew = () => {
    setHold('live');
    setReading(false);
    table.current?.querySelector('[role=grid]')?.scrollTo({ top: 0 });
  };
  useKeys([{ keys: 'c', label: 'Start a playbook', run: () => go('/playbooks') }]);
  const isFiltered =
    view.q !== '' ||
    view.status.length + view.kind.length + view.trigger.length > 0 ||
    view.started !== 'any' ||
    view.from !== '' ||
    view.subject !== '' ||
    view.view !== 'all';
  const clear = () =>
    setView({ view: 'all', q: '', status: [], kind: [], trigger: [], started: 'any', from: '', to: '', subject: '' });
  const figures = counts.data?.counts ?? {};
  const alive = (figures['running'] ?? 0) + (figures['waiting'] ?? 0) + (figures['queued'] ?? 0);
  const hiddenColumns = hidden.split(',').filter(Boolean);
  const chosen = shown.filter(({ id }) => selected.has(id));

  return (
    <Page
      title="Runs"
      testId="runs.page"
      panes
      action={
        <>
          <Button
            look="ghost"
            icon={Link2}
            className="max-sm:hidden"
            onClick={() => void copyText(location.href).then((done) => done && toast.note('Link to this view copied'))}
          >
            Copy link to this view
          </Button>
          <Menu
            label="Columns"
            trigger={<IconButton icon={Columns3} label="Choose columns" look="default" className="max-sm:hidden" />}
          >
            <MenuLabel>Columns</MenuLabel>
            {runColumns
              .filter(({ id }) => id !== 'run')
              .map((column) => (
                <MenuCheck
                  key={column.id}
                  checked={!hiddenColumns.includes(column.id)}
                  onChecked={(on) =>
                    setHidden(
                      (on ? hiddenColumns.filter((id) => id !== column.id) : [...hiddenColumns, column.id]).join(','),
                    )
                  }
                >
                  {column.head}
                </MenuCheck>
              ))}
          </Menu>
        </>
      }
      head={
        <>
          <Tabs
            label="Views"
            panelId="runs-list"
            value={view.view}
            onValue={(next) => setView({ view: next, status: [] })}
            tabs={[
              { value: 'all', label: 'All' },
              { value: 'alive', label: 'Alive', count: alive },
              { value: 'waiting', label: 'Waiting for people', count: figures['waiting'] ?? 0 },
              { value: 'failed', label: 'Failed' },
              { value: 'mine', label: 'Mine' },
            ]}
          />
          <div className="h-3 flex-none" />
          <FilterBar>
            <SearchInput
              className="w-[212px] max-sm:w-full"
              label="Search runs"
              placeholder="Title or id"
              value={view.q}
              onValue={(q) => setView({ q }, 'replace')}
            />
            <ChoiceFilter
              name="Status"
              values={view.status}
              onValues={(status) => setView({ status: status as RunsView['status'] })}
              options={runStatuses.map((status) => ({
                value: status,
                word: statusLooks[status].word,
                label: <StatusGlyph status={status} withWord />,
              }))}
            />
            <ChoiceFilter
              name="Kind"
              values={view.kind}
              onValues={(kind) => setView({ kind })}
              options={kinds.map((kind) => ({ value: kind, label: kindLook(kind).word, word: kindLook(kind).word }))}
            />
            <ChoiceFilter
              name="Trigger"
              values={view.trigger}
              onValues={(trigger) => setView({ trigger: trigger as RunsView['trigger'] })}
              options={runTriggers.map((trigger) => ({
                value: trigger,
                label: triggerWords[trigger]?.word ?? trigger,
                word: triggerWords[trigger]?.word,
              }))}
            />
            <FilterChip
              name="Started"
              value={view.from ? 'as drawn' : view.started === 'any' ? undefined : startedWords[view.started]}
              onClear={() => setView({ started: 'any', from: '', to: '' })}
            >
              <div className="flex flex-col gap-0.5">
                {Object.entries(startedWords).map(([value, word]) => (
                  <button
                    key={value}
                    type="button"
                    onClick={() => setView({ started: value as RunsView['started'], from: '', to: '' })}
                    className="rounded-sm px-2 py-1 text-left hover:bg-fill aria-current:font-medium"
                    aria-current={view.started === value || undefined}
                  >
                    {word}
                  </button>
                ))}
              </div>
            </FilterChip>
            {isFiltered && (
              <Button look="ghost" size="sm" onClick={clear}>
                Clear
              </Button>
            )}
            <span className="ml-auto flex items-center gap-2">
              {waiting > 0 && (
                <button
                  type="button"
                  onClick={showNew}
                  className="inline-flex h-[26px] items-center gap-1 rounded-full bg-run-soft pr-2.5 pl-[7px] text-meta font-medium text-run-fg"
                >
                  <Icon of={ChevronUp} size={14} /> {`${waiting} new ${waiting === 1 ? 'run' : 'runs'}`}
                </button>
              )}
              <Segmented
                label="Live or held"
                value={hold}
                onValue={setHold}
                options={[
                  {
                    value: 'live',
                    label: (
                      <>
                        <i className="size-[7px] rounded-full bg-ok-solid" /> Live
                      </>
                    ),
                  },
                  {
                    value: 'hold',
                    label: (
                      <>
                        <Icon of={Pause} size={14} /> Hold
                      </>
                    ),
                  },
                ]}
              />
            </span>
          </FilterBar>
          <RunsHistogram from={view.from} to={view.to} onRange={(from, to) => setView({ from, to, started: 'any' })} />
        </>
      }
      foot={
        <PageFoot>
          <span className="num">{`${shown.length}${hasNextPage ? '+' : ''} ${shown.length === 1 ? 'run' : 'runs'}${isFiltered ? ' match' : ''} · ${figures['running'] ?? 0} running, ${figures['waiting'] ?? 0} waiting, ${figures['queued'] ?? 0} queued`}</span>
          <span aria-hidden="true" className="ml-auto flex items-center gap-4">
            <span className="flex items-center gap-1.5">
              <KeyCaps keys="j" />
              <KeyCaps keys="k" /> move
            </span>
            <span className="flex items-center gap-1.5">
              <KeyCaps keys="x" /> select
            </span>
            <span className="flex items-center gap-1.5">
              <KeyCaps keys="enter" /> open
            </span>
          </span>
        </PageFoot>
      }
    >
      <div
        id="runs-list"
        role="tabpanel"
        ref={table}
        className="relative flex min-h-0 flex-1 flex-col"
        onPointerEnter={(event) => event.pointerType === 'mouse' && setReading(true)}
        onPointerLeave={(event) =>
          event.pointerType === 'mouse' && setReading(Boolean(table.current?.querySelector('[role=grid]')?.scrollTop))
        }
      >
        <Answer
          of={runs}
          what="The runs"
          waiting={<SkeletonRows rows={14} height={43} />}
          isEmpty={() => rows.length === 0}
          empty={
            isFiltered ? (
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
            <DataTable<RunSummary>
              label="Runs"
              rows={shown}
              columns={runColumns}
              rowId={(run) => run.id}
              versionOf={runVersion}
              nameOf={(run) => run.title}
              rowHeight={43}
              hidden={hiddenColumns}
              selected={selected}
              onSelected={setSelected}
              sort={view.sort}
              onSort={(sort) => setView({ sort: sort === 'createdAt' ? 'createdAt' : '-createdAt' })}
              onOpen={(run) => go(`/runs/${run.id}`)}
              onMore={onMore}
              rowAttributes={(run) => ({ 'data-run': run.id, 'data-status': run.status })}
              rowMenu={(run) => <RunMenu run={run} />}
            />
          )}
        </Answer>
        {chosen.length > 0 && <BulkBar runs={chosen} onClear={() => setSelected(new Set())} />}
      </div>
    </Page>
  );
}

function RunMenu({ run }: { run: RunSummary }) {
  const refusal = useRefusal();
  const go = useGo();
  const [isAsking, setAsking] = useState(false);
  const rerun = () =>
    api.rerunRun({ params: { id: run.id }, body: null }).then(({ runId }) => go(`/runs/${runId}`), toast.failure);
  return (
    <>
      <Menu label={`Acts on ${run.title}`} trigger={<IconButton icon={Ellipsis} size="sm" label="More" />}>
        <MenuItem
          icon={RotateCw}
          refusal={refusal('runs:rerun') ?? (isEnded(run.status) ? null : 'It has not ended yet.')}
          onSelect={() => void rerun()}
        >
          Rerun
        </MenuItem>
        <MenuItem icon={CopyIcon} onSelect={() => void copyText(run.id)}>
          Copy id
        </MenuItem>
        <MenuItem
          icon={Square}
          danger
          refusal={refusal('runs:cancel') ?? (isEnded(run.status) ? 'It has ended.' : null)}
          onSelect={() => setAsking(true)}
        >
          Cancel run
        </MenuItem>
      </Menu>
      <CancelDialog runs={[run]} isOpen={isAsking} onClose={() => setAsking(false)} />
    </>
  );
}

/** Asks once before runs are stopped, and says what stops and what stays. */
function CancelDialog({
  runs,
  isOpen,
  onClose,
}: {
  runs: readonly RunSummary[];
  isOpen: boolean;
  onClose: () => void;
}) {
  const [busy, setBusy] = useState(false);
  const act = async () => {
    setBusy(true);
    await eachRun(
      runs,
      ({ id }) => api.cancelRun({ params: { id }, body: null }),
      runs.length === 1 ? 'run is being canceled' : 'runs are being canceled',
    );
    setBusy(false);
    onClose();
  };
  return (
    <AlertDialog
      isOpen={isOpen}
      onClose={onClose}
      title={runs.length === 1 ? `Cancel ${runs[0]?.title ?? 'this run'}?` : `Cancel ${runs.length} runs?`}
      act={runs.length === 1 ? 'Cancel run' : 'Cancel runs'}
      keep="Let it go on"
      busy={busy}
      onAct={act}
    >
      Commands that are at work on servers are ended. What steps have done stays done; their output and log are kept.
    </AlertDialog>
  );
}

function BulkBar({ runs, onClear }: { runs: readonly RunSummary[]; onClear: () => void }) {
  const refusal = useRefusal();
  const offline = useOffline();
  const [isAsking, setAsking] = useState(false);
  const alive = runs.filter(({ status }) => !isEnded(status));
  const ended = runs.filter(({ status }) => isEnded(status));
  return (
    <div
      role="toolbar"
      aria-label="Selected runs"
      className="absolute bottom-4 left-1/2 flex h-[42px] -translate-x-1/2 items-center gap-1 rounded-xl border border-line-strong bg-raised pr-2 pl-3.5 whitespace-nowrap shadow-2"
    >
      <span className="num mr-2 font-medium">{`${runs.length} selected`}</span>
      <Button
        look="ghost"
        icon={RotateCw}
        refusal={offline ?? refusal('runs:rerun') ?? (ended.length === 0 ? 'None of them has ended.' : null)}
        onClick={() =>
          void eachRun(ended, ({ id }) => api.rerunRun({ params: { id }, body: null }), 'started again').then(onClear)
        }
      >
        Rerun
      </Button>
      <Button
        look="ghost"
        icon={Square}
        refusal={offline ?? refusal('runs:cancel') ?? (alive.length === 0 ? 'All of them have ended.' : null)}
        onClick={() => setAsking(true)}
      >
        Cancel
      </Button>
      <IconButton icon={X} label="Select none" onClick={onClear} />
      <CancelDialog runs={alive} isOpen={isAsking} onClose={() => setAsking(false)} />
    </div>
  );
}
