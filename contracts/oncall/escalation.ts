import { z } from 'zod';
import { Hours, minutesOf, weekdays } from '../incidents/business-calendar.ts';
import { parseDuration } from '../kit/duration.ts';
import { DurationText, Id, Name } from '../kit/schemas.ts';
import { isZone, wallTime } from '../schedules/zone.ts';

/** Whom a step tells: a person, whoever is on call by a schedule, or a channel. */
export const EscalationTarget = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('person'), id: Id }),
  z.object({ kind: z.literal('schedule'), id: Id }),
  z.object({ kind: z.literal('channel'), id: Id }),
]);
export type EscalationTarget = z.infer<typeof EscalationTarget>;

/** A step that holds only at some hours of the week; at others it is passed over, and the timeline says so. */
const Within = z.object({
  timeZone: z.string().refine(isZone, 'A time zone such as Europe/Berlin.'),
  days: z.array(z.enum(weekdays)).min(1),
  ...Hours.shape,
});
export type Within = z.infer<typeof Within>;

export const EscalationStep = z
  .object({
    /** How long after the step before it, or after the beginning. */
    after: DurationText.default('0s'),
    targets: z.array(EscalationTarget).max(20).default([]),
    /** A playbook that is started, with the incident as its input. */
    playbookId: Id.nullable().default(null),
    /** One step worse, as far as there is one. */
    raisesSeverity: z.boolean().default(false),
    within: Within.nullable().default(null),
  })
  .refine(({ targets, playbookId, raisesSeverity }) => targets.length > 0 || playbookId !== null || raisesSeverity, {
    message: 'A step tells somebody, starts a playbook or raises the severity.',
  });
export type EscalationStep = z.infer<typeof EscalationStep>;

/** Who is told next while nobody answers: steps, over again so many times, and at last a fallback. */
export const EscalationPolicy = z.object({
  name: Name,
  steps: z.array(EscalationStep).min(1).max(20),
  /** How often the steps are gone through again after the first time. */
  repeats: z.int().min(0).max(9).default(2),
  /** Between one round and the next, and before the fallback. */
  repeatAfter: DurationText.default('10m'),
  /** Told when all rounds are over; then it ends. */
  fallback: z.array(EscalationTarget).max(20).default([]),
});
export type EscalationPolicy = z.infer<typeof EscalationPolicy>;

/** One thing to do, in its place of the whole. */
export interface EscalationLevel {
  /** Counted over all rounds; what is done is remembered by it, so that nothing is done twice. */
  index: number;
  /** From 0; the fallback is in none. */
  round: number | null;
  /** Of the policy's steps, from 0; null: the fallback. */
  step: number | null;
  /** How long after the level before. */
  afterMs: number;
  targets: EscalationTarget[];
  playbookId: string | null;
  raisesSeverity: boolean;
  within: Within | null;
}

/** Shortest time between two levels of a round that is gone through again: a policy of zeros must not page without end. */
const shortestRoundMs = 60_000;
const msOf = (text: string): number => parseDuration(text) ?? 0;

/** Everything a policy would do if nobody answered, in order. It always ends. */
export function escalationLevels({ steps, repeats, repeatAfter, fallback }: EscalationPolicy): EscalationLevel[] {
  const levels: EscalationLevel[] = [];
  const betweenMs = Math.max(msOf(repeatAfter), shortestRoundMs);
  for (let round = 0; round <= repeats; round += 1)
    for (const [step, { after, targets, playbookId, raisesSeverity, within }] of steps.entries())
      levels.push({
        index: levels.length,
        round,
        step,
        afterMs: msOf(after) + (round > 0 && step === 0 ? betweenMs : 0),
        targets,
        // A playbook that collects and a severity that rises do so once, not in each round.
        playbookId: round === 0 ? playbookId : null,
        raisesSeverity: round === 0 && raisesSeverity,
        within,
      });
  if (fallback.length > 0)
    levels.push({
      index: levels.length,
      round: null,
      step: null,
      afterMs: betweenMs,
      targets: fallback,
      playbookId: null,
      raisesSeverity: false,
      within: null,
    });
  return levels;
}

/** How far an escalation has come. */
export interface EscalationState {
  /** When the last level was done or passed over; before the first, when it began. */
  since: number;
  /** How many levels are done. */
  done: number;
}

/**
 * The level that is next and when. Derived anew from the policy each time: one that was edited meanwhile holds from the next
 * level on, and none is done again.
 * @returns null where all is done
 */
export function nextLevel(
  policy: EscalationPolicy,
  { since, done }: EscalationState,
): { at: number; level: EscalationLevel } | null {
  const level = escalationLevels(policy)[done];
  return level ? { at: since + level.afterMs, level } : null;
}

/** Whether an instant is within the hours of a step; hours over midnight belong to the day on which they begin. */
export function isWithin({ timeZone, days, from, to }: Within, at: number): boolean {
  const wall = new Date(wallTime(at, timeZone));
  const minute = wall.getUTCHours() * 60 + wall.getUTCMinutes();
  const [start, end] = [minutesOf(from), minutesOf(to)];
  const today = (wall.getUTCDay() + 6) % 7;
  const isOn = (day: number): boolean => {
    const name = weekdays[(day + 7) % 7];
    return name !== undefined && days.includes(name);
  };
  if (end > start) return isOn(today) && minute >= start && minute < end;
  return (isOn(today) && minute >= start) || (isOn(today - 1) && minute < end);
}
