import { expect, test } from 'vitest';
import { HostKeyText, splitHostKey } from './host-key.ts';
import { HostAddress, ServerName, naturalKey } from './server-fields.ts';

const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIJ0zXZ1n0h0m3Qb1oQf0wq3Hn6lYb1mXk2mJ8f5gZ9aB';

test('a host key is read from a public key, a line of known_hosts, ssh-keyscan output or a fingerprint', () => {
  for (const text of [
    `ssh-ed25519 ${key}`,
    `ssh-ed25519 ${key} root@web-1`,
    `web-1,10.0.0.1 ssh-ed25519 ${key}`,
    `@cert-authority *.x ssh-ed25519 ${key}`,
    `[10.0.0.1]:2222 ssh-ed25519 ${key}\n`,
  ]) {
    expect(splitHostKey(text)).toEqual({ algorithm: 'ssh-ed25519', key });
  }
  const fingerprint = `SHA256:${'a'.repeat(43)}`;
  expect(splitHostKey(fingerprint)).toEqual({ fingerprint });
});

test('what is no host key is refused', () => {
  const texts = [
    '',
    'ssh-ed25519',
    key,
    'ssh-ed25519 short',
    `ssh-what ${key}`,
    'SHA256:abc',
    `a b c ssh-ed25519 ${key}`,
  ];
  expect(texts.filter((text) => HostKeyText.safeParse(text).success)).toEqual([]);
});

test('a host is a name or an address alone', () => {
  for (const text of [
    'web-1',
    'web_1.example.com',
    '10.0.0.1',
    'xn--bcher-kva.example',
    '::1',
    'fe80::1%eth0',
    'host.',
  ])
    expect(HostAddress.parse(text)).toBe(text);
  expect(HostAddress.parse('[2001:db8::1]')).toBe('2001:db8::1');
  const texts = [
    '',
    'root@web',
    'web:22',
    '10.0.0.3:22',
    'ssh://web',
    'web 1',
    '-oProxyCommand=x',
    'a..b',
    'web/1',
    'wéb',
    ':',
    'a'.repeat(254),
  ];
  expect(texts.filter((text) => HostAddress.safeParse(text).success)).toEqual([]);
});

test('a name holds no globs, commas or control characters, and sorts naturally', () => {
  expect(['web*', 'web?', 'a,b', 'a\nb', ' ', 'a\u0000'].filter((text) => ServerName.safeParse(text).success)).toEqual(
    [],
  );
  expect(
    ['web-10', 'Web-2', 'web-1', 'db-1', 'web-02a'].sort((a, b) => (naturalKey(a) < naturalKey(b) ? -1 : 1)),
  ).toEqual(['db-1', 'web-1', 'Web-2', 'web-02a', 'web-10']);
});
