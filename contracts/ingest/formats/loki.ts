import { severityNumber, severityOfWord } from '../../alerts/severity.ts';
import { addAttribute, boundedLine, isObject, type LogEvent, millisOfNanos, textOr } from '../log-event.ts';

export type ReadLoki = { ok: true; events: LogEvent[] } | { ok: false; message: string };

/**
 * Reads Loki's push as JSON (alerts.md §9): streams of labels with lines `[nanoseconds, line, metadata?]`. As in Loki, one
 * bad entry refuses the request: it takes all of it or nothing.
 */
export function readLoki(body: unknown): ReadLoki {
  if (!isObject(body) || !Array.isArray(body['streams'])) return { ok: false, message: 'There is no list of streams.' };
  const events: LogEvent[] = [];
  for (const [index, stream] of body['streams'].entries()) {
    if (!isObject(stream) || !isObject(stream['stream']) || !Array.isArray(stream['values']))
      return { ok: false, message: `Stream ${index} has no labels or no values.` };
    const labels: LogEvent['attributes'] = {};
    for (const [name, value] of Object.entries(stream['stream'])) {
      if (typeof value !== 'string') return { ok: false, message: `The label ${name} of stream ${index} is no text.` };
      addAttribute(labels, name, value);
    }
    const level = textOr(labels['level']) ?? textOr(labels['severity']) ?? textOr(labels['detected_level']);
    const named = {
      host:
        textOr(labels['host']) ?? textOr(labels['hostname']) ?? textOr(labels['instance']) ?? textOr(labels['node']),
      service:
        textOr(labels['service_name']) ?? textOr(labels['service']) ?? textOr(labels['app']) ?? textOr(labels['job']),
    };
    for (const [place, value] of stream['values'].entries()) {
      const at = Array.isArray(value) && typeof value[0] === 'string' ? millisOfNanos(value[0]) : undefined;
      // A number loses the last digits of its nanoseconds before anybody can read them: Loki refuses it too.
      if (!Array.isArray(value) || at === undefined || typeof value[1] !== 'string')
        return { ok: false, message: `Value ${place} of stream ${index} is not ["<nanoseconds>", "<line>"].` };
      const attributes = { ...labels };
      if (isObject(value[2]))
        for (const [name, inner] of Object.entries(value[2])) addAttribute(attributes, name, inner);
      const word = severityOfWord(textOr(attributes['level']) ?? textOr(attributes['detected_level']) ?? level);
      events.push({
        at,
        severity: word ? severityNumber[word] : 0,
        ...named,
        text: boundedLine(value[1]),
        attributes,
        traceId: textOr(attributes['trace_id']),
        spanId: textOr(attributes['span_id']),
        key: null,
      });
    }
  }
  return { ok: true, events };
}
