import { useNow } from '../kit/clock.ts';
import { cx } from '../kit/cx.ts';
import { RelativeTime } from '../ui/relative-time.tsx';
import { clockNow, clockText, nearestClock, toneOf } from './clock-now.ts';
import { toneFill } from './clock-line.tsx';
import type { OpenedIncident } from './incidents.ts';

const grounds = {
  calm: 'border-line bg-sunken',
  warn: 'border-wait-line bg-wait-soft text-wait-fg',
  late: 'border-fail-line bg-fail-soft text-fail-fg',
  met: 'border-ok-line bg-ok-soft text-ok-fg',
  missed: 'border-fail-line bg-fail-soft text-fail-fg',
} as const;

/** The one clock of a phone: what is left, of what, and who is told next. */
export function BigClock({ incident }: { incident: OpenedIncident }) {
  const now = useNow();
  const clock = nearestClock(incident.clocks, now, incident.readAt);
  const { nextEscalationAt, escalationLevel } = incident;
  if (!clock && !nextEscalationAt) return null;
  const read = clock && clockNow(clock, now, incident.readAt);
  const tone = clock && read ? toneOf(read.tone, clock, incident.severity) : 'calm';
  return (
    <section aria-label="Clock" data-tone={tone} className={cx('rounded-xl border px-3.5 pt-3 pb-3.5', grounds[tone])}>
      {clock && read && (
        <>
          <p className="flex flex-wrap items-end gap-x-2">
            <span className="num text-[40px] leading-[44px] font-semibold tracking-[-0.03em]">
              {clockText(read.leftMs)}
            </span>
            <span className="pb-1.5">
              {read.isStill
                ? `to ${clock.kind}, paused`
                : read.leftMs < 0
                  ? `to ${clock.kind}`
                  : `left to ${clock.kind}`}
              , limit {clockText(clock.targetMs)}
            </span>
          </p>
          <span
            role="img"
            aria-label={`${Math.round(read.share * 100)}% of the time to ${clock.kind} used`}
            className="mt-1 block h-1 overflow-hidden rounded-full bg-line"
          >
            <i className={cx('block h-full', toneFill[tone])} style={{ width: `${read.share * 100}%` }} />
          </span>
        </>
      )}
      {nextEscalationAt && (
        <p className="mt-2.5 text-text-2">
          {`Level ${escalationLevel + 1} is told `}
          <RelativeTime at={nextEscalationAt} className="font-medium text-text" />
        </p>
      )}
    </section>
  );
}
