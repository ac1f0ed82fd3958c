import type { AlertSeverity } from './severity.ts';

/** An alert as it came, in our words, whichever format brought it. */
export interface IncomingAlert {
  /** Tells repeats of this alert from other alerts of its source. */
  key: string;
  /** The sender's own grouping; alerts of one group belong to one incident. */
  groupKey: string | null;
  status: 'firing' | 'acknowledged' | 'resolved';
  severity: AlertSeverity;
  title: string;
  description: string;
  labels: Record<string, string>;
  /** RFC 3339 in UTC; null where the sender does not say. */
  startsAt: string | null;
  /** When it ended, or until when it holds unless it is sent again. */
  endsAt: string | null;
  links: { label: string; url: string }[];
  /** What makes a repeated sending of the same event one, where the format has it: another event has another. */
  eventKey?: string;
}

/** Something that happened and is no alert (a deployment): a mark on timelines. */
export interface IncomingMark {
  title: string;
  at: string | null;
  labels: Record<string, string>;
  links: { label: string; url: string }[];
}

/** What a request brought. `leftOut` are alerts that the sender itself cut. */
export type ReadAlerts =
  | { ok: true; alerts: IncomingAlert[]; marks?: IncomingMark[]; leftOut?: number }
  | { ok: false; message: string; problems: { path: string; message: string }[] };

const longestText = 10_000;
const longestLabel = 1_000;
const mostLabels = 100;

/** Text from a sender, of bounded length and without NUL, which no database text holds. */
export const boundedText = (text: string, most = longestText): string => {
  const plain = text.replaceAll('\0', '');
  return plain.length <= most ? plain : `${plain.slice(0, most - 1)}…`;
};

/** Whatever a sender puts into a map, as labels: texts as they are, other values as JSON, empty ones left out. */
export function labelsOf(values: Readonly<Record<string, unknown>> | null | undefined): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [name, value] of Object.entries(values ?? {}).slice(0, mostLabels)) {
    if (value === null || value === undefined || value === '') continue;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    labels[boundedText(name, 200)] = boundedText(text, longestLabel);
  }
  return labels;
}

/** An instant in any form that senders use (RFC 3339, `+0000` offsets, epoch in seconds or milliseconds), in ms since 1970; null for none and for Go's zero time. */
export function instantMs(value: string | number | null | undefined): number | null {
  if (value === null || value === undefined || value === '') return null;
  const number = typeof value === 'number' ? value : /^\d{9,16}$/.test(value) ? Number(value) : undefined;
  const ms = number === undefined ? Date.parse(String(value)) : Math.trunc(number < 1e11 ? number * 1_000 : number);
  // Before 1971 nobody sends alerts: `0001-01-01T00:00:00Z` is how Go writes "not set".
  return Number.isNaN(ms) || ms < 31_536_000_000 || ms > 8e15 ? null : ms;
}

/** The same as a text. */
export function instantText(value: string | number | null | undefined): string | null {
  const ms = instantMs(value);
  return ms === null ? null : new Date(ms).toISOString();
}

/** Only addresses that a browser may follow: a `javascript:` link in an alert would be run by whoever clicks it. */
export function linksOf(
  links: readonly (readonly [label: string, url: string | null | undefined])[],
): IncomingAlert['links'] {
  return links.flatMap(([label, url]) =>
    url && url.length <= 2_000 && /^https?:\/\//i.test(url) ? [{ label: boundedText(label, 200), url }] : [],
  );
}

/** A key out of labels, where the sender gives none: the same labels in any order are the same key. */
export const keyOfLabels = (labels: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
