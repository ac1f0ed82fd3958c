import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { searchAttributeNames } from '#contracts/kit/search-attributes.ts';
import { CONFIG_NAMES, loadConfig } from '#system/config.ts';
import { readMasterKeys } from '#system/vault/master-key.ts';

const project = fileURLToPath(new URL('../', import.meta.url));
const read = (path: string): string => readFileSync(join(project, path), 'utf8');

const Compose = z.object({
  services: z.record(
    z.string(),
    z.looseObject({
      command: z.array(z.string()).optional(),
      environment: z.record(z.string(), z.string()).default({}),
      ports: z.array(z.string()).default([]),
      volumes: z.array(z.string()).default([]),
      depends_on: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).optional(),
    }),
  ),
});
const { services } = Compose.parse(parse(read('docker-compose.yml'), { merge: true }));

/** What `.env` would hold, made as an operator makes it. */
const secrets = Object.fromEntries(
  execFileSync('sh', [join(project, 'deploy/compose/make-env.sh')], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
) as Record<string, string>;
/** `${NAME}`, `${NAME:-default}` and `${NAME:?message}`, as compose reads them. */
const fill = (text: string): string =>
  text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind?: string, rest?: string) => {
    const value = secrets[name];
    if (value === undefined && kind !== '-') throw new Error(`${name} is not in .env`);
    return value ?? rest ?? '';
  });
const environmentOf = (service: string): Record<string, string> =>
  Object.fromEntries(Object.entries(services[service]?.environment ?? {}).map(([name, text]) => [name, fill(text)]));

test.each(['app', 'work'])('compose: the configuration of %s is one that the code accepts', (service) => {
  const environment = environmentOf(service);
  const config = loadConfig(environment);
  expect(config.temporalAddress).toBe('temporal:7233');
  expect(readMasterKeys(config, { environment }).all).toHaveLength(1);
  const ours = Object.keys(environment).filter((name) => !name.startsWith('POSTGRES_'));
  expect(ours.filter((name) => !CONFIG_NAMES.includes(name))).toEqual([]);
});

test('compose: the worker of hosts knows no owner of the database, and only nginx publishes a port', () => {
  expect(environmentOf('work')).not.toHaveProperty('DATABASE_URL');
  const publishing = Object.entries(services).filter(([, { ports }]) => ports.length > 0);
  expect(publishing.map(([name]) => name)).toEqual(['nginx']);
});

test('compose: files that are mounted or started are there, and every service that is waited for exists', () => {
  for (const [name, { volumes, command, depends_on: waits = [] }] of Object.entries(services)) {
    const mounted = volumes.map((volume) => volume.split(':')[0] ?? '').filter((path) => path.startsWith('./'));
    const started = (command ?? []).filter((word) => word.endsWith('.ts'));
    for (const path of [...mounted, ...started]) expect(existsSync(join(project, path)), `${name}: ${path}`).toBe(true);
    for (const other of Array.isArray(waits) ? waits : Object.keys(waits)) expect(services).toHaveProperty(other);
  }
});

test('compose: Temporal is told all search attributes and the fairness that runs rely on', () => {
  const script = read('deploy/compose/temporal/make-namespace.sh');
  for (const name of Object.values(searchAttributeNames)) expect(script).toContain(name);
  expect(parse(read('deploy/compose/temporal/windlass.yaml'))).toEqual({
    'matching.enableFairness': [{ value: true }],
  });
});

test('the scripts of the deployment are shell that a POSIX shell reads, and may be run', () => {
  for (const path of ['make-env.sh', 'make-database.sh', 'temporal/make-schema.sh', 'temporal/make-namespace.sh']) {
    const file = join(project, 'deploy/compose', path);
    execFileSync('sh', ['-n', file]);
    expect(statSync(file).mode & 0o100, path).not.toBe(0);
  }
});

test('CI runs what the README says', () => {
  const Workflow = z.object({
    jobs: z.record(z.string(), z.object({ steps: z.array(z.looseObject({ run: z.string().optional() })) })),
  });
  const { jobs } = Workflow.parse(parse(read('.github/workflows/ci.yml')));
  const commands = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
  expect(commands).toEqual(['npm ci', 'npm run check', 'npm test']);
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  expect(Object.keys(scripts)).toEqual(
    expect.arrayContaining(['start', 'demo', 'test', 'check', 'db-url', 'simulate']),
  );
});
