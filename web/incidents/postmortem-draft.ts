import type { ShownIncident, TimelineEntry } from '#contracts/incidents/incidents.ts';
import { clockText } from './clock-now.ts';
import { severityWords } from './incident-words.ts';

/** Where a workspace's outline wants the story. */
const place = '{timeline}';

/**
 * The draft of a postmortem: the workspace's outline with the facts and the story that wrote itself, oldest first, in UTC so
 * that it reads the same everywhere.
 */
export function draftPostmortem(
  incident: Pick<
    ShownIncident,
    'key' | 'title' | 'severity' | 'service' | 'openedAt' | 'acknowledgedAt' | 'resolvedAt'
  >,
  story: readonly TimelineEntry[],
  outline: string,
): string {
  const { key, title, severity, service, openedAt, acknowledgedAt, resolvedAt } = incident;
  const since = (at: string | null) => at && clockText(Math.max(1_000, Date.parse(at) - Date.parse(openedAt)));
  const facts = [
    `- Severity: ${severityWords[severity]}`,
    service && `- Service: ${service}`,
    `- Opened: ${utc(openedAt)}`,
    acknowledgedAt && `- Answered after: ${since(acknowledgedAt)}`,
    resolvedAt && `- Resolved after: ${since(resolvedAt)}`,
  ].filter(Boolean);
  const lines = story
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
    .map(({ at, actor, text }) => `- ${utc(at)} · ${actor.name} · ${text.replaceAll(/\s+/g, ' ').trim()}`)
    .join('\n');
  const body = outline.includes(place)
    ? outline.replace(place, () => lines)
    : `${outline.trim()}\n\n## Timeline\n\n${lines}`;
  return `# ${key}: ${title}\n\n${facts.join('\n')}\n\n${body.trim()}\n`;
}

const utc = (at: string): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
