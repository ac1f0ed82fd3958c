import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { searchAttributeNames } from '#contracts/kit/search-attributes.ts';
import { StartFailure } from '../start-failure.ts';
import { openLog, readJson, writePrivate } from './files.ts';
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
import { findTemporalBinary } from './temporal-binary.ts';

export interface TemporalOptions {
  /** WINDLASS_HOME: the data is `<home>/temporal/temporal.db`. */
  readonly home: string;
  /** Listen here or fail. Without it: the port of last time, else a free one. */
  readonly port?: number;
  readonly uiPort?: number;
  /** `false` keeps everything in memory and shows no UI: for tests. */
  readonly isDurable?: boolean;
  /** Further namespaces beside `default`. */
  readonly namespaces?: readonly string[];
  readonly say?: (line: string) => void;
}

export interface EmbeddedTemporal {
  readonly mark: ProcessMark;
  /** `host:port` of the gRPC door. */
  readonly address: string;
  /** Where the Web UI answers, path included. */
  readonly uiUrl: string;
  readonly isAdopted: boolean;
  /** Resolves when the server has ended, for whatever reason. */
  readonly gone: Promise<undefined>;
  stop(): Promise<void>;
}

const RunFile = z.object({
  mark: z.object({ pid: z.number().int(), startedAt: z.string() }),
  ports: z.object({ grpc: z.number().int(), http: z.number().int(), ui: z.number().int() }),
  flags: z.array(z.string()),
});
type Ports = z.infer<typeof RunFile>['ports'];

/** Measured on two cores: see docs/performance.md. Numbers are JSON: no quotes. */
const dynamicConfig: Readonly<Record<string, number | boolean>> = {
  // One history shard reads its queue 20 times a second by default, which costs every hand-over up to 50 ms.
  'history.transferProcessorMaxPollRPS': 100,
  'history.timerProcessorMaxPollRPS': 100,
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  // The attributes are declared at each start, so nothing has to be read again at each request.
  'system.forceSearchAttributesCacheRefreshOnRead': false,
  'system.forceNexusEndpointRefreshOnRead': false,
  // Fairness keys are ignored without it.
  'matching.enableFairness': true,
  // What sleeps for hours need not lie in memory: by default 128,000 executions are kept there, some 20 kB each. Where as
  // many as fit have something to do at once, the service puts updates aside to make room, and senders come again.
  'history.hostLevelCacheMaxSize': 4_000,
};

/** The flags that make two servers the same but for their ports. */
export function flagsOf(databaseFile: string | undefined, namespaces: readonly string[]): string[] {
  return [
    '--ip',
    '127.0.0.1',
    '--log-format',
    'json',
    '--log-level',
    'error',
    // WAL without a sync at each commit: the death of the process loses nothing, a power cut at most the last moments.
    ...(databaseFile
      ? ['--db-filename', databaseFile, '--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL']
      : []),
    ...(databaseFile
      ? ['--ui-ip', '127.0.0.1', '--ui-public-path', '/temporal', '--ui-disable-news-fetch']
      : ['--headless']),
    ...Object.entries(dynamicConfig).flatMap(([name, value]) => ['--dynamic-config-value', `${name}=${value}`]),
    ...Object.values(searchAttributeNames).flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ...namespaces.flatMap((name) => ['--namespace', name]),
  ];
}

/** Starts the Temporal server of this home, or adopts the one that runs with our data and our flags. */
export async function startTemporal(options: TemporalOptions): Promise<EmbeddedTemporal> {
  const { isDurable = true, namespaces = [] } = options;
  const home = resolve(options.home);
  const databaseFile = isDurable ? join(home, 'temporal', 'temporal.db') : undefined;
  const runFile = join(home, 'run', 'temporal.json');
  mkdirSync(join(home, 'temporal'), { recursive: true, mode: 0o700 });
  mkdirSync(join(home, 'run'), { recursive: true, mode: 0o700 });
  const flags = flagsOf(databaseFile, namespaces);

  const noted = RunFile.safeParse(readJson(runFile)).data;
  const wanted = (ports: Ports): boolean =>
    (options.port ?? ports.grpc) === ports.grpc && (options.uiPort ?? ports.ui) === ports.ui;
  if (noted && isAlive(noted.mark) && commandLineOf(noted.mark.pid).includes('server start-dev')) {
    const isSame = JSON.stringify(noted.flags) === JSON.stringify(flags) && wanted(noted.ports);
    if (isSame && (await isReady(noted.ports.http, namespaces))) return handleOf(noted.mark, noted.ports, true);
    await stopServer(noted.mark);
  }

  const binary = await findTemporalBinary('cli', options);
  for (let attempt = 1; ; attempt += 1) {
    const ports = {
      grpc: await choosePort(options.port, noted?.ports.grpc, 'WINDLASS_TEMPORAL_PORT', 'Temporal'),
      ui: await choosePort(options.uiPort, noted?.ports.ui, 'WINDLASS_TEMPORAL_UI_PORT', 'Temporal Web'),
      http: await freePort(),
    };
    try {
      const mark = await launch(binary, flags, ports, join(home, 'temporal', 'temporal.log'), namespaces, (started) =>
        writePrivate(runFile, JSON.stringify({ mark: started, ports, flags })),
      );
      return handleOf(mark, ports, false);
    } catch (error) {
      // A port that was free a moment ago may be somebody else's by now: then it ends at once, and other ports do.
      if (!(error instanceof EndedAtOnce) || attempt >= 3) throw error;
    }
  }
}

/** It began and was gone before it answered. */
class EndedAtOnce extends StartFailure {}

async function choosePort(
  asked: number | undefined,
  last: number | undefined,
  setting: string,
  what: string,
): Promise<number> {
  if (asked !== undefined) {
    if (await isPortFree(asked)) return asked;
    throw new StartFailure(
      `Port ${asked} for the embedded ${what} is taken: end what listens there or set ${setting} to a free one.`,
    );
  }
  return last !== undefined && (await isPortFree(last)) ? last : freePort();
}

async function launch(
  binary: string,
  flags: readonly string[],
  ports: Ports,
  logFile: string,
  namespaces: readonly string[],
  note: (mark: ProcessMark) => void,
): Promise<ProcessMark> {
  const log = openLog(logFile);
  const args = ['server', 'start-dev', ...flags, '--port', String(ports.grpc), '--http-port', String(ports.http)];
  if (!flags.includes('--headless')) args.push('--ui-port', String(ports.ui));
  // Its own session, so that it outlives a killed supervisor and Ctrl-C reaches us alone.
  const env = { PATH: '/usr/bin:/bin', HOME: join(logFile, '..'), TZ: 'UTC' };
  const child = spawn(binary, args, { detached: true, stdio: ['ignore', log, log], env });
  closeSync(log);
  child.unref();
  const ended = new Promise<string>((done) =>
    child
      .once('error', (error) => done(error.message))
      .once('exit', (code, signal) => done(signal ?? `exit code ${code}`)),
  );
  const mark = markOf(child.pid);
  if (mark) note(mark);
  const outcome = await Promise.race([ended, untilReady(ports.http, namespaces)]);
  if (outcome === true && mark) return mark;
  if (mark) await stopServer(mark);
  const lines = readFileSync(logFile, 'utf8').trim().split('\n').slice(-40);
  const said = lines.findLast((line) => /error|unknown flag/i.test(line)) ?? lines.at(-1) ?? '';
  const Failure = outcome === 'not ready in 30 s' ? StartFailure : EndedAtOnce;
  throw new Failure(
    `The embedded Temporal server (${binary}) did not start (${outcome === true ? 'gone at once' : outcome}): ${said.slice(0, 300)}. Its log is ${logFile}.`,
  );
}

async function untilReady(httpPort: number, namespaces: readonly string[]): Promise<true | string> {
  const end = Date.now() + 30_000;
  while (Date.now() < end) {
    if (await isReady(httpPort, namespaces)) return true;
    await sleep(25);
  }
  return 'not ready in 30 s';
}

/** It answers, its namespaces stand and know our search attributes: a workflow start with one undeclared would stall. */
async function isReady(httpPort: number, namespaces: readonly string[]): Promise<boolean> {
  try {
    for (const namespace of ['default', ...namespaces]) {
      const url = `http://127.0.0.1:${httpPort}/cluster/namespaces/${namespace}/search-attributes`;
      const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      const text = await answer.text();
      if (!answer.ok || !Object.values(searchAttributeNames).every((name) => text.includes(`"${name}"`))) return false;
    }
    return true;
  } catch {
    return false;
  }
}

const stopServer = (mark: ProcessMark): Promise<void> => endProcess(mark, [['SIGINT', 5_000]]);

function handleOf(mark: ProcessMark, ports: Ports, isAdopted: boolean): EmbeddedTemporal {
  const watching = new AbortController();
  return {
    mark,
    address: `127.0.0.1:${ports.grpc}`,
    uiUrl: `http://127.0.0.1:${ports.ui}/temporal`,
    isAdopted,
    gone: whenGone(mark, watching.signal).catch(() => undefined),
    stop: async () => {
      watching.abort();
      await stopServer(mark);
    },
  };
}
