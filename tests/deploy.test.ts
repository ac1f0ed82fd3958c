import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { searchAttributeNames } from '#contracts/kit/search-attributes.ts';
import { CONFIG_NAMES, loadConfig } from '#system/config.ts';
import { createMetrics } from '#system/metrics.ts';
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

/** The names of our metrics that a text of PromQL reads; a histogram's rows end in `_bucket`, `_count` or `_sum`. */
const metricsIn = (text: string): string[] => [
  ...new Set(
    [...text.matchAll(/\b(?:windlass|shell)_\w+/g)].map(([name]) => name.replace(/_(?:bucket|count|sum)$/, '')),
  ),
];

test('the board shows metrics that the product has, and every one of those that operators are told to watch', async () => {
  const Board = z.object({ panels: z.array(z.object({ targets: z.array(z.object({ expr: z.string() })) })) });
  const { panels } = Board.parse(JSON.parse(read('deploy/compose/grafana/windlass.json')));
  const shown = metricsIn(panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join('\n'));
  const known = (await createMetrics().registry.getMetricsAsJSON()).map(({ name }) => name);
  expect(shown.filter((name) => !known.includes(name))).toEqual([]);
  const watched = known.filter((name) => /^windlass_(?!process_|nodejs_)/.test(name));
  expect(watched.filter((name) => !shown.includes(name))).toEqual([]);
});

test('compose: the collector asks both processes, each where it answers', () => {
  expect(read('deploy/compose/prometheus.yml')).toContain(
    `"app:3000", "work:${environmentOf('work')['WINDLASS_METRICS_PORT']}"`,
  );
});

const Resource = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
  data: z.record(z.string(), z.string()).optional(),
});
const kubernetes = (file: string): z.infer<typeof Resource>[] =>
  parseAllDocuments(read(`deploy/kubernetes/${file}`)).map((document) => Resource.parse(document.toJS()));
const Container = z.object({
  command: z.array(z.string()).optional(),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })),
});
const containerOf = (file: string): z.infer<typeof Container> => {
  const deployment = kubernetes(file).find(({ kind }) => kind === 'Deployment');
  const Deployment = z.looseObject({
    spec: z.looseObject({ template: z.looseObject({ spec: z.looseObject({ containers: z.array(Container) }) }) }),
  });
  const [container] = Deployment.parse(deployment).spec.template.spec.containers;
  if (!container) throw new Error(`${file} has no container.`);
  return container;
};

test('Kubernetes: settings are ones that the code reads, and it accepts them with the secrets of the guide', () => {
  const [settings] = kubernetes('settings.yaml');
  const url = (role: string): string => `postgresql://${role}:x@postgres:5432/windlass`;
  const secret = {
    DATABASE_URL: url('windlass_owner'),
    DATABASE_APP_URL: url('windlass_app'),
    DATABASE_SYSTEM_URL: url('windlass_system'),
    WINDLASS_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  };
  for (const name of Object.keys(secret))
    expect(read('docs/operators/kubernetes.md')).toContain(`--from-literal=${name}=`);
  for (const file of ['app.yaml', 'work.yaml']) {
    const { env } = containerOf(file);
    const given = Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
    const environment = { ...settings?.data, ...secret, ...given };
    expect(Object.keys(environment).filter((name) => !CONFIG_NAMES.includes(name))).toEqual([]);
    expect(loadConfig(environment).publicUrl).toBe('https://windlass.example.org');
  }
});

test('Kubernetes: the worker of hosts knows no owner of the database, starts what is there and is asked where it answers', () => {
  const { command, env, ports } = containerOf('work.yaml');
  expect(env.map(({ name }) => name)).not.toContain('DATABASE_URL');
  expect(read('deploy/kubernetes/work.yaml')).not.toContain('secretRef: ');
  expect(existsSync(join(project, command?.[1] ?? ''))).toBe(true);
  expect(env.find(({ name }) => name === 'WINDLASS_METRICS_PORT')?.value).toBe(String(ports[0]?.containerPort));
  const { resources } = z
    .object({ resources: z.array(z.string()) })
    .parse(parse(read('deploy/kubernetes/kustomization.yaml')));
  for (const file of resources) expect(kubernetes(file)).not.toEqual([]);
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
