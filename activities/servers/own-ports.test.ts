import { expect, test } from 'vitest';
import { ownPorts, placesOf } from './own-ports.ts';

test('a port of ours is refused under every address of this machine, another port and another machine are not', async () => {
  const isOwnPort = await ownPorts([
    { host: '127.0.0.1', port: 5432 },
    ...placesOf(['localhost:7233', 'http://0.0.0.0:3000', undefined]),
  ]);
  for (const address of [
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    '::ffff:127.0.0.1',
    'localhost',
    'x.localhost',
    '0.0.0.0',
    'LOCALHOST.',
  ]) {
    expect([5432, 7233, 3000, 22].map((port) => isOwnPort(address, port))).toEqual([true, true, true, false]);
  }
  expect(isOwnPort('10.0.0.1', 5432)).toBe(false);
});

test('a database of its own is refused under its name and address only', async () => {
  const isOwnPort = await ownPorts(
    placesOf(['postgresql://app:p%40ss@198.51.100.7/windlass', 'postgres://x@[2001:db8::1]:6432/windlass']),
  );
  expect(isOwnPort('198.51.100.7', 5432)).toBe(true);
  expect(isOwnPort('2001:DB8::1', 6432)).toBe(true);
  expect(isOwnPort('127.0.0.1', 5432)).toBe(false);
  expect(isOwnPort('198.51.100.7', 22)).toBe(false);
});
