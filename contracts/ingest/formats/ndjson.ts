import { severityNumber, severityOfWord } from '../../alerts/severity.ts';
import { addAttribute, boundedLine, isObject, type LogEvent, type ReadEvents, textOr, timeOr } from '../log-event.ts';

const named = new Set(['at', 'time', 'timestamp', '@timestamp', 'severity', 'level', 'host', 'hostname', 'service', 'text', 'message', 'msg', 'id', 'traceId', 'spanId', 'attributes']); // prettier-ignore

/** A severity by its word or by OpenTelemetry's number. */
const severityOf = (value: unknown): number => {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 1 && value <= 24 ? value : 0;
  const word = severityOfWord(textOr(value));
  return word ? severityNumber[word] : 0;
};

/** One event of ours as an object, by the names of `POST /logs` or those that loggers usually write. */
export function eventOfObject(source: Record<string, unknown>, nowMs: number, requestKey: string | null): LogEvent {
  const stamp = source['at'] ?? source['time'] ?? source['timestamp'] ?? source['@timestamp'];
  const text = source['text'] ?? source['message'] ?? source['msg'];
  const attributes: LogEvent['attributes'] = {};
  if (isObject(source['attributes']))
    for (const name of Object.keys(source['attributes'])) addAttribute(attributes, name, source['attributes'][name]);
  for (const name of Object.keys(source)) if (!named.has(name)) addAttribute(attributes, name, source[name]);
  const id = source['id'];
  return {
    at: timeOr(stamp, nowMs),
    severity: severityOf(source['severity'] ?? source['level']),
    host: textOr(source['host']) ?? textOr(source['hostname']),
    service: textOr(source['service']),
    text: boundedLine(typeof text === 'string' ? text : text === undefined ? '' : JSON.stringify(text)),
    attributes,
    traceId: textOr(source['traceId']),
    spanId: textOr(source['spanId']),
    key: typeof id === 'string' && id !== '' ? id : requestKey,
  };
}

/**
 * Reads events as JSON, one a line, or lists of them; a line that is none is told by its place and the others are taken.
 * @param requestKey the request's own key, under which its lines are known by their places
 */
export function readNdjson(body: string, nowMs: number, requestKey: string | null): ReadEvents {
  const read: ReadEvents = { events: [], rejected: [] };
  let index = 0;
  for (let from = 0; from < body.length; index += 1) {
    const end = body.indexOf('\n', from);
    const line = body.slice(from, end < 0 ? undefined : end).trim();
    from = end < 0 ? body.length : end + 1;
    if (line === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      read.rejected.push({ index, reason: 'The line is no JSON.' });
      continue;
    }
    // Some shippers write a list of all they have in one line.
    for (const [place, item] of (Array.isArray(value) ? value : [value]).entries()) {
      const key = requestKey && (Array.isArray(value) ? `${requestKey}/${index}.${place}` : `${requestKey}/${index}`);
      if (isObject(item)) read.events.push(eventOfObject(item, nowMs, key));
      else read.rejected.push({ index, reason: 'The line is no JSON object.' });
    }
  }
  return read;
}
