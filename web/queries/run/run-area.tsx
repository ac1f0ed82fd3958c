import { useQuery } from '@tanstack/react-query';
import { Hourglass, Link2, RotateCw } from 'lucide-react';
import { lazy, Suspense, useEffect, useMemo, useRef, type ReactNode } from 'react';
import type { DryRun, QueryRunDetail } from '#contracts/queries/query-runs.ts';
import { isEnded } from '#contracts/runs/status.ts';
import { api } from '../../kit/api.ts';
import { announce } from '../../kit/announce.tsx';
import { asFailure } from '../../kit/failure.ts';
import { workspacePath } from '../../kit/navigation.tsx';
import { useRefusal } from '../../kit/session.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Note } from '../../ui/card.tsx';
import { copyText } from '../../ui/copy.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Skeleton, SkeletonLines } from '../../ui/skeleton.tsx';
import { toast } from '../../ui/toast.tsx';
import type { ConsoleView } from '../console-view.ts';
import { ExportMenu } from '../results/export-menu.tsx';
import { DryRunAnswer, RunMessages } from '../results/messages.tsx';
import { useQueryLimits } from '../rules/use-limits.ts';
import { shownPhases } from './phase-words.ts';
import { FailureNote, StatusLine } from './status-line.tsx';
import type { Told } from './use-query-run.ts';
import { useRows } from './use-rows.tsx';

const ResultGrid = lazy(async () => ({ default: (await import('../grid/result-grid.tsx')).ResultGrid }));
const ComparePane = lazy(async () => ({ default: (await import('../results/compare-pane.tsx')).ComparePane }));

interface RunAreaProps {
  /** Undefined while it is read. */
  run: QueryRunDetail | undefined;
  runId: string | null;
  error: unknown;
  /** It is of another connection or unit than is open: nothing of it is shown. */
  isForeign: boolean;
  told: Told | null;
  dryRun: DryRun | null;
  onCloseDryRun: () => void;
  pane: ConsoleView['pane'];
  onPane: (pane: ConsoleView['pane']) => void;
  onAgain: () => void;
  onRetry: () => void;
  onPlace: (line: number, column: number) => void;
}

/** Below the text: how far its run is, the rows, what the service said, and the run against another. */
export default function RunArea(props: RunAreaProps) {
  const { run, runId, error, isForeign, dryRun, onCloseDryRun, onRetry, onPlace } = props;
  if (dryRun)
    return (
      <div className="flex min-h-0 flex-1 flex-col border-t border-line">
        <div className="flex min-h-10 flex-none items-center gap-2 border-b border-line bg-sunken px-3.5 text-meta">
          <span className="font-medium">Dry run</span>
          <Button size="sm" look="ghost" className="ml-auto" onClick={onCloseDryRun}>
            {runId ? 'Back to the run' : 'Close'}
          </Button>
        </div>
        <div className="min-h-0 flex-1 overflow-auto">
          <DryRunAnswer answer={dryRun} onPlace={onPlace} />
        </div>
      </div>
    );
  if (run) return <OpenRun {...props} run={run} />;
  if (isForeign) return null;
  if (error) return <ErrorState error={error} what="The run" retry={onRetry} />;
  return <SkeletonLines lines={5} label="Loading the run" />;
}

const useOnce = (isTrue: boolean, act: () => void): void => {
  const was = useRef(isTrue);
  useEffect(() => {
    if (isTrue && !was.current) act();
    was.current = isTrue;
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- told at the change alone
  }, [isTrue]);
};

function OpenRun({ run, told, pane, onPane, onAgain, onPlace }: RunAreaProps & { run: QueryRunDetail }) {
  const mayRead = useRefusal()('queries:rows');
  const limitOf = useQueryLimits();
  const ended = isEnded(run.status);
  const rows = useRows(run, mayRead === null);
  const { status, store } = rows;
  const fetched = status?.loaded ?? 0;
  const total = status?.total ?? run.rowCount;
  const phases = useMemo(
    () =>
      shownPhases(run, { rows: fetched, isWhole: rows.isSettled, startedAt: rows.startedAt, endedAt: rows.endedAt }),
    [run, fetched, rows.isSettled, rows.startedAt, rows.endedAt],
  );
  useOnce(ended, () =>
    announce(
      run.status === 'succeeded'
        ? `The query is done${run.rowCount === null ? '' : `: ${run.rowCount.toLocaleString('en-GB')} rows`}.`
        : run.status === 'canceled'
          ? 'The query is canceled.'
          : 'The query has failed.',
    ),
  );
  const shown = pane === 'messages' || pane === 'compare' ? pane : 'results';
  const position = run.failure?.position ?? null;
  const failureNote = (
    <FailureNote
      run={run}
      onAgain={onAgain}
      onShowPlace={position && (() => onPlace(position.line, position.column))}
    />
  );
  const body = (): ReactNode => {
    if (shown === 'messages')
      return (
        <div className="min-h-0 flex-1 overflow-auto">
          {failureNote}
          <RunMessages run={run} onPlace={onPlace} />
        </div>
      );
    if (shown === 'compare')
      return (
        <Suspense fallback={<SkeletonLines lines={6} />}>
          <ComparePane run={run} store={store} isComplete={status?.isComplete ?? false} />
        </Suspense>
      );
    if (run.status === 'canceled')
      return (
        <EmptyState
          icon={Hourglass}
          title="Canceled"
          action={
            <Button icon={RotateCw} onClick={onAgain}>
              Run again
            </Button>
          }
        >
          <CanceledWords run={run} />
        </EmptyState>
      );
    if (ended && run.status !== 'succeeded') return <div className="min-h-0 flex-1 overflow-auto">{failureNote}</div>;
    if (mayRead !== null && ended)
      return (
        <EmptyState
          icon={Hourglass}
          title="The rows are not for you"
        >{`${mayRead} Counts and messages are.`}</EmptyState>
      );
    if (rows.isExpired)
      return (
        <EmptyState
          icon={Hourglass}
          title="The rows are gone"
          action={
            <Button look="primary" icon={RotateCw} onClick={onAgain}>
              Run again
            </Button>
          }
        >
          The service keeps them for a while, and nobody else does. The query can run again.
        </EmptyState>
      );
    if (store && status)
      return (
        <Suspense fallback={<Skeleton className="m-3.5 h-40" />}>
          <ResultGrid
            store={store}
            status={status}
            label={`Rows of ${run.title}`}
            onNeedMore={rows.onNeedMore}
            cutActs={rows.cutActs}
            foot={rows.stopAct}
            notice={
              rows.failure ? (
                <Note tone="fail" className="m-2">
                  <span className="flex flex-1 flex-wrap items-center gap-3" role="alert">
                    <span className="flex-1">{asFailure(rows.failure).message}</span>
                    <Button size="sm" icon={RotateCw} onClick={rows.retry}>
                      Read on
                    </Button>
                  </span>
                </Note>
              ) : undefined
            }
            empty={<NoRows run={run} />}
          />
        </Suspense>
      );
    if (rows.failure) return <ErrorState error={rows.failure} what="The rows" retry={rows.retry} />;
    return (
      <div
        className="min-h-0 flex-1 p-3.5"
        role="status"
        aria-label={ended ? 'Reading the rows' : 'The query is at work'}
      >
        <Skeleton className="appear-late h-32" />
      </div>
    );
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col max-sm:min-h-96" data-testid="queries.run">
      <StatusLine run={run} told={told} phases={phases} rows={fetched} total={total}>
        <Segmented
          label="What is shown of the run"
          value={shown}
          onValue={onPane}
          options={[
            { value: 'results', label: 'Results' },
            {
              value: 'messages',
              label: (
                <>
                  Messages
                  {run.remarks.length > 0 && <span className="num font-normal text-text-3">{run.remarks.length}</span>}
                </>
              ),
            },
            ...(run.status === 'succeeded' ? [{ value: 'compare' as const, label: 'Compare' }] : []),
          ]}
        />
        <IconButton
          icon={Link2}
          size="sm"
          label="Copy a link to this run"
          onClick={() =>
            void copyText(`${location.origin}${workspacePath(`/queries?past=${run.runId}`)}`).then(
              (done) => done && toast.note('Link copied. Who may see this connection opens the run with it.'),
            )
          }
        />
        {run.status === 'succeeded' && !rows.isExpired && (
          <ExportMenu runId={run.runId} title={run.title} refusal={limitOf('export', run)} />
        )}
      </StatusLine>
      {body()}
    </div>
  );
}

/** What the service could stop, in its own words; they are with the run. */
function CanceledWords({ run }: { run: QueryRunDetail }) {
  const whole = useQuery({
    queryKey: ['run', run.runId],
    queryFn: ({ signal }) => api.getRun({ params: { id: run.runId }, signal }),
  });
  return <>{whole.data?.error?.message || 'No rows were read.'}</>;
}

/** Zero rows, said for what they are: none found is not the same as hidden, or not ready. */
function NoRows({ run }: { run: QueryRunDetail }) {
  return (
    <EmptyState icon={Hourglass} title="No rows">
      {run.engine === 'amc'
        ? 'The query ran. Nothing fits, or too few people stand behind each row for the service to show it.'
        : 'The query ran, and nothing fits it.'}
    </EmptyState>
  );
}
