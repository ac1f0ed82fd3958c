import { useQuery } from '@tanstack/react-query';
import { api } from '../kit/api.ts';
import { Go } from '../kit/navigation.tsx';
import { Answer } from '../ui/answer.tsx';
import { Card, Note, SectionHead } from '../ui/card.tsx';
import { Meter } from '../ui/meter.tsx';
import { Page } from '../ui/page.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';

/** What runs, what waits for a slot, and which workers listen. */
export function QueuesPage() {
  const queues = useQuery({
    queryKey: ['queues'],
    queryFn: ({ signal }) => api.queueStatus({ signal }),
    refetchInterval: 10_000,
  });
  return (
    <Page title="Queues" testId="settings.queues">
      <div className="max-w-[720px] px-5 pb-8">
        <Answer of={queues} what="The queues" waiting={<SkeletonLines />}>
          {(data) => (
            <div className="flex flex-col gap-4">
              <Card className="p-4">
                <p className="num mb-2 flex items-baseline gap-2">
                  <span className="text-figure font-semibold">{data.running}</span> of {data.limit} runs at once ·{' '}
                  {data.queued} in line
                  {data.oldestQueuedAt && (
                    <span className="text-text-2">
                      , the oldest since <RelativeTime at={data.oldestQueuedAt} />
                    </span>
                  )}
                </p>
                <Meter
                  label="Runs at once"
                  value={data.running}
                  max={data.limit}
                  family={data.running >= data.limit ? 'wait' : 'run'}
                />
                <p className="mt-2 text-meta text-text-3">
                  The limit is set under{' '}
                  <Go to="/settings" className="text-accent underline">
                    General
                  </Go>
                  .
                </p>
              </Card>
              <Card>
                <SectionHead title="Task queues" count={data.workers.length} />
                <table className="w-full">
                  <thead className="border-y border-line bg-sunken text-left text-meta text-text-3">
                    <tr>
                      <th className="h-8 pl-3.5 font-medium">Queue</th>
                      <th className="text-right font-medium">Workers</th>
                      <th className="pr-3.5 text-right font-medium">Waiting tasks</th>
                    </tr>
                  </thead>
                  <tbody>
                    {data.workers.map(({ queue, pollers, backlog }) => (
                      <tr key={queue} className="h-9 border-b border-line last:border-b-0">
                        <td className="pl-3.5 font-mono text-meta">{queue}</td>
                        <td className="num text-right">
                          {pollers === 0 ? <span className="text-fail-fg">none listens</span> : pollers}
                        </td>
                        <td className="num pr-3.5 text-right">{backlog ?? '–'}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </Card>
              {data.workers.some(({ pollers }) => pollers === 0) && (
                <Note tone="wait">
                  A queue without a worker does nothing: its runs wait until one listens. Start a process with that role
                  (WINDLASS_ROLES).
                </Note>
              )}
            </div>
          )}
        </Answer>
      </div>
    </Page>
  );
}
