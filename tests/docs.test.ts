import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { everyday } from '#cli/everyday.ts';
import { commandReference } from '#cli/operations/print-reference.ts';
import { errors } from '#contracts/errors.ts';
import { runPlaybookTest } from '#contracts/playbooks/engine/virtual/playbook-test.ts';
import { playbookReference } from '#contracts/playbooks/shape/reference.ts';
import { kinds } from '#contracts/playbooks/shape/steps.ts';
import { readYaml } from '#contracts/playbooks/yaml.ts';
import { CONFIG_NAMES } from '#system/config.ts';
import { createMetrics } from '#system/metrics.ts';
import { printErrors } from './kit/print-docs.ts';

const project = fileURLToPath(new URL('../', import.meta.url));
const read = (path: string): string => readFileSync(join(project, path), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'windlass-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Example {
  page: string;
  line: number;
  playbook: string;
  tests: Record<string, unknown>[];
}

interface Block {
  info: string;
  text: string;
  line: number;
}
function blocksOf(path: string): Block[] {
  const text = read(path);
  return [...text.matchAll(/^```(\S[^\n]*)\n(.*?)^```$/gms)].map(({ 1: info = '', 2: body = '', index }) => ({
    info,
    text: body,
    line: text.slice(0, index).split('\n').length,
  }));
}

const pages = readdirSync(join(project, 'docs/authors')).filter((file) => file.endsWith('.md'));
/** A playbook, and the tests that follow it before the next one. */
const examples = pages.flatMap((page): Example[] => {
  const found: Example[] = [];
  for (const { info, text, line } of blocksOf(`docs/authors/${page}`)) {
    if (info === 'yaml') found.push({ page, line, playbook: text, tests: [] });
    else if (info === 'yaml test') found.at(-1)?.tests.push(parse(text) as Record<string, unknown>);
  }
  return found;
});
const cases = examples.flatMap(({ page, playbook, tests }) =>
  tests.map((given) => ({ name: `${page}: ${String(given['name'])}`, given: { ...given, yaml: playbook } })),
);

test.each(cases)('$name', ({ given }) => {
  const { differences, passed } = runPlaybookTest(given);
  expect(differences).toEqual([]);
  expect(passed).toBe(true);
});

test('each playbook of the authors’ pages has a test below it', () => {
  expect(examples.filter(({ tests }) => tests.length === 0).map(({ page, line }) => `${page}:${line}`)).toEqual([]);
});

test('each kind of step stands in an example', () => {
  const missing = Object.keys(kinds).filter(
    (kind) => !examples.some(({ playbook }) => playbook.includes(`kind: ${kind}`)),
  );
  expect(missing).toEqual([]);
});

test('the builder’s example makes the document that stands below it', async () => {
  const blocks = blocksOf('docs/authors/typescript.md');
  const code = blocks.find(({ info }) => info === 'ts')?.text ?? '';
  const builder = pathToFileURL(join(project, 'contracts/playbooks/define-playbook.ts')).href;
  const file = join(folder, 'example.ts');
  writeFileSync(file, code.replace('#contracts/playbooks/define-playbook.ts', builder));
  const { default: playbook } = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as {
    default: { definition: unknown };
  };
  const written = readYaml(blocks.find(({ info }) => info === 'yaml')?.text ?? '');
  expect(written).toMatchObject({ ok: true, value: playbook.definition });
});

test('the reference for authors is what the code prints (node tests/kit/print-docs.ts writes it)', () => {
  expect(read('docs/authors/reference.md')).toBe(playbookReference());
});

test('the list of errors is what the code prints (node tests/kit/print-docs.ts writes it)', () => {
  expect(read('docs/errors.md')).toBe(printErrors(errors));
});

test('the list of commands is what the route table prints (node tests/kit/print-docs.ts writes it)', () => {
  expect(read('docs/command-line-reference.md')).toBe(commandReference());
});

test('the everyday commands stand on the page of the command line', () => {
  const page = read('docs/command-line.md');
  expect(everyday.filter(({ name }) => !page.includes(`windlass ${name}`)).map(({ name }) => name)).toEqual([]);
});

test('each setting that the configuration reads is explained to operators', () => {
  const page = read('docs/operators/settings.md');
  expect(CONFIG_NAMES.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
});

test('each metric is explained to operators', async () => {
  const page = read('docs/operators/health.md');
  const names = (await createMetrics({ withDefaults: false }).registry.getMetricsAsJSON()).map(({ name }) => name);
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

/** Pages that people are led to; the plan is nobody's manual. */
const papers = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs']
  .flatMap((path) =>
    path.endsWith('.md')
      ? [path]
      : readdirSync(join(project, path), { recursive: true, encoding: 'utf8' }).map((file) => join(path, file)),
  )
  .filter((path) => path.endsWith('.md') && path !== 'docs/plan.md');

test.each(papers)('%s: its links lead to files that are there', (path) => {
  const links = [...read(path).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)].map((match) => match[1] ?? '');
  for (const link of links) expect(() => read(join(path, '..', link)), link).not.toThrow(/ENOENT/);
});

/** The room that CONTRIBUTING adds as its example. */
const exampleRoom = '/windows/';
const decisions = readdirSync(join(project, 'docs/decisions')).filter((file) => /^\d/.test(file));

test.each(['ARCHITECTURE.md', 'CONTRIBUTING.md', ...decisions.map((file) => `docs/decisions/${file}`)])(
  '%s: the files that it names are there',
  (path) => {
    const named = [
      ...read(path).matchAll(
        /`((?:contracts|web|api|workflows|activities|connectors|db|temporal|system|simulators|tests)\/[\w./-]+\.(?:ts|tsx|sh))`/g,
      ),
    ]
      .map((match) => match[1] ?? '')
      .filter((file) => !file.includes(exampleRoom));
    expect(named).not.toEqual([]);
    for (const file of named) expect(() => read(file), file).not.toThrow();
  },
);
