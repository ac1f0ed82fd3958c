import { spawn } from 'node:child_process';
import { closeSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartFailure } from '../start-failure.ts';
import { openLog } from './files.ts';
import type { PostgresPlace } from './postgres-place.ts';
import { endProcess, markOf, type ProcessMark } from './processes.ts';

/** The environment of the server: nothing of ours reaches it. */
const bareEnvironment = (place: PostgresPlace): NodeJS.ProcessEnv => ({
  PATH: '/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
  HOME: place.root,
});

export const asServer = (place: PostgresPlace) => ({
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

/** What `postmaster.pid` says: pid, port, and whether the server accepts connections. */
export function readPidFile(place: PostgresPlace): { pid: number; port: number; isReady: boolean } | undefined {
  try {
    const lines = readFileSync(join(place.dataDir, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), port: Number(lines[3]), isReady: lines[7]?.trim() === 'ready' };
  } catch {
    return undefined;
  }
}

export const stopServer = (mark: ProcessMark): Promise<void> =>
  endProcess(mark, [
    ['SIGINT', 10_000], // fast shutdown
    ['SIGQUIT', 3_000], // immediate: recovery at the next start
  ]);

/** Starts the server detached, so that it outlives a killed supervisor, and waits until it takes connections. */
export async function launch(place: PostgresPlace, port: number, isDurable: boolean): Promise<ProcessMark> {
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

export const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? '';

function lastErrors(logFile: string): string {
  const lines = existsSync(logFile) ? readFileSync(logFile, 'utf8').trim().split('\n').slice(-6) : [];
  return (
    lines
      .filter((line) => /FATAL|PANIC|ERROR/.test(line))
      .at(-1)
      ?.replace(/^.*?(FATAL|PANIC|ERROR): +/, '') ?? ''
  );
}
