import { spawn, spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { chownSync, closeSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { StartFailure, reasonOf } from '../start-failure.ts';
import { openLog, readJson, writePrivate } from './files.ts';
import { checkDataVersion, hasData, placePostgres, setAside, type PostgresPlace } from './postgres-place.ts';
import { DATABASE, ROLES, asSuperuser, ensureDatabase, ensureRoles, type RoleName } from './postgres-roles.ts';
import {
  commandLineOf,
  endProcess,
  freePort,
  isAlive,
  isPortFree,
  markOf,
  whenGone,
  type ProcessMark,
} from './processes.ts';

export interface PostgresOptions {
  /** WINDLASS_HOME: holds `database.json` with the passwords (0600), and the data itself unless we are root. */
  readonly home: string;
  /** Listen here or fail. Without it: the port of last time, else a free one. */
  readonly port?: number;
  /** Data, socket and log here instead of the usual place (tests). */
  readonly at?: string;
  /** `false` trades safety for speed: for tests only. */
  readonly isDurable?: boolean;
  /** Told what an operator should know, a line each. */
  readonly say?: (line: string) => void;
}

export interface EmbeddedPostgres {
  readonly mark: ProcessMark;
  readonly port: number;
  readonly dataDir: string;
  /** It was already running: an earlier supervisor had started it. */
  readonly isAdopted: boolean;
  /** Connection URLs to `windlass` by role, passwords included; `superuser` to the maintenance database. */
  readonly urls: { readonly superuser: string; readonly owner: string; readonly app: string; readonly system: string };
  /** Resolves when the server has ended, for whatever reason. */
  readonly gone: Promise<undefined>;
  /** Ends it cleanly (connections are cut, the data is checkpointed); within 15 s in any case. */
  stop(): Promise<void>;
}

const DatabaseFile = z.object({
  instance: z.string(),
  port: z.number().int().optional(),
  areRolesMade: z.boolean().default(false),
  passwords: z.object({
    postgres: z.string(),
    windlass_owner: z.string(),
    windlass_app: z.string(),
    windlass_system: z.string(),
  }),
});
type DatabaseFile = z.infer<typeof DatabaseFile>;

const databaseFile = (home: string): string => join(resolve(home), 'database.json');
const newPassword = (): string => randomBytes(24).toString('base64url');
const newDatabaseFile = (): DatabaseFile => ({
  instance: randomUUID(),
  areRolesMade: false,
  passwords: {
    postgres: newPassword(),
    windlass_owner: newPassword(),
    windlass_app: newPassword(),
    windlass_system: newPassword(),
  },
});

/** The environment of the server: nothing of ours reaches it. */
const bareEnvironment = (place: PostgresPlace): NodeJS.ProcessEnv => ({
  PATH: '/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
  HOME: place.root,
});

const asServer = (place: PostgresPlace) => ({
  cwd: place.root,
  env: bareEnvironment(place),
  ...(place.user && { uid: place.user.uid, gid: place.user.gid }),
});

/** Settings for a small machine that holds everything else too. */
const settings = (place: PostgresPlace, port: number, isDurable: boolean): Record<string, string> => ({
  port: String(port),
  listen_addresses: '127.0.0.1',
  unix_socket_directories: place.socketDir,
  unix_socket_permissions: '0700',
  max_connections: '200',
  shared_buffers: '128MB',
  effective_cache_size: '1GB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  max_wal_size: '1GB',
  min_wal_size: '80MB',
  wal_compression: 'on',
  checkpoint_timeout: '10min',
  random_page_cost: '1.1',
  jit: 'off', // our statements are short: compiling them costs more than they do
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'warning',
  // A failing statement may hold a secret as text, and the detail of an error holds a row.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  ...(isDurable
    ? { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' }
    : {
        fsync: 'off',
        synchronous_commit: 'on', // a write, not a sync: a killed server still loses nothing

        full_page_writes: 'off',
        autovacuum_naptime: '1h',
        max_wal_size: '4GB',
        checkpoint_timeout: '1h',
      }),
});

/** Starts the server of this home or adopts the one that runs; the three roles and the database stand when it resolves. */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const { home, isDurable = true, say = () => {} } = options;
  const place = placePostgres(home, options);
  checkDataVersion(place);
  const secrets = openSecrets(home, place, say);
  const found = await findRunning(place, secrets);
  if (found && (options.port === undefined || found.port === options.port)) {
    await prepareRoles(home, found.port, secrets);
    return handleOf(place, secrets, found, true);
  }
  if (found) await stopServer(found.mark); // it listens elsewhere than asked for now
  if (!hasData(place)) await makeData(place, secrets, isDurable, say);
  const port = await choosePort(options.port, secrets.port);
  const mark = await launch(place, port, isDurable);
  if (secrets.port !== port) save(home, Object.assign(secrets, { port }));
  await prepareRoles(home, port, secrets);
  return handleOf(place, secrets, { mark, port }, false);
}

/** The URLs of this home's embedded database as it was last started, or undefined if it never was. */
export function knownUrls(home: string): EmbeddedPostgres['urls'] | undefined {
  const known = DatabaseFile.safeParse(readJson(databaseFile(home)));
  return known.success && known.data.port !== undefined ? urlsOf(known.data, known.data.port) : undefined;
}

const urlOf = (user: string, password: string, port: number, database: string): string =>
  `postgresql://${user}:${password}@127.0.0.1:${port}/${database}`;

function urlsOf({ passwords }: DatabaseFile, port: number): EmbeddedPostgres['urls'] {
  const of = (role: RoleName): string => urlOf(role, passwords[role], port, DATABASE);
  return {
    superuser: urlOf('postgres', passwords.postgres, port, 'postgres'),
    owner: of('windlass_owner'),
    app: of('windlass_app'),
    system: of('windlass_system'),
  };
}

const save = (home: string, secrets: DatabaseFile): void =>
  writePrivate(databaseFile(home), `${JSON.stringify(secrets, null, 2)}\n`);

/** The passwords of this home. Where they are lost, data outside the home is another home's; data inside it gets new ones. */
function openSecrets(home: string, place: PostgresPlace, say: (line: string) => void): DatabaseFile {
  rmSync(`${place.dataDir}.making`, { recursive: true, force: true }); // an initdb that was killed half-way
  const known = DatabaseFile.safeParse(readJson(databaseFile(home)));
  if (known.success) return known.data;
  const secrets = newDatabaseFile();
  if (hasData(place)) {
    if (place.isOutsideHome)
      say(`Data of an earlier home at the same path was moved to ${setAside(place, new Date())}.`);
    else resetPassword(place, secrets.passwords.postgres, say);
  }
  save(home, secrets);
  return secrets;
}

/** Gives the superuser a new password without knowing the old one: the server's single-user mode asks for none. */
function resetPassword(place: PostgresPlace, password: string, say: (line: string) => void): void {
  const { status, stderr } = spawnSync(join(place.binDir, 'postgres'), ['--single', '-D', place.dataDir, 'postgres'], {
    ...asServer(place),
    input: `alter role postgres password '${password}'\n`,
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new StartFailure(
      `The passwords of the database in ${place.dataDir} are lost (database.json) and could not be set anew: ${lastLine(stderr)}`,
    );
  say('The passwords of the embedded database were lost and have been set anew.');
}

async function makeData(
  place: PostgresPlace,
  { passwords }: DatabaseFile,
  isDurable: boolean,
  say: (line: string) => void,
): Promise<void> {
  if (place.isOutsideHome && place.user) {
    say(`PostgreSQL does not run as root: it runs as the user ${place.user.name}, its data is in ${place.root}.`);
  }
  const making = `${place.dataDir}.making`;
  const passwordFile = join(place.root, 'initdb.password');
  mkdirSync(making, { mode: 0o700 });
  writeFileSync(passwordFile, passwords.postgres, { mode: 0o600 });
  if (place.user) for (const path of [making, passwordFile]) chownSync(path, place.user.uid, place.user.gid);
  try {
    const args = [
      '-D',
      making,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
    ];
    const locale = [
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
      ...(isDurable ? [] : ['--no-sync']),
    ];
    const initdb = spawn(join(place.binDir, 'initdb'), [...args, ...locale], {
      ...asServer(place),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    initdb.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
    const status = await new Promise<number | null>((done, fail) => initdb.once('error', fail).once('close', done));
    if (status !== 0)
      throw new StartFailure(`The embedded database could not be made in ${place.dataDir}: ${lastLine(said)}`);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    throw error instanceof StartFailure
      ? error
      : new StartFailure(`initdb could not be started: ${reasonOf(error)}`, { cause: error });
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(making, place.dataDir);
}

async function choosePort(asked: number | undefined, last: number | undefined): Promise<number> {
  if (asked !== undefined) {
    if (await isPortFree(asked)) return asked;
    throw new StartFailure(
      `Port ${asked} for the embedded PostgreSQL is taken: end what listens there or set WINDLASS_PG_PORT to a free one.`,
    );
  }
  return last !== undefined && (await isPortFree(last)) ? last : freePort();
}

interface Running {
  readonly mark: ProcessMark;
  readonly port: number;
}

/** What `postmaster.pid` says: pid, port, and whether the server accepts connections. */
function readPidFile(place: PostgresPlace): { pid: number; port: number; isReady: boolean } | undefined {
  try {
    const lines = readFileSync(join(place.dataDir, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), port: Number(lines[3]), isReady: lines[7]?.trim() === 'ready' };
  } catch {
    return undefined;
  }
}

/** A server that runs on our data: kept when it answers by our password, ended when it does not. Stale pid files go. */
async function findRunning(place: PostgresPlace, secrets: DatabaseFile): Promise<Running | undefined> {
  const noted = readPidFile(place);
  if (!noted) return undefined;
  const mark = markOf(noted.pid);
  if (!mark || !commandLineOf(noted.pid).includes(place.dataDir)) {
    // The pid now belongs to somebody else, and PostgreSQL would refuse to start while that process lives.
    rmSync(join(place.dataDir, 'postmaster.pid'), { force: true });
    return undefined;
  }
  try {
    const dataDir = await asSuperuser(urlsOf(secrets, noted.port).superuser, async (client) => {
      const { rows } = await client.query<{ data_directory: string }>('show data_directory');
      return rows[0]?.data_directory;
    });
    if (dataDir === place.dataDir) return { mark, port: noted.port };
  } catch {
    // It hangs or shuts down: ended below, its data recovers at the next start.
  }
  await stopServer(mark);
  return undefined;
}

const stopServer = (mark: ProcessMark): Promise<void> =>
  endProcess(mark, [
    ['SIGINT', 10_000], // fast shutdown
    ['SIGQUIT', 3_000], // immediate: recovery at the next start
  ]);

/** Starts the server detached, so that it outlives a killed supervisor, and waits until it takes connections. */
async function launch(place: PostgresPlace, port: number, isDurable: boolean): Promise<ProcessMark> {
  const args = Object.entries(settings(place, port, isDurable)).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const logFile = join(place.root, 'postgres.log');
  const end = Date.now() + 60_000;
  for (;;) {
    const log = openLog(logFile);
    const child = spawn(join(place.binDir, 'postgres'), ['-D', place.dataDir, ...args], {
      ...asServer(place),
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const ended = new Promise<string>((done) =>
      child.once('error', (error) => done(error.message)).once('exit', (code) => done(`exit code ${code}`)),
    );
    const outcome = await Promise.race([ended, untilReady(place, child.pid, end)]);
    child.unref();
    if (typeof outcome !== 'string') return outcome;
    const why = lastErrors(logFile);
    // Backends of a server killed by -9 notice within moments; until then its shared memory is in use.
    if (/shared memory block .*still in use|lock file ".*" already exists/.test(why) && Date.now() < end - 40_000) {
      await sleep(200);
      continue;
    }
    throw new StartFailure(
      `The embedded PostgreSQL did not start (${outcome}): ${why || 'it said nothing'}. Its log is ${logFile}.`,
    );
  }
}

async function untilReady(place: PostgresPlace, pid: number | undefined, end: number): Promise<ProcessMark | string> {
  while (Date.now() < end) {
    const noted = readPidFile(place);
    const mark = noted?.pid === pid && noted?.isReady ? markOf(pid) : undefined;
    if (mark) return mark;
    await sleep(15);
  }
  return 'not ready in time';
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? '';

function lastErrors(logFile: string): string {
  const lines = existsSync(logFile) ? readFileSync(logFile, 'utf8').trim().split('\n').slice(-6) : [];
  return (
    lines
      .filter((line) => /FATAL|PANIC|ERROR/.test(line))
      .at(-1)
      ?.replace(/^.*?(FATAL|PANIC|ERROR): +/, '') ?? ''
  );
}

/** Roles and database, once a home: the file remembers that it is done. */
async function prepareRoles(home: string, port: number, secrets: DatabaseFile): Promise<void> {
  if (secrets.areRolesMade) return;
  await asSuperuser(urlsOf(secrets, port).superuser, async (client) => {
    await ensureRoles(
      client,
      Object.fromEntries(ROLES.map((role) => [role, secrets.passwords[role]])) as Record<RoleName, string>,
    );
    await ensureDatabase(client, DATABASE);
  });
  save(home, Object.assign(secrets, { areRolesMade: true, port }));
}

function handleOf(
  place: PostgresPlace,
  secrets: DatabaseFile,
  { mark, port }: Running,
  isAdopted: boolean,
): EmbeddedPostgres {
  const watching = new AbortController();
  return {
    mark,
    port,
    dataDir: place.dataDir,
    isAdopted,
    urls: urlsOf(secrets, port),
    gone: whenGone(mark, watching.signal).catch(() => undefined),
    stop: async () => {
      watching.abort();
      if (isAlive(mark)) await stopServer(mark);
    },
  };
}
