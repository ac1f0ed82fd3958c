import { useQuery } from '@tanstack/react-query';
import { CalendarClock } from 'lucide-react';
import { api } from '../kit/api.ts';
import { cx } from '../kit/cx.ts';
import { Go } from '../kit/navigation.tsx';
import { clockTime } from '../kit/time.ts';
import { Answer } from '../ui/answer.tsx';
import { Card, SectionHead } from '../ui/card.tsx';
import { Icon } from '../ui/icon.tsx';
import { Meter } from '../ui/meter.tsx';
import { RelativeTime, useZone } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { type Overview, spanWords } from './overview.ts';

/** The schedules that come next. */
export function NextSchedules({ schedules }: { schedules: Overview['nextSchedules'] }) {
  const zone = useZone();
  return (
    <Card label="Next schedules">
      <SectionHead
        title="Next schedules"
        end={
          <Go to="/schedules" className="text-meta text-accent hover:underline">
            All schedules
          </Go>
        }
      />
      {schedules.length === 0 && <p className="border-t border-line px-3.5 py-3 text-text-2">Nothing is due.</p>}
      <ul>
        {schedules.map(({ id, name, nextAt }) => (
          <li
            key={`${id}${nextAt}`}
            className="flex h-[31px] items-center gap-2.5 border-t border-line px-3.5 max-sm:h-11"
          >
            <span className="num font-medium">{clockTime(Date.parse(nextAt), { zone, seconds: false })}</span>
            <Icon of={CalendarClock} size={15} className="text-text-2" />
            <Go to="/schedules" search={{ sel: id }} className="min-w-0 flex-1 truncate hover:underline" title={name}>
              <bdi>{name}</bdi>
            </Go>
            <RelativeTime at={nextAt} className="text-meta whitespace-nowrap text-text-2" />
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Why runs failed, the most frequent first; each bar leads to its runs. */
export function WhyFailed({ overview, isMine }: { overview: Overview; isMine: boolean }) {
  const { failures, failed, span } = overview;
  const most = Math.max(1, ...failures.map(({ count }) => count));
  return (
    <Card label="Why runs failed">
      <SectionHead
        title="Why runs failed"
        end={<span className="num text-meta text-text-2">{`${failed} in ${spanWords[span]}`}</span>}
      />
      {failures.length === 0 ? (
        <p className="border-t border-line px-3.5 py-3 text-text-2">No run has failed.</p>
      ) : (
        <ul className="px-3.5 pb-2.5" data-testid="overview.failures">
          {failures.map(({ code, count }) => (
            <li key={code}>
              <Go
                to="/runs"
                search={{ error: code, ended: span, ...(isMine && { actor: 'me' }) }}
                className="grid min-h-[25px] grid-cols-[148px_1fr_34px] items-center gap-2.5 text-meta hover:text-accent max-sm:min-h-11"
              >
                <span className="truncate font-mono text-[11.5px]" title={code}>
                  {code}
                </span>
                <i
                  className="block h-1.5 rounded-[2px] bg-c6 opacity-75"
                  style={{ width: `${(count / most) * 100}%` }}
                />
                <span className="num text-right">{count}</span>
              </Go>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

const healthLooks: Readonly<Record<string, { word: string; fill: string }>> = {
  healthy: { word: 'healthy', fill: 'bg-ok-solid' },
  degraded: { word: 'degraded', fill: 'bg-wait-solid' },
  unhealthy: { word: 'unhealthy', fill: 'bg-fail-solid' },
  no_answer: { word: 'no answer', fill: 'bg-fail-solid' },
  unknown: { word: 'not checked yet', fill: 'bg-idle-line' },
};

/** Can work be done: who works, how full it is, and how the servers are. */
export function HealthCard({ servers }: { servers: Overview['servers'] }) {
  const queues = useQuery({
    queryKey: ['queues'],
    queryFn: ({ signal }) => api.queueStatus({ signal }),
    refetchInterval: 30_000,
  });
  const states = Object.keys(healthLooks).filter((state) => (servers.health[state] ?? 0) > 0);
  return (
    <Card label="Health">
      <SectionHead
        title="Health"
        end={
          <Go to="/settings/queues" className="text-meta text-accent hover:underline">
            Queues
          </Go>
        }
      />
      <Answer of={queues} what="The workers" waiting={<SkeletonLines lines={2} />}>
        {({ workers, running, limit }) => (
          <div className="border-t border-line px-3.5 py-2.5">
            <ul className="mb-2 flex flex-col gap-1.5 text-meta">
              {workers.map(({ queue, pollers, backlog }) => (
                <li key={queue} className="flex items-center gap-2">
                  <i
                    aria-hidden="true"
                    className={cx('size-[7px] rounded-full', pollers > 0 ? 'bg-ok-solid' : 'bg-fail-solid')}
                  />
                  <span className="font-mono text-[11.5px]">{queue}</span>
                  <span className={cx('num ml-auto', pollers > 0 ? 'text-text-2' : 'text-fail-fg')}>
                    {pollers === 0 ? 'no worker listens' : `${pollers} ${pollers === 1 ? 'worker' : 'workers'}`}
                    {backlog ? `, ${backlog} tasks wait` : ''}
                  </span>
                </li>
              ))}
            </ul>
            <p className="num mb-1 flex text-meta text-text-2">
              <span>Slots</span>
              <span className="ml-auto">{`${running} of ${limit}`}</span>
            </p>
            <Meter label="Runs at once" value={running} max={limit} family={running >= limit ? 'wait' : 'run'} />
          </div>
        )}
      </Answer>
      {servers.total > 0 && (
        <div className="border-t border-line px-3.5 py-2.5">
          <div
            role="img"
            aria-label={`${servers.total} servers: ${states.map((state) => `${servers.health[state]} ${healthLooks[state]?.word}`).join(', ')}`}
            className="mb-1.5 flex h-1.5 gap-0.5"
          >
            {states.map((state) => (
              <i
                key={state}
                className={cx('rounded-[1.5px]', healthLooks[state]?.fill)}
                style={{ flexGrow: servers.health[state] }}
              />
            ))}
          </div>
          <p className="flex flex-wrap gap-x-3 text-meta">
            {states.map((state) => (
              <Go
                key={state}
                to="/servers"
                search={{ health: state }}
                className="num text-text-2 hover:text-text hover:underline max-sm:min-h-11"
              >
                {`${servers.health[state]} ${healthLooks[state]?.word}`}
              </Go>
            ))}
          </p>
        </div>
      )}
    </Card>
  );
}
