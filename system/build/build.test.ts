import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildStale, type Target } from './build.ts';
import { hashSources, projectFolder } from './sources.ts';

let folder: string;
let builds: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'windlass-build-'));
  builds = [];
  writeFileSync(join(folder, 'main.ts'), 'one');
});
afterEach(() => {
  for (const left of [folder, notes()]) rmSync(left, { recursive: true, force: true });
});
const notes = (): string => `${folder}.json`;

const at = (name: string): string => join(folder, name);
const source = (name: string): string => relative(projectFolder, at(name));
const target = (name: string, build?: () => Promise<void>): Target => ({
  name,
  sources: [source('.')],
  entry: source('main.ts'),
  result: at(`${name}.js.map`),
  build:
    build ??
    (async () => {
      builds.push(name);
      writeFileSync(at(`../${name}-built`), '');
    }),
});
const build = (...targets: Target[]): Promise<string[]> => buildStale({ targets, noteIn: notes() });

test('what has not changed is not built again; a changed source, or a lost result, is', async () => {
  const made = { ...target('it'), sources: [source('main.ts')] };
  const one = { ...made, build: async () => writeFileSync(made.result, 'built') };
  expect(await build(one)).toEqual(['it']);
  expect(await build(one)).toEqual([]);
  writeFileSync(at('main.ts'), 'two');
  expect(await build(one)).toEqual(['it']);
  rmSync(made.result);
  expect(await build(one)).toEqual(['it']);
});

test('a thing without sources is left out', async () => {
  expect(await build({ ...target('it'), entry: source('absent.ts') })).toEqual([]);
});

test('one failed build does not keep the others from being built, and is told without colours', async () => {
  const broken = target('broken', () => Promise.reject(new Error('\u001B[31mno such file\u001B[39m\nline 2')));
  await expect(build(broken, target('whole'))).rejects.toThrow('The broken could not be built: no such file line 2');
  expect(builds).toEqual(['whole']);
  rmSync(at('../whole-built'));
});

test('the hash changes with names and contents, and not with tests', () => {
  const hash = (): string => hashSources([source('.')]);
  const before = hash();
  writeFileSync(at('main.test.ts'), 'a test');
  expect(hash()).toBe(before);
  writeFileSync(at('other.ts'), '');
  const named = hash();
  expect(named).not.toBe(before);
  writeFileSync(at('other.ts'), 'x');
  expect(hash()).not.toBe(named);
});
