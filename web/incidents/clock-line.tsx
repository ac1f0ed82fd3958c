import { Clock, Moon, Pause } from 'lucide-react';
import type { ListedIncident, ShownClock } from '#contracts/incidents/incidents.ts';
import { useNow } from '../kit/clock.ts';
import { cx } from '../kit/cx.ts';
import { Icon } from '../ui/icon.tsx';
import { clockNow, clockText, type ClockTone, nearestClock, toneOf } from './clock-now.ts';
import { clockWords } from './incident-words.ts';

export const toneText: Readonly<Record<ClockTone, string>> = {
  calm: 'text-text-2',
  warn: 'text-wait-fg',
  late: 'text-fail-fg',
  met: 'text-ok-fg',
  missed: 'text-fail-fg',
};
export const toneFill: Readonly<Record<ClockTone, string>> = {
  calm: 'bg-idle-solid',
  warn: 'bg-wait-solid',
  late: 'bg-fail-solid',
  met: 'bg-ok-solid',
  missed: 'bg-fail-solid',
};
/** What is left of a clock that stands still: dotted, so that a pause is seen without its colour. */
const dotted = 'bg-[repeating-linear-gradient(90deg,var(--wl-line-strong)_0_2px,transparent_2px_5px)]';

const standing = { paused: 'paused', outside: 'outside hours', counting: '', met: 'met' } as const;

interface ClockLineProps {
  incident: Pick<ListedIncident, 'clocks' | 'severity'>;
  /** When the server answered, by its clock. */
  readAt: number;
  /** In a row of a list: without the bar. */
  isShort?: boolean;
}

/** The nearest clock of an incident: which, how much is left, and how far it is. It counts by itself. */
export function ClockLine({ incident, readAt, isShort = false }: ClockLineProps) {
  const hasOpen = incident.clocks.some(({ mode }) => mode !== 'met');
  const now = useNow(hasOpen);
  const clock = nearestClock(incident.clocks, now, readAt);
  if (!clock) return null;
  const { leftMs, share, isStill, tone: plain } = clockNow(clock, now, readAt);
  const tone = toneOf(plain, clock, incident.severity);
  return (
    <span
      data-clock={clock.kind}
      data-tone={tone}
      data-mode={clock.mode}
      className={cx('grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-2 gap-y-1.5 text-meta', toneText[tone])}
    >
      <span className="flex min-w-0 items-center gap-1">
        <Icon of={clock.mode === 'paused' ? Pause : clock.mode === 'outside' ? Moon : Clock} size={13} />
        <span className="truncate">
          {clockWords[clock.kind]}
          {isStill && `, ${standing[clock.mode]}`}
        </span>
      </span>
      <span className="num font-semibold">{clockText(leftMs)}</span>
      {!isShort && <ClockBar clock={clock} share={share} tone={tone} />}
    </span>
  );
}

function ClockBar({ clock, share, tone }: { clock: ShownClock; share: number; tone: ClockTone }) {
  return (
    <span
      role="img"
      aria-label={`${Math.round(share * 100)}% of the time to ${clock.kind} used`}
      className={cx(
        'col-span-2 block h-1 overflow-hidden rounded-full',
        clock.mode === 'counting' ? 'bg-line' : dotted,
      )}
    >
      <i className={cx('block h-full rounded-full', toneFill[tone])} style={{ width: `${share * 100}%` }} />
    </span>
  );
}
