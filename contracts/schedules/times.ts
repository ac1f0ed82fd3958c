import { Cron } from 'croner';
import cronstrue from 'cronstrue';
import { formatDuration } from '../kit/duration.ts';
import { readCron } from './cron.ts';
import type { SchedulePreview } from './schedules.ts';
import { instantsOf, localText, offsetMs, offsetText, steadyOffset, wallTime } from './zone.ts';

/** When a schedule is to start something: cron expressions in a zone, or an interval counted from 1970. */
export interface Timing {
  cron: readonly string[];
  everyMs: number | null;
  timeZone: string;
  startAt?: Date | null;
  endAt?: Date | null;
}

/** One time of a schedule. */
export interface DueTime {
  /** When it starts; of two instants with one local time the later. */
  at: number;
  /** All instants at which the clocks show this time. */
  candidates: number[];
}

const dayMs = 86_400_000;

/**
 * The times after an instant, in order. Local times that the clocks leap over are left out, as Temporal leaves them out;
 * a local time that comes twice counts as one.
 * @param until no later than this
 */
export function* timesAfter(timing: Timing, afterMs: number, until = Infinity): Generator<DueTime> {
  const from = Math.max(afterMs, timing.startAt ? timing.startAt.getTime() - 1 : -Infinity);
  const end = Math.min(until, timing.endAt ? timing.endAt.getTime() : Infinity);
  for (const due of timing.everyMs === null ? cronTimes(timing, from) : everyTimes(timing.everyMs, from)) {
    if (due.at > end) return;
    if (due.at > from) yield due;
  }
}

function* everyTimes(everyMs: number, afterMs: number): Generator<DueTime> {
  for (let at = (Math.floor(afterMs / everyMs) + 1) * everyMs; ; at += everyMs) yield { at, candidates: [at] };
}

function* cronTimes({ cron, timeZone }: Timing, afterMs: number): Generator<DueTime> {
  // Local times are counted as if they were UTC, where no hour is missing or doubled; each is then looked up in the zone.
  const jobs = cron.map((text) => {
    const read = readCron(text);
    return new Cron(read.ok ? read.fields.pattern : text, { utcOffset: 0, paused: true });
  });
  // Around a change of the clocks two hours early: they may have been put back in between. The caller drops what is not
  // after `afterMs`.
  const steady = steadyOffset(afterMs, timeZone);
  let wall = steady === undefined ? wallTime(afterMs, timeZone) - 2 * 3_600_000 : afterMs + steady;
  for (;;) {
    let next = Infinity;
    for (const job of jobs) next = Math.min(next, job.nextRun(new Date(wall))?.getTime() ?? Infinity);
    if (next === Infinity) return;
    wall = next;
    const candidates = instantsOf(wall, timeZone);
    const last = candidates.at(-1);
    if (last !== undefined) yield { at: last, candidates };
  }
}

/** The first times after an instant. */
export function nextTimes(timing: Timing, afterMs: number, count: number): DueTime[] {
  const times: DueTime[] = [];
  for (const due of timesAfter(timing, afterMs)) {
    times.push(due);
    if (times.length >= count) break;
  }
  return times;
}

/** The times in words: "At 02:30 AM, only on Monday"; several joined by "; and". */
export function sentenceOf({ cron, everyMs }: Pick<Timing, 'cron' | 'everyMs'>): string {
  if (everyMs !== null) return `Every ${inWords(everyMs)}`;
  return cron
    .map((text) => {
      const read = readCron(text);
      return cronstrue.toString(read.ok ? read.fields.text : text, {
        verbose: false,
        use24HourTimeFormat: true,
        throwExceptionOnParseError: false,
      });
    })
    .join('; and ');
}

const units = [['day', dayMs], ['hour', 3_600_000], ['minute', 60_000], ['second', 1_000]] as const; // prettier-ignore
function inWords(ms: number): string {
  for (const [name, unit] of units) {
    if (ms % unit === 0) return ms === unit ? name : `${ms / unit} ${name}s`;
  }
  return formatDuration(ms);
}

/** What a person wants to see before saving. */
export function previewTimes(timing: Timing, nowMs: number, count: number): SchedulePreview {
  return {
    sentence: sentenceOf(timing),
    nextTimes: nextTimes(timing, nowMs, count).map(({ at, candidates }) => ({
      at: new Date(at).toISOString(),
      local: localText(wallTime(at, timing.timeZone)),
      offset: offsetText(offsetMs(at, timing.timeZone)),
      note: candidates.length > 1 ? ('repeated' as const) : null,
    })),
    leftOut: leftOut(timing, nowMs),
  };
}

/** Local times within a year that the clocks leap over, five at most. */
function leftOut({ cron, timeZone }: Timing, nowMs: number): { local: string }[] {
  const found: { local: string }[] = [];
  for (const [gapStart, gapEnd] of gapsAfter(timeZone, nowMs)) {
    for (const text of cron) {
      const read = readCron(text);
      const job = new Cron(read.ok ? read.fields.pattern : text, { utcOffset: 0, paused: true });
      let wall = job.nextRun(new Date(gapStart - 1_000))?.getTime() ?? Infinity;
      while (wall < gapEnd && found.length < 5) {
        found.push({ local: localText(wall) });
        wall = job.nextRun(new Date(wall))?.getTime() ?? Infinity;
      }
    }
  }
  return found;
}

/** The stretches of local time that a zone's clocks leap over within a year, as `[first left out, first there again)`. */
function gapsAfter(zone: string, nowMs: number): [number, number][] {
  const gaps: [number, number][] = [];
  for (let day = nowMs; day < nowMs + 366 * dayMs; day += dayMs) {
    const [before, after] = [offsetMs(day, zone), offsetMs(day + dayMs, zone)];
    if (after <= before) continue;
    let [low, high] = [day, day + dayMs];
    while (high - low > 1_000) {
      const middle = Math.floor((low + high) / 2_000) * 1_000;
      if (middle <= low) break;
      if (offsetMs(middle, zone) === before) low = middle;
      else high = middle;
    }
    const leap = Math.ceil(high / 1_000) * 1_000;
    gaps.push([leap + before, leap + after]);
  }
  return gaps;
}
