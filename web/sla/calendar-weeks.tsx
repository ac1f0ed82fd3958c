import { type BusinessCalendar, openSpans, type Span, weekdays } from '#contracts/incidents/business-calendar.ts';
import { instantAt, wallTime } from '#contracts/schedules/zone.ts';
import { clock } from '../kit/clock.ts';
import { cx } from '../kit/cx.ts';
import { dayWords } from './sla-words.ts';

const dayMs = 86_400_000;
/** `22 Nov`: the date is the calendar's own already. */
const dayAndMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

interface Day {
  date: string;
  from: number;
  to: number;
  open: Span[];
}

/** The coming two weeks by a calendar's own clocks: which hours of each day count. */
export function CalendarWeeks({ calendar, label }: { calendar: BusinessCalendar; label: string }) {
  const days = daysFrom(calendar, clock.read(), 14);
  const holidayOf = (date: string) => calendar.holidays.find((one) => one.date === date);
  return (
    <ol aria-label={label} className="flex flex-col gap-[3px] text-meta">
      {days.map(({ date, from, to, open }) => {
        const holiday = holidayOf(date);
        const day = weekdays[(new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7] ?? 'mon';
        const hours = open.reduce((sum, span) => sum + span.to - span.from, 0) / 3_600_000;
        return (
          <li key={date} className="grid grid-cols-[92px_1fr_minmax(52px,auto)] items-center gap-2">
            <span className={cx('num truncate', hours === 0 && 'text-text-3')}>
              {dayWords[day].slice(0, 3)} {dayAndMonth.format(Date.parse(date))}
            </span>
            <span aria-hidden className="relative h-2.5 overflow-hidden rounded-sm bg-fill">
              {open.map((span) => (
                <span
                  key={span.from}
                  className="absolute inset-y-0 bg-accent"
                  style={{
                    left: `${((span.from - from) / (to - from)) * 100}%`,
                    width: `${((span.to - span.from) / (to - from)) * 100}%`,
                  }}
                />
              ))}
            </span>
            <span className="num max-w-36 truncate text-right text-text-3">
              {holiday ? holiday.name : hours === 0 ? 'closed' : `${Math.round(hours * 10) / 10} h`}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

/** Days of a calendar from today on, each with its open spans cut to it. */
function daysFrom(calendar: BusinessCalendar, now: number, count: number): Day[] {
  const first = Math.floor(wallTime(now, calendar.timeZone) / dayMs) * dayMs;
  const midnight = (n: number) => instantAt(first + n * dayMs, calendar.timeZone, 'first');
  const spans: Span[] = [];
  for (const span of openSpans(calendar, midnight(0))) {
    if (span.from >= midnight(count)) break;
    spans.push(span);
  }
  return Array.from({ length: count }, (_, n) => {
    const [from, to] = [midnight(n), midnight(n + 1)];
    return {
      date: new Date(first + n * dayMs).toISOString().slice(0, 10),
      from,
      to,
      open: spans
        .filter((span) => span.to > from && span.from < to)
        .map((span) => ({ from: Math.max(span.from, from), to: Math.min(span.to, to) })),
    };
  });
}
