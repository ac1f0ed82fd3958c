import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { openLog, readJson, writePrivate } from '../embedded/files.ts';
import { endProcess, isAlive, markOf, whenGone, type ProcessMark } from '../embedded/processes.ts';
import { StartFailure } from '../start-failure.ts';
import { askChild } from './control-socket.ts';
import type { Running } from './keep-running.ts';

export interface ChildSpec {
  /** `app` or `work`: names its log, its run file and its control socket. */
  readonly name: string;
  /** Module that the child runs. */
  readonly entry: string;
  /** What it gets of our environment, and nothing else. */
  readonly environment: NodeJS.ProcessEnv;
  /** Changes with code and settings: a child that runs under another key is not adopted. */
  readonly key: string;
  /** Where it listens, for the run file. */
  readonly port?: number;
}

export interface RunningChild extends Running {
  /** What it wants printed at the start. */
  readonly links: Readonly<Record<string, string>>;
}

const RunFile = z.object({ mark: z.object({ pid: z.number().int(), startedAt: z.string() }) });
const Message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), links: z.record(z.string(), z.string()).default({}) }),
  z.object({ type: z.literal('failed'), line: z.string(), isExplained: z.boolean(), exitCode: z.number().int() }),
]);

const START_LIMIT_MS = 90_000;
const runFileOf = (home: string, name: string): string => join(home, 'run', `${name}.json`);

/** The process that is noted under this name, if exactly that one still lives. */
export function notedChild(home: string, name: string): ProcessMark | undefined {
  const noted = RunFile.safeParse(readJson(runFileOf(home, name))).data;
  return noted && isAlive(noted.mark) ? noted.mark : undefined;
}

/** Where a child's lines go: it outlives us, so it cannot write into a pipe of ours. */
export const childLog = (home: string, name: string): string => join(home, 'logs', `${name}.log`);

/**
 * Adopts the child of this name where it still answers and was started with the same key; otherwise ends exactly that
 * process, starts a new one and waits until it says that it is ready.
 */
export async function startChild(home: string, spec: ChildSpec): Promise<RunningChild> {
  const answer = await askChild(home, spec.name);
  const left = (answer && markOf(answer.pid)) ?? notedChild(home, spec.name);
  if (left) {
    if (answer?.isReady && answer.key === spec.key && answer.name === spec.name)
      return handleOf(left, answer.links, true);
    await stopChild(left);
  }
  return launch(home, spec);
}

async function launch(home: string, { name, entry, environment, key, port }: ChildSpec): Promise<RunningChild> {
  const logFile = childLog(home, name);
  mkdirSync(join(home, 'logs'), { recursive: true, mode: 0o700 });
  const log = openLog(logFile);
  const env = { ...environment, WINDLASS_CHILD: name, WINDLASS_CHILD_KEY: key };
  const child = spawn(process.execPath, [entry], { env, detached: true, stdio: ['ignore', log, log, 'ipc'] });
  closeSync(log);
  const mark = markOf(child.pid);
  if (mark) writePrivate(runFileOf(home, name), JSON.stringify({ mark, port, startedAt: new Date().toISOString() }));

  const ended = new Promise<string>((done) =>
    child
      .once('error', (error) => done(error.message))
      .once('exit', (code, signal) => done(signal ?? `exit code ${code}`)),
  );
  const outcome = await Promise.race([
    new Promise<z.infer<typeof Message>>((done) =>
      child.on('message', (message) => {
        const known = Message.safeParse(message);
        if (known.success) done(known.data);
      }),
    ),
    ended,
    new Promise<string>((done) =>
      setTimeout(() => done(`not ready in ${START_LIMIT_MS / 1000} s`), START_LIMIT_MS).unref(),
    ),
  ]);
  child.unref();
  child.channel?.unref();
  if (typeof outcome === 'object' && outcome.type === 'ready' && mark)
    return handleOf(mark, outcome.links, false, ended);
  if (mark) await stopChild(mark);
  if (typeof outcome === 'object' && outcome.type === 'failed' && outcome.isExplained)
    throw new StartFailure(outcome.line, { exitCode: outcome.exitCode });
  const why = typeof outcome === 'string' ? outcome : 'exit code 1';
  const said = typeof outcome === 'object' && outcome.type === 'failed' ? outcome.line : lastWords(logFile);
  throw new StartFailure(
    `The process ${name} did not start (${why}): ${said.replace(/\.$/, '')}. Its log is ${logFile}.`,
  );
}

/** A child that is busy gets its time to hand its work back; what it holds beyond that is durable elsewhere. */
const stopChild = (mark: ProcessMark): Promise<void> => endProcess(mark, [['SIGTERM', 25_000]]);

function handleOf(
  mark: ProcessMark,
  links: Readonly<Record<string, string>>,
  isAdopted: boolean,
  ended?: Promise<string>,
): RunningChild {
  const watching = new AbortController();
  const gone = whenGone(mark, watching.signal).catch(() => undefined);
  return {
    mark,
    links,
    isAdopted,
    gone: gone.then(() => ended && Promise.race([ended, sleep(100, undefined)])),
    stop: async () => {
      watching.abort();
      await stopChild(mark);
    },
  };
}

/** The line of an uncaught error, or the last line at all. */
function lastWords(logFile: string): string {
  const lines = existsSync(logFile) ? readFileSync(logFile, 'utf8').trim().split('\n').slice(-30) : [];
  return (lines.findLast((line) => /^\w*(Error|Failure)\b.*:/.test(line)) ?? lines.at(-1) ?? 'it said nothing.').slice(
    0,
    400,
  );
}
