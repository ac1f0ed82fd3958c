import { z } from 'zod';
import { boundedText, instantText, labelsOf, linksOf, type ReadAlerts } from '../incoming-alert.ts';
import { severityOfWord } from '../severity.ts';
import { readBody } from './read-body.ts';

const Text = z.union([z.string(), z.number().transform(String)]).nullish();
/** What the published template sends (alerts.md §5), and what Datadog's own default does; anything else is taken as labels. */
const Event = z.looseObject({
  alert_id: Text, cycle_key: Text, aggreg_key: Text, title: Text, body: Text, transition: Text, type: Text,
  priority: Text, metric: Text, query: Text, scope: Text, status: Text, host: Text, tags: Text, link: Text, date: Text,
  id: Text, event_type: Text, last_updated: Text,
}); // prettier-ignore

/** To be pasted into Datadog's webhook, as JSON. */
export const datadogTemplate = {
  alert_id: '$ALERT_ID', cycle_key: '$ALERT_CYCLE_KEY', aggreg_key: '$AGGREG_KEY', title: '$EVENT_TITLE', body: '$EVENT_MSG',
  transition: '$ALERT_TRANSITION', type: '$ALERT_TYPE', priority: '$ALERT_PRIORITY', metric: '$ALERT_METRIC',
  query: '$ALERT_QUERY', scope: '$ALERT_SCOPE', status: '$ALERT_STATUS', host: '$HOSTNAME', tags: '$TAGS', link: '$LINK',
  date: '$DATE', org: '$ORG_ID',
} as const; // prettier-ignore

const taken = new Set(['title', 'body', 'link', 'tags', 'date', 'last_updated', 'org']);

/** `web,env:prod` as labels; a tag without a value is its own. */
const tagLabels = (tags: string | null | undefined): Record<string, string> =>
  Object.fromEntries(
    (tags ?? '').split(',').flatMap((tag) => {
      const [name = '', ...value] = tag.trim().split(':');
      return name ? [[name, value.join(':') || 'true']] : [];
    }),
  );

/** A webhook of Datadog. There is no fixed schema: the cycle key links an alert to its recovery. */
export const readDatadog = (body: unknown): ReadAlerts =>
  readBody(Event, body, 'event by Datadog', (event) => {
    const key = event.cycle_key || event.aggreg_key || event.alert_id || event.id;
    if (!key && !event.title)
      return {
        ok: false,
        message: 'This is no event by Datadog.',
        problems: [{ path: '', message: 'It has neither cycle_key, aggreg_key, alert_id or id, nor a title.' }],
      };
    const rest = Object.fromEntries(Object.entries(event).filter(([name]) => !taken.has(name)));
    const isOver = /recovered|success/i.test(event.transition ?? '') || (!event.transition && event.type === 'success');
    return {
      ok: true,
      alerts: [
        {
          key: key || `title ${event.title}`,
          groupKey: event.aggreg_key ?? null,
          status: isOver ? 'resolved' : 'firing',
          severity: severityOfWord(event.priority) ?? severityOfWord(event.type) ?? 'warning',
          title: boundedText(event.title || `Alert ${key}`, 500),
          description: boundedText(event.body ?? ''),
          labels: labelsOf({ ...rest, ...tagLabels(event.tags) }),
          startsAt: instantText(event.date),
          endsAt: null,
          links: linksOf([['Datadog', event.link]]),
        },
      ],
    };
  });
