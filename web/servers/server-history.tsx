import { useQuery } from '@tanstack/react-query';
import { api } from '../kit/api.ts';
import { Go } from '../kit/navigation.tsx';
import { Answer } from '../ui/answer.tsx';
import { Duration, RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { ChecksChart } from './checks-chart.tsx';
import { Health } from './health.tsx';

/** The last checks of a server: latency and reach over time, then each of them. */
export function Checks({ id }: { id: string }) {
  const checks = useQuery({
    queryKey: ['server', id, 'checks'],
    queryFn: ({ signal }) => api.listServerChecks({ params: { id }, query: { limit: 50 }, signal }),
  });
  return (
    <Answer
      of={checks}
      what="The checks"
      waiting={<SkeletonLines />}
      isEmpty={({ data }) => data.length === 0}
      empty={<p className="text-meta text-text-3">It was never checked.</p>}
    >
      {({ data }) => (
        <>
          <ChecksChart checks={data.toReversed()} />
          <ul className="mt-2">
            {data.map((check) => (
              <li key={check.id} className="flex items-start gap-2 border-b border-line py-1.5 last:border-b-0">
                <Health health={check.health} />
                <span className="min-w-0 flex-1 text-meta break-words text-text-2">{check.message}</span>
                <span className="num flex-none text-meta text-text-3">
                  {check.latencyMs === null ? '' : `${Math.round(check.latencyMs)} ms · `}
                  <RelativeTime at={check.at} />
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Answer>
  );
}

/** The runs that have touched a server. */
export function Runs({ id }: { id: string }) {
  const runs = useQuery({
    queryKey: ['server', id, 'runs'],
    queryFn: ({ signal }) => api.listServerRuns({ params: { id }, query: { limit: 30 }, signal }),
  });
  return (
    <Answer
      of={runs}
      what="The runs"
      waiting={<SkeletonLines />}
      isEmpty={({ data }) => data.length === 0}
      empty={<p className="text-meta text-text-3">No run has touched this server.</p>}
    >
      {({ data }) => (
        <ul>
          {data.map((run) => (
            <li key={run.id} className="flex items-center gap-2.5 py-1" data-run={run.id}>
              <StatusGlyph status={run.status} />
              <Go to={`/runs/${run.id}`} className="min-w-0 flex-1 truncate hover:underline">
                {run.title}
              </Go>
              <span className="num text-meta text-text-3">
                <Duration from={run.startedAt} to={run.endedAt} /> · <RelativeTime at={run.createdAt} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Answer>
  );
}
