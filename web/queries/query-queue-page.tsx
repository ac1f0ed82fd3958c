import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { ListOrdered, RotateCw, ShieldCheck, Square } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import type { ConnectionLoad, QueryRunSummary } from '#contracts/queries/query-runs.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { Go, useGo } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Card, Note, SectionHead, Tag } from '../ui/card.tsx';
import { AlertDialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Meter } from '../ui/meter.tsx';
import { Page } from '../ui/page.tsx';
import { Person } from '../ui/person.tsx';
import { Countdown, Duration, RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { toast } from '../ui/toast.tsx';
import { engineWords } from './connections.ts';
import { DrainDialog } from './drain-dialog.tsx';

const RulesDrawer = lazy(async () => ({ default: (await import('./rules/rules-drawer.tsx')).RulesDrawer }));

/** What runs and waits on each connection, what the services have granted, and what of ours is there. */
export function QueryQueuePage() {
  const go = useGo();
  const may = useRefusal();
  const [isRules, setRules] = useState(false);
  const queue = useQuery({
    queryKey: ['query-queue'],
    queryFn: ({ signal }) => api.getQueryQueue({ signal }),
    refetchInterval: 10_000,
  });
  return (
    <Page
      title="Queue of queries"
      testId="query-queue.page"
      action={
        <>
          <Button asChild>
            <Go to="/queries">Open the console</Go>
          </Button>
          {may('queries:manage') === null && (
            <Button icon={ShieldCheck} onClick={() => setRules(true)}>
              Rules
            </Button>
          )}
        </>
      }
    >
      <div className="flex flex-col gap-4 px-5 pb-6 max-sm:px-4">
        <Answer
          of={queue}
          what="The queue"
          waiting={<SkeletonRows rows={6} />}
          isEmpty={({ data }) => data.length === 0}
          empty={
            <EmptyState
              icon={ListOrdered}
              title="Nothing is connected yet"
              action={<Button onClick={() => go('/connections/new')}>Connect a system</Button>}
            >
              Here is what runs and waits on each connection.
            </EmptyState>
          }
        >
          {({ data }) => data.map((load) => <LoadCard key={load.connectionId} load={load} />)}
        </Answer>
        <Assets />
        {isRules && (
          <Suspense fallback={null}>
            <RulesDrawer onClose={() => setRules(false)} />
          </Suspense>
        )}
      </div>
    </Page>
  );
}

function LoadCard({ load }: { load: ConnectionLoad }) {
  const { running, waiting, slots } = load;
  const client = useQueryClient();
  const offline = useOffline();
  const may = useRefusal();
  const [isDraining, setDraining] = useState(false);
  const [busy, setBusy] = useState(false);
  const resume = async () => {
    setBusy(true);
    try {
      await api.resumeConnection({ params: { id: load.connectionId } });
      await client.invalidateQueries({ queryKey: ['query-queue'] });
      toast.done(`Queries begin again on ${load.connectionName}`);
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Card label={load.connectionName}>
      <SectionHead
        title={<bdi>{load.connectionName}</bdi>}
        hint={engineWords[load.engine]}
        className="max-sm:h-auto max-sm:py-1.5"
        end={
          load.drain === null && (
            <Button
              size="sm"
              aria-label={`Drain ${load.connectionName}`}
              refusal={offline ?? may('runs:manage')}
              onClick={() => setDraining(true)}
            >
              Drain
            </Button>
          )
        }
      />
      {load.drain && (
        <Note tone="wait" className="mx-3.5 mb-2.5">
          <span className="flex flex-1 flex-wrap items-center gap-x-3 gap-y-1">
            <span className="flex-1">
              {`Drained by ${load.drain.by.name ?? 'somebody'} `}
              <RelativeTime at={load.drain.at} />
              {load.drain.reason ? `: ${load.drain.reason}` : '. New queries wait in line.'}
            </span>
            <Button
              size="sm"
              busy={busy}
              refusal={offline ?? may('runs:manage')}
              aria-label={`Resume ${load.connectionName}`}
              onClick={() => void resume()}
            >
              Resume
            </Button>
          </span>
        </Note>
      )}
      {isDraining && <DrainDialog connection={load} onClose={() => setDraining(false)} />}
      <span className="num flex flex-wrap items-center gap-3 px-3.5 pb-2.5 text-meta text-text-2">
        {load.engine === 'amc' ? (
          load.lines.length === 0 && <span>{`${slots} slots for each instance, none in use`}</span>
        ) : (
          <span className="flex items-center gap-2">
            {`${running.length} of ${slots} slots`}
            <span className="w-16">
              <Meter
                value={running.length}
                max={slots}
                label="Slots in use"
                family={running.length >= slots ? 'wait' : 'run'}
              />
            </span>
          </span>
        )}
        {load.temporaryAssets > 0 && (
          <span>{`${load.temporaryAssets} temporary ${load.temporaryAssets === 1 ? 'object' : 'objects'} at the service`}</span>
        )}
        {load.lines.length > 0 &&
          load.engine === 'amc' &&
          load.lines.map(({ unit, unitName, running: busy, waiting: inLine }) => (
            <span key={unit ?? ''} className="flex items-center gap-2">
              <bdi>{`${unitName ?? unit ?? ''}: ${busy} of ${slots} slots${inLine > 0 ? `, ${inLine} waiting` : ''}`}</bdi>
              <span className="w-16">
                <Meter
                  value={busy}
                  max={slots}
                  label={`Slots in use of ${unitName ?? unit ?? ''}`}
                  family={busy >= slots ? 'wait' : 'run'}
                />
              </span>
            </span>
          ))}
        <span>{`${load.calls.toLocaleString('en-GB')} calls a minute`}</span>
        {load.throttled > 0 && <Tag tone="wait">{`${load.throttled} refused as too many`}</Tag>}
      </span>
      {running.length + waiting.length === 0 ? (
        <p className="border-t border-line px-3.5 py-3 text-meta text-text-2">Nothing runs or waits here.</p>
      ) : (
        <ul>
          {[...running, ...waiting].map((run) => (
            <QueueRow key={run.runId} run={run} />
          ))}
        </ul>
      )}
      {load.failed.length > 0 && <FailedRuns runs={load.failed} />}
    </Card>
  );
}

/** What did not end well lately: each can be run again as it was. */
const FailedRuns = ({ runs }: { runs: readonly QueryRunSummary[] }) => (
  <section aria-label="Failed in the last day">
    <h3 className="border-t border-line px-3.5 pt-2.5 pb-1 text-meta font-medium text-text-2">
      Failed in the last day
    </h3>
    <ul>
      {runs.map((run) => (
        <FailedRow key={run.runId} run={run} />
      ))}
    </ul>
  </section>
);

function FailedRow({ run }: { run: QueryRunSummary }) {
  const client = useQueryClient();
  const offline = useOffline();
  const may = useRefusal();
  const [busy, setBusy] = useState(false);
  const again = async () => {
    setBusy(true);
    try {
      await api.runQueryAgain({ params: { id: run.runId } });
      await client.invalidateQueries({ queryKey: ['query-queue'] });
      toast.done(`“${run.title}” runs again`);
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <li
      className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-3.5 py-1.5"
      data-run={run.runId}
      data-status={run.status}
    >
      <StatusGlyph status={run.status} />
      <Go
        to={`/runs/${run.runId}`}
        className="min-w-0 max-w-full truncate font-medium hover:underline max-sm:leading-[44px]"
        title={run.title}
      >
        <bdi>{run.title}</bdi>
      </Go>
      {run.failure && (
        <bdi className="min-w-0 flex-1 truncate text-meta text-fail-fg max-sm:basis-full" title={run.failure.message}>
          {run.failure.message}
        </bdi>
      )}
      <span className="ml-auto text-meta text-text-2">
        <RelativeTime at={run.endedAt ?? run.createdAt} />
      </span>
      <Person name={run.actor.name} kind={run.actor.kind} className="text-meta text-text-2" />
      <Button
        size="sm"
        icon={RotateCw}
        aria-label={`Retry ${run.title}`}
        busy={busy}
        refusal={offline ?? may('queries:run')}
        onClick={() => void again()}
      >
        Retry
      </Button>
    </li>
  );
}

function QueueRow({ run }: { run: QueryRunSummary & { queuePlace?: number; expectedStartAt?: string | null } }) {
  const offline = useOffline();
  const may = useRefusal();
  const [isAsking, setAsking] = useState(false);
  return (
    <li
      className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-3.5 py-1.5"
      data-run={run.runId}
      data-status={run.status}
    >
      <StatusGlyph status={run.status} />
      <Go
        to={`/runs/${run.runId}`}
        className="min-w-0 max-w-full truncate font-medium hover:underline max-sm:leading-[44px]"
        title={run.title}
      >
        <bdi>{run.title}</bdi>
      </Go>
      {run.unitName && <span className="truncate text-meta text-text-3">{run.unitName}</span>}
      <span className="num ml-auto text-meta text-text-2">
        {run.waitingFor === 'sign_in' ? (
          <Go to="/connections" search={{ sel: run.connectionId }} className="text-wait-fg hover:underline">
            waits for a sign-in
          </Go>
        ) : run.queuePlace === undefined ? (
          <Duration from={run.startedAt ?? run.createdAt} />
        ) : (
          <>
            {`${run.queuePlace}. in line`}
            {run.expectedStartAt && (
              <>
                {' · in about '}
                <Countdown until={run.expectedStartAt} over="a moment" />
              </>
            )}
          </>
        )}
      </span>
      <Person name={run.actor.name} kind={run.actor.kind} className="text-meta text-text-2" />
      <IconButton
        icon={Square}
        label={`Cancel ${run.title}`}
        size="sm"
        refusal={offline ?? may('runs:cancel')}
        onClick={() => setAsking(true)}
      />
      <AlertDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={`Cancel “${run.title}”?`}
        act="Cancel the query"
        keep="Let it run"
        onAct={async () => {
          await api.cancelRun({ params: { id: run.runId }, body: null });
          setAsking(false);
          toast.done('The query is being canceled');
        }}
      >
        It is stopped at the service where that can stop it, and what it made there is removed.
      </AlertDialog>
    </li>
  );
}

/** Objects of ours at the services: temporary tables, queries, workflows, files. */
function Assets() {
  const assets = useInfiniteQuery({
    queryKey: ['query-queue', 'assets'],
    queryFn: ({ signal, pageParam }) => api.listRemoteAssets({ query: { limit: 100, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.pagination.nextCursor ?? undefined,
  });
  return (
    <Card label="Temporary objects">
      <SectionHead
        title="Temporary objects at the services"
        hint="Made by runs, removed with their rows, at the latest when it says"
        end={<IconButton icon={RotateCw} label="Look again" size="sm" onClick={() => void assets.refetch()} />}
      />
      <Answer
        of={assets}
        what="The temporary objects"
        waiting={<SkeletonRows rows={3} />}
        isEmpty={({ pages }) => pages[0]?.data.length === 0}
        empty={
          <p className="border-t border-line px-3.5 py-3 text-meta text-text-2">Nothing of ours is at any service.</p>
        }
      >
        {({ pages }) => (
          <ul>
            {pages
              .flatMap(({ data }) => data)
              .map((asset) => (
                <li
                  key={`${asset.runId} ${asset.kind} ${asset.name}`}
                  className="flex flex-wrap items-center gap-x-3 border-t border-line px-3.5 py-2 text-meta max-sm:min-h-11"
                >
                  <Tag>{asset.kind.replaceAll('_', ' ')}</Tag>
                  <span className="min-w-0 truncate font-mono text-[11.5px]" title={asset.name}>
                    {asset.name}
                  </span>
                  <Go to={`/runs/${asset.runId}`} className="text-accent hover:underline">
                    its run
                  </Go>
                  {asset.madeBy && <Person name={asset.madeBy.name} kind={asset.madeBy.kind} className="text-text-2" />}
                  <span className="ml-auto text-text-2">
                    {'made '}
                    <RelativeTime at={asset.createdAt} />
                    {', gone '}
                    <RelativeTime at={asset.dueAt} />
                  </span>
                  {asset.failure && <span className="w-full text-fail-fg">{asset.failure.message}</span>}
                </li>
              ))}
          </ul>
        )}
      </Answer>
      {assets.hasNextPage && (
        <div className="border-t border-line px-3.5 py-2">
          <Button size="sm" busy={assets.isFetchingNextPage} onClick={() => void assets.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </Card>
  );
}
