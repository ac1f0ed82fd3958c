import { useCallback, useMemo } from 'react';
import type { DutyPerson, DutySpan, ShownOnCallSchedule } from '#contracts/oncall/oncall.ts';
import { onCallSpans } from '#contracts/oncall/who-is-on-call.ts';
import { clock, useNow } from '../kit/clock.ts';
import { cx } from '../kit/cx.ts';
import { formatTime } from '../kit/time.ts';
import { Answer } from '../ui/answer.tsx';
import { hueOf, initialsOf } from '../ui/person.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Tooltip } from '../ui/tooltip.tsx';
import { midnights, momentWords, percentOf } from './duty-zone.ts';
import { namesOf, useDuty } from './oncall.ts';

const days = 7;
/** Of the column that says what a row is; it stays in sight while the week is moved. */
const labelWidth = 110;

/** A span of duty that somebody pressed; `isSwap`: it is so by a swap of two shifts. */
export type ChosenSpan = DutySpan & { isSwap?: boolean };

interface DutyWeekProps {
  schedule: ShownOnCallSchedule;
  people: readonly DutyPerson[];
  /** Its first day. */
  monday: string;
  /** In which days begin at midnight. */
  zone: string;
  /** A span of duty was chosen: somebody may stand in. */
  onSpan: (span: ChosenSpan) => void;
}
interface Row {
  id: string;
  label: string;
  spans: readonly { from: number; to: number; personId: string | null; isOverride: boolean; source?: ChosenSpan }[];
  isResult?: boolean;
}

/** A week of a schedule: each layer, the overrides, and what comes of them, gaps hatched in red. */
export function DutyWeek({ schedule, people, monday, zone, onSpan }: DutyWeekProps) {
  const marks = useMemo(() => midnights(monday, days, zone), [monday, zone]);
  const [from, to] = [marks[0] ?? 0, marks.at(-1) ?? 0];
  const duty = useDuty(schedule.id, from, to);
  const rows = useMemo((): Row[] => {
    const overrides = duty.data?.overrides ?? [];
    return [
      ...schedule.layers.map((layer): Row => ({
        id: layer.id,
        label: layer.name,
        spans: onCallSpans({ ...schedule, layers: [layer] }, [], { from, to }).filter(
          ({ personId }) => personId !== null,
        ),
      })),
      ...(overrides.length > 0
        ? [
            {
              id: 'overrides',
              label: 'Overrides',
              spans: overrides.map((one) => ({
                ...one,
                from: Date.parse(one.from),
                to: Date.parse(one.to),
                isOverride: true,
              })),
            },
          ]
        : []),
      {
        id: 'result',
        label: 'On call',
        isResult: true,
        spans: (duty.data?.data ?? []).map((span) => ({
          ...span,
          from: Date.parse(span.from),
          to: Date.parse(span.to),
          source: { ...span, isSwap: overrides.some(({ id, swapId }) => id === span.by && swapId !== null) },
        })),
      },
    ];
  }, [schedule, duty.data, from, to]);
  const nameOf = namesOf(people);
  // On a narrow screen the week begins with today, not with Monday.
  const showNow = useCallback(
    (box: HTMLElement | null) => {
      if (box) box.scrollLeft = ((box.scrollWidth - labelWidth) * percentOf(clock.read(), from, to)) / 100 - 60;
    },
    [from, to],
  );
  return (
    <Answer of={duty} what="The week" waiting={<SkeletonRows rows={2} height={34} />}>
      {() => (
        <div ref={showNow} className="overflow-x-auto">
          <div
            className="grid min-w-[640px] grid-cols-[110px_1fr] text-meta"
            role="table"
            aria-label={`Week of ${schedule.name}`}
          >
            <span className="sticky left-0 z-1 bg-surface" />
            <div className="relative flex h-6 border-b border-line text-text-3" role="row">
              {marks.slice(0, -1).map((mark, day) => (
                <span
                  key={mark}
                  role="columnheader"
                  className="flex-1 truncate border-l border-line px-1.5 leading-6 first:border-l-0"
                >
                  {dayWords(mark, zone)}
                  <span className="sr-only">{`, day ${day + 1} of ${days}`}</span>
                </span>
              ))}
            </div>
            {rows.map((row) => (
              <DutyRow key={row.id} row={row} {...{ from, to, marks, zone, nameOf, onSpan }} />
            ))}
          </div>
        </div>
      )}
    </Answer>
  );
}

interface DutyRowProps {
  row: Row;
  from: number;
  to: number;
  marks: readonly number[];
  zone: string;
  nameOf: (id: string | null) => string;
  onSpan: (span: ChosenSpan) => void;
}

function DutyRow({ row, from, to, marks, zone, nameOf, onSpan }: DutyRowProps) {
  return (
    <>
      <span
        className={cx(
          'sticky left-0 z-1 flex items-center border-b border-line bg-surface pr-2',
          row.isResult ? 'font-medium' : 'text-text-2',
        )}
      >
        <span className="truncate" title={row.label}>
          {row.label}
        </span>
      </span>
      <div
        role="row"
        aria-label={row.label}
        className={cx('relative border-b border-line', row.isResult ? 'h-11' : 'h-8')}
      >
        {marks.slice(1, -1).map((mark) => (
          <span
            key={mark}
            aria-hidden
            className="absolute inset-y-0 w-px bg-line"
            style={{ left: `${percentOf(mark, from, to)}%` }}
          />
        ))}
        {row.spans.map((span) => {
          const left = percentOf(span.from, from, to);
          const width = percentOf(span.to, from, to) - left;
          if (width <= 0) return null;
          const isGap = span.personId === null;
          const name = nameOf(span.personId);
          const words = `${isGap ? 'Nobody is on call' : name}, ${spanWords(span.from, span.to, zone)}${span.isOverride ? ', an override' : ''}`;
          const hue = `var(--${hueOf(name)})`;
          const { source } = span;
          return (
            <div
              key={`${span.from}`}
              role="cell"
              className="absolute inset-y-1"
              style={{ left: `${left}%`, width: `${width}%` }}
            >
              <Tooltip says={words}>
                <button
                  type="button"
                  aria-label={source ? `${words}. Put somebody else in place` : words}
                  disabled={!source}
                  data-gap={isGap || undefined}
                  onClick={() => source && onSpan(source)}
                  className={cx(
                    'mx-px flex size-full items-center gap-1.5 overflow-clip rounded-sm px-1.5 text-left disabled:cursor-default',
                    isGap && 'border border-fail-line text-fail-fg',
                    span.isOverride && !isGap && 'border border-dashed',
                  )}
                  style={
                    isGap
                      ? {
                          backgroundImage:
                            'repeating-linear-gradient(-45deg, var(--wl-fail-soft) 0 5px, transparent 5px 10px)',
                        }
                      : { background: `color-mix(in srgb, ${hue} 16%, var(--wl-surface))`, borderColor: hue }
                  }
                >
                  {width > 3 && (
                    // Of a long turn of which the beginning is out of sight the name is still read.
                    <span className="sticky left-[116px] truncate">
                      {isGap ? 'Nobody' : width > 11 ? name : initialsOf(name)}
                    </span>
                  )}
                </button>
              </Tooltip>
            </div>
          );
        })}
        <NowLine from={from} to={to} />
      </div>
    </>
  );
}

/** Where the clock stands. It alone is drawn anew each second, not the week around it. */
function NowLine({ from, to }: { from: number; to: number }) {
  const now = useNow();
  if (now < from || now >= to) return null;
  return (
    <span
      aria-hidden
      className="pointer-events-none absolute inset-y-0 w-0.5 bg-fail-solid"
      style={{ left: `${percentOf(now, from, to)}%` }}
    />
  );
}

const dayWords = (at: number, zone: string): string => formatTime(at, { weekday: 'short', day: 'numeric' }, { zone });
const spanWords = (from: number, to: number, zone: string): string =>
  `${momentWords(from, zone)} to ${momentWords(to, zone)}`;
