import { expect, test } from 'vitest';
import { readDatadogLogs } from './datadog-logs.ts';
import { readNdjson } from './ndjson.ts';

const now = Date.parse('2026-11-21T12:00:00Z');

test('lines of JSON become events by our names or those of usual loggers; what is no object is told by its line', () => {
  const { events, rejected } = readNdjson(
    '{"at":"2026-11-21T11:00:00.5Z","severity":"error","host":"web-1","service":"shop","text":"no","id":"k","attributes":{"a":{"b":1}}}\n\nnope\n[1]\n{"level":30,"msg":"hello","pid":7}',
    now,
    null,
  );
  expect(events).toEqual([
    { at: now - 3_599_500, severity: 17, host: 'web-1', service: 'shop', text: 'no', attributes: { 'a.b': 1 }, traceId: null, spanId: null, key: 'k' },
    { at: now, severity: 0, host: null, service: null, text: 'hello', attributes: { pid: 7 }, traceId: null, spanId: null, key: null },
  ]); // prettier-ignore
  expect(rejected.map(({ index }) => index)).toEqual([2, 3]);
});

test('a line may be a list of events, each with a key of its own', () => {
  const { events, rejected } = readNdjson('[{"msg":"a"},{"msg":"b"}]', now, 'r');
  expect([events.map(({ text, key }) => [text, key]), rejected]).toEqual([
    [
      ['a', 'r/0.0'],
      ['b', 'r/0.1'],
    ],
    [],
  ]);
});

test('under a request’s key each line has one of its own', () => {
  expect(readNdjson('{"text":"a"}\n{"text":"b","id":"own"}\n', now, 'r').events.map(({ key }) => key)).toEqual([
    'r/0',
    'own',
  ]);
});

test('Datadog’s items are one or many, with tags as attributes', () => {
  expect(
    readDatadogLogs({ message: 'm', ddtags: 'env:prod,solo', hostname: 'h', service: 's', status: 'warn', x: 1 }, now),
  ).toMatchObject([
    { text: 'm', host: 'h', service: 's', severity: 13, attributes: { env: 'prod', solo: true, x: 1 } },
  ]);
  expect(readDatadogLogs([], now)).toEqual([]);
  expect(readDatadogLogs('text', now)).toBeNull();
});
