import { z } from 'zod';
import { DurationText, Instant, Name } from '../kit/schemas.ts';
import { parseDuration } from '../kit/duration.ts';
import { matchesPattern } from '../playbooks/expressions/patterns.ts';
import { readCron } from '../schedules/cron.ts';
import { timesAfter } from '../schedules/times.ts';
import { isZone } from '../schedules/zone.ts';

/** A condition on one label, as Alertmanager writes them; a label that is not there is empty. Patterns are RE2 and take the whole value. */
export const LabelMatcher = z
  .object({
    label: z.string().min(1).max(200),
    op: z.enum(['=', '!=', '=~', '!~']),
    value: z.string().max(1_000),
  })
  .refine(({ op, value }) => !op.endsWith('~') || matchesPattern(value, '') !== undefined, {
    path: ['value'],
    message: 'This is no pattern that RE2 knows.',
  });
export type LabelMatcher = z.infer<typeof LabelMatcher>;

/** Whether labels meet all conditions. None at all meets nothing: a silence of everything has to be said. */
export function meetsMatchers(matchers: readonly LabelMatcher[], labels: Readonly<Record<string, string>>): boolean {
  return (
    matchers.length > 0 &&
    matchers.every(({ label, op, value }) => {
      const found = Object.hasOwn(labels, label) ? (labels[label] ?? '') : '';
      if (op === '=') return found === value;
      if (op === '!=') return found !== value;
      return (matchesPattern(value, found) ?? false) === (op === '=~');
    })
  );
}

/** When a window is open: once, or again and again by the clocks of a zone. */
export const WindowTime = z.discriminatedUnion('kind', [
  z
    .object({ kind: z.literal('once'), from: Instant, to: Instant })
    .refine(({ from, to }) => Date.parse(from) < Date.parse(to), { path: ['to'], message: 'It ends after it begins.' }),
  z.object({
    kind: z.literal('recurring'),
    /** When each begins. */
    cron: z.string().refine((text) => readCron(text).ok, 'A cron expression such as 0 22 * * 6.'),
    timeZone: z.string().refine(isZone, 'A time zone such as Europe/Berlin.'),
    lasts: DurationText.refine((text) => (parseDuration(text) ?? 0) >= 60_000, 'At least a minute.').refine(
      (text) => (parseDuration(text) ?? 0) <= 31 * 86_400_000,
      'At most 31 days.',
    ),
  }),
]);
export type WindowTime = z.infer<typeof WindowTime>;

/**
 * What is not to wake anybody. `suppress`: alerts are kept and raise nothing; `collapse`: they raise one incident for the
 * whole window; `watch`: they are only marked. A resolve always passes.
 */
export const Silence = z.object({
  name: Name,
  reason: z.string().max(1_000).default(''),
  matchers: z.array(LabelMatcher).min(1).max(20),
  time: WindowTime,
  mode: z.enum(['suppress', 'collapse', 'watch']).default('suppress'),
});
export type Silence = z.infer<typeof Silence>;

/**
 * The opening of a window that holds at an instant.
 * @returns its span in milliseconds since 1970, or null while it is closed
 */
export function openingAt(time: WindowTime, at: number): { from: number; to: number } | null {
  if (time.kind === 'once') {
    const span = { from: Date.parse(time.from), to: Date.parse(time.to) };
    return span.from <= at && at < span.to ? span : null;
  }
  const lastsMs = parseDuration(time.lasts) ?? 0;
  const timing = { cron: [time.cron], everyMs: null, timeZone: time.timeZone };
  let open: { from: number; to: number } | null = null;
  for (const { at: from } of timesAfter(timing, at - lastsMs, at)) {
    // Openings that touch or overlap are one: what is still firing at the end of the first is silenced by the second.
    open = open && from <= open.to ? { from: open.from, to: from + lastsMs } : { from, to: from + lastsMs };
  }
  return open && at < open.to ? open : null;
}

/** The silence that holds for labels at an instant: the one that hides most goes first. */
export function silenceFor<S extends Pick<Silence, 'matchers' | 'time' | 'mode'>>(
  silences: readonly S[],
  labels: Readonly<Record<string, string>>,
  at: number,
): { silence: S; until: number } | null {
  for (const mode of ['suppress', 'collapse', 'watch'] as const)
    for (const silence of silences) {
      if (silence.mode !== mode || !meetsMatchers(silence.matchers, labels)) continue;
      const opening = openingAt(silence.time, at);
      if (opening) return { silence, until: opening.to };
    }
  return null;
}
