import type { IncidentSeverity } from '#contracts/alerts/alert-rules.ts';
import type { ShownClock } from '#contracts/incidents/incidents.ts';

/** How a clock is to be read: `calm`, at risk (`warn`), broken or urgent (`late`), `met` in time, met too late (`missed`). */
export type ClockTone = 'calm' | 'warn' | 'late' | 'met' | 'missed';

/** A clock at this second. */
export interface ClockNow {
  /** Left of the target in milliseconds; less than nothing once it is late. */
  leftMs: number;
  usedMs: number;
  /** Used of the target, 0–1. */
  share: number;
  isStill: boolean;
  tone: ClockTone;
}

/** A second of slack: the server's answer and its arrival are not the same moment. */
const slackMs = 1_500;

/**
 * Reads a clock at `now`. `usedMs` held when the answer was made (`readAt`, by the server's clock). Where no closed hours
 * lie ahead, the due time alone says what is left, so that a browser whose clock was wrong when the answer came is right.
 */
export function clockNow(clock: ShownClock, now: number, readAt: number): ClockNow {
  const { mode, targetMs, dueAt, breachedAt, warnAt } = clock;
  const isStill = mode !== 'counting';
  const counted = isStill ? 0 : Math.max(0, now - readAt);
  let leftMs = targetMs - clock.usedMs - counted;
  if (!isStill) {
    const due = breachedAt ?? dueAt;
    const byDue = due === null ? null : Date.parse(due) - now;
    const leftThen = targetMs - clock.usedMs;
    // Further away than what is left: hours in which it does not count lie between.
    if (byDue !== null && byDue <= leftThen + slackMs && (breachedAt === null || byDue >= leftMs - slackMs))
      leftMs = byDue;
  }
  const usedMs = targetMs - leftMs;
  const isBroken = breachedAt !== null || leftMs < 0;
  const isWarned = warnAt !== null && Date.parse(warnAt) <= now;
  const tone: ClockTone =
    mode === 'met' ? (isBroken ? 'missed' : 'met') : isBroken ? 'late' : isWarned ? 'warn' : 'calm';
  return { leftMs, usedMs, share: targetMs <= 0 ? 1 : Math.min(1, Math.max(0, usedMs / targetMs)), isStill, tone };
}

/** The clock that matters first on a card: the one that is late, else the one with the least left; met ones are done. */
export function nearestClock(clocks: readonly ShownClock[], now: number, readAt: number): ShownClock | undefined {
  const left = (clock: ShownClock): number => clockNow(clock, now, readAt).leftMs;
  return clocks
    .filter(({ mode }) => mode !== 'met')
    .toSorted((a, b) => Number(a.mode === 'paused') - Number(b.mode === 'paused') || left(a) - left(b))[0];
}

/** An unanswered SEV1 is urgent from its first second (ui.md §10, "SLA at risk"). */
export const toneOf = (tone: ClockTone, { kind }: Pick<ShownClock, 'kind'>, severity: IncidentSeverity): ClockTone =>
  kind === 'respond' && severity === 'sev1' && (tone === 'calm' || tone === 'warn') ? 'late' : tone;

/** Time of a clock to the second: `3:12`, `6:02:10`, `2 d 4 h`; of a late one how late: `3:12 late`. */
export function clockText(ms: number): string {
  const size = Math.abs(ms);
  // What is left is rounded up, what is over down: a clock never says 0:00 while there is time.
  const seconds = ms > 0 ? Math.ceil(size / 1_000) : Math.floor(size / 1_000);
  const two = (figure: number): string => String(figure).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const text =
    days >= 1
      ? `${days} d ${Math.floor((seconds % 86_400) / 3_600)} h`
      : seconds >= 3_600
        ? `${Math.floor(seconds / 3_600)}:${two(Math.floor((seconds % 3_600) / 60))}:${two(seconds % 60)}`
        : `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
  return ms < 0 ? `${text} late` : text;
}

/** How old something is, in words: `1 min old`, `2 h old`, `3 d old`. */
export function ageText(ms: number): string {
  const minutes = Math.floor(Math.max(0, ms) / 60_000);
  if (minutes < 1) return 'new';
  if (minutes < 60) return `${minutes} min old`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h old` : `${Math.floor(hours / 24)} d old`;
}
