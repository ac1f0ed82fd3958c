import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../kit/api.ts';
import { clockTime } from '../kit/time.ts';
import { useGo } from '../kit/navigation.tsx';
import { Button } from '../ui/button.tsx';
import { Card, SectionHead } from '../ui/card.tsx';
import { ticksBetween } from '../ui/gantt.tsx';
import { useZone } from '../ui/relative-time.tsx';

const DAY_MS = 86_400_000;
const HEIGHT = 92;

/** Runs that ended over the last day, every half hour; a bar leads to its runs. */
export function EndedChart() {
  const zone = useZone();
  const go = useGo();
  const [asTable, setAsTable] = useState(false);
  const { data } = useQuery({
    queryKey: ['runs', 'histogram', 'day'],
    queryFn: ({ signal }) => {
      const now = Date.now();
      return api.runHistogram({
        query: { from: new Date(now - DAY_MS).toISOString(), to: new Date(now).toISOString(), buckets: 48 },
        signal,
      });
    },
    refetchInterval: 60_000,
  });
  const buckets = data?.buckets ?? [];
  const total = ({ succeeded, failed, canceled }: (typeof buckets)[number]) => succeeded + failed + canceled;
  const first = buckets[0];
  if (!data || !first || buckets.every((bucket) => total(bucket) === 0)) return null;
  const most = Math.max(1, ...buckets.map(total));
  const from = Date.parse(first.at);
  const to = from + data.bucketMs * buckets.length;
  const open = (at: string) => go('/runs', { from: at, to: new Date(Date.parse(at) + data.bucketMs).toISOString() });
  return (
    <Card label="Runs ended">
      <SectionHead
        title="Runs ended"
        hint="every 30 min"
        end={
          <>
            <span className="flex items-center gap-1.5 text-meta text-text-2 max-sm:hidden">
              <i className="size-2 rounded-[2px] bg-c1" />
              Succeeded or canceled
            </span>
            <span className="flex items-center gap-1.5 text-meta text-text-2 max-sm:hidden">
              <i className="size-2 rounded-[2px] bg-c6" />
              Failed or timed out
            </span>
            <Button size="sm" look="ghost" onClick={() => setAsTable(!asTable)}>
              {asTable ? 'Show as chart' : 'Show as table'}
            </Button>
          </>
        }
      />
      {asTable ? (
        <div className="max-h-48 overflow-auto border-t border-line">
          <table className="num w-full text-meta">
            <thead className="text-left text-text-3">
              <tr>
                <th className="py-1 pl-3.5 font-medium">From</th>
                <th className="font-medium">Succeeded</th>
                <th className="font-medium">Canceled</th>
                <th className="font-medium">Failed</th>
              </tr>
            </thead>
            <tbody>
              {buckets
                .filter((bucket) => total(bucket) > 0)
                .map((bucket) => (
                  <tr key={bucket.at} className="border-t border-line">
                    <td className="py-1 pl-3.5">{clockTime(Date.parse(bucket.at), { zone, seconds: false })}</td>
                    <td>{bucket.succeeded}</td>
                    <td>{bucket.canceled}</td>
                    <td>{bucket.failed}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      ) : (
        <div className="relative px-3.5 pb-6">
          <div className="flex h-[92px] items-end gap-px border-t border-grid">
            {buckets.map((bucket) => {
              const quiet = ((bucket.succeeded + bucket.canceled) / most) * HEIGHT;
              const bad = bucket.failed === 0 ? 0 : Math.max(2, (bucket.failed / most) * HEIGHT);
              return (
                <button
                  key={bucket.at}
                  type="button"
                  tabIndex={total(bucket) === 0 ? -1 : 0}
                  disabled={total(bucket) === 0}
                  onClick={() => open(bucket.at)}
                  aria-label={`${clockTime(Date.parse(bucket.at), { zone, seconds: false })}: ${total(bucket)} ended, ${bucket.failed} failed`}
                  className="flex h-full flex-1 flex-col justify-end hover:bg-fill"
                >
                  {bad > 0 && <i className="mb-px block w-full bg-c6" style={{ height: bad }} />}
                  <i className="block w-full bg-c1" style={{ height: quiet }} />
                </button>
              );
            })}
          </div>
          <div aria-hidden="true" className="num absolute inset-x-3.5 bottom-1.5 h-3.5 text-micro text-text-3">
            {ticksBetween(from, to, 8).map((tick) => (
              <span key={tick} className="absolute" style={{ left: `${((tick - from) / (to - from)) * 100}%` }}>
                {clockTime(tick, { zone, seconds: false })}
              </span>
            ))}
          </div>
        </div>
      )}
    </Card>
  );
}
