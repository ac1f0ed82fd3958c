import { spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartFailure, reasonOf } from '../start-failure.ts';
import { readJson } from './files.ts';
import { checkDataVersion, hasData, placePostgres, setAside, type PostgresPlace } from './postgres-place.ts';
import { DATABASE, ROLES, asSuperuser, ensureDatabase, ensureRoles, type RoleName } from './postgres-roles.ts';
import { DatabaseFile, databaseFile, newDatabaseFile, save, urlsOf, type PostgresUrls } from './postgres-secrets.ts';
import { asServer, lastLine, launch, readPidFile, stopServer } from './postgres-server.ts';
import { commandLineOf, freePort, isAlive, isPortFree, markOf, whenGone, type ProcessMark } from './processes.ts';

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
  readonly urls: PostgresUrls;
  /** Resolves when the server has ended, for whatever reason. */
  readonly gone: Promise<undefined>;
  /** Ends it cleanly (connections are cut, the data is checkpointed); within 15 s in any case. */
  stop(): Promise<void>;
}

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
