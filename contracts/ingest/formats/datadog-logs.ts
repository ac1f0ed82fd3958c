import { severityNumber, severityOfWord } from '../../alerts/severity.ts';
import { addAttribute, boundedLine, isObject, type LogEvent, textOr, timeOr } from '../log-event.ts';

const named = new Set(['message', 'ddtags', 'hostname', 'service', 'status', 'timestamp', 'date']);

/** Reads Datadog's log intake (alerts.md §5): one object or a list of them; null where it is neither. */
export function readDatadogLogs(body: unknown, nowMs: number): LogEvent[] | null {
  const items = Array.isArray(body) ? body : [body];
  if (!items.every(isObject)) return null;
  return items.map((item) => {
    const stamp = item['timestamp'] ?? item['date'];
    const attributes: LogEvent['attributes'] = {};
    for (const [name, value] of Object.entries(item)) if (!named.has(name)) addAttribute(attributes, name, value);
    for (const tag of (textOr(item['ddtags']) ?? '').split(',')) {
      const colon = tag.indexOf(':');
      if (colon > 0) addAttribute(attributes, tag.slice(0, colon).trim(), tag.slice(colon + 1).trim());
      else if (tag.trim()) addAttribute(attributes, tag.trim(), true);
    }
    const word = severityOfWord(textOr(item['status']));
    const { message } = item;
    return {
      at: timeOr(stamp, nowMs),
      severity: word ? severityNumber[word] : 0,
      host: textOr(item['hostname']),
      service: textOr(item['service']),
      text: boundedLine(typeof message === 'string' ? message : message === undefined ? '' : JSON.stringify(message)),
      attributes,
      traceId: null,
      spanId: null,
      key: null,
    };
  });
}
