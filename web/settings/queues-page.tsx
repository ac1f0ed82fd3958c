import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { QueueState } from '#contracts/settings/queues.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { Go } from '../kit/navigation.tsx';
import { useMe, useRefusal } from '../kit/session.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Card, Note, SectionHead, Tag } from '../ui/card.tsx';
import { Meter } from '../ui/meter.tsx';
import { Page } from '../ui/page.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { DrainDialog } from './drain-dialog.tsx';
import { useResume } from './use-drains.ts';

/** What runs, what waits for a slot, which workers listen, and whether anything new begins. */
export function QueuesPage() {
  const queues = useQuery({
    queryKey: ['queues'],
    queryFn: ({ signal }) => api.queueStatus({ signal }),
    refetchInterval: 10_000,
  });
  const [draining, setDraining] = useState<string | null>(null);
  return (
    <Page title="Queues" testId="settings.queues">
      <div className="max-w-[720px] px-5 pb-8 max-sm:px-4">
        <Answer of={queues} what="The queues" waiting={<SkeletonLines />}>
          {({ running, limit, queued, oldestQueuedAt, workers }) => (
            <div className="flex flex-col gap-4">
              <Card className="p-4">
                <p className="num mb-2 flex flex-wrap items-baseline gap-x-2">
                  <span className="text-figure font-semibold">{running}</span> of {limit} runs at once
                  <span className="text-text-2">
                    {queued} in line
                    {oldestQueuedAt && (
                      <>
                        , the oldest since <RelativeTime at={oldestQueuedAt} />
                      </>
                    )}
                  </span>
                </p>
                <Meter label="Runs at once" value={running} max={limit} family={running >= limit ? 'wait' : 'run'} />
                <p className="mt-2 text-meta text-text-3">
                  The limit is set under{' '}
                  <Go to="/settings" className="text-accent underline">
                    General
                  </Go>
                  .
                </p>
              </Card>
              <Card label="Task queues">
                <SectionHead title="Task queues" count={workers.length} />
                <ul>
                  {workers.map((state) => (
                    <Queue key={state.queue} state={state} onDrain={() => setDraining(state.queue)} />
                  ))}
                </ul>
              </Card>
              {workers.some(({ pollers }) => pollers === 0) && (
                <Note tone="wait">
                  A queue without a worker does nothing: its runs wait until one listens. Start a process with that role
                  (WINDLASS_ROLES).
                </Note>
              )}
            </div>
          )}
        </Answer>
        {draining !== null && <DrainDialog queue={draining} onClose={() => setDraining(null)} />}
      </div>
    </Page>
  );
}

/** One queue: its figures, and whether new runs begin from it. */
function Queue({ state, onDrain }: { state: QueueState; onDrain: () => void }) {
  const { queue, pollers, backlog, queued, oldestQueuedAt, drains } = state;
  const refusal = useRefusal()('runs:manage');
  const offline = useOffline();
  const { user } = useMe();
  const takesRuns = queued !== null;
  // Who may drain for all may do so where the workspace itself is drained, and the other way round.
  const canDrainMore =
    drains.length < (user.isInstanceAdmin ? 2 : 1) && !drains.some(({ scope }) => scope === 'workspace');
  return (
    <li className="border-t border-line px-3.5 py-2.5" data-queue={queue} data-drained={drains.length > 0}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="font-mono text-meta font-medium">{queue}</span>
        {drains.length > 0 && <Tag tone="wait">Drained</Tag>}
        {pollers === 0 && <Tag tone="fail">No worker listens</Tag>}
        {takesRuns && canDrainMore && (
          <Button
            size="sm"
            className="ml-auto"
            refusal={offline ?? (user.isInstanceAdmin ? null : refusal)}
            onClick={onDrain}
          >
            Drain
          </Button>
        )}
      </div>
      <p className="num mt-0.5 text-meta text-text-2">
        {[
          pollers > 0 && `${pollers} ${pollers === 1 ? 'worker' : 'workers'}`,
          backlog !== null && `${backlog} ${backlog === 1 ? 'task waits' : 'tasks wait'}`,
          takesRuns && `${queued} ${queued === 1 ? 'run' : 'runs'} in line`,
        ]
          .filter(Boolean)
          .join(' · ')}
        {oldestQueuedAt && (
          <>
            , the oldest since <RelativeTime at={oldestQueuedAt} />
          </>
        )}
        {!takesRuns && ' · takes the steps of runs that have begun'}
      </p>
      {drains.map((drain) => (
        <Drained key={drain.scope} queue={queue} drain={drain} />
      ))}
    </li>
  );
}

function Drained({ queue, drain: { scope, by, at, reason } }: { queue: string; drain: QueueState['drains'][number] }) {
  const refusal = useRefusal()('runs:manage');
  const offline = useOffline();
  const { user } = useMe();
  const resume = useResume();
  const isMine = scope === 'workspace' ? refusal : user.isInstanceAdmin ? null : 'It needs an instance administrator.';
  return (
    <div
      data-drain={scope}
      className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-md bg-wait-soft px-3 py-2 text-meta text-wait-fg"
    >
      <p className="min-w-0 flex-1 basis-60">
        {scope === 'workspace' ? 'New runs wait' : 'New runs of every workspace wait'}: drained by <bdi>{by.name}</bdi>{' '}
        <RelativeTime at={at} />.{reason && <bdi className="block text-text-2">{reason}</bdi>}
      </p>
      <Button
        size="sm"
        busy={resume.isPending}
        refusal={offline ?? isMine}
        onClick={() => resume.mutate({ queue, scope })}
      >
        Resume
      </Button>
    </div>
  );
}
