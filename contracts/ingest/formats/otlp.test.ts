import { expect, test } from 'vitest';
import type { LogEvent } from '../log-event.ts';
import { readOtlpLogs } from './otlp.ts';

const now = Date.parse('2026-11-21T12:00:00Z');
const pair = (key: string, value: unknown) => ({ key, value });
const record = (fields: object = {}) => ({
  timeUnixNano: '1795262400123456789',
  severityNumber: 17,
  severityText: 'ERROR',
  body: { stringValue: 'The disk is full' },
  attributes: [pair('http.status_code', { intValue: '503' }), pair('big', { intValue: '9223372036854775807' })],
  traceId: '5B8EFFF798038103D269B633813FC60C',
  spanId: '0000000000000000',
  ...fields,
});
const request = (records: unknown[]) => ({
  resourceLogs: [
    {
      resource: {
        attributes: [pair('service.name', { stringValue: 'api' }), pair('host.name', { stringValue: 'web-1' })],
      },
      scopeLogs: [{ scope: { name: 'lib' }, logRecords: records, unknownField: 1 }],
    },
  ],
});
const only = (body: unknown): LogEvent | undefined => readOtlpLogs(body, now)?.events[0];

test('a record is read with its resource, scope, attributes and ids', () => {
  const event = only(request([record()]));
  expect(event).toEqual({
    at: 1795262400123.4568,
    severity: 17,
    host: 'web-1',
    service: 'api',
    text: 'The disk is full',
    attributes: {
      'service.name': 'api',
      'host.name': 'web-1',
      'scope.name': 'lib',
      'http.status_code': 503,
      big: '9223372036854775807',
    },
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: null,
    key: null,
  });
});

test('the time of observation stands in for a time of 0, the time of receipt for neither', () => {
  const times = (fields: object) => Math.floor(only(request([record(fields)]))?.at ?? 0);
  expect(times({ timeUnixNano: '0', observedTimeUnixNano: '1795262401000000000' })).toBe(1795262401000);
  expect(times({ timeUnixNano: undefined })).toBe(now);
  expect(times({ timeUnixNano: 1795262400123000000 })).toBe(1795262400123);
});

test('a body that is no text is shown as JSON, nested attributes by their parts', () => {
  const body = {
    kvlistValue: { values: [pair('a', { arrayValue: { values: [{ boolValue: true }, { doubleValue: 1.5 }] } })] },
  };
  expect(only(request([record({ body })]))?.text).toBe('{"a":[true,1.5]}');
  const attributes = [pair('user', { kvlistValue: { values: [pair('id', { intValue: 7 })] } })];
  expect(only(request([record({ attributes })]))?.attributes).toMatchObject({ 'user.id': 7 });
});

test('an empty request is one, a record that is none is rejected by its place, what is no request is none', () => {
  expect(readOtlpLogs({}, now)).toEqual({ events: [], rejected: [] });
  expect(readOtlpLogs(request([record(), 'x', record({ severityNumber: 99 })]), now)).toMatchObject({
    events: [{ severity: 17 }, { severity: 0 }],
    rejected: [{ index: 1 }],
  });
  expect([[], 'x', null, { resourceLogs: 3 }].map((body) => readOtlpLogs(body, now))).toEqual([null, null, null, null]);
});
