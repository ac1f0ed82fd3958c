import type { FastifyRequest } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import type { AlertFormat } from '#contracts/alerts/alerts.ts';
import { readAlertGroup, readGrafana, readPrometheusAlerts } from '#contracts/alerts/formats/alertmanager.ts';
import { readCloudEventAlerts } from '#contracts/alerts/formats/cloudevents.ts';
import { readDatadog } from '#contracts/alerts/formats/datadog.ts';
import { type AlertMapping, readByMapping } from '#contracts/alerts/formats/generic.ts';
import { readPagerDuty, readPagerDutyChange } from '#contracts/alerts/formats/pagerduty.ts';
import type { ReadAlerts } from '#contracts/alerts/incoming-alert.ts';
import type { Json } from '#contracts/kit/schemas.ts';

/** The sender's own path, where it says what comes. */
export type Way = 'prometheus' | 'pagerduty' | 'pagerduty-change' | null;
/** What a request is in the end. */
export type ReadFormat = Exclude<AlertFormat, 'auto'> | 'prometheus' | 'pagerduty-change';

/** A request as it came. */
export interface Received {
  headers: Record<string, string>;
  query: Record<string, string>;
  text: string;
  /** The body as JSON; undefined where it is none. */
  json: Json | undefined;
}

export interface Answer {
  status: number;
  body?: Record<string, unknown>;
}
/** What was read, and what its sender is answered once it is stored, or at once where it cannot be read. */
export interface Reading {
  format: ReadFormat;
  read: ReadAlerts;
  answer: Answer;
  payloadOf: (index: number) => string;
}

const flat = (values: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const text = Array.isArray(value) ? value.join(', ') : value;
      return typeof text === 'string' ? [[name.toLowerCase(), text]] : [];
    }),
  );

/** The body in whichever form the server's parsers left it, already inflated. */
function textOf(body: unknown): string {
  if (Buffer.isBuffer(body)) return body.toString('utf8');
  if (typeof body === 'string') return body;
  if (typeof body === 'object' && body !== null && 'yaml' in body && typeof body.yaml === 'string') return body.yaml;
  return '';
}

export function receive(request: FastifyRequest): Received {
  const text = textOf(request.body).replace(/^\uFEFF/, '');
  let json: Json | undefined;
  try {
    json = text.trim() === '' ? undefined : (JSON.parse(text) as Json);
  } catch {
    json = undefined;
  }
  // Oldest habit of all: JSON in a form's field.
  if (json === undefined && /^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')) {
    const payload = new URLSearchParams(text).get('payload');
    try {
      json = payload === null ? undefined : (JSON.parse(payload) as Json);
    } catch {
      json = undefined;
    }
  }
  return { headers: flat(request.headers), query: flat(request.query as Record<string, unknown>), text, json };
}

type JsonMap = { [key: string]: Json };
const isObject = (value: Json | undefined): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const mapOf = (value: Json | undefined): JsonMap => (isObject(value) ? value : {});

const datadogKeys = ['cycle_key', 'aggreg_key', 'alert_id', 'event_type', 'transition'];

/** What a request is, by its path, its headers, its source and its shape, in this order; undefined where nothing fits. */
export function formatOf(
  way: Way,
  source: { format: AlertFormat; mapping: unknown },
  came: Received,
): ReadFormat | undefined {
  if (way !== null) return way;
  if (source.format !== 'auto')
    // Prometheus speaks to Alertmanager in lists; whoever is told the one's address may be the other.
    return source.format === 'alertmanager' && Array.isArray(came.json) ? 'prometheus' : source.format;
  const { headers, json } = came;
  const type = headers['content-type'] ?? '';
  if (type.startsWith('application/cloudevents') || headers['ce-specversion'] !== undefined) return 'cloudevents';
  if (Array.isArray(json)) return source.mapping === null ? 'prometheus' : 'generic';
  const body = mapOf(json);
  if (Array.isArray(body['alerts'])) return 'orgId' in body || body['version'] === '1' ? 'grafana' : 'alertmanager';
  if ('ruleId' in body && 'state' in body) return 'grafana';
  if ('event_action' in body) return 'pagerduty';
  if (source.mapping !== null) return 'generic';
  return datadogKeys.some((key) => key in body) ? 'datadog' : undefined;
}

const refused = (read: ReadAlerts): Answer =>
  read.ok
    ? { status: 200 }
    : {
        status: 400,
        body: {
          error: 'alert.unreadable',
          message: read.message,
          statusCode: 400,
          details: read.problems.map((problem) => ({ code: 'unreadable', ...problem })),
        },
      };

/** Reads a request by its format; its answer is the one that this format's senders know (alerts.md §2–6). */
export function readIntake(format: ReadFormat, mapping: AlertMapping | null, came: Received, nowMs: number): Reading {
  const { json, headers, query, text } = came;
  const items = Array.isArray(json) ? json : Array.isArray(mapOf(json)['alerts']) ? mapOf(json)['alerts'] : undefined;
  const whole = (): string =>
    isObject(json) && 'routing_key' in json ? JSON.stringify({ ...json, routing_key: '[secret]' }) : text;
  const payloadOf = (index: number): string => {
    const item = Array.isArray(items) ? items[index] : undefined;
    return item === undefined ? whole() : JSON.stringify(item);
  };
  const done = (read: ReadAlerts, answer: Answer): Reading => ({
    format,
    read,
    answer: read.ok ? answer : refused(read),
    payloadOf,
  });
  const count = (read: ReadAlerts) => ({ accepted: read.ok ? read.alerts.length : 0 });
  if (format === 'cloudevents') {
    const read = readCloudEventAlerts(headers, text);
    return done(read, { status: 202, body: count(read) });
  }
  if (format === 'pagerduty') {
    const { read, answer } = readPagerDuty(json, uuidv7().replaceAll('-', ''));
    return { format, read, answer: { status: answer.status, body: { ...answer.body } }, payloadOf };
  }
  if (format === 'pagerduty-change') {
    const read = readPagerDutyChange(json);
    return read.ok
      ? {
          format,
          read,
          answer: { status: 202, body: { status: 'success', message: 'Change event processed' } },
          payloadOf,
        }
      : {
          format,
          read,
          answer: {
            status: 400,
            body: {
              status: 'invalid event',
              message: read.message,
              errors: read.problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)),
            },
          },
          payloadOf,
        };
  }
  if (json === undefined) return done({ ok: false, message: 'The body is no JSON.', problems: [] }, { status: 400 });
  if (format === 'prometheus') return done(readPrometheusAlerts(json, nowMs), { status: 200 });
  if (format === 'datadog') return done(readDatadog(json), { status: 200, body: { status: 'ok' } });
  if (format === 'generic') {
    const read: ReadAlerts =
      mapping === null
        ? { ok: false, message: 'This source has no mapping yet.', problems: [] }
        : readByMapping(mapping, { body: json, headers, query }, nowMs);
    return done(read, { status: 202, body: count(read) });
  }
  const read = format === 'grafana' ? readGrafana(json) : readAlertGroup(json);
  return done(read, { status: 200, body: { status: 'success', ...count(read) } });
}

/**
 * What a sender beyond its rate is told, so that it comes again: Alertmanager, Grafana and Datadog take 429 for the end
 * and lose the alert, but repeat after 503 (alerts.md §2, §5).
 */
export function busyAnswer(way: Way, format: AlertFormat, retryAfter: number): Answer {
  const message = `This source sends more than it may. Try again in ${retryAfter} seconds.`;
  if (way === 'pagerduty' || way === 'pagerduty-change' || format === 'pagerduty')
    return { status: 429, body: { status: 'throttle exceeded', message, errors: [message] } };
  const status = format === 'cloudevents' || format === 'generic' || way === 'prometheus' ? 429 : 503;
  return { status, body: { error: 'alert_source.too_many', message, statusCode: status } };
}
