import { z } from 'zod';
import { boundedText, type IncomingAlert, instantText, labelsOf, linksOf, type ReadAlerts } from '../incoming-alert.ts';
import { severityOfWord } from '../severity.ts';

/** A CloudEvent 1.0 in any of its modes. `source` and `id` together are unique: the key under which it is taken once. */
export const CloudEvent = z.looseObject({
  id: z.string().min(1).max(1_000),
  source: z.string().min(1).max(2_000),
  specversion: z.literal('1.0'),
  type: z.string().min(1).max(1_000),
  subject: z.string().max(2_000).nullish(),
  time: z.iso.datetime({ offset: true }).nullish(),
  datacontenttype: z.string().nullish(),
  dataschema: z.string().nullish(),
  data: z.unknown().optional(),
  data_base64: z.string().optional(),
});
export type CloudEvent = z.infer<typeof CloudEvent>;

export type ReadCloudEvents =
  | { ok: true; events: CloudEvent[] }
  | { ok: false; message: string; problems: { path: string; message: string }[] };

const refuse = (message: string, error?: z.ZodError, at = ''): ReadCloudEvents => ({
  ok: false,
  message,
  problems: (error?.issues ?? []).slice(0, 20).map((issue) => ({ path: [at, ...issue.path].filter((part) => part !== '').join('.'), message: issue.message })),
}); // prettier-ignore

/** A value of a `ce-` header: without double quotes, percent-decoded once; undefined where that is no UTF-8. */
function headerValue(value: string): string | undefined {
  try {
    return decodeURIComponent(value.replaceAll('"', ''));
  } catch {
    return undefined;
  }
}

/**
 * Reads CloudEvents over HTTP: a batch, one event as JSON, or attributes in headers (alerts.md §6).
 * @param headers by lower-case names
 * @param body the body's text
 */
export function readCloudEvents(headers: Readonly<Record<string, string | undefined>>, body: string): ReadCloudEvents {
  const contentType = headers['content-type'] ?? '';
  const json = (text: string): unknown => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return undefined;
    }
  };
  // The batch first: the other's name is the beginning of its.
  if (contentType.startsWith('application/cloudevents-batch')) {
    const items = z.array(z.unknown()).max(10_000).safeParse(json(body));
    if (!items.success) return refuse('A batch is a JSON array of CloudEvents.');
    const events: CloudEvent[] = [];
    for (const [index, item] of items.data.entries()) {
      const event = CloudEvent.safeParse(item);
      if (!event.success) return refuse(`Event ${index} is no CloudEvent 1.0.`, event.error, String(index));
      events.push(event.data);
    }
    return { ok: true, events };
  }
  if (contentType.startsWith('application/cloudevents')) {
    const event = CloudEvent.safeParse(json(body));
    return event.success ? { ok: true, events: [event.data] } : refuse('This is no CloudEvent 1.0.', event.error);
  }
  const attributes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('ce-') || value === undefined) continue;
    const text = headerValue(value);
    if (text === undefined) return refuse(`The header ${name} is not percent-encoded UTF-8.`);
    attributes[name.slice(3)] = text;
  }
  if (attributes['specversion'] === undefined)
    return refuse('There is no CloudEvent: neither its content type nor ce-headers.');
  const isJson = /^application\/(?:[\w.-]+\+)?json\b/.test(contentType);
  const data = body === '' ? undefined : isJson ? json(body) : body;
  if (isJson && body !== '' && data === undefined)
    return refuse('The body is no JSON, though its content type says so.');
  const event = CloudEvent.safeParse({ ...attributes, datacontenttype: contentType || undefined, data });
  return event.success ? { ok: true, events: [event.data] } : refuse('This is no CloudEvent 1.0.', event.error);
}

const known = new Set([
  'id',
  'source',
  'specversion',
  'type',
  'subject',
  'time',
  'datacontenttype',
  'dataschema',
  'data',
  'data_base64',
]);
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** A CloudEvent as an alert: its data may name title, severity, status; otherwise type and subject speak. */
export function alertOfCloudEvent(event: CloudEvent): IncomingAlert {
  const data: Record<string, unknown> =
    typeof event.data === 'object' && event.data !== null && !Array.isArray(event.data) ? { ...event.data } : {};
  const labels = labelsOf({
    ...Object.fromEntries(Object.entries(event).filter(([name]) => !known.has(name))),
    ...Object.fromEntries(Object.entries(data).filter(([, value]) => typeof value !== 'object')),
    source: event.source,
    type: event.type,
    subject: event.subject,
  });
  const status = (textOf(data['status']) ?? textOf(data['state']) ?? '').toLowerCase();
  return {
    key:
      textOf(data['key']) ??
      textOf(data['fingerprint']) ??
      JSON.stringify([event.source, event.type, event.subject ?? '']),
    groupKey: null,
    status:
      /^(resolved|ok|closed|recovered)$/.test(status) || /\.(resolved|closed|recovered)$/.test(event.type)
        ? 'resolved'
        : 'firing',
    severity: severityOfWord(textOf(data['severity']) ?? textOf(data['level']) ?? textOf(event['severity'])) ?? 'info',
    title: boundedText(
      textOf(data['title']) ?? textOf(data['summary']) ?? [event.type, event.subject].filter(Boolean).join(' · '),
      500,
    ),
    description: boundedText(textOf(data['description']) ?? textOf(data['message']) ?? textOf(event.data) ?? ''),
    labels,
    startsAt: instantText(event.time),
    endsAt: null,
    links: linksOf([['Source', textOf(data['url']) ?? textOf(data['link'])]]),
    eventKey: JSON.stringify([event.source, event.id]),
  };
}

/** CloudEvents as alerts. */
export function readCloudEventAlerts(headers: Readonly<Record<string, string | undefined>>, body: string): ReadAlerts {
  const read = readCloudEvents(headers, body);
  return read.ok ? { ok: true, alerts: read.events.map(alertOfCloudEvent) } : read;
}
