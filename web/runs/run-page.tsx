import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { PanelRight } from 'lucide-react';
import { lazy, Suspense, useMemo, useState } from 'react';
import { z } from 'zod';
import type { RunDetail } from '#contracts/runs/runs.ts';
import { api } from '../kit/api.ts';
import { useIsTight } from '../kit/media.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Segmented } from '../ui/choice.tsx';
import { Drawer } from '../ui/dialog.tsx';
import { HostGrid } from '../ui/host-grid.tsx';
import { Skeleton, SkeletonLines, SkeletonRows } from '../ui/skeleton.tsx';
import { hostTiles } from './host-tiles.ts';
import { LiveLog } from './live-log.tsx';
import { RunHead } from './run-head.tsx';
import { RunSide } from './run-side.tsx';
import { RunSteps } from './run-steps.tsx';
import { useRun } from './runs.ts';
import { StepPanel } from './step-panel.tsx';

const QueryRunBody = lazy(() => import('../queries/run-page/query-run-body.tsx'));

/** The state of a run's page, as it stands in the address. */
export const RunView = z.object({
  step: z.string().default(''),
  host: z.string().default(''),
  q: z.string().default(''),
  stream: z.enum(['', 'stdout', 'stderr', 'system']).default(''),
  tab: z.enum(['events', 'outputs', 'linked', 'undo']).default('events'),
  pane: z.enum(['log', 'hosts']).default('log'),
});

/** One run: what it is, its steps over time, its hosts, its log as it comes, what it asks, and what it did. */
export function RunPage() {
  const { runId } = useParams({ strict: false }) as { runId: string };
  const run = useRun(runId);
  return (
    <Answer of={run} what="The run" waiting={<RunSkeleton />}>
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
      stream={view.stream}
      search={view.q}
      onSearch={(q) => setView({ q }, 'replace')}
      onHost={(host) => setView({ host: host ?? '' })}
      onStream={(stream) => setView({ stream })}
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
              <RunSteps
                run={run}
                host={view.host}
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
            {run.kind === 'query' ? (
              <div className="min-w-0 flex-1 overflow-auto">
                <Suspense fallback={<SkeletonLines lines={10} />}>
                  <QueryRunBody runId={run.id} />
                </Suspense>
              </div>
            ) : isTight && hosts.length > 0 ? (
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

/** The page before its run has come: the same parts in the same places. */
function RunSkeleton() {
  return (
    <div className="appear-late flex min-h-0 flex-1 flex-col" role="status" aria-label="Loading">
      <div className="flex h-[117px] flex-none flex-col justify-center gap-3.5 border-b border-line px-5">
        <Skeleton className="h-[9px] w-56" />
        <Skeleton className="h-4 w-80" />
        <Skeleton className="h-2 w-[300px]" />
      </div>
      <div className="flex min-h-0 flex-1">
        <div className="min-w-0 flex-1">
          <SkeletonRows rows={9} height={24} label="Loading steps" />
        </div>
        <div className="w-[328px] flex-none border-l border-line max-lg:hidden">
          <SkeletonLines lines={8} label="Loading events" />
        </div>
      </div>
    </div>
  );
}
