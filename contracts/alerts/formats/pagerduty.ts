import { z } from 'zod';
import { boundedText, instantText, labelsOf, linksOf, type ReadAlerts } from '../incoming-alert.ts';
import { severityOfWord } from '../severity.ts';
import { problemsOf } from './read-body.ts';

const Link = z.object({ href: z.string(), text: z.string().nullish() });
const Links = z.array(Link).max(100).nullish();
/** An object by the book, a text in the wild. */
const Details = z.union([z.record(z.string(), z.unknown()), z.string()]).nullish();

const Event = z
  .object({
    routing_key: z.string().max(200).nullish(),
    event_action: z.enum(['trigger', 'acknowledge', 'resolve']),
    dedup_key: z.string().max(255).nullish(),
    client: z.string().nullish(),
    client_url: z.string().nullish(),
    links: Links,
    images: z
      .array(z.object({ src: z.string(), href: z.string().nullish(), alt: z.string().nullish() }))
      .max(100)
      .nullish(),
    payload: z
      .object({
        summary: z.string().min(1),
        source: z.string().min(1),
        severity: z.enum(['critical', 'error', 'warning', 'info']),
        timestamp: z.string().nullish(),
        component: z.string().nullish(),
        group: z.string().nullish(),
        class: z.string().nullish(),
        custom_details: Details,
      })
      .nullish(),
  })
  .superRefine(({ event_action: action, payload, dedup_key: key }, context) => {
    if (action === 'trigger' && !payload)
      context.addIssue({ code: 'custom', path: ['payload'], message: "'payload' is missing" });
    if (action !== 'trigger' && !key)
      context.addIssue({ code: 'custom', path: ['dedup_key'], message: "'dedup_key' is missing" });
  });

/** What is answered: PagerDuty's own bodies, which its clients read (alerts.md §4). */
export type PagerDutyAnswer =
  | { status: 202; body: { status: 'success'; message: 'Event processed'; dedup_key: string } }
  | { status: 400; body: { status: 'invalid event'; message: string; errors: string[] } };

/**
 * An event of the Events API v2.
 * @param newKey the key of a trigger that names none; it is told in the answer, so that the sender can resolve it
 */
export function readPagerDuty(body: unknown, newKey: string): { read: ReadAlerts; answer: PagerDutyAnswer } {
  const parsed = Event.safeParse(body);
  if (!parsed.success) {
    const problems = problemsOf(parsed.error);
    const errors = problems.map(({ path, message }) => (path ? `${path}: ${message}` : message));
    return {
      read: { ok: false, message: 'Event object is invalid', problems },
      answer: { status: 400, body: { status: 'invalid event', message: 'Event object is invalid', errors } },
    };
  }
  const event = parsed.data;
  const { payload } = event;
  const key = event.dedup_key || newKey;
  const details = payload?.custom_details;
  return {
    read: {
      ok: true,
      alerts: [
        {
          key,
          groupKey: null,
          status:
            event.event_action === 'trigger'
              ? 'firing'
              : event.event_action === 'resolve'
                ? 'resolved'
                : 'acknowledged',
          severity: severityOfWord(payload?.severity) ?? 'info',
          title: boundedText(payload?.summary ?? key, 500),
          description: typeof details === 'string' ? boundedText(details) : '',
          labels: labelsOf({
            ...(typeof details === 'object' && details),
            source: payload?.source,
            component: payload?.component,
            group: payload?.group,
            class: payload?.class,
            client: event.client,
          }),
          startsAt: instantText(payload?.timestamp),
          endsAt: null,
          links: linksOf([
            [event.client ?? 'Source', event.client_url],
            ...(event.links ?? []).map(({ href, text }) => [text || 'Link', href] as const),
            ...(event.images ?? []).map(({ src, alt }) => [alt || 'Picture', src] as const),
          ]),
        },
      ],
    },
    answer: { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: key } },
  };
}

const Change = z.object({
  payload: z.object({
    summary: z.string().min(1),
    source: z.string().nullish(),
    timestamp: z.string().nullish(),
    custom_details: Details,
  }),
  links: Links,
});

/** A change event (`/v2/change/enqueue`): a mark on timelines, no alert. */
export function readPagerDutyChange(body: unknown): ReadAlerts {
  const parsed = Change.safeParse(body);
  if (!parsed.success) return { ok: false, message: 'Event object is invalid', problems: problemsOf(parsed.error) };
  const { payload, links } = parsed.data;
  const details = payload.custom_details;
  return {
    ok: true,
    alerts: [],
    marks: [
      {
        title: boundedText(payload.summary, 500),
        at: instantText(payload.timestamp),
        labels: labelsOf({ ...(typeof details === 'object' && details), source: payload.source }),
        links: linksOf((links ?? []).map(({ href, text }) => [text || 'Link', href] as const)),
      },
    ],
  };
}
