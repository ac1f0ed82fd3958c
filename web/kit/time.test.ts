import { expect, test } from 'vitest';
import { absoluteTime, bytesText, durationText, relativeTime } from './time.ts';

const now = Date.parse('2026-11-20T14:32:00Z');
const ago = (seconds: number) => relativeTime(now - seconds * 1_000, now, { zone: 'UTC' });

test('how long ago is said in the form that fits', () => {
  expect(ago(23)).toBe('23 s ago');
  expect(ago(14 * 60)).toBe('14 min ago');
  expect(ago(3 * 3_600)).toBe('3 h ago');
  expect(ago(3 * 86_400)).toBe('Tue 14:32');
  expect(ago(12 * 86_400)).toBe('8 Nov');
  expect(ago(400 * 86_400)).toBe('16 Oct 2025');
});

test('what is to come is said as "in"', () => {
  expect(ago(-180)).toBe('in 3 min');
  expect(ago(-20)).toBe('in 20 s');
});

test('durations have one form for each size', () => {
  expect([400, 8_000, 23_000, 841_000, 5_472_000, 187_200_000].map(durationText)).toEqual([
    '0.4 s',
    '8 s',
    '0:23',
    '14:01',
    '1:31:12',
    '2 d 4 h',
  ]);
});

test('the full time names its zone, and UTC beside it', () => {
  const { local, utc } = absoluteTime(now, { zone: 'Europe/Berlin' });
  expect(local).toMatch(/Fri.* 20 Nov 2026.* 15:32:00 (CET|GMT\+1)/);
  expect(utc).toMatch(/14:32:00 UTC/);
});

test('bytes are said in the unit that fits', () => {
  expect([412, 1_400, 8_200_000, 412_000_000].map(bytesText)).toEqual(['412 B', '1.4 kB', '8.2 MB', '412 MB']);
});
