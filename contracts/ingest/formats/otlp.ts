import {
  addAttribute,
  boundedLine,
  isObject,
  listOf,
  type LogEvent,
  millisOfNanos,
  type ReadEvents,
  textOr,
} from '../log-event.ts';

/** OpenTelemetry's AnyValue: exactly one of its fields is there. Bytes stay the base64 they are. */
function anyValue(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  if ('stringValue' in value) return value['stringValue'];
  if ('boolValue' in value) return value['boolValue'];
  if ('intValue' in value) {
    const int = value['intValue'];
    const number = Number(int);
    // A 64-bit number that a double cannot hold stays a text.
    return Number.isSafeInteger(number) ? number : String(int);
  }
  if ('doubleValue' in value) return value['doubleValue'];
  if (isObject(value['arrayValue'])) return listOf(value['arrayValue']['values']).map(anyValue);
  if (isObject(value['kvlistValue'])) {
    const pairs = listOf(value['kvlistValue']['values']).filter(isObject);
    return Object.fromEntries(pairs.map(({ key, value: inner }) => [String(key), anyValue(inner)]));
  }
  return value['bytesValue'];
}

function addPairs(attributes: LogEvent['attributes'], pairs: unknown): void {
  for (const pair of listOf(pairs))
    if (isObject(pair) && typeof pair['key'] === 'string')
      addAttribute(attributes, pair['key'], anyValue(pair['value']));
}

/** Hex of a length, in lower case; none where it is empty, all zero or something else. */
const hexId = (value: unknown, length: number): string | null =>
  typeof value === 'string' && value.length === length && /^[0-9a-f]+$/i.test(value) && !/^0+$/.test(value)
    ? value.toLowerCase()
    : null;

/** How a resource names itself. */
function resourceOf(attributes: LogEvent['attributes']): Pick<LogEvent, 'host' | 'service'> {
  return {
    host: textOr(attributes['host.name']) ?? textOr(attributes['k8s.node.name']),
    service: textOr(attributes['service.name']),
  };
}

/**
 * Reads OTLP/HTTP logs as JSON (alerts.md §7). An empty request is one; a body that is no object is not.
 * @param nowMs the time of events that give none
 * @returns null where the body is no logs request
 */
export function readOtlpLogs(body: unknown, nowMs: number): ReadEvents | null {
  if (!isObject(body) || ('resourceLogs' in body && !Array.isArray(body['resourceLogs']))) return null;
  const read: ReadEvents = { events: [], rejected: [] };
  let index = -1;
  for (const resourceLogs of listOf(body['resourceLogs'])) {
    if (!isObject(resourceLogs)) continue;
    const shared: LogEvent['attributes'] = {};
    if (isObject(resourceLogs['resource'])) addPairs(shared, resourceLogs['resource']['attributes']);
    const resource = resourceOf(shared);
    for (const scopeLogs of listOf(resourceLogs['scopeLogs'])) {
      if (!isObject(scopeLogs)) continue;
      const scope = isObject(scopeLogs['scope']) ? textOr(scopeLogs['scope']['name']) : null;
      for (const record of listOf(scopeLogs['logRecords'])) {
        index += 1;
        if (!isObject(record)) {
          read.rejected.push({ index, reason: 'A log record is an object.' });
          continue;
        }
        const attributes = { ...shared };
        if (scope) addAttribute(attributes, 'scope.name', scope);
        addPairs(attributes, record['attributes']);
        addAttribute(attributes, 'event.name', textOr(record['eventName']));
        const content = anyValue(record['body']);
        const number = Number(record['severityNumber'] ?? 0);
        read.events.push({
          at: millisOfNanos(record['timeUnixNano']) ?? millisOfNanos(record['observedTimeUnixNano']) ?? nowMs,
          severity: Number.isInteger(number) && number >= 0 && number <= 24 ? number : 0,
          ...resource,
          text: boundedLine(
            typeof content === 'string' ? content : content === undefined ? '' : JSON.stringify(content),
          ),
          attributes,
          traceId: hexId(record['traceId'], 32),
          spanId: hexId(record['spanId'], 16),
          key: null,
        });
      }
    }
  }
  return read;
}
