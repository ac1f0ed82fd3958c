import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientOf, signInAs, type DemoClient } from '#simulators/demo/client.ts';
import { placePostgres } from '#system/embedded/postgres-place.ts';
import { endProcess, freePort, type ProcessMark } from '#system/embedded/processes.ts';

const main = fileURLToPath(new URL('../../system/supervisor/main.ts', import.meta.url));
const node = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'windlass-demo-'));
const parts = ['demo', 'app', 'work', 'temporal', 'postgres'];

interface Started {
  process: ChildProcess;
  said: () => string;
}
let base: string;
let port: number;
let started: Started;
let owner: DemoClient;

async function start(): Promise<Started> {
  const env = { ...process.env, WINDLASS_HOME: home, PORT: String(port), NODE_NO_WARNINGS: '1', LOG_LEVEL: 'warn' };
  const child = spawn(node, [main, '--demo'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await until('the end of the start', () => Promise.resolve(/Ready in/.test(text) || child.exitCode !== null));
  expect(text).toMatch(/Ready in/);
  return { process: child, said: () => text };
}

async function until<T>(what: string, look: () => Promise<T>): Promise<NonNullable<T>> {
  for (const end = Date.now() + 200_000; Date.now() < end; await sleep(200)) {
    const found = await look();
    if (found) return found as NonNullable<T>;
  }
  throw new Error(`Never came: ${what}. ${started?.said() ?? ''}`);
}

const person = async (role: string): Promise<DemoClient> => {
  const client = await signInAs(base, role);
  if (!client) throw new Error(`There is no ${role}.`);
  return client;
};

interface Run {
  id: string;
  title: string;
  status: string;
  error: { code: string; step: string } | null;
  undo: { done: number; failed: number } | null;
  outputs: Record<string, unknown> | null;
}
const runs = async (): Promise<Run[]> => (await owner.call<{ data: Run[] }>('GET', '/runs?limit=100')).data;
const runOf = async (title: string): Promise<Run> => {
  const { id } = await until(title, async () => (await runs()).find((run) => run.title.startsWith(title)));
  return owner.call<Run>('GET', `/runs/${id}`);
};

beforeAll(async () => {
  port = await freePort();
  base = `http://127.0.0.1:${port}`;
  started = await start();
  owner = await person('owner');
}, 300_000);
async function stop(): Promise<void> {
  const { process: supervisor } = started;
  if (supervisor.exitCode !== null) return;
  const ended = new Promise((done) => supervisor.once('exit', done));
  supervisor.kill('SIGTERM');
  await ended;
}
afterAll(async () => {
  if (started) await stop();
  for (const part of parts) {
    const file = join(home, 'run', `${part}.json`);
    if (!existsSync(file)) continue;
    const { mark } = JSON.parse(readFileSync(file, 'utf8')) as { mark: ProcessMark };
    await endProcess(mark, [['SIGTERM', 5_000]]);
  }
  if (process.getuid?.() === 0) rmSync(placePostgres(home).root, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
});

test('one click signs in as each of the four roles, and the set-up page knows the demo', async () => {
  const setup = await clientOf(base).call('GET', '/setup');
  expect(setup).toEqual({ isNeeded: false, isTokenNeeded: false, isDemo: true });
  for (const role of ['owner', 'admin', 'member', 'viewer']) {
    const me = await (await person(role)).call<{ workspaces: { name: string; role: string }[] }>('GET', '/me');
    expect(me.workspaces).toMatchObject([{ name: 'Alder & Finch', role }]);
  }
});

test('the sample hosts are six, and each answers', async () => {
  const { data } = await owner.call<{ data: { id: string; name: string }[] }>('GET', '/servers');
  expect(data.map(({ name }) => name)).toEqual(['db-1', 'edge-1', 'web-1', 'web-2', 'web-3', 'web-4']);
  for (const { id } of data)
    expect(await owner.call('POST', `/servers/${id}/check`, {})).toMatchObject({ reachable: true, code: null });
}, 120_000);

test('the sample runs end as their servers make them end: one well, one undone, one waits for a person', async () => {
  const waiting = await until('the run that waits', async () =>
    (await runs()).find(({ title, status }) => title.startsWith('Rotate') && status === 'waiting'),
  );
  expect(waiting.status).toBe('waiting');
  expect(await runOf('Back up a database')).toMatchObject({ status: 'succeeded' });
  const undone = (await runs()).find(({ error }) => error?.code === 'hosts.too_many_failed');
  expect(await owner.call('GET', `/runs/${undone?.id}`)).toMatchObject({
    status: 'failed',
    error: { step: 'reload' },
    undo: { done: 1, failed: 0 },
  });
  expect(readFileSync(join(home, 'demo/hosts/web-1/etc/nginx/conf.d/shop.conf'), 'utf8')).toContain('listen 8080');
  expect(await runOf('Offboard a person')).toMatchObject({ status: 'succeeded', outputs: { open: ['wiki'] } });
}, 240_000);

test('a playbook runs on the sample hosts at once, by the same call as anywhere', async () => {
  const { data } = await owner.call<{ data: { id: string; name: string }[] }>('GET', '/playbooks');
  const id = data.find(({ name }) => name === 'Roll out an nginx configuration')?.id;
  const content = 'server {\n  listen 8443;\n}\n';
  const inputs = { web: ['web-1', 'web-2', 'web-3', 'web-4'], content };
  const { runId } = await owner.call<{ runId: string }>('POST', `/playbooks/${id}/runs`, { inputs });
  const ended = await until('the end of the run', async () => {
    const run = await owner.call<Run>('GET', `/runs/${runId}`);
    return ['succeeded', 'failed', 'canceled', 'timed_out'].includes(run.status) ? run : undefined;
  });
  expect(ended).toMatchObject({ status: 'succeeded', error: null, outputs: { reloaded: inputs.web } });
  for (const host of inputs.web)
    expect(readFileSync(join(home, `demo/hosts/${host}/etc/nginx/conf.d/shop.conf`), 'utf8')).toBe(content);
}, 240_000);

test('the next start finds everything as it was, and makes nothing twice', async () => {
  const state = async (): Promise<unknown> => {
    const names = async (path: string): Promise<string[]> =>
      (await owner.call<{ data: { name: string }[] }>('GET', path)).data.map(({ name }) => name);
    const paths = ['/servers', '/credentials', '/playbooks', '/schedules', '/members', '/channels', '/webhooks'];
    const [lists, all] = await Promise.all([Promise.all(paths.map(names)), runs()]);
    return { lists, runs: all.filter(({ title }) => !title.startsWith('Disk')).map(({ id, status }) => [id, status]) };
  };
  const before = await state();
  await stop();
  started = await start();
  owner = await person('owner');
  expect(await state()).toEqual(before);
  const { data } = await owner.call<{ data: { id: string }[] }>('GET', '/servers?tag=web');
  for (const { id } of data)
    expect(await owner.call('POST', `/servers/${id}/check`, {})).toMatchObject({ reachable: true, code: null });
}, 300_000);
