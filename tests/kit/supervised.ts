import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readJson } from '#system/embedded/files.ts';
import { placePostgres } from '#system/embedded/postgres-place.ts';
import { knownUrls, type PostgresUrls } from '#system/embedded/postgres-secrets.ts';
import { endProcess, freePort, isAlive, markOf, type ProcessMark, signalProcess } from '#system/embedded/processes.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const node = join(project, 'node_modules/node/bin/node');
const RunFile = z.object({ mark: z.object({ pid: z.number(), startedAt: z.string() }) });
const parts = ['app', 'work', 'postgres', 'temporal'] as const;
export type Part = (typeof parts)[number];

/** The product as its user starts it: a supervisor, two servers and two processes, on a home and ports of its own. */
export interface Supervised {
  readonly origin: string;
  readonly home: string;
  urls(): PostgresUrls;
  /** The process of a part as it runs now. */
  markOf(part: Part): ProcessMark | undefined;
  /** Starts the supervisor and waits until it says that all is ready. */
  start(): Promise<void>;
  /** kill -9 of exactly this process; settles when it is gone. */
  kill(part: Part | 'supervisor'): Promise<void>;
  /** kill -9 of all of them at once, the supervisor first, so that it restarts nothing. */
  killAll(): Promise<void>;
  /** Ends all and removes the home. */
  stop(): Promise<void>;
  /** What the supervisor printed since the last start. */
  said(): string;
  /** All logs, for the message of a failure. */
  logs(): string;
}

/**
 * From now on the product of this home ends, and its data go, when this process does, however that happens.
 * @returns ends the watch, once the product was ended in the usual way
 */
export async function endWithUs(home: string): Promise<() => void> {
  const watcher = spawn(node, [join(project, 'tests/kit/end-with-parent.ts'), home], {
    detached: true, // in a group of its own: what kills our group leaves it to its work
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // A product that starts before it is watched could be left behind.
  await new Promise<void>((done, fail) => {
    watcher.stdout.once('data', () => done());
    watcher.once('error', fail).once('exit', (code) => fail(new Error(`The watch of a product ended (${code}).`)));
  });
  watcher.removeAllListeners('exit');
  watcher.unref();
  watcher.stdout.destroy();
  watcher.stdin.on('error', () => {});
  return () => void watcher.stdin.end();
}

export async function superviseProduct(environment: Record<string, string> = {}): Promise<Supervised> {
  const home = mkdtempSync(join(tmpdir(), 'windlass-chaos-'));
  const port = await freePort();
  const unwatch = await endWithUs(home);
  let supervisor: ChildProcess | undefined;
  let text = '';
  const partMark = (part: Part): ProcessMark | undefined =>
    RunFile.safeParse(readJson(join(home, 'run', `${part}.json`))).data?.mark;
  const gone = async (mark: ProcessMark): Promise<void> => {
    while (isAlive(mark)) await sleep(10);
  };
  const killMark = async (mark: ProcessMark | undefined): Promise<void> => {
    if (!mark) throw new Error('That process does not run.');
    signalProcess(mark, 'SIGKILL');
    await gone(mark);
  };
  const runs = (): boolean =>
    supervisor !== undefined && supervisor.exitCode === null && supervisor.signalCode === null;

  return {
    origin: `http://127.0.0.1:${port}`,
    home,
    markOf: partMark,
    urls: () => {
      const urls = knownUrls(home);
      if (!urls) throw new Error('The database was never started.');
      return urls;
    },
    start: async () => {
      text = '';
      const begun = spawn(node, [join(project, 'system/supervisor/main.ts')], {
        cwd: home,
        env: {
          PATH: process.env['PATH'],
          HOME: process.env['HOME'],
          WINDLASS_HOME: home,
          PORT: String(port),
          ...environment,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      supervisor = begun;
      for (const stream of [begun.stdout, begun.stderr])
        stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      while (!/^Ready in/m.test(text)) {
        if (!runs()) throw new Error(`The product did not start: ${text}`);
        await sleep(25);
      }
    },
    kill: (part) => killMark(part === 'supervisor' ? markOf(supervisor?.pid) : partMark(part)),
    killAll: async () => {
      const marks = [markOf(supervisor?.pid), ...parts.map(partMark)].filter((mark) => mark !== undefined);
      for (const mark of marks) signalProcess(mark, 'SIGKILL');
      await Promise.all(marks.map(gone));
    },
    stop: async () => {
      const mark = runs() ? markOf(supervisor?.pid) : undefined;
      if (mark) await endProcess(mark, [['SIGTERM', 20_000]]);
      for (const part of parts) {
        const left = partMark(part);
        if (left && isAlive(left)) await endProcess(left, [['SIGTERM', 5_000]]);
      }
      if (process.getuid?.() === 0) rmSync(placePostgres(home).root, { recursive: true, force: true });
      rmSync(home, { recursive: true, force: true });
      unwatch();
    },
    said: () => text,
    logs: () =>
      ['app', 'work']
        .map((name) => join(home, 'logs', `${name}.log`))
        .filter((file) => existsSync(file))
        .map((file) => readFileSync(file, 'utf8').slice(-8_000))
        .join('\n'),
  };
}
