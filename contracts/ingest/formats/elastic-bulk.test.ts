import { expect, test } from 'vitest';
import { readBulk } from './elastic-bulk.ts';

const now = Date.parse('2026-11-21T12:00:00Z');
const body = (...lines: unknown[]) =>
  lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');

test('documents are events; their id is the key under which they come again', () => {
  const read = readBulk(
    body(
      { create: { _index: 'filebeat', _id: 'a1' } },
      { '@timestamp': '2026-11-21T11:00:00.000Z', message: 'x', log: { level: 'error', file: { path: '/a' } }, host: { name: 'web-1' }, service: { name: 'api' }, event: { dataset: 'd' } },
      { index: {} },
      { '@timestamp': 1795262400000, 'log.level': 'info', 'host.name': 'web-2', message: 'y' },
    ),
    'logs-app',
    now,
  ); // prettier-ignore
  expect(read).toEqual({
    ok: true,
    items: [
      {
        action: 'create',
        index: 'filebeat',
        id: 'a1',
        event: {
          at: Date.parse('2026-11-21T11:00:00Z'),
          severity: 17,
          host: 'web-1',
          service: 'api',
          text: 'x',
          attributes: {
            'event.dataset': 'd',
            'host.name': 'web-1',
            'service.name': 'api',
            'log.level': 'error',
            'log.file.path': '/a',
          },
          traceId: null,
          spanId: null,
          key: 'filebeat/a1',
        },
      },
      expect.objectContaining({
        index: 'logs-app',
        event: expect.objectContaining({ at: 1795262400000, host: 'web-2', severity: 9, key: null }),
      }),
    ],
  });
});

test('what would change or remove an event is refused by item, and the items after it are still read in step', () => {
  const read = readBulk(body({ delete: { _id: '1' } }, { update: { _id: '2' } }, { doc: {} }, { create: {} }, 'no json', { create: {} }, { message: 'z' }), null, now); // prettier-ignore
  expect(read).toMatchObject({
    ok: true,
    items: [
      { action: 'delete', error: { status: 400 } },
      { action: 'update', error: { status: 400 } },
      { action: 'create', error: { type: 'document_parsing_exception' } },
      { action: 'create', event: { text: 'z', at: now } },
    ],
  });
});

test('a body that does not end in a line feed, or whose action is none, is refused whole; CRLF is read', () => {
  expect(readBulk('{"create":{}}\n{"message":"x"}', null, now)).toMatchObject({ ok: false });
  expect(readBulk('{"create":{}}\r\n{"message":"x"}\r\n', null, now)).toMatchObject({
    items: [{ event: { text: 'x' } }],
  });
  expect(readBulk(body({ message: 'x' }), null, now)).toMatchObject({
    ok: false,
    reason: expect.stringContaining('line [1]'),
  });
});
