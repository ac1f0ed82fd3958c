import {
  type EscalationLevel,
  type EscalationPolicy,
  type EscalationState,
  isWithin,
  nextLevel,
} from '../oncall/escalation.ts';
import type { BusinessCalendar } from './business-calendar.ts';
import { type Clock, clockKinds, type ClockKind, computeClock } from './sla-clock.ts';
import type { ClockFacts, SlaPolicy } from './sla-policy.ts';
import { isAnswered, type IncidentState, stateFlags } from './states.ts';

/** What an incident's workflow carries about time, over each of its executions. */
export interface IncidentTimes {
  state: IncidentState;
  clocks: ClockFacts;
  /** What was told of a clock, by the target under which it was: another target may be told of again. */
  told: Readonly<Partial<Record<`${ClockKind}.${'warned' | 'breached'}`, number>>>;
  /** Null: nobody is told by levels. */
  escalation: EscalationState | null;
}

/** What is promised and who is told, as it is now: read anew at each look, so that an edit holds at once. */
export interface IncidentRules {
  sla: SlaPolicy | null;
  calendars: Readonly<Record<string, BusinessCalendar>>;
  escalation: EscalationPolicy | null;
}

/** Something that time has brought about. */
export type Deed =
  | { kind: 'warn' | 'breach'; clock: ClockKind; at: number; targetMs: number }
  | { kind: 'escalate'; at: number; level: EscalationLevel; isPassedOver: boolean };

const wordOf = { warn: 'warned', breach: 'breached' } as const;

/** The clocks of an incident that have started. */
export function clocksAt(
  { clocks }: Pick<IncidentTimes, 'clocks'>,
  rules: IncidentRules,
  now: number,
): Partial<Record<ClockKind, Clock>> {
  const warnRatio = (rules.sla?.warnPercent ?? 75) / 100;
  const found: Partial<Record<ClockKind, Clock>> = {};
  for (const kind of clockKinds) {
    const clock = computeClock(clocks[kind], { calendars: rules.calendars, now, warnRatio });
    if (clock) found[kind] = clock;
  }
  return found;
}

/**
 * What is due by now and has not been told, the earliest first, and when to look again. One that is found late (everything
 * was down) is due at the time it should have been, and comes once.
 * @returns `nextAt` after `now`; null where nothing will be due until something happens
 */
export function dueDeeds(
  times: IncidentTimes,
  rules: IncidentRules,
  now: number,
): { deeds: Deed[]; nextAt: number | null } {
  const deeds: Deed[] = [];
  let nextAt = Infinity;
  for (const [name, clock] of Object.entries(clocksAt(times, rules, now))) {
    const kind = name as ClockKind; // the keys of `clocksAt`
    const { targetMs, warnAt, dueAt, breachedAt, mode } = clock;
    const marks = [['warn', warnAt], ['breach', breachedAt ?? dueAt]] as const; // prettier-ignore
    for (const [deed, at] of marks) {
      if (at === null || times.told[`${kind}.${wordOf[deed]}`] === targetMs) continue;
      if (at <= now) deeds.push({ kind: deed, clock: kind, at, targetMs });
      else if (mode !== 'met') nextAt = Math.min(nextAt, at);
    }
  }
  const next = nextEscalation(times, rules);
  if (next && next.at <= now) {
    const { at, level } = next;
    deeds.push({ kind: 'escalate', at, level, isPassedOver: level.within !== null && !isWithin(level.within, now) });
  } else if (next) nextAt = Math.min(nextAt, next.at);
  deeds.sort((a, b) => a.at - b.at);
  return { deeds, nextAt: nextAt === Infinity ? null : nextAt };
}

/** The next level, while nobody has answered. */
function nextEscalation({ state, escalation }: IncidentTimes, rules: IncidentRules): ReturnType<typeof nextLevel> {
  if (!escalation || !rules.escalation || isAnswered(state) || !stateFlags[state].active) return null;
  return nextLevel(rules.escalation, escalation);
}

/**
 * The incident once a deed is done. The next level counts from when this one was done, not from when it was due: after
 * everything was down for an hour, levels still come one after the other.
 */
export function afterDeed(times: IncidentTimes, deed: Deed, doneAt: number): IncidentTimes {
  if (deed.kind === 'escalate') return { ...times, escalation: { since: doneAt, done: deed.level.index + 1 } };
  return { ...times, told: { ...times.told, [`${deed.clock}.${wordOf[deed.kind]}`]: deed.targetMs } };
}
