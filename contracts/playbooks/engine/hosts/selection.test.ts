import { expect, test } from 'vitest';
import type { ServerFacts } from '../effects.ts';
import { cutBatches } from './batches.ts';
import { capOutputs, cutText, evenShare, resultOf } from './results.ts';
import { chooseHosts, compareNames, fitsGlob } from './selection.ts';

const server = (name: string, tags: readonly string[] = [], more: Partial<ServerFacts> = {}): ServerFacts => ({
  id: `id-${name}`,
  name,
  host: name,
  port: 22,
  tags,
  ...more,
});
const names = (hosts: readonly ServerFacts[]) => hosts.map(({ name }) => name);

test('names sort as people read them', () => {
  const sorted = ['web-10', 'web-2', 'db', 'web-2a', 'web-02', 'web', '10', '9'].sort(compareNames);
  expect(sorted).toEqual(['9', '10', 'db', 'web', 'web-02', 'web-2', 'web-2a', 'web-10']);
});

test('globs match whole names, and an evil one takes no time', () => {
  expect([
    fitsGlob('web-1', 'web-*'),
    fitsGlob('web-1', '*-?'),
    fitsGlob('web-12', 'web-?'),
    fitsGlob('a.b', 'a?b'),
    fitsGlob('', '*'),
  ]).toEqual([true, true, false, true, true]);
  expect(fitsGlob('a'.repeat(200), `${'*a'.repeat(60)}b`)).toBe(false);
});

test('names and from select together, tags and not… narrow, ids work in from', () => {
  const all = [
    server('web-1', ['web']),
    server('web-2', ['web', 'old']),
    server('db-1', ['db']),
    server('db-2', ['db'], { inMaintenance: true }),
  ];
  const chosen = chooseHosts({ names: ['web-*'], from: ['id-db-1', 'id-db-2', 'gone'], notTags: ['old'] }, all);
  expect(chosen).toMatchObject({ leftOut: ['db-2'], unknown: ['gone'] });
  expect(names(chosen.hosts)).toEqual(['db-1', 'web-1']);
  expect(names(chooseHosts({ names: ['db-1', 'web-*'], order: 'listed' }, all).hosts)).toEqual([
    'db-1',
    'web-1',
    'web-2',
  ]);
  expect(names(chooseHosts({ names: [] }, all).hosts)).toEqual([]);
  expect(names(chooseHosts({ anyTags: ['old', 'db'], notNames: ['db-*'] }, all).hosts)).toEqual(['web-2']);
});

test('batches: the canary first, percentages rounded up, at least one, the last size repeats', () => {
  const hosts = Array.from({ length: 11 }, (_, index) => index);
  const sizes = (...args: Parameters<typeof cutBatches<number>>) =>
    cutBatches(...args).map((batch) => batch.hosts.length);
  expect(sizes(hosts, null, null)).toEqual([11]);
  expect(sizes(hosts, { percent: 1 }, [1, { percent: 25 }])).toEqual([1, 1, 3, 3, 3]);
  expect(sizes(hosts, 20, [1])).toEqual([11]);
  expect(sizes([], 1, [1])).toEqual([]);
});

test('output is cut at characters, per host and evenly over all', () => {
  expect(cutText('äöü', 5)).toBe('äö');
  expect(cutText('🙂🙂', 7)).toBe('🙂');
  expect(evenShare([10, 100, 100], 150)).toBe(70);
  expect(evenShare([10, 20], 150)).toBe(Number.MAX_SAFE_INTEGER);
  const one = resultOf(
    { kind: 'ended', exitCode: 0, stdout: 'x'.repeat(100_000), stdoutBytes: 900_000, stderr: 'short' },
    'succeeded',
    null,
  );
  const few = capOutputs({ h1: one });
  expect([few['h1']?.stdout.length, few['h1']?.truncated, few['h1']?.stdoutBytes, few['h1']?.stderr]).toEqual([
    65_536,
    true,
    900_000,
    'short',
  ]);
  const many = capOutputs(Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`h${index}`, one])));
  const sum = Object.values(many).reduce((total, { stdout, stderr }) => total + stdout.length + stderr.length, 0);
  expect(sum).toBeLessThanOrEqual(1024 * 1024);
  expect(sum).toBeGreaterThan(1024 * 1024 - 64);
  expect(many['h63']?.stderr).toBe('short');
});
