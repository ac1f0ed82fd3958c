import { z } from 'zod';
import { IncidentSeverity, type incidentSeverities } from '../alerts/alert-rules.ts';
import { parseDuration } from '../kit/duration.ts';
import { DurationText, Id, Name } from '../kit/schemas.ts';
import type { ClockFact, ClockKind } from './sla-clock.ts';
import { type IncidentState, incidentStates, isAnswered, isReopening, stateFlags } from './states.ts';

const Target = DurationText.refine((text) => (parseDuration(text) ?? 0) >= 60_000, 'At least a minute.');

/** What is promised: how soon somebody answers and how soon it is resolved, by severity. */
export const SlaPolicy = z.object({
  name: Name,
  /** Of these services only; none: of all that no other policy names. */
  services: z.array(z.string().min(1).max(120)).max(200).default([]),
  /** A severity without a target has no clock of that kind. */
  targets: z.partialRecord(IncidentSeverity, z.object({ respond: Target.nullable(), resolve: Target.nullable() })),
  /** Time counts by this calendar; none: round the clock. */
  calendarId: Id.nullable().default(null),
  /** States in which the clock to resolve stands still besides those in which it always does. */
  pauseIn: z.array(z.enum(incidentStates)).default([]),
  /** At which part of a target a clock is at risk, in percent. */
  warnPercent: z.int().min(1).max(99).default(75),
});
export type SlaPolicy = z.infer<typeof SlaPolicy>;
type Severity = (typeof incidentSeverities)[number];

/** Which policy holds for a service: one that names it, else one for all; of several the first. */
export function policyFor<P extends Pick<SlaPolicy, 'services'>>(
  policies: readonly P[],
  service: string | null,
): P | null {
  const naming = policies.find(({ services }) => service !== null && services.includes(service));
  return naming ?? policies.find(({ services }) => services.length === 0) ?? null;
}

/** The target of a clock in milliseconds; null: there is none. */
export function targetOf(policy: SlaPolicy | null, severity: Severity, kind: ClockKind): number | null {
  const text = policy?.targets[severity]?.[kind] ?? null;
  return text === null ? null : (parseDuration(text) ?? null);
}

/** Whether the clock to resolve counts in a state under a policy. */
export const countsIn = (policy: Pick<SlaPolicy, 'pauseIn'> | null, state: IncidentState): boolean =>
  stateFlags[state].clock === 'run' && !policy?.pauseIn.includes(state);

/** The facts of both clocks of an incident, in the order of time. */
export type ClockFacts = Readonly<Record<ClockKind, readonly ClockFact[]>>;

/** The clocks of an incident that has just been opened. */
export function openClocks(policy: SlaPolicy | null, severity: Severity, at: number): ClockFacts {
  const start = (kind: ClockKind): ClockFact[] => {
    const targetMs = targetOf(policy, severity, kind);
    const calendarId = policy?.calendarId ?? null;
    return targetMs === null
      ? []
      : [{ at, fact: 'started', targetMs, calendarId, why: `Opened as ${severity.toUpperCase()}` }];
  };
  return { respond: start('respond'), resolve: start('resolve') };
}

/** What a move of the incident is to its clocks. An answer is one for good: what is taken up again need not be answered anew. */
export function clocksMoved(
  clocks: ClockFacts,
  policy: SlaPolicy | null,
  move: { from: IncidentState; to: IncidentState; at: number; why: string },
): ClockFacts {
  const { from, to, at, why } = move;
  const respond = [...clocks.respond];
  const resolve = [...clocks.resolve];
  if (!isAnswered(from) && isAnswered(to)) respond.push({ at, fact: 'met', why });
  // The answer was taken back.
  if (isAnswered(from) && !isAnswered(to)) respond.push({ at, fact: 'reopened', why });
  if (isReopening(from, to)) {
    resolve.push({ at, fact: 'reopened', why });
    if (!countsIn(policy, to)) resolve.push({ at, fact: 'paused', why });
  } else if (stateFlags[from].active && !stateFlags[to].active) resolve.push({ at, fact: 'met', why });
  else if (stateFlags[to].active && countsIn(policy, from) !== countsIn(policy, to))
    resolve.push({ at, fact: countsIn(policy, to) ? 'resumed' : 'paused', why });
  return { respond: known(respond), resolve: known(resolve) };
}

/** What another severity, service or an edited policy is to the clocks: what was used and paused stays, the target is another. */
export function clocksRetargeted(
  clocks: ClockFacts,
  policy: SlaPolicy | null,
  change: { severity: Severity; state: IncidentState; at: number; why: string },
): ClockFacts {
  const { severity, state, at, why } = change;
  const calendarId = policy?.calendarId ?? null;
  const retarget = (kind: ClockKind): ClockFact[] => {
    const facts = [...clocks[kind]];
    const targetMs = targetOf(policy, severity, kind);
    const last = facts.findLast((fact) => fact.fact === 'started' || fact.fact === 'retargeted');
    const isOver = kind === 'respond' ? isAnswered(state) : !stateFlags[state].active;
    const isMet = facts.findLast(({ fact }) => fact === 'met' || fact === 'reopened')?.fact === 'met';
    // A clock that is no longer promised anything keeps its story and stands still.
    if (targetMs === null) return last && !isMet ? [...facts, { at, fact: 'met', why: `${why}: no target` }] : facts;
    if (isOver) return facts;
    const pause: ClockFact[] = kind === 'resolve' && !countsIn(policy, state) ? [{ at, fact: 'paused', why }] : [];
    if (!last) return [{ at, fact: 'started', targetMs, calendarId, why }, ...pause];
    const again: ClockFact[] = isMet ? [{ at, fact: 'reopened', why }, ...pause] : [];
    if (!isMet && 'targetMs' in last && last.targetMs === targetMs && last.calendarId === calendarId) return facts;
    return [...facts, ...again, { at, fact: 'retargeted', targetMs, calendarId, why }];
  };
  return { respond: retarget('respond'), resolve: retarget('resolve') };
}

/** Without a start there is no clock, whatever happens. */
const known = (facts: readonly ClockFact[]): readonly ClockFact[] =>
  facts.some(({ fact }) => fact === 'started') ? facts : [];
