import { useCallback, useState } from 'react';
import { useNow } from '../kit/clock.ts';
import { useKept } from '../kit/kept.ts';
import { absoluteTime, clockTime, durationText, relativeTime } from '../kit/time.ts';
import { LateTooltip, Tooltip } from './tooltip.tsx';

const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The zone in which this person reads times; their browser's where they chose none. */
export function useZone(): string {
  const [zone] = useKept('zone', ownZone);
  return zone;
}

interface TimeProps {
  at: string;
  /** `relative` as people say it, `clock` as `14:02:31`. */
  as?: 'relative' | 'clock';
  className?: string;
}

/** What stands in a row, a link or a button is no stop of its own for the keyboard. */
const within = 'a, button, label, [role=row], [role=option], [role=menuitem], [role=tooltip]';

/** An instant. Hover and focus show it in full, with the zone, and in UTC. */
export function RelativeTime({ at, as = 'relative', className }: TimeProps) {
  const instant = Date.parse(at);
  const zone = useZone();
  const now = useNow(as === 'relative');
  const { local, utc } = absoluteTime(instant, { zone });
  const [isStop, setStop] = useState(false);
  const makeStop = useCallback((time: HTMLElement | null) => {
    if (!time || time.closest(within)) return;
    time.tabIndex = 0;
    setStop(true);
  }, []);
  // Where it stands alone there are few, and the tooltip comes with the focus too.
  const Explained = isStop ? Tooltip : LateTooltip;
  return (
    <Explained
      says={
        <span className="num">
          {local}
          <br />
          <span className="text-text-2">{utc}</span>
        </span>
      }
    >
      <time ref={makeStop} dateTime={new Date(instant).toISOString()} aria-label={local} className={className}>
        {as === 'clock' ? clockTime(instant, { zone }) : relativeTime(instant, now, { zone })}
      </time>
    </Explained>
  );
}

interface DurationProps {
  from: string | null;
  to?: string | null;
  className?: string;
}

/** How long something took, or takes: it counts on while there is no end. */
export function Duration({ from, to, className }: DurationProps) {
  const now = useNow(Boolean(from) && !to);
  if (!from) return <span className={className}>–</span>;
  const ms = (to ? Date.parse(to) : now) - Date.parse(from);
  const text = !to && ms < 10_000 ? `0:0${Math.max(0, Math.floor(ms / 1_000))}` : durationText(ms);
  return (
    <span className={className} style={{ fontVariantNumeric: 'tabular-nums' }}>
      {text}
    </span>
  );
}

interface CountdownProps {
  until: string;
  /** Shown when the time has come. */
  over?: string;
  className?: string;
}

/** The time left, by the server's clock. */
export function Countdown({ until, over = 'now', className }: CountdownProps) {
  const left = Date.parse(until) - useNow();
  const text = left <= 0 ? over : left < 60_000 ? `${Math.ceil(left / 1_000)} s` : durationText(left);
  return (
    <time
      dateTime={`PT${Math.max(0, Math.round(left / 1_000))}S`}
      className={className}
      style={{ fontVariantNumeric: 'tabular-nums' }}
    >
      {text}
    </time>
  );
}
