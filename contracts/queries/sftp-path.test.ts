import { expect, test } from 'vitest';
import { SftpDelivery } from './delivery.ts';
import { filledPath, sftpPathFault } from './sftp-path.ts';

const runId = '019a0000-0000-7000-8000-000000000001';
const at = new Date('2026-11-20T21:00:05Z');

test('a path says date and time on the clocks of its schedule, and its run', () => {
  expect(filledPath('out/{date}/orders-{time}-{run}.csv', { at, timeZone: 'Australia/Sydney', runId })).toBe(
    `out/2026-11-21/orders-080005-${runId}.csv`,
  );
  expect(filledPath('{date}.csv', { at, timeZone: 'UTC', runId })).toBe('2026-11-20.csv');
  expect(filledPath('{date}_{date}', { at, timeZone: 'UTC', runId })).toBe('2026-11-20_2026-11-20');
});

test('a path that leads elsewhere, names no file or holds a placeholder nobody knows is refused', () => {
  for (const path of [
    '../a',
    'a/../b',
    'a/./b',
    '~/a',
    'a/',
    '/',
    'a//b',
    'a\\b',
    'a\nb',
    '{host}.csv',
    'a{date',
    'a}',
  ])
    expect(sftpPathFault(path), path).not.toBeNull();
  for (const path of ['a.csv', '/in/a.csv', 'in/{date}.csv', 'Ärzte/{run}', 'a..b', '.hidden'])
    expect(sftpPathFault(path), path).toBeNull();
});

test('a delivery by SFTP names host, credential, the key that the host must show, and a path', () => {
  const fingerprint = `SHA256:${'a'.repeat(43)}`;
  const delivery = {
    kind: 'sftp',
    host: 'files.example.org',
    credentialId: runId,
    fingerprint,
    path: '/in/{date}.csv',
  };
  expect(SftpDelivery.parse(delivery)).toMatchObject({ port: 22, format: 'csv' });
  for (const wrong of [{ fingerprint: 'MD5:aa' }, { path: '../x' }, { host: 'a b' }, { port: 0 }])
    expect(SftpDelivery.safeParse({ ...delivery, ...wrong }).success, JSON.stringify(wrong)).toBe(false);
});
