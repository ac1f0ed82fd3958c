import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { runPlaybookTest } from './virtual/playbook-test.ts';
import { PlaybookTestCase } from './virtual/test-case.ts';

const folder = new URL('../vectors/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const casesOf = (file: string): unknown[] => parse(readFileSync(new URL(file, folder), 'utf8')) as unknown[];

/** What a real `sh` makes of a command: the words of `printf '%s\n'` after its format, apart by NUL. */
function argvOf(command: string): readonly string[] {
  const spy = `printf() { if [ "$1" = '%s\\n' ]; then shift; for w do command printf '%s\\0' "$w"; done; else command printf "$@"; fi; }`;
  const out = execFileSync('/bin/sh', ['-c', `${spy}\n${command}`], { encoding: 'utf8' });
  return out.split('\0').slice(0, -1);
}

describe.each(files)('%s', (file) => {
  const cases = casesOf(file).map((one) => ({ name: (one as { name: string }).name, one }));
  test.each(cases)('$name', ({ one }) => {
    expect(runPlaybookTest(one, { argvOf }).differences).toEqual([]);
  });
});

test('no case is left out: the folder holds what the language’s page names', () => {
  expect(files.toSorted()).toEqual(
    ['documents', 'expressions', 'flow', 'hosts', 'inputs', 'people', 'quoting', ...['certificate-rotation', 'database-backup', 'disk-pressure', 'evidence-collection', 'nginx-rolling', 'user-offboarding'].map((name) => `example-${name}`)].map((name) => `${name}.yaml`).toSorted(), // prettier-ignore
  );
  expect(files.flatMap(casesOf).length).toBeGreaterThanOrEqual(60);
});

test('no expectation is ignored: spoiling any value of any case makes that case fail', () => {
  const ignored: string[] = [];
  for (const one of files.flatMap(casesOf).map((given) => PlaybookTestCase.parse(given))) {
    for (const path of leavesOf(one.expect)) {
      const spoilt = structuredClone(one);
      spoil(spoilt.expect as Record<string, unknown>, path);
      if (runPlaybookTest(spoilt, { argvOf }).passed) ignored.push(`${one.name}: ${path.join('/')}`);
    }
  }
  expect(ignored).toEqual([]);
});

test('a field that tests do not have is refused, in the case and in what it expects', () => {
  const good = {
    name: 'x',
    definition: { name: 'X', steps: [{ id: 'a', kind: 'set', values: { x: 1 } }] },
    expect: { status: 'succeeded' },
  };
  expect(runPlaybookTest(good).passed).toBe(true);
  expect(runPlaybookTest({ ...good, mock: {} }).passed).toBe(false);
  expect(runPlaybookTest({ ...good, expect: { stauts: 'succeeded' } }).passed).toBe(false);
  expect(runPlaybookTest({ ...good, expect: { steps: [{ id: 'a', colour: 'red' }] } }).passed).toBe(false);
});

/** Every value in an expectation that can be made wrong. What a log lacks, and lists of named things, are not values of their own. */
function leavesOf(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (path.at(-2) === 'lacks') return [];
  if (typeof value !== 'object' || value === null) return [path];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value as Record<string, unknown>);
  return entries.flatMap(([key, part]) => leavesOf(part, [...path, key]));
}

function spoil(target: Record<string | number, unknown>, path: readonly (string | number)[]): void {
  const [first = '', ...rest] = path;
  if (rest.length > 0) return spoil(target[first] as Record<string | number, unknown>, rest);
  const value = target[first];
  target[first] =
    typeof value === 'boolean'
      ? !value
      : typeof value === 'number'
        ? value * 2 + 1
        : first === 'elapsed'
          ? '977h'
          : other(first, value);
}

const other = (field: string | number, value: unknown): unknown => {
  if (field !== 'status') return value === null ? 'spoilt' : `${String(value)}spoilt`;
  return value === 'failed' ? 'succeeded' : 'failed';
};
