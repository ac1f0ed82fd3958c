import type { ShownIncident } from '#contracts/incidents/incidents.ts';

export type Segment = NonNullable<ShownIncident['segments']['respond']>[number];

/** A span of the bar, in shares of its whole width. */
export interface BarSpan {
  mode: Segment['mode'];
  from: number;
  width: number;
}

/**
 * A clock as a bar: the time that has gone by, pauses among it, and what is left of the target at the end. Times in which
 * the calendar was closed are as long as a twentieth at most, so that a weekend does not hide a morning.
 * @returns spans in shares of the width, and where the warning stands (null where it cannot be placed)
 */
export function barOf(
  segments: readonly Segment[],
  { now, targetMs, usedMs, warnShare }: { now: number; targetMs: number; usedMs: number; warnShare: number },
): { spans: BarSpan[]; warnAt: number | null } {
  const lasted = segments
    .filter(({ mode }) => mode !== 'met')
    .map(({ mode, from, to }) => ({ mode, ms: Math.max(0, (to === null ? now : Date.parse(to)) - Date.parse(from)) }));
  const counting = lasted.reduce((sum, { mode, ms }) => sum + (mode === 'counting' ? ms : 0), 0);
  const leftMs = Math.max(0, targetMs - usedMs);
  const open = Math.max(1, counting + leftMs);
  const drawn = lasted.map((span) => ({
    ...span,
    ms: span.mode === 'counting' ? span.ms : Math.min(span.ms, open / 3),
  }));
  const whole = drawn.reduce((sum, { ms }) => sum + ms, 0) + leftMs || 1;
  let at = 0;
  let used = 0;
  let warnAt: number | null = null;
  const warnMs = targetMs * warnShare;
  const spans = drawn.map(({ mode, ms }): BarSpan => {
    const span = { mode, from: at / whole, width: ms / whole };
    if (mode === 'counting') {
      if (warnAt === null && used + ms >= warnMs) warnAt = (at + Math.max(0, warnMs - used)) / whole;
      used += ms;
    }
    at += ms;
    return span;
  });
  if (warnAt === null && warnMs > used) warnAt = Math.min(1, (at + (warnMs - used)) / whole);
  return { spans: spans.filter(({ width }) => width > 0), warnAt };
}

/** How long a clock was paused or closed in all, in milliseconds. */
export const pausedMs = (segments: readonly Segment[], now: number): number =>
  segments
    .filter(({ mode }) => mode === 'paused')
    .reduce((sum, { from, to }) => sum + Math.max(0, (to === null ? now : Date.parse(to)) - Date.parse(from)), 0);
