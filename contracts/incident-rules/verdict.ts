import { parseDuration } from '../kit/duration.ts';
import type { RuleLimits } from './incident-rules.ts';

/** Rules that start playbooks that open incidents that start rules: at most so many in a row. */
export const mostInARow = 3;
/** A rule that is asked about one incident so often within ten minutes goes round. */
export const mostOfOneIncident = 6;

/** What has happened so far, as the data say. */
export interface RuleHistory {
  /** How many rules in a row led here, this one counted. */
  depth: number;
  /** How often in ten minutes the rule held for this incident, this time counted. */
  timesOfIncident: number;
  startsInHour: number;
  /** How often in an hour it was held because it had started too often. */
  heldInHour: number;
  /** Since it last started for the same service; null: never. */
  sinceStartMs: number | null;
  /** Runs of the playbook on the busiest of the incident's hosts. */
  runsOnHost: number;
  /** The same playbook is running for the incident. */
  isRunning: boolean;
}

export type Verdict =
  | { kind: 'go' }
  | { kind: 'held'; why: string; isRate?: true }
  /** The rule is to be stopped, and a person told. */
  | { kind: 'tripped'; why: string };

/** Whether a rule whose condition holds may start its playbook: loops stop it for good, other limits hold it this time. */
export function verdictOf(limits: RuleLimits, history: RuleHistory): Verdict {
  const { depth, timesOfIncident, startsInHour, heldInHour, sinceStartMs, runsOnHost, isRunning } = history;
  if (depth > mostInARow)
    return { kind: 'tripped', why: `It goes round: ${depth} rules in a row started playbooks that led to each other.` };
  if (timesOfIncident > mostOfOneIncident)
    return { kind: 'tripped', why: `It goes round: it held ${timesOfIncident} times in ten minutes for one incident.` };
  if (isRunning) return { kind: 'held', why: 'The playbook is already running for this incident.' };
  if (startsInHour >= limits.perHour)
    return heldInHour >= limits.perHour
      ? { kind: 'tripped', why: `It held more than ${limits.perHour * 2} times in an hour, twice its limit.` }
      : { kind: 'held', why: `It has started ${startsInHour} times in an hour, its limit.`, isRate: true };
  const coolDownMs = parseDuration(limits.coolDown) ?? 0;
  if (sinceStartMs !== null && sinceStartMs < coolDownMs)
    return { kind: 'held', why: `It started less than ${limits.coolDown} ago for the same service.` };
  if (runsOnHost >= limits.mostAtOnce)
    return { kind: 'held', why: `${runsOnHost} of its runs are at work on one of the hosts.` };
  return { kind: 'go' };
}
