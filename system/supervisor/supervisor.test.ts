import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endWithUs } from '#tests/kit/supervised.ts';
import { knownUrls } from '../embedded/postgres-secrets.ts';
import { asSuperuser } from '../embedded/postgres-roles.ts';
import { placePostgres } from '../embedded/postgres-place.ts';
import { endProcess, freePort, isAlive, type ProcessMark } from '../embedded/processes.ts';
import { loadConfig } from '../config.ts';
import { StartFailure } from '../start-failure.ts';
import { supervise } from './supervise.ts';
import { deliverRestarts, type Restart } from './restarts.ts';

const main = fileURLToPath(new URL('fixtures/main.ts', import.meta.url));
const node = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));

/** One home and port for all tests of this file: they follow one installation through its troubles. */
const home = mkdtempSync(join(tmpdir(), 'windlass-home-'));
let port: number;
let current: Start | undefined;

interface Start {
  readonly process: ChildProcess;
  readonly said: () => string;
  readonly exit: Promise<number | null>;
}

function start(environment: Record<string, string> = {}): Start {
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    WINDLASS_HOME: home,
    PORT: String(port),
    NODE_NO_WARNINGS: '1',
    ...environment,
  };
  const started = spawn(node, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [started.stdout, started.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return { process: started, said: () => text, exit: new Promise((done) => started.once('close', done)) };
}

async function until<T>(what: string, look: () => T | Promise<T>): Promise<NonNullable<Awaited<T>>> {
  for (let attempt = 0; attempt < 600; attempt++) {
    const found = await look();
    if (found) return found as NonNullable<Awaited<T>>;
    await sleep(50);
  }
  throw new Error(`Never came: ${what}`);
}

/** The installation, started unless it runs; with settings of its own it is started in any case. */
async function untilReady(environment?: Record<string, string>): Promise<Start> {
  if (current && current.process.exitCode === null && current.process.signalCode === null && !environment)
    return current;
  const begun = start(environment);
  await until('an end of the start', () => /Ready in/.test(begun.said()) || begun.process.exitCode !== null);
  expect(begun.said()).toMatch(/Ready in/);
  return (current = begun);
}

async function end(signal: NodeJS.Signals): Promise<number | null> {
  const ending = current;
  current = undefined;
  ending?.process.kill(signal);
  return ending ? ending.exit : null;
}

const markOfPart = (name: string): ProcessMark =>
  (JSON.parse(readFileSync(join(home, 'run', `${name}.json`), 'utf8')) as { mark: ProcessMark }).mark;
const parts = ['app', 'work', 'postgres', 'temporal'] as const;
const marks = (): Record<string, ProcessMark> => Object.fromEntries(parts.map((name) => [name, markOfPart(name)]));
const selectOne = (): Promise<unknown> =>
  asSuperuser(knownUrls(home)?.owner ?? '', (client) => client.query('select 1'));
const answers = async (): Promise<{ pid: number; environment: string[] } | undefined> => {
  try {
    return (await (await fetch(`http://127.0.0.1:${port}/`)).json()) as { pid: number; environment: string[] };
  } catch {
    return undefined;
  }
};

let unwatch = (): void => {};
beforeAll(async () => {
  unwatch = await endWithUs(home);
  port = await freePort();
});
afterAll(async () => {
  await end('SIGTERM');
  for (const name of parts)
    if (existsSync(join(home, 'run', `${name}.json`))) await endProcess(markOfPart(name), [['SIGTERM', 5_000]]);
  if (process.getuid?.() === 0) rmSync(placePostgres(home).root, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
  unwatch();
});

/** The one line of a start that fails, in this process: what it had started is ended again when it resolves. */
async function failedStart(settings: Record<string, string> = {}): Promise<string> {
  const environment: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    WINDLASS_HOME: home,
    PORT: String(port),
    ...settings,
  };
  const entry = fileURLToPath(new URL('fixtures/child.ts', import.meta.url));
  const children = [
    { name: 'app', entry, roles: ['api', 'main'] },
    { name: 'work', entry, roles: ['ssh'] },
  ];
  const failure: unknown = await supervise({
    config: loadConfig(environment),
    environment,
    children,
    migrate: () => Promise.resolve(),
    say: () => {},
  }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StartFailure);
  const line = failure instanceof StartFailure ? failure.message : '';
  expect(line).not.toContain('\n');
  return line;
}

/** Somebody else's server on a port. */
const takePort = (at: number): Promise<Server> =>
  new Promise((done) => {
    const server = createServer().listen(at, '127.0.0.1', () => done(server));
  });

test('one start brings up everything and says where', async () => {
  const { said } = await untilReady({
    AWS_SECRET_ACCESS_KEY: 'hunter2',
    DATABASE_PASSWORD: 'hunter2',
    LOG_LEVEL: 'warn',
  });
  expect(said()).toContain(`http://127.0.0.1:${port}\n`);
  expect(said()).toContain(`First run     http://127.0.0.1:${port}/setup`);
  expect(Object.values(marks()).every(isAlive)).toBe(true);
  await selectOne();
});

test('a child gets its settings and nothing else of the environment', async () => {
  await untilReady();
  const { environment } = await until('an answer', answers);
  const given = ['LOG_LEVEL', 'DATABASE_APP_URL', 'DATABASE_SYSTEM_URL', 'TEMPORAL_ADDRESS', 'WINDLASS_ROLES'];
  expect(environment).toEqual(expect.arrayContaining(given));
  for (const name of ['AWS_SECRET_ACCESS_KEY', 'DATABASE_PASSWORD', 'DATABASE_URL'])
    expect(environment).not.toContain(name);
});

test('`npm run -s db-url` prints the owner’s URL, and says so where there is none', async () => {
  await untilReady();
  const script = fileURLToPath(new URL('db-url.ts', import.meta.url));
  const dbUrl = (at: string) =>
    spawnSync(node, [script], { env: { PATH: process.env['PATH'], WINDLASS_HOME: at }, encoding: 'utf8' });
  expect(dbUrl(home).stdout).toBe(`${knownUrls(home)?.owner}\n`);
  expect(dbUrl(join(home, 'nothing'))).toMatchObject({
    stdout: '',
    status: 1,
    stderr: expect.stringMatching(/holds no database yet: npm start makes it\.\n$/) as unknown,
  });
});

test('a home in use is one line that names the process, and ends the start', async () => {
  const { process: holder } = await untilReady();
  const second = start();
  expect(await second.exit).toBe(1);
  expect(second.said().trim()).toMatch(new RegExp(`^.* is in use by the Windlass with process id ${holder.pid}: .*$`));
  expect(Object.values(marks()).every(isAlive)).toBe(true);
});

test.each(parts)('%s killed by -9 is started again, the others stay, and the restart is noted once', async (name) => {
  await untilReady();
  await deliverRestarts(home, async () => {});
  const before = marks();
  process.kill(before[name]?.pid ?? 0, 'SIGKILL');
  await until(`another ${name}`, () => markOfPart(name).pid !== before[name]?.pid && isAlive(markOfPart(name)));
  const restarts: Restart[] = [];
  await until('the note', async () => deliverRestarts(home, async (noted) => void restarts.push(...noted)));
  await selectOne();
  await until('the app', answers);
  const after = marks();
  for (const other of parts.filter((each) => each !== name)) expect(after[other]).toEqual(before[other]);
  expect(restarts).toMatchObject([{ what: name }]);
});

test('a supervisor killed by -9 leaves all running, and the next start adopts the very same processes', async () => {
  await untilReady();
  const before = marks();
  await end('SIGKILL');
  expect(Object.values(before).every(isAlive)).toBe(true);
  expect((await answers())?.pid).toBe(before['app']?.pid);
  await untilReady({ LOG_LEVEL: 'warn' });
  expect(marks()).toEqual(before);
});

test('a child of other settings is not adopted: it is ended and started anew', async () => {
  await untilReady();
  const before = marks();
  await end('SIGKILL');
  await untilReady({ LOG_LEVEL: 'error' });
  const after = marks();
  expect([after['app']?.pid === before['app']?.pid, after['postgres']?.pid === before['postgres']?.pid]).toEqual([
    false,
    true,
  ]);
  expect(before['app'] && isAlive(before['app'])).toBe(false);
});

test('all killed by -9 at once: the next start opens the same data', async () => {
  await untilReady();
  await asSuperuser(knownUrls(home)?.owner ?? '', (client) => client.query('create table kept as select 42 as answer'));
  const before = marks();
  await end('SIGKILL');
  for (const { pid } of Object.values(before)) process.kill(pid, 'SIGKILL');
  await untilReady();
  const { rows } = await asSuperuser(knownUrls(home)?.owner ?? '', (client) => client.query('select answer from kept'));
  expect(rows).toEqual([{ answer: 42 }]);
});

test('one Ctrl-C ends everything and gives the home free', async () => {
  await untilReady();
  const begun = marks();
  expect(await end('SIGINT')).toBe(0);
  expect(Object.values(begun).filter(isAlive)).toEqual([]);
  expect(existsSync(join(home, 'run', 'lock'))).toBe(false);
});

test('a busy port is one line that says which and what to do', async () => {
  const holder = await takePort(port);
  try {
    expect(await failedStart()).toMatch(
      new RegExp(`^Port ${port} on 127.0.0.1 is taken: .*PORT=${port + 1} npm start`),
    );
  } finally {
    holder.close();
  }
});

test('a busy port of an embedded server names its setting', async () => {
  const taken = await freePort();
  const holder = await takePort(taken);
  try {
    expect(await failedStart({ WINDLASS_PG_PORT: String(taken) })).toMatch(/WINDLASS_PG_PORT/);
    expect(await failedStart({ WINDLASS_TEMPORAL_PORT: String(taken) })).toMatch(/WINDLASS_TEMPORAL_PORT/);
  } finally {
    holder.close();
  }
});

test('a wrong database or Temporal address is one line without the password', async () => {
  const closed = await freePort();
  const url = `postgresql://o:hunter2@127.0.0.1:${closed}/windlass`;
  const external = {
    DATABASE_URL: url,
    DATABASE_APP_URL: url,
    DATABASE_SYSTEM_URL: url,
    WINDLASS_MASTER_KEY: Buffer.alloc(32, 7).toString('hex'),
  };
  const line = await failedStart(external);
  expect(line).toMatch(/^DATABASE_URL does not lead to a database \(o@127\.0\.0\.1:\d+\/windlass\): .*ECONNREFUSED/);
  expect(line).not.toContain('hunter2');
  expect(await failedStart({ TEMPORAL_ADDRESS: `127.0.0.1:${closed}` })).toMatch(
    /^No Temporal server answers at TEMPORAL_ADDRESS/,
  );
});

test('data of a newer PostgreSQL is one line, and is left as it is', async () => {
  const file = join(placePostgres(home).dataDir, 'PG_VERSION');
  const written = readFileSync(file, 'utf8');
  writeFileSync(file, '99\n');
  try {
    expect(await failedStart()).toMatch(
      /was written by PostgreSQL 99, this Windlass brings \d+: start the newer Windlass/,
    );
  } finally {
    writeFileSync(file, written);
  }
});

test('a child that cannot start says why in one line, and what was started ends again', async () => {
  expect(await failedStart({ TEMPORAL_NAMESPACE: 'refused' })).toBe('This child refuses to start.');
  expect(await failedStart({ TEMPORAL_NAMESPACE: 'broken' })).toMatch(
    /^The process (app|work) did not start \(exit code 1\): A bug\. Its log is .*\.log\.$/,
  );
  expect(Object.values(marks()).filter(isAlive)).toEqual([]);
});

test('an address of another machine is one line', async () => {
  expect(await failedStart({ HOST: '203.0.113.9' })).toMatch(/^HOST 203\.0\.113\.9 is no address of this machine/);
});

test('inside one process: start, links, a clean end', async () => {
  const environment: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    WINDLASS_HOME: home,
    PORT: String(port),
    WINDLASS_ROLES: 'api',
  };
  const entry = fileURLToPath(new URL('fixtures/child.ts', import.meta.url));
  const migrated: string[] = [];
  const supervisor = await supervise({
    config: loadConfig(environment),
    environment,
    children: [
      { name: 'app', entry, roles: ['api', 'main'] },
      { name: 'work', entry, roles: ['ssh'] },
    ],
    migrate: async (url) => void migrated.push(url),
    say: () => {},
  });
  expect(supervisor).toMatchObject({
    url: `http://127.0.0.1:${port}`,
    links: { 'First run': `http://127.0.0.1:${port}/setup` },
  });
  expect(migrated).toEqual([knownUrls(home)?.owner]);
  expect(isAlive(markOfPart('work'))).toBe(false); // none of its roles was asked for
  await supervisor.stop();
  expect(await answers()).toBeUndefined();
});
