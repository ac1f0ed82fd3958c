import { z } from 'zod';
import { Hours, type Span, weekdays } from '../incidents/business-calendar.ts';
import { Id, Instant, Name } from '../kit/schemas.ts';
import { isZone } from '../schedules/zone.ts';

/** `2026-11-23T09:00`: what the clocks of the schedule's zone show. */
const LocalTime = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d$/, 'A local time such as 2026-11-23T09:00.');

/** People who take turns. A later layer goes before an earlier one wherever it has somebody. */
export const RotationLayer = z.object({
  id: Id,
  name: Name,
  /** In the order of their turns; one person twice has two turns. */
  people: z.array(Id).min(1).max(100),
  /** When the first has the first turn; hand-offs are at this time of day, also after clocks change. */
  startsAt: LocalTime,
  /** No turn begins at or after this. */
  endsAt: LocalTime.nullable().default(null),
  /** How long a turn is. Days and weeks are of the clocks, hours are of time itself. */
  turn: z.object({ unit: z.enum(['hours', 'days', 'weeks']), count: z.int().min(1).max(500) }),
  /** Only at these hours of the week; none: always. */
  only: z
    .array(z.object({ days: z.array(z.enum(weekdays)).min(1), ...Hours.shape }))
    .max(21)
    .default([]),
});
export type RotationLayer = z.infer<typeof RotationLayer>;

/** Said of what has a `from` and a `to`: that it ends after it begins. */
export const endsAfterItBegins: [
  holds: (span: { from: string; to: string }) => boolean,
  otherwise: { path: string[]; message: string },
] = [({ from, to }) => Date.parse(from) < Date.parse(to), { path: ['to'], message: 'It ends after it begins.' }];

/** Somebody in place of whoever it would be; nobody, where `personId` is null. Of two at once the one made later holds. */
export const Override = z
  .object({ id: Id, from: Instant, to: Instant, personId: Id.nullable(), reason: z.string().max(500).default('') })
  .refine(...endsAfterItBegins);
export type Override = z.infer<typeof Override>;

export const OnCallSchedule = z.object({
  name: Name,
  timeZone: z.string().refine(isZone, 'A time zone such as Europe/Berlin.'),
  layers: z.array(RotationLayer).max(20),
});
export type OnCallSchedule = z.infer<typeof OnCallSchedule>;

/** Who is on call in a span, and by what; nobody is a gap. */
export interface OnCallSpan extends Span {
  personId: string | null;
  /** The layer's or the override's id; null in a gap. */
  by: string | null;
  isOverride: boolean;
}
