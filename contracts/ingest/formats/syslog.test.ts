import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSyslog, splitFrames } from './syslog.ts';

const now = Date.parse('2026-11-21T12:00:00Z');
const read = (line: string, zone = 'UTC', at = now) => readSyslog(line, zone, at);

test('RFC 5424: header, structured data with escapes, message with its mark of UTF-8', () => {
  expect(
    read(
      '<165>1 2026-11-21T10:14:15.003+02:00 web-1 app 8710 ID47 [ex@32473 a="1" b="x \\"y\\" \\] \\\\"][meta seq="2"] \uFEFFA line',
    ),
  ).toEqual({
    at: Date.parse('2026-11-21T08:14:15.003Z'),
    severity: 9,
    host: 'web-1',
    service: 'app',
    text: 'A line',
    attributes: {
      'syslog.facility': 'local4',
      'process.pid': '8710',
      'syslog.msgid': 'ID47',
      'ex@32473.a': '1',
      'ex@32473.b': 'x "y" ] \\',
      'meta.seq': '2',
    },
    traceId: null,
    spanId: null,
    key: null,
  });
  expect(read('<34>1 - - - - - -')).toMatchObject({ at: now, severity: 21, host: null, service: null, text: '' });
  expect(read('<34>1 - - su - ID1 - it failed')).toMatchObject({ service: 'su', text: 'it failed' });
});

test('RFC 3164: no year and no zone; the year is the one nearest to now', () => {
  expect(read('<34>Nov 21 11:59:15 mymachine su[42]: it failed', 'Europe/Berlin')).toMatchObject({
    at: Date.parse('2026-11-21T10:59:15Z'),
    severity: 21,
    host: 'mymachine',
    service: 'su',
    text: 'it failed',
    attributes: { 'syslog.facility': 'auth', 'process.pid': '42' },
  });
  const newYear = Date.parse('2027-01-01T00:00:10Z');
  expect(read('<13>Dec 31 23:59:58 h cron: x', 'UTC', newYear).at).toBe(Date.parse('2026-12-31T23:59:58Z'));
  expect(read('<13>Jan  1 00:00:01 h cron: x', 'UTC', Date.parse('2026-12-31T23:59:59Z')).at).toBe(Date.parse('2027-01-01T00:00:01Z')); // prettier-ignore
});

test('what is neither is kept as text, with its priority where it has one', () => {
  expect(read('<11>just words\n')).toMatchObject({ severity: 17, text: 'just words', at: now });
  expect(read('no priority')).toMatchObject({ severity: 0, text: 'no priority', attributes: {} });
  expect(read('<999>1 - - - - - - x')).toMatchObject({ severity: 0, text: '<999>1 - - - - - - x' });
  expect(read('<34>1 2026-13-41T99:00:00Z h a - - - x')).toMatchObject({ text: '1 2026-13-41T99:00:00Z h a - - - x' });
});

test('any text is read without failing, and hostile ones quickly', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      expect(typeof read(`<34>1 - - - - - [a b="${text}`).text).toBe('string');
      expect(typeof read(text).text).toBe('string');
    }),
    { numRuns: 40 },
  );
  expect(read(`<34>1 - - - - - [${'a b="\\'.repeat(20_000)}`).severity).toBe(21);
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const texts = (parts: readonly Uint8Array[]): string[] => parts.map((part) => new TextDecoder().decode(part));

test('counted frames and lines are told apart by frame, wherever the connection cuts them', () => {
  const whole = bytes('11 <34>1 a\nb c<13>line one\n7 <1>äx!\n<13>Two\n');
  const messages = ['<34>1 a\nb c', '<13>line one', '<1>äx!', '<13>Two'];
  const all = splitFrames(whole);
  expect(texts(all?.messages ?? [])).toEqual(messages);
  for (let cut = 0; cut <= whole.length; cut += 1) {
    const first = splitFrames(whole.subarray(0, cut));
    const second = splitFrames(new Uint8Array([...(first?.rest ?? []), ...whole.subarray(cut)]));
    expect([...texts(first?.messages ?? []), ...texts(second?.messages ?? [])]).toEqual(messages);
  }
});

test('a frame that claims to be longer than any, and a line without an end, are refused', () => {
  expect(splitFrames(bytes('999999999 <34>x'))).toBeNull();
  expect(splitFrames(bytes('1234567890123'))).toBeNull();
  expect(splitFrames(new Uint8Array(300_000).fill(0x41))).toBeNull();
});
