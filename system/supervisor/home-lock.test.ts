import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { markOf } from '../embedded/processes.ts';
import { lockHome } from './home-lock.ts';

let home: string;
const lockFile = (): string => join(home, 'run', 'lock');
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'windlass-lock-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

test('a home is taken once, and free again when it is released', () => {
  const lock = lockHome(home);
  expect(() => lockHome(home)).toThrow(`in use by the Windlass with process id ${process.pid}`);
  lock.release();
  lockHome(home).release();
  expect(readdirSync(join(home, 'run'))).toEqual([]);
});

test.each([
  ['a process that is gone', JSON.stringify({ pid: 2 ** 22 + 7, startedAt: 'then' })],
  ['a pid that now belongs to another process', JSON.stringify({ ...markOf(process.pid), startedAt: 'before that' })],
  ['a write that was cut off', '{"pid":'],
])('a lock left by %s is taken over', (_title, text) => {
  mkdirSync(join(home, 'run'), { recursive: true });
  writeFileSync(lockFile(), text);
  const lock = lockHome(home);
  expect(JSON.parse(readFileSync(lockFile(), 'utf8'))).toEqual(markOf(process.pid));
  lock.release();
  expect(existsSync(lockFile())).toBe(false);
});

test('a release leaves the lock of a later holder alone', () => {
  const lock = lockHome(home);
  writeFileSync(lockFile(), '{"pid":1,"startedAt":"later"}');
  lock.release();
  expect(existsSync(lockFile())).toBe(true);
});

const line = /^The folder .* cannot be used: .*Set WINDLASS_HOME to one that can be written\.$/;

test('a home that cannot be a folder is one line', () => {
  writeFileSync(join(home, 'file'), '');
  expect(() => lockHome(join(home, 'file'))).toThrow(line);
});

test('a file system that takes no folders is one line, and not a start that never ends', () => {
  // Node's own recursive mkdir goes round and round there.
  expect(() => lockHome(existsSync('/proc/self') ? '/proc/windlass/home' : '/dev/null/home')).toThrow(line);
});

test('a folder that is there and cannot be written is one line', () => {
  // Of a lock that is a folder nobody can make a file, root neither.
  mkdirSync(join(home, 'run', `lock.${process.pid}`), { recursive: true });
  expect(() => lockHome(home)).toThrow(line);
});
