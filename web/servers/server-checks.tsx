import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ServerCheck } from '#contracts/servers/servers.ts';
import { api } from '../kit/api.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { ChecksChart } from './checks-chart.tsx';
import { Health } from './health.tsx';

/** The checks of a server over time: latency and reach as a chart with what went wrong, or each as a row of a table. */
export function Checks({ id }: { id: string }) {
  const [asTable, setAsTable] = useState(false);
  const checks = useInfiniteQuery({
    queryKey: ['server', id, 'checks'],
    queryFn: ({ signal, pageParam }) =>
      api.listServerChecks({ params: { id }, query: { limit: 100, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.pagination.nextCursor ?? undefined,
  });
  return (
    <Answer
      of={checks}
      what="The checks"
      waiting={<SkeletonLines />}
      isEmpty={({ pages }) => pages.every(({ data }) => data.length === 0)}
      empty={<p className="text-meta text-text-3">It was never checked.</p>}
    >
      {({ pages }) => {
        const all = pages.flatMap(({ data }) => data);
        // Of one check there is nothing to draw over time.
        if (all.length === 1) return <ChecksTable checks={all} />;
        return (
          <>
            <div className="mb-1 flex items-center">
              <h3 className="font-semibold">{asTable ? 'Checks' : 'Latency'}</h3>
              <Button look="ghost" size="sm" className="ml-auto" onClick={() => setAsTable(!asTable)}>
                {asTable ? 'Show as chart' : 'Show as table'}
              </Button>
            </div>
            {asTable ? (
              <ChecksTable checks={all} />
            ) : (
              <>
                <ChecksChart checks={all.toReversed()} />
                <Trouble checks={all} />
              </>
            )}
            {checks.hasNextPage && (
              <Button
                size="sm"
                className="mt-3"
                busy={checks.isFetchingNextPage}
                onClick={() => void checks.fetchNextPage()}
              >
                Older checks
              </Button>
            )}
          </>
        );
      }}
    </Answer>
  );
}

/** When it was not healthy, newest first: of checks in a row that said the same, the first alone. */
function Trouble({ checks }: { checks: readonly ServerCheck[] }) {
  const told = checks.filter((check, place) => check.health !== 'healthy' && checks[place + 1]?.code !== check.code);
  if (told.length === 0)
    return <p className="mt-3 text-meta text-text-2">{`Healthy at each of the last ${checks.length} checks.`}</p>;
  return (
    <section aria-label="What went wrong" className="mt-3">
      <h3 className="mb-1 font-semibold">What went wrong</h3>
      <ul>
        {told.slice(0, 20).map((check) => (
          <li key={check.id} className="flex items-start gap-2 border-b border-line py-1.5 last:border-b-0">
            <Health health={check.health} />
            <span className="min-w-0 flex-1 text-meta break-words text-text-2">
              {check.message} <span className="font-mono text-[11px] text-text-3">{check.code}</span>
            </span>
            <span className="num flex-none text-meta text-text-3">
              <RelativeTime at={check.at} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function ChecksTable({ checks }: { checks: readonly ServerCheck[] }) {
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-meta">
        <thead className="text-left text-text-3">
          <tr className="border-b border-line">
            <th scope="col" className="h-7 pr-3 font-medium">
              When
            </th>
            <th scope="col" className="pr-3 font-medium">
              Health
            </th>
            <th scope="col" className="pr-3 text-right font-medium">
              Latency
            </th>
            <th scope="col" className="font-medium">
              What it said
            </th>
          </tr>
        </thead>
        <tbody>
          {checks.map((check) => (
            <tr key={check.id} className="border-b border-line align-top last:border-b-0">
              <td className="num py-1.5 pr-3 whitespace-nowrap text-text-2">
                <RelativeTime at={check.at} />
              </td>
              <td className="py-1.5 pr-3">
                <Health health={check.health} />
              </td>
              <td className="num py-1.5 pr-3 text-right whitespace-nowrap">
                {check.latencyMs === null ? '–' : `${Math.round(check.latencyMs)} ms`}
              </td>
              <td className="py-1.5 break-words text-text-2">{check.message ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
