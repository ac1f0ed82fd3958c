import { expect, test } from 'vitest';
import { readLoki } from './loki.ts';

const push = (values: unknown[], stream: object = { job: 'api', instance: 'web-1', level: 'warn' }) => ({
  streams: [{ stream, values }],
});

test('lines carry the labels of their stream and metadata of their own', () => {
  expect(
    readLoki(
      push([
        ['1795262400000000000', 'slow'],
        ['1795262400500000000', 'down', { level: 'error', trace_id: 'abc' }],
      ]),
    ),
  ).toEqual({
    ok: true,
    events: [
      {
        at: 1795262400000,
        severity: 13,
        host: 'web-1',
        service: 'api',
        text: 'slow',
        attributes: { job: 'api', instance: 'web-1', level: 'warn' },
        traceId: null,
        spanId: null,
        key: null,
      },
      expect.objectContaining({ at: 1795262400500, severity: 17, text: 'down', traceId: 'abc' }),
    ],
  });
});

test('a time that is a number, a line that is none and labels that are no texts refuse the push', () => {
  expect(readLoki(push([[1795262400000000000, 'x']]))).toMatchObject({ ok: false });
  expect(readLoki(push([['1795262400000000000', 4]]))).toMatchObject({ ok: false });
  expect(readLoki(push([], { job: 1 }))).toEqual({ ok: false, message: 'The label job of stream 0 is no text.' });
  expect(readLoki({})).toMatchObject({ ok: false });
  expect(readLoki({ streams: [] })).toEqual({ ok: true, events: [] });
});
