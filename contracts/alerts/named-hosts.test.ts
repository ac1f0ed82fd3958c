import { expect, test } from 'vitest';
import { isLoopback, namedHosts } from './named-hosts.ts';

test.each([
  ['web-1:9100', 'web-1'],
  ['Web-1.Example.org.', 'web-1.example.org'],
  ['10.0.0.7:9100', '10.0.0.7'],
  ['[2001:DB8::7]:9100', '2001:db8::7'],
  ['2001:db8::7', '2001:db8::7'],
  ['https://shop.example.org:8443/health?a=b', 'shop.example.org'],
  [' web-1 ', 'web-1'],
])('%s names %s', (instance, host) => {
  expect(namedHosts({ instance }).map((named) => named.host)).toEqual([host]);
});

test('each host is named once, whichever labels name it; what is no host names none', () => {
  const labels = { instance: 'WEB-1:9100', host: 'web-1', node: 'db-1', job: 'node', server: ':9100' };
  expect(namedHosts(labels)).toEqual([
    { spelled: 'web-1', host: 'web-1' },
    { spelled: 'db-1', host: 'db-1' },
  ]);
  expect(namedHosts({})).toEqual([]);
});

test('a sender that names itself names no machine that others know', () => {
  expect(['localhost', '127.0.0.1', '127.9.9.9', '::1'].every(isLoopback)).toBe(true);
  expect(['127.example.org', '10.0.0.1', 'web-1'].some(isLoopback)).toBe(false);
});
