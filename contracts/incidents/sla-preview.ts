import type { IncidentSeverity } from '../alerts/alert-rules.ts';
import type { BusinessCalendar } from './business-calendar.ts';
import { type ClockKind, clockKinds, type ClockSegment, computeClock } from './sla-clock.ts';
import { openClocks, type SlaPolicy } from './sla-policy.ts';

/** What a policy would promise for an incident that nobody touches. Times are instants in milliseconds. */
export interface ClockPreview {
  kind: ClockKind;
  targetMs: number;
  warnAt: number | null;
  /** Null: the calendar never opens for that long. */
  dueAt: number | null;
  /** Every minute from the beginning until it is due; empty where that never comes. */
  segments: (Omit<ClockSegment, 'to'> & { to: number })[];
}

/** Computes by the clock itself when an incident of a severity, opened at an instant, would be due. */
export function previewClocks(
  policy: SlaPolicy,
  calendar: BusinessCalendar | null,
  { severity, openedAt }: { severity: IncidentSeverity; openedAt: number },
): ClockPreview[] {
  const calendars = policy.calendarId !== null && calendar ? { [policy.calendarId]: calendar } : {};
  const warnRatio = policy.warnPercent / 100;
  const facts = openClocks(policy, severity, openedAt);
  return clockKinds.flatMap((kind): ClockPreview[] => {
    const clock = computeClock(facts[kind], { calendars, now: openedAt, warnRatio });
    if (!clock) return [];
    const { targetMs, dueAt, warnAt } = clock;
    const until = dueAt === null ? null : computeClock(facts[kind], { calendars, now: dueAt, warnRatio });
    const segments = dueAt === null ? [] : (until?.segments ?? []).map((one) => ({ ...one, to: one.to ?? dueAt }));
    return [{ kind, targetMs, warnAt, dueAt, segments }];
  });
}
