import { expect, test } from 'vitest';
import { boundedText, instantText, keyOfLabels, labelsOf } from './incoming-alert.ts';
import { alertSeverities, severityNumber, severityOfNumber, severityOfSyslog, severityOfWord } from './severity.ts';

test('a severity and its stored number lead to each other; numbers without a meaning are none', () => {
  for (const severity of alertSeverities) expect(severityOfNumber(severityNumber[severity])).toBe(severity);
  expect([0, 25, -1, 9.5].map(severityOfNumber)).toEqual([null, null, null, null]);
  expect([1, 4, 12, 16, 20, 24].map(severityOfNumber)).toEqual([
    'debug',
    'debug',
    'info',
    'warning',
    'high',
    'critical',
  ]);
});

test('syslog levels and words of senders', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7].map(severityOfSyslog)).toEqual([
    'critical', 'critical', 'critical', 'high', 'warning', 'info', 'info', 'debug',
  ]); // prettier-ignore
  expect(['CRITICAL', ' warn ', 'P2', 'none', 'purple', '', undefined].map(severityOfWord)).toEqual([
    'critical', 'warning', 'high', 'info', null, null, null,
  ]); // prettier-ignore
  expect(severityOfWord('constructor')).toBeNull();
});

test('instants in every form that senders use; what is none is none', () => {
  const noon = '2026-11-21T12:00:00.000Z';
  const ms = Date.parse(noon);
  expect([noon, '2026-11-21T13:00:00+01:00', '2026-11-21T12:00:00+0000', ms, ms / 1_000, String(ms)].map(instantText)).toEqual(Array.from({ length: 6 }, () => noon)); // prettier-ignore
  expect(['0001-01-01T00:00:00Z', '', null, undefined, 'yesterday', 0].map(instantText)).toEqual(Array.from({ length: 6 }, () => null)); // prettier-ignore
});

test('labels are bounded texts without NUL, and a key does not hang on their order', () => {
  expect(labelsOf({ a: 'x\0y', n: 3, o: { p: true }, none: null, empty: '' })).toEqual({
    a: 'xy',
    n: '3',
    o: '{"p":true}',
  });
  expect(boundedText('x'.repeat(20), 10)).toBe(`${'x'.repeat(9)}…`);
  expect(keyOfLabels({ b: '2', a: '1' })).toBe(keyOfLabels({ a: '1', b: '2' }));
  expect(keyOfLabels({ a: '1,b' })).not.toBe(keyOfLabels({ a: '1', b: '' }));
});
