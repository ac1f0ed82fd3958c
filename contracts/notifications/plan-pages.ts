import { z } from 'zod';
import { IncidentSeverity } from '../alerts/alert-rules.ts';
import { type BusinessCalendar, Hours, openSpans, weekdays } from '../incidents/business-calendar.ts';
import { parseDuration } from '../kit/duration.ts';
import { DurationText, Id } from '../kit/schemas.ts';
import { isZone } from '../schedules/zone.ts';

/** When a person would rather not be told; hours over midnight belong to the day on which they begin. */
export const QuietHours = z.object({ days: z.array(z.enum(weekdays)).min(1), ...Hours.shape });
export type QuietHours = z.infer<typeof QuietHours>;

export const PreferenceStep = z.object({
  /** One of the person's own contacts; null: the mail address of the account. */
  contactId: Id.nullable(),
  /** How long after the page; later steps are left out where somebody has answered by then. */
  after: DurationText.default('0s'),
  /** For which severities; none named: for all, and for what has none. */
  severities: z.array(IncidentSeverity).default([]),
});
export type PreferenceStep = z.infer<typeof PreferenceStep>;

/** How a person wants to be told, in one workspace. */
export const NotificationPreferences = z.object({
  timeZone: z.string().refine(isZone, 'A time zone such as Europe/Berlin.').default('UTC'),
  steps: z
    .array(PreferenceStep)
    .max(10)
    .default([{ contactId: null, after: '0s', severities: [] }]),
  quietHours: QuietHours.nullable().default(null),
});
export type NotificationPreferences = z.infer<typeof NotificationPreferences>;

export interface PlannedDelivery {
  contactId: string | null;
  /** Milliseconds after the page as the person chose; what quiet hours add is in `dueAt`. */
  afterMs: number;
  dueAt: number;
  /** Quiet hours hold it back: what waits for the same end goes out as one message. */
  isHeld: boolean;
  /** It is sent only if nobody has answered by then. */
  isOnlyIfOpen: boolean;
}

/** More than so many messages to one contact in a minute become one that names them all. */
export const mostPerMinute = 5;
export const throttleWindowMs = 60_000;
/** A message that could not be handed over is tried for so long: what was down for a day has an hour to take it after that. */
export const deliveryPatienceMs = 25 * 3_600_000;

const msOf = (text: string): number => parseDuration(text) ?? 0;

/**
 * What is sent to one person for one page, in order. Somebody is always told: where no step fits, by the mail of the account.
 * @param verified the person's own contacts that are proven to be theirs
 */
export function planPages(
  { steps, quietHours, timeZone }: NotificationPreferences,
  verified: ReadonlySet<string>,
  page: { severity: IncidentSeverity | null; isUrgent: boolean; at: number },
): PlannedDelivery[] {
  const fitting = steps.filter(
    ({ contactId, severities }) =>
      (contactId === null || verified.has(contactId)) &&
      (severities.length === 0 || (page.severity !== null && severities.includes(page.severity))),
  );
  const chosen = fitting.length > 0 ? fitting : [{ contactId: null, after: '0s' }];
  const seen = new Set<string | null>();
  return chosen
    .map(({ contactId, after }) => ({ contactId, afterMs: msOf(after) }))
    .toSorted((a, b) => a.afterMs - b.afterMs)
    .filter(({ contactId }) => !seen.has(contactId) && seen.add(contactId))
    .map(({ contactId, afterMs }) => {
      const wanted = page.at + afterMs;
      const dueAt = page.isUrgent ? wanted : quietUntil(quietHours, timeZone, wanted);
      return { contactId, afterMs, dueAt, isHeld: dueAt > wanted, isOnlyIfOpen: afterMs > 0 };
    });
}

/** The end of the quiet hours in which an instant lies; the instant itself where it lies in none. */
export function quietUntil(quietHours: QuietHours | null, timeZone: string, at: number): number {
  if (!quietHours) return at;
  const { days, from, to } = quietHours;
  const calendar: BusinessCalendar = {
    name: 'Quiet hours',
    timeZone,
    week: Object.fromEntries(days.map((day) => [day, [{ from, to }]])),
    holidays: [],
  };
  for (const span of openSpans(calendar, at)) return span.from <= at ? span.to : at;
  return at;
}
