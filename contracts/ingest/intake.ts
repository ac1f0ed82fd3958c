import { z } from 'zod';
import { defineRoutes, type RouteDef } from '../kit/route.ts';

/** Bounds of one request: packed, and unpacked as OTLP recommends. */
export const intakeLimits = {
  packedBytes: 16_777_216,
  bytes: 67_108_864,
  datadogBytes: 5_242_880,
  datadogEvents: 1_000,
};

const token = { token: z.string().min(20).max(100) };
/** A door for one sender: it is let in by the token in its path, and answered in its own words. */
const door = <const P extends string>(path: P, summary: string, method: 'POST' | 'PUT' | 'GET' = 'POST') =>
  ({
    method,
    path: `/ingest/:token${path}`,
    access: 'public',
    secretPath: true,
    rawBody: true,
    ...(method !== 'GET' && { streamBody: true as const }),
    stream: 'raw',
    summary,
    params: z.object(path.includes(':index') ? { ...token, index: z.string().max(255) } : token),
  }) as const satisfies RouteDef;

/** What `POST /logs` answers: what was written, what had been before, and which lines are no events. */
export const LogsAccepted = z.object({
  accepted: z.int(),
  duplicates: z.int(),
  /** The first hundred, by their line, counted from 1. */
  rejected: z.array(z.object({ line: z.int(), reason: z.string() })),
  rejectedCount: z.int(),
});
export type LogsAccepted = z.infer<typeof LogsAccepted>;

export const intakeRoutes = defineRoutes({
  writeLogs: {
    method: 'POST',
    path: '/logs',
    access: 'logs:write',
    rawBody: true,
    streamBody: true,
    stream: 'raw',
    summary: 'Bring events, one JSON object a line (`at severity host service text id attributes`); 200 once they are written', // prettier-ignore
  },
  writeSourceLogs: door('/ndjson', 'The same for a log source, by its token'),
  receiveOtlpLogs: door('/v1/logs', 'OTLP/HTTP logs as JSON'),
  receiveOtlpLogsAsLoki: door('/otlp/v1/logs', 'OTLP/HTTP logs where Loki takes them'),
  receiveLoki: door('/loki/api/v1/push', 'Loki’s push as JSON; 204'),
  receiveOldLoki: door('/api/prom/push', 'Loki’s push under its former path'),
  receiveBulk: door('/_bulk', 'Elasticsearch `_bulk`: 200 with an answer by item'),
  receiveBulkByPut: door('/_bulk', 'Elasticsearch `_bulk`', 'PUT'),
  receiveIndexBulk: door('/:index/_bulk', 'Elasticsearch `_bulk` of one index'),
  receiveIndexBulkByPut: door('/:index/_bulk', 'Elasticsearch `_bulk` of one index', 'PUT'),
  probeElastic: door('', 'What shippers ask Elasticsearch before they send', 'GET'),
  probeElasticLicense: door('/_license', 'The licence that shippers ask Elasticsearch for', 'GET'),
  receiveDatadogLogs: door('/api/v2/logs', 'Datadog’s log intake; 202'),
  receiveOldDatadogLogs: door('/v1/input', 'Datadog’s former log intake; 200'),
});
