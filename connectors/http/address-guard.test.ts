import { describe, expect, test } from 'vitest';
import { egressRule, isPublicAddress } from './address-guard.ts';

describe('what is not the open internet is refused', () => {
  const refused = {
    loopback: ['127.0.0.1', '127.255.255.254', '::1'],
    unspecified: ['0.0.0.0', '0.1.2.3', '::'],
    private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12:3456::1', 'fec0::1'],
    'link-local, with the metadata services of clouds': ['169.254.169.254', 'fe80::1', 'fd00:ec2::254'],
    'carrier-grade NAT': ['100.64.0.1', '100.127.255.255'],
    'multicast and broadcast': ['224.0.0.1', '239.255.255.250', '255.255.255.255', 'ff02::1'],
    'reserved, documentation, benchmarks': [
      '192.0.0.8',
      '192.0.2.1',
      '198.18.0.1',
      '203.0.113.9',
      '240.0.0.1',
      '2001:db8::1',
      '100::1',
      '4000::1',
    ],
    'IPv4 inside IPv6': [
      '::ffff:127.0.0.1',
      '::ffff:10.0.0.1',
      '::ffff:7f00:1',
      '::127.0.0.1',
      '::ffff:0:127.0.0.1',
      '64:ff9b::7f00:1',
      '64:ff9b::10.0.0.1',
      '64:ff9b:1::a00:1',
    ],
    'tunnels that end elsewhere': ['2002:7f00:1::', '2001::1', '192.88.99.1'],
    'no address at all': ['localhost', ''],
  };
  test.each(Object.entries(refused))('%s', (_name, addresses) => {
    expect(addresses.filter(isPublicAddress)).toEqual([]);
  });
});

test('the open internet is not refused, also by IPv6 forms of an IPv4 address', () => {
  for (const address of [
    '1.1.1.1',
    '93.184.216.34',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '::ffff:1.1.1.1',
    '64:ff9b::1.1.1.1',
  ]) {
    expect(isPublicAddress(address), address).toBe(true);
  }
});

test('a workspace allows hosts by name, below a name, by address and by network', () => {
  const rule = egressRule(['Build.Internal', '*.corp.example', '10.1.2.3', '192.168.0.0/16', 'fd00::/8']);
  expect(rule.allowsHost('build.internal.')).toBe(true);
  expect(rule.allowsHost('x.build.internal')).toBe(false);
  expect(rule.allowsHost('a.b.corp.example')).toBe(true);
  expect(rule.allowsHost('corp.example')).toBe(false);
  expect(rule.allowsHost('evilcorp.example')).toBe(false);
  expect(rule.allowsAddress('10.1.2.3')).toBe(true);
  expect(rule.allowsAddress('::ffff:10.1.2.3')).toBe(true);
  expect(rule.allowsAddress('10.1.2.4')).toBe(false);
  expect(rule.allowsAddress('192.168.77.1')).toBe(true);
  expect(rule.allowsAddress('fd00::1')).toBe(true);
  expect(rule.allowsAddress('127.0.0.1')).toBe(false);
});
