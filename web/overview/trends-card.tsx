import { lazy, Suspense, useState } from 'react';
import type { UseQueryResult } from '@tanstack/react-query';
import type { OverviewSpan } from '#contracts/runs/spans.ts';
import { useGo } from '../kit/navigation.tsx';
import { clockTime, durationText } from '../kit/time.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Card, SectionHead } from '../ui/card.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { useZone } from '../ui/relative-time.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { bucketWords, type OverviewView, runsEndedIn, type Trends } from './overview.ts';

// The chart library is large and comes after the page stands.
const EndedChart = lazy(async () => ({ default: (await import('./trend-charts.tsx')).EndedChart }));
const DurationChart = lazy(async () => ({ default: (await import('./trend-charts.tsx')).DurationChart }));

interface TrendsCardProps {
  trends: UseQueryResult<Trends>;
  span: OverviewSpan;
  isMine: boolean;
  chart: OverviewView['chart'];
  onChart: (chart: OverviewView['chart']) => void;
}

/** What ended, and how long it took, over the span; as a chart or as a table. */
export function TrendsCard({ trends, span, isMine, chart, onChart }: TrendsCardProps) {
  const zone = useZone();
  const go = useGo();
  const [asTable, setAsTable] = useState(false);
  const isLong = span === '7d' || span === '30d';
  const timeOf = (at: string): string => {
    const instant = Date.parse(at);
    if (!isLong) return clockTime(instant, { zone, seconds: false });
    const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: zone }).format(instant);
    return span === '7d' ? `${day} ${clockTime(instant, { zone, seconds: false })}` : day;
  };
  return (
    <Card label="Runs over time">
      <SectionHead
        title={chart === 'ended' ? 'Runs ended' : 'How long runs took'}
        hint={<span className="max-sm:hidden">{bucketWords[span]}</span>}
        className="flex-wrap py-1.5"
        end={
          <>
            <Segmented
              label="What is drawn"
              value={chart}
              onValue={onChart}
              options={[
                { value: 'ended', label: 'Ended' },
                { value: 'duration', label: 'Duration' },
              ]}
            />
            <Button size="sm" look="ghost" className="max-sm:h-11" onClick={() => setAsTable(!asTable)}>
              {asTable ? 'Show as chart' : 'Show as table'}
            </Button>
          </>
        }
      />
      <Answer
        of={trends}
        what="The runs over time"
        waiting={<Skeleton className="appear-late mx-3.5 mb-3.5 h-[150px]" />}
        isEmpty={({ buckets }) => buckets.every((bucket) => endedIn(bucket) === 0)}
        empty={<p className="border-t border-line px-3.5 py-3 text-text-2">No run has ended in this time.</p>}
      >
        {({ buckets, bucketMs }) =>
          asTable ? (
            <TrendsTable buckets={buckets} timeOf={timeOf} />
          ) : (
            <div className="px-3.5 pb-2">
              <Suspense fallback={<Skeleton className="appear-late h-[150px]" />}>
                {chart === 'ended' ? (
                  <div
                    role="img"
                    aria-label={`${sum(buckets, endedIn)} runs ended, ${sum(buckets, ({ failed }) => failed)} of them failed. Show as table for each ${bucketWords[span].replace('every ', '')}.`}
                  >
                    <EndedChart
                      buckets={buckets}
                      timeOf={timeOf}
                      onOpen={({ at }) => go('/runs', { ...runsEndedIn(at, bucketMs), ...(isMine && { actor: 'me' }) })}
                    />
                  </div>
                ) : (
                  <div
                    role="img"
                    aria-label="How long half of the runs took, and how long 95 of 100 took. Show as table for the figures."
                  >
                    <DurationChart buckets={buckets} timeOf={timeOf} />
                  </div>
                )}
              </Suspense>
              <p className="flex flex-wrap gap-x-4 text-meta text-text-2">
                {(chart === 'ended'
                  ? ([
                      ['bg-c1', 'Succeeded or canceled'],
                      ['bg-c6', 'Failed or timed out'],
                    ] as const)
                  : ([
                      ['bg-c2', 'Half took at most'],
                      ['bg-c5', '95 of 100 took at most'],
                    ] as const)
                ).map(([fill, word]) => (
                  <span key={word} className="flex items-center gap-1.5">
                    <i className={`size-2 rounded-[2px] ${fill}`} />
                    {word}
                  </span>
                ))}
              </p>
            </div>
          )
        }
      </Answer>
    </Card>
  );
}

type Bucket = Trends['buckets'][number];
const endedIn = ({ succeeded, failed, canceled }: Bucket): number => succeeded + failed + canceled;
const sum = (buckets: readonly Bucket[], of: (bucket: Bucket) => number): number =>
  buckets.reduce((total, bucket) => total + of(bucket), 0);

function TrendsTable({ buckets, timeOf }: { buckets: readonly Bucket[]; timeOf: (at: string) => string }) {
  const figure = (ms: number | null) => (ms === null ? '–' : durationText(ms));
  return (
    <div className="max-h-48 overflow-auto border-t border-line" tabIndex={0} role="region" aria-label="Runs over time">
      <table className="num w-full text-meta">
        <thead className="sticky top-0 bg-sunken text-left text-text-3">
          <tr>
            {['From', 'Started', 'Succeeded', 'Canceled', 'Failed', 'p50', 'p95'].map((head) => (
              <th key={head} className="h-7 px-2 font-medium first:pl-3.5">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {buckets
            .filter((bucket) => endedIn(bucket) + bucket.started > 0)
            .toReversed()
            .map((bucket) => (
              <tr key={bucket.at} className="border-t border-line [&>td]:px-2 [&>td]:py-1">
                <td className="pl-3.5!">{timeOf(bucket.at)}</td>
                <td>{bucket.started}</td>
                <td>{bucket.succeeded}</td>
                <td>{bucket.canceled}</td>
                <td className={bucket.failed > 0 ? 'text-fail-fg' : undefined}>{bucket.failed}</td>
                <td>{figure(bucket.durationP50Ms)}</td>
                <td>{figure(bucket.durationP95Ms)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}
