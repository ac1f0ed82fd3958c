import { useQuery } from '@tanstack/react-query';
import { useLocation, useNavigate, useParams } from '@tanstack/react-router';
import { PanelRight } from 'lucide-react';
import { useMemo, useState } from 'react';
import { z } from 'zod';
import type { RunDetail } from '#contracts/runs/runs.ts';
import { isEnded } from '#contracts/runs/status.ts';
import { addressOf, api } from '../kit/api.ts';
import { useNow } from '../kit/clock.ts';
import { useIsNarrow, useIsTight } from '../kit/media.ts';
import { useUrlState } from '../kit/url-state.ts';
import { currentWorkspace } from '../kit/workspace.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Segmented } from '../ui/choice.tsx';
import { Drawer } from '../ui/dialog.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { Gantt } from '../ui/gantt.tsx';
import { HostGrid } from '../ui/host-grid.tsx';
import { LogPane } from '../ui/log-pane.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { ganttRows } from './gantt-rows.ts';
import { hostTiles } from './host-tiles.ts';
import { RunHead } from './run-head.tsx';
import { RunSide } from './run-side.tsx';
import { useRun } from './runs.ts';
import { StepPanel } from './step-panel.tsx';
import { useRunLog } from './use-run-log.ts';

/** The state of a run's page, as it stands in the address. */
export const RunView = z.object({
  step: z.string().default(''),
  host: z.string().default(''),
  q: z.string().default(''),
  tab: z.enum(['events', 'outputs', 'linked', 'undo']).default('events'),
  pane: z.enum(['log', 'hosts']).default('log'),
});

/** One run: what it is, its steps over time, its hosts, its log as it comes, what it asks, and what it did. */
export function RunPage() {
  const { runId } = useParams({ strict: false }) as { runId: string };
  const run = useRun(runId);
  return (
    <Answer of={run} what="The run" waiting={<SkeletonLines lines={8} />}>
      {(data) => <RunBody key={data.id} run={data} />}
    </Answer>
  );
}

function RunBody({ run }: { run: RunDetail }) {
  const [view, setView] = useUrlState(RunView);
  const [isSideOpen, setSideOpen] = useState(false);
  const isTight = useIsTight();
  const hosts = useMemo(() => hostTiles(run), [run]);
  const approvals = useQuery({
    queryKey: ['approvals', 'run', run.id],
    queryFn: ({ signal }) => api.listApprovals({ query: { run: run.id, state: 'all' }, signal }),
  });
  const open = approvals.data?.filter(({ state }) => state === 'open') ?? [];
  const side = <RunSide run={run} approvals={approvals.data ?? []} tab={view.tab} onTab={(tab) => setView({ tab })} />;
  const hostPane = hosts.length > 0 && (
    <HostGrid hosts={hosts} selected={view.host} onSelect={(host) => setView({ host: host ?? '' })} />
  );
  const logPane = (
    <LiveLog
      run={run}
      host={view.host}
      step={view.step}
      search={view.q}
      onSearch={(q) => setView({ q }, 'replace')}
      onHost={(host) => setView({ host: host ?? '' })}
    />
  );
  const selectedStep = run.steps.find(({ address }) => address === view.step);
  return (
    <div className="flex min-h-0 flex-1 flex-col" data-testid="run.page" data-run={run.id} data-status={run.status}>
      <RunHead run={run} selectedStep={selectedStep} />
      <div className="flex min-h-0 flex-1">
        <div className="flex min-h-0 min-w-0 flex-1 flex-col max-sm:overflow-auto">
          {run.strand.length > 0 && (
            <div className="flex max-h-[46%] min-h-24 flex-none flex-col border-b border-line max-sm:max-h-none">
              <Steps
                run={run}
                selected={view.step}
                onSelect={(step) => setView({ step: step === view.step ? '' : step })}
              />
            </div>
          )}
          {selectedStep && <StepPanel run={run} step={selectedStep} onClose={() => setView({ step: '' })} />}
          {isTight && hosts.length > 0 && (
            <div className="flex flex-none items-center gap-2 px-5 pt-2">
              <Segmented
                label="Hosts or log"
                value={view.pane}
                onValue={(pane) => setView({ pane })}
                options={[
                  { value: 'log', label: 'Log' },
                  { value: 'hosts', label: `Hosts ${hosts.length}` },
                ]}
              />
            </div>
          )}
          <div className="flex min-h-0 flex-1 max-sm:min-h-80">
            {isTight && hosts.length > 0 ? (
              view.pane === 'hosts' ? (
                hostPane
              ) : (
                logPane
              )
            ) : (
              <>
                {hostPane && <div className="flex w-[372px] min-w-0 flex-none border-r border-line">{hostPane}</div>}
                {logPane}
              </>
            )}
          </div>
        </div>
        {!isTight && (
          <aside className="flex w-[328px] flex-none flex-col overflow-auto border-l border-line">{side}</aside>
        )}
      </div>
      {isTight && (
        <>
          <div className="flex flex-none items-center gap-2 border-t border-line px-5 py-2 max-sm:py-3">
            <Button
              icon={PanelRight}
              look={open.length > 0 ? 'primary' : 'default'}
              className="max-sm:h-11 max-sm:flex-1"
              onClick={() => setSideOpen(true)}
            >
              {open.length > 0 ? `Decide: ${open[0]?.subject ?? ''}` : 'Events and outputs'}
            </Button>
          </div>
          <Drawer isOpen={isSideOpen} onClose={() => setSideOpen(false)} title={run.title} width={420}>
            {side}
          </Drawer>
        </>
      )}
    </div>
  );
}

function Steps({ run, selected, onSelect }: { run: RunDetail; selected: string; onSelect: (step: string) => void }) {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const ended = isEnded(run.status);
  const now = useNow(!ended);
  const isNarrow = useIsNarrow();
  // What a run executes never changes, so it is asked once: it names the steps that are still to come.
  const definition = useQuery({
    queryKey: ['run-definition', run.id],
    queryFn: ({ signal }) => api.getRunDefinition({ params: { id: run.id }, signal }),
    enabled: run.definition === undefined || run.definition === null,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const known = run.definition ?? definition.data?.definition;
  // An ended run does not move with the clock.
  const at = ended ? 0 : now;
  const rows = useMemo(() => ganttRows({ ...run, definition: known }, toggled, at), [run, known, toggled, at]);
  const retried = run.steps.filter(({ attempts }) => attempts.length > 1).length;
  const from = Date.parse(run.startedAt ?? run.createdAt);
  return (
    <Gantt
      rows={rows}
      from={from}
      to={ended ? Date.parse(run.endedAt ?? run.createdAt) : null}
      selected={selected}
      onSelect={onSelect}
      onToggle={(id) =>
        setToggled((old) => new Set(old.has(id) ? [...old].filter((other) => other !== id) : [...old, id]))
      }
      hint={retried > 0 && !isNarrow ? `${retried} retried` : undefined}
    />
  );
}

interface LiveLogProps {
  run: RunDetail;
  host: string;
  step: string;
  search: string;
  onSearch: (text: string) => void;
  onHost: (host: string | undefined) => void;
}

function LiveLog({ run, host, step, search, onSearch, onHost }: LiveLogProps) {
  const { hash } = useLocation();
  const navigate = useNavigate();
  const log = useRunLog(run.id, { host: host || undefined, step: step || undefined });
  const counted = useQuery({
    queryKey: ['run', run.id, 'matches', search, host, step, log.lines.length > 0 && isEnded(run.status)],
    queryFn: ({ signal }) =>
      api.readRunLogs({
        params: { id: run.id },
        query: { q: search, host: host || undefined, step: step || undefined, limit: 1 },
        signal,
      }),
    enabled: search.trim().length > 1,
  });
  if (log.failure) return <ErrorState error={log.failure} what="The log" />;
  const line = /^L(\d+)$/.exec(hash)?.[1];
  return (
    <LogPane
      lines={log.lines}
      search={search}
      onSearch={onSearch}
      matchesInAll={counted.data?.matches}
      host={host || undefined}
      onHost={onHost}
      isLive={!isEnded(run.status)}
      isLoading={log.isLoading}
      line={line ? Number(line) : undefined}
      onLine={(number) =>
        void navigate({ to: '.', search: true, hash: `L${number}`, replace: true, resetScroll: false } as never)
      }
      downloadHref={addressOf('downloadRunLogs', {
        params: { id: run.id },
        query: { host, step, workspace: currentWorkspace() },
      })}
      empty={isEnded(run.status) && !log.isLoading ? 'This run wrote no output.' : undefined}
    />
  );
}
