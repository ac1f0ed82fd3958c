import { useQuery } from '@tanstack/react-query';
import { memo, useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { api } from '../kit/api.ts';
import { clock } from '../kit/clock.ts';
import { cx } from '../kit/cx.ts';
import { clockTime } from '../kit/time.ts';
import { useZone } from '../ui/relative-time.tsx';
import { ticksBetween } from '../ui/gantt.tsx';
import { histogramSpan, type RunFilterQuery, type RunsView } from './runs-view.ts';

const HEIGHT = 34;
const DAY_MS = 86_400_000;

interface RunsHistogramProps {
  view: RunsView;
  filter: RunFilterQuery;
  onRange: (from: string, to: string) => void;
}

/** When the runs of the list were started, narrowed as the list is; drag over it to choose a time, double-click for all. */
export const RunsHistogram = memo(function RunsHistogram({ view, filter, onRange }: RunsHistogramProps) {
  const zone = useZone();
  const { started, from, to } = view;
  // Drawn anew each minute; a drag inside what is drawn leaves the picture where it is.
  const span = useMemo(
    () => histogramSpan({ started, from, to }, Math.ceil(clock.read() / 60_000) * 60_000),
    [started, from, to],
  );
  const { data } = useQuery({
    queryKey: ['runs', 'histogram', { ...filter, from: undefined, to: undefined }, span],
    queryFn: ({ signal }) =>
      api.runHistogram({
        query: {
          ...filter,
          from: new Date(span.from).toISOString(),
          to: new Date(span.to).toISOString(),
          by: 'created',
          buckets: 96,
        },
        signal,
      }),
    placeholderData: (before) => before,
    refetchInterval: 60_000,
  });
  const box = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const all = useMemo(() => (data?.buckets ?? []).map((bucket) => ({ ...bucket, at: Date.parse(bucket.at) })), [data]);
  const most = Math.max(1, ...all.map(totalOf));
  const share = (instant: number) => ((instant - span.from) / (span.to - span.from)) * 100;
  const instantOf = (event: PointerEvent) => {
    const rect = box.current?.getBoundingClientRect();
    const place = rect ? Math.min(1, Math.max(0, (event.clientX - rect.left) / rect.width)) : 0;
    return span.from + place * (span.to - span.from);
  };
  const chosen = drag
    ? { from: Math.min(drag.from, drag.to), to: Math.max(drag.from, drag.to) }
    : from || filter.from
      ? { from: Date.parse(from || (filter.from ?? '')), to: to ? Date.parse(to) : span.to }
      : null;
  const choose = (begin: number, end: number) => onRange(new Date(begin).toISOString(), new Date(end).toISOString());
  const onKeyDown = (event: KeyboardEvent) => {
    const width = (span.to - span.from) / 24;
    const now = chosen ?? { from: span.to - width, to: span.to };
    const step = event.key === 'ArrowLeft' ? -width : event.key === 'ArrowRight' ? width : 0;
    if (event.key === 'Escape') onRange('', '');
    else if (!step) return;
    // With Shift the beginning moves, else all of it.
    else if (event.shiftKey) choose(Math.min(now.from + step, now.to - width), now.to);
    else choose(now.from + step, Math.min(span.to, now.to + step));
    event.preventDefault();
  };
  useEffect(() => {
    const cancel = (event: globalThis.KeyboardEvent) => event.key === 'Escape' && setDrag(null);
    addEventListener('keydown', cancel);
    return () => removeEventListener('keydown', cancel);
  }, []);
  const sum = all.reduce((count, bucket) => count + totalOf(bucket), 0);
  const failed = all.reduce((count, bucket) => count + bucket.failed, 0);
  const isIn = (instant: number) => !chosen || (instant >= chosen.from - (data?.bucketMs ?? 0) && instant < chosen.to);
  return (
    <div className="relative flex-none px-5 pb-1 max-sm:hidden" data-testid="runs.histogram">
      <div
        ref={box}
        role="slider"
        tabIndex={0}
        aria-label={`Time of start: ${sum} runs, ${failed} of them failed. Arrows move the chosen time, Shift its beginning, Escape clears.`}
        aria-valuemin={span.from}
        aria-valuemax={span.to}
        aria-valuenow={chosen?.from ?? span.from}
        aria-valuetext={
          chosen
            ? `${clockTime(chosen.from, { zone, seconds: false })} to ${clockTime(chosen.to, { zone, seconds: false })}`
            : 'all of it'
        }
        className="relative h-[50px] cursor-crosshair touch-none rounded-sm"
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag({ from: instantOf(event), to: instantOf(event) });
        }}
        onPointerMove={(event) => drag && setDrag({ ...drag, to: instantOf(event) })}
        onPointerUp={() => {
          if (drag && Math.abs(drag.to - drag.from) > (data?.bucketMs ?? 0))
            choose(Math.min(drag.from, drag.to), Math.max(drag.from, drag.to));
          setDrag(null);
        }}
        onDoubleClick={() => onRange('', '')}
      >
        {chosen && (
          <i
            className="absolute inset-y-0 border-x-[1.5px] border-accent bg-accent-soft"
            style={{ left: `${Math.max(0, share(chosen.from))}%`, right: `${Math.max(0, 100 - share(chosen.to))}%` }}
          />
        )}
        <svg
          className="absolute inset-x-0 bottom-4 h-[34px] w-full"
          preserveAspectRatio="none"
          viewBox={`0 0 ${Math.max(1, all.length)} ${HEIGHT}`}
          aria-hidden="true"
        >
          {all.map((bucket, index) => {
            const quiet = ((totalOf(bucket) - bucket.failed) / most) * HEIGHT;
            const bad = bucket.failed > 0 ? Math.max(2, (bucket.failed / most) * HEIGHT) : 0;
            return (
              <g key={bucket.at} className={cx(!isIn(bucket.at) && 'opacity-45')}>
                <rect x={index + 0.08} width={0.84} y={HEIGHT - quiet} height={quiet} className="fill-c1" />
                {bad > 0 && (
                  <rect
                    x={index + 0.08}
                    width={0.84}
                    y={Math.max(0, HEIGHT - quiet - bad)}
                    height={bad}
                    className="fill-c6"
                  />
                )}
              </g>
            );
          })}
        </svg>
        <div
          aria-hidden="true"
          className="num absolute inset-x-0 bottom-0 h-3.5 overflow-hidden text-micro text-text-3"
        >
          {ticksBetween(span.from, span.to, 7).map((tick) => (
            <span key={tick} className="absolute whitespace-nowrap" style={{ left: `${share(tick)}%` }}>
              {span.to - span.from > 2 * DAY_MS
                ? new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: zone }).format(tick)
                : clockTime(tick, { zone, seconds: false })}
            </span>
          ))}
        </div>
      </div>
    </div>
  );
});

const totalOf = (bucket: { succeeded: number; failed: number; canceled: number; alive: number }): number =>
  bucket.succeeded + bucket.failed + bucket.canceled + bucket.alive;
