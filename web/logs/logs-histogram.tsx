import { memo, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { type LogCounts, lineSeverities } from '#contracts/logs/logs.ts';
import { clockTime } from '../kit/time.ts';
import { ticksBetween } from '../ui/gantt.tsx';
import { useZone } from '../ui/relative-time.tsx';
import { severityLooks } from './logs.ts';

const HEIGHT = 34;
const DAY_MS = 86_400_000;
/** The worst is drawn at the foot of its bar, where the eye compares. */
const order = [...lineSeverities];

interface LogsHistogramProps {
  counts: LogCounts;
  onRange: (from: string, to: string) => void;
}

/** Lines over time, by severity; drag over it to look closer, double-click for all. */
export const LogsHistogram = memo(function LogsHistogram({ counts, onRange }: LogsHistogramProps) {
  const zone = useZone();
  const box = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const from = Date.parse(counts.from);
  const to = Date.parse(counts.to);
  const width = Math.max(1, to - from);
  const share = (instant: number) => ((instant - from) / width) * 100;
  const bars = counts.buckets.map(({ at, counts: by }) => ({ at: Date.parse(at), by, sum: order.reduce((sum, name) => sum + by[name], 0) })); // prettier-ignore
  const most = Math.max(1, ...bars.map(({ sum }) => sum));
  const bad = bars.reduce((sum, { by }) => sum + by.critical + by.high, 0);
  const instantOf = (event: PointerEvent) => {
    const rect = box.current?.getBoundingClientRect();
    return from + (rect ? Math.min(1, Math.max(0, (event.clientX - rect.left) / rect.width)) : 0) * width;
  };
  const choose = (begin: number, end: number) => onRange(new Date(begin).toISOString(), new Date(end).toISOString());
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowLeft' ? -width / 4 : event.key === 'ArrowRight' ? width / 4 : 0;
    if (event.key === 'Escape') onRange('', '');
    else if (event.key === '+') choose(from + width / 4, to - width / 4);
    else if (step) choose(from + step, to + step);
    else return;
    event.preventDefault();
  };
  const countedFrom = Date.parse(counts.countedFrom);
  return (
    <div className="flex-none px-5 pb-2 max-sm:px-4" data-testid="logs.histogram">
      <div
        ref={box}
        role="slider"
        tabIndex={0}
        aria-label={`Lines over time: ${counts.total}, ${bad} of them errors. Arrows move, plus looks closer, Escape clears.`}
        aria-valuemin={from}
        aria-valuemax={to}
        aria-valuenow={from}
        aria-valuetext={`${clockTime(from, { zone, seconds: false })} to ${clockTime(to, { zone, seconds: false })}`}
        className="relative h-[50px] cursor-crosshair touch-pan-y rounded-sm"
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag({ from: instantOf(event), to: instantOf(event) });
        }}
        onPointerMove={(event) => drag && setDrag({ ...drag, to: instantOf(event) })}
        onPointerCancel={() => setDrag(null)}
        onPointerUp={() => {
          if (drag && Math.abs(drag.to - drag.from) > counts.bucketMs / 2)
            choose(Math.min(drag.from, drag.to), Math.max(drag.from, drag.to));
          setDrag(null);
        }}
        onDoubleClick={() => onRange('', '')}
      >
        {counts.isPartial && (
          <i
            className="absolute top-0 bottom-4 left-0 bg-sunken"
            style={{ width: `${Math.max(0, share(countedFrom))}%` }}
            title="Not counted: the time ran out"
          />
        )}
        {drag && (
          <i
            className="absolute inset-y-0 border-x-[1.5px] border-accent bg-accent-soft"
            style={{
              left: `${share(Math.min(drag.from, drag.to))}%`,
              right: `${100 - share(Math.max(drag.from, drag.to))}%`,
            }}
          />
        )}
        <svg
          className="absolute inset-x-0 bottom-4 h-[34px] w-full overflow-visible"
          preserveAspectRatio="none"
          viewBox={`0 0 ${width} ${HEIGHT}`}
          aria-hidden="true"
        >
          {bars.map(({ at, by }) => {
            let y = HEIGHT;
            return order.map((name) => {
              const height = (by[name] / most) * HEIGHT;
              if (height === 0) return null;
              y -= height;
              return (
                <rect
                  key={`${at} ${name}`}
                  x={at - from + counts.bucketMs * 0.06}
                  width={counts.bucketMs * 0.88}
                  y={y}
                  height={height}
                  className={severityLooks[name].fill}
                />
              );
            });
          })}
        </svg>
        <div
          aria-hidden="true"
          className="num absolute inset-x-0 bottom-0 h-3.5 overflow-hidden border-t border-line text-micro text-text-3"
        >
          {ticksBetween(from, to, 6).map((tick) => (
            <span key={tick} className="absolute whitespace-nowrap" style={{ left: `${share(tick)}%` }}>
              {width > 2 * DAY_MS
                ? new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: zone }).format(tick)
                : clockTime(tick, { zone, seconds: false })}
            </span>
          ))}
        </div>
      </div>
    </div>
  );
});
