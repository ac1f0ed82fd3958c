import { severityNumber, severityOfWord } from '../../alerts/severity.ts';
import { addAttribute, boundedLine, isObject, type LogEvent, textOr, timeOr } from '../log-event.ts';

/** One item of a bulk request, in its order. */
export type BulkItem = { action: string; index: string; id: string | null } & (
  | { event: LogEvent }
  | { error: { status: number; type: string; reason: string } }
);
export type ReadBulk = { ok: true; items: BulkItem[] } | { ok: false; reason: string };

const actions = new Set(['create', 'index', 'update', 'delete']);
const named = new Set(['@timestamp', 'message', 'host', 'service', 'log']);

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

/** A field by its dotted name, whether the document nests it or writes the dots out. */
function field(source: Record<string, unknown>, name: string): unknown {
  if (name in source) return source[name];
  let value: unknown = source;
  for (const part of name.split('.')) value = isObject(value) ? value[part] : undefined;
  return value;
}

function eventOf(source: Record<string, unknown>, key: string | null, nowMs: number): LogEvent {
  const stamp = field(source, '@timestamp');
  const word = severityOfWord(textOr(field(source, 'log.level')) ?? textOr(field(source, 'level')));
  const host = field(source, 'host');
  const attributes: LogEvent['attributes'] = {};
  for (const [name, value] of Object.entries(source)) if (!named.has(name)) addAttribute(attributes, name, value);
  for (const name of ['host', 'service', 'log'])
    if (isObject(source[name])) addAttribute(attributes, name, source[name]);
  const message = field(source, 'message');
  return {
    at: timeOr(stamp, nowMs),
    severity: word ? severityNumber[word] : 0,
    host: textOr(field(source, 'host.name')) ?? textOr(host) ?? textOr(field(source, 'agent.hostname')),
    service: textOr(field(source, 'service.name')) ?? textOr(source['service']),
    text: boundedLine(typeof message === 'string' ? message : message === undefined ? '' : JSON.stringify(message)),
    attributes,
    traceId: textOr(field(source, 'trace.id')),
    spanId: textOr(field(source, 'span.id')),
    key,
  };
}

/**
 * Reads a body of `_bulk` (alerts.md §10): lines of action and source. Documents are added; what would change or remove one is
 * refused by item, for events are never changed.
 * @param index the index of the address, for actions that name none
 */
export function readBulk(body: string, index: string | null, nowMs: number): ReadBulk {
  if (!body.endsWith('\n')) return { ok: false, reason: 'The bulk request must be terminated by a newline [\\n]' };
  const lines = body.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  const items: BulkItem[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (line === '') continue;
    const head = jsonOf(line);
    const [action = '', meta] = isObject(head) ? (Object.entries(head)[0] ?? []) : [];
    if (!actions.has(action) || !isObject(meta))
      return {
        ok: false,
        reason: `Malformed action/metadata line [${at + 1}], expected one of [create, delete, index, update]`,
      };
    const id = textOr(meta['_id']);
    const item = { action, index: textOr(meta['_index']) ?? index ?? 'logs', id };
    const refuse = (type: string, reason: string): void =>
      void items.push({ ...item, error: { status: 400, type, reason } });
    if (action === 'delete') {
      refuse('illegal_argument_exception', 'Events are not deleted.');
      continue;
    }
    at += 1;
    const source = jsonOf(lines[at] ?? '');
    if (action === 'update') refuse('illegal_argument_exception', 'Events are not changed.');
    else if (!isObject(source)) refuse('document_parsing_exception', 'The document is no JSON object.');
    else items.push({ ...item, event: eventOf(source, id === null ? null : `${item.index}/${id}`, nowMs) });
  }
  return { ok: true, items };
}
