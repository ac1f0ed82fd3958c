import { useQuery } from '@tanstack/react-query';
import { useMemo, useRef, useState, type PointerEvent } from 'react';
import { api } from '../kit/api.ts';
import { clockTime } from '../kit/time.ts';
import { useZone } from '../ui/relative-time.tsx';
import { ticksBetween } from '../ui/gantt.tsx';

const HOURS_MS = 6 * 3_600_000;

/** When runs ended over the last hours; drag over it to choose a time, double-click for all of it. */
export function RunsHistogram({
  from,
  to,
  onRange,
}: {
  from: string;
  to: string;
  onRange: (from: string, to: string) => void;
}) {
  const zone = useZone();
  const { data } = useQuery({
    queryKey: ['runs', 'histogram'],
    queryFn: ({ signal }) => {
      const now = Date.now();
      return api.runHistogram({
        query: { from: new Date(now - HOURS_MS).toISOString(), to: new Date(now).toISOString(), buckets: 96 },
        signal,
      });
    },
    refetchInterval: 60_000,
  });
  const box = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const span = useMemo(() => {
    const first = data?.buckets[0];
    return first && data
      ? { from: Date.parse(first.at), to: Date.parse(first.at) + data.bucketMs * data.buckets.length }
      : null;
  }, [data]);
  if (!data || !span || data.buckets.every(({ succeeded, failed, canceled }) => succeeded + failed + canceled === 0))
    return null;
  const most = Math.max(1, ...data.buckets.map(({ succeeded, failed, canceled }) => succeeded + failed + canceled));
  const at = (instant: number) => ((instant - span.from) / (span.to - span.from)) * 100;
  const instantOf = (event: PointerEvent) => {
    const rect = box.current?.getBoundingClientRect();
    const share = rect ? Math.min(1, Math.max(0, (event.clientX - rect.left) / rect.width)) : 0;
    return span.from + share * (span.to - span.from);
  };
  const chosen = drag
    ? { from: Math.min(drag.from, drag.to), to: Math.max(drag.from, drag.to) }
    : from
      ? { from: Date.parse(from), to: to ? Date.parse(to) : span.to }
      : null;
  const total = data.buckets.reduce((sum, { succeeded, failed }) => sum + succeeded + failed, 0);
  return (
    <div className="relative flex-none px-5 pb-1 max-sm:hidden">
      <div
        ref={box}
        role="img"
        aria-label={`${total} runs ended in the last 6 h, ${data.buckets.reduce((sum, { failed }) => sum + failed, 0)} of them failed`}
        className="relative h-[50px] cursor-crosshair touch-none"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag({ from: instantOf(event), to: instantOf(event) });
        }}
        onPointerMove={(event) => drag && setDrag({ ...drag, to: instantOf(event) })}
        onPointerUp={() => {
          if (drag && Math.abs(drag.to - drag.from) > data.bucketMs)
            onRange(
              new Date(Math.min(drag.from, drag.to)).toISOString(),
              new Date(Math.max(drag.from, drag.to)).toISOString(),
            );
          setDrag(null);
        }}
        onDoubleClick={() => onRange('', '')}
      >
        {chosen && (
          <i
            className="absolute inset-y-0 border-x-[1.5px] border-accent bg-accent-soft"
            style={{ left: `${Math.max(0, at(chosen.from))}%`, right: `${Math.max(0, 100 - at(chosen.to))}%` }}
          />
        )}
        <svg
          className="absolute inset-x-0 bottom-4 h-[34px] w-full"
          preserveAspectRatio="none"
          viewBox={`0 0 ${data.buckets.length} 34`}
          aria-hidden="true"
        >
          {data.buckets.map(({ at: instant, succeeded, failed, canceled }, index) => {
            const quiet = ((succeeded + canceled) / most) * 34;
            const bad = (failed / most) * 34;
            return (
              <g key={instant}>
                <rect x={index + 0.08} width={0.84} y={34 - quiet} height={quiet} className="fill-c1" />
                {failed > 0 && (
                  <rect
                    x={index + 0.08}
                    width={0.84}
                    y={34 - quiet - Math.max(2, bad)}
                    height={Math.max(2, bad)}
                    className="fill-c6"
                  />
                )}
              </g>
            );
          })}
        </svg>
        <div aria-hidden="true" className="num absolute inset-x-0 bottom-0 h-3.5 text-micro text-text-3">
          {ticksBetween(span.from, span.to, 7).map((tick) => (
            <span key={tick} className="absolute" style={{ left: `${at(tick)}%` }}>
              {clockTime(tick, { zone, seconds: false })}
            </span>
          ))}
        </div>
      </div>
    </div>
  );
}
