import { setTimeout as wait } from 'node:timers/promises';
import { startProgram, type ProgramChannel, type ProgramItem, type StreamName } from './channel.ts';
import { commandParameters, hostProblem, limits, parseEnd, type CommandEnd, type CommandText } from './command.ts';
import type { SshTarget } from './connect.ts';
import type { SshPool } from './pool.ts';
import { isProblem, SshProblem } from './problem.ts';
import type { Sudo } from './script.sh.ts';

export interface DurableCommand extends CommandText {
  /** `<runId>.<stepId>.<hostId>.<n>`: one per intended execution, never per attempt. */
  key: string;
}

export interface FollowOptions {
  /** Bytes of each stream that are stored already: output goes on behind them. */
  from?: Record<StreamName, number>;
  /** An earlier attempt saw `begun`: this one never starts the command, it only rejoins it. */
  isBegun?: boolean;
  /** Whole seconds since the command was first asked for; absent in the very first attempt. */
  sinceSeconds?: number;
  /** How much of each stream is delivered at most; the totals stay exact. */
  capBytes?: number;
  /** Ends the following; the command goes on. */
  signal?: AbortSignal;
  /** The shell that runs our program on the host; `/bin/sh`. */
  sh?: string;
  firstWordMs?: number;
  /** Behind a link that froze without an end a follower goes after one to two of these; 15. */
  leaseSeconds?: number;
}

export type CommandEvent =
  /** Acknowledge it durably (a heartbeat) before the next: from now on only `isBegun` may follow. `isFresh`: this attempt started it. */
  | { kind: 'begun'; pid: number; isFresh: boolean }
  /** `endByte` is the offset behind these bytes; store both in one transaction. */
  | { kind: 'output'; stream: StreamName; bytes: Buffer; endByte: number }
  /** The host no longer had these bytes. */
  | { kind: 'gap'; stream: StreamName; fromByte: number; endByte: number }
  /** Always the last one. */
  | { kind: 'end'; end: CommandEnd };

const streams = ['stdout', 'stderr'] as const;
const defaultLeaseSeconds = 15;

/**
 * Starts a command on a host, or rejoins it, and yields what it writes until it ends. At most one start per key, whoever asks and
 * however often. Repeatable: after a failure that may be retried the next attempt passes on its offsets and `isBegun`.
 * Fails by `command.*` where the host cannot say how it ended, and by `ssh.*`.
 */
export async function* followCommand(
  pool: SshPool,
  target: SshTarget,
  command: DurableCommand,
  options: FollowOptions = {},
): AsyncGenerator<CommandEvent, CommandEnd> {
  const capBytes = options.capBytes ?? limits.capBytes;
  const text = commandParameters(command, options.sh);
  const at = { stdout: options.from?.stdout ?? 0, stderr: options.from?.stderr ?? 0 };
  const missed = { stdout: false, stderr: false };
  let isBegun = options.isBegun ?? false;
  let isRepeated = false;
  for (let round = 1; ; round++) {
    const isSent = { stdout: at.stdout < capBytes, stderr: at.stderr < capBytes };
    const channel = await startProgram(pool, target, {
      verb: isBegun ? 'attach' : 'begin',
      key: command.key,
      parameters: {
        ...(isBegun ? {} : { ...text, wC: Math.floor(Date.now() / 1_000) }),
        wV: isBegun ? 'attach' : 'begin',
        wU: options.sinceSeconds === undefined ? -1 : Math.floor(options.sinceSeconds),
        wI: options.leaseSeconds ?? defaultLeaseSeconds,
        wO: at.stdout,
        wE: at.stderr,
        wX: isSent.stdout ? 1 : 0,
        wY: isSent.stderr ? 1 : 0,
      },
      sudo: command.sudo,
      sh: options.sh,
      firstWordMs: options.firstWordMs,
      signal: options.signal,
    });
    const ticks = startTicks(channel, options.leaseSeconds ?? defaultLeaseSeconds);
    let again: 'capped' | 'not begun' | undefined;
    const ends: Partial<Record<StreamName, string[]>> = {};
    try {
      for await (const item of channel) {
        if (item.kind === 'bytes') {
          const { stream } = item;
          if (at[stream] >= capBytes) continue;
          const bytes = item.bytes.subarray(0, capBytes - at[stream]);
          at[stream] += bytes.length;
          yield { kind: 'output', stream, bytes, endByte: at[stream] };
          // A "quiet" word to the host would come too late for what is on its way: the channel goes, another follows without.
          if (at[stream] >= capBytes) again = 'capped';
        } else {
          const [word, ...rest] = item.words;
          if (word === 'begun' || word === 'has') {
            if (!isBegun) {
              isBegun = true;
              yield { kind: 'begun', pid: Number(rest[0]) || 0, isFresh: word === 'begun' };
            }
          } else if (word === 'gap') {
            const stream = rest[0] === 'o' ? 'stdout' : 'stderr';
            const next = readOffset(rest[1]);
            if (next > at[stream] && at[stream] < capBytes) {
              missed[stream] = true;
              yield { kind: 'gap', stream, fromByte: at[stream], endByte: next };
              at[stream] = next;
              if (next >= capBytes) again = 'capped';
            }
          } else if (word === 'here') {
            continue; // the follower’s sign of life
          } else if (word === 'end') {
            ends[item.stream] = rest;
            if (ends.stdout && ends.stderr) break;
          } else if (rest[0] === 'not_begun' && round === 1) {
            again = 'not begun'; // nobody claimed it, so a start is safe: the claim decides
            isBegun = false;
          } else throw hostProblem(item.words, { shell: text.wS });
        }
        if (again) break;
      }
    } finally {
      ticks.stop();
      channel.close(again === 'capped');
    }
    if (again) continue;
    if (!ends.stdout || !ends.stderr) {
      // The follower was ended (a shutdown, somebody's kill), which says nothing of the command.
      throw new SshProblem('ssh.connection_lost', { host: target.host, reason: 'its answer stopped in the middle' });
    }
    const end = parseEnd(ends.stderr);
    const isShort = streams.some((stream) => isSent[stream] && !end.isOutputLost && at[stream] < end.totals[stream]);
    // Once more from the known offset. Still short then: the output was removed after the result had been recorded.
    if (isShort && !isRepeated) {
      isRepeated = true;
      continue;
    }
    for (const stream of streams) {
      end.isTruncated[stream] = missed[stream] || end.totals[stream] > at[stream];
    }
    yield { kind: 'end', end };
    return end;
  }
}

function readOffset(text: string | undefined): number {
  if (text === undefined || !/^\d{1,15}$/.test(text)) {
    throw new SshProblem('command.outcome_unknown', { reason: 'an offset that is no number' });
  }
  return Number(text);
}

/**
 * The follower looks when we tick, so that no process on the host has to sleep for it: every 50 ms while the command is young,
 * 250 ms later. A tick tells the time since the beginning; `l` begins the lease: the follower says every 15 s that it is there, and
 * goes if nothing comes from us for as long.
 */
function startTicks(channel: ProgramChannel, leaseSeconds: number): { stop: () => void } {
  const beganAt = performance.now();
  let isOld = false;
  let timer: NodeJS.Timeout;
  const tick = () => {
    const elapsedMs = performance.now() - beganAt;
    channel.write(`t ${Math.round(elapsedMs)}\n`);
    if (!isOld && elapsedMs > 1_000) isOld = channel.write('l\n');
    channel.failIfSilent(leaseSeconds * 4_000);
    timer = setTimeout(tick, elapsedMs < 1_000 ? 50 : 250);
  };
  timer = setTimeout(tick, 50);
  return { stop: () => clearTimeout(timer) };
}

/**
 * Starts or rejoins a command and stays with it over lost connections, up to `attempts`. For what has no workflow around it;
 * an activity follows by itself, since its offsets must be stored.
 */
export async function runCommand(
  pool: SshPool,
  target: SshTarget,
  command: DurableCommand,
  { attempts = 5, ...options }: FollowOptions & { attempts?: number; onEvent?: (event: CommandEvent) => void } = {},
): Promise<CommandEnd> {
  const from = { stdout: 0, stderr: 0, ...options.from };
  const beganAt = performance.now();
  let { isBegun = false, sinceSeconds } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      for await (const event of followCommand(pool, target, command, { ...options, from, isBegun, sinceSeconds })) {
        if (event.kind === 'begun') isBegun = true;
        if (event.kind === 'output' || event.kind === 'gap') from[event.stream] = event.endByte;
        options.onEvent?.(event);
        if (event.kind === 'end') return event.end;
      }
    } catch (error) {
      if (!isProblem(error) || !error.retry || attempt >= attempts) throw error;
      await wait(Math.random() * 200 * attempt, undefined, { signal: options.signal });
      sinceSeconds = (options.sinceSeconds ?? 0) + Math.ceil((performance.now() - beganAt) / 1_000);
    }
  }
}

export interface MarkerOptions {
  sudo?: Sudo;
  sh?: string;
  signal?: AbortSignal;
}

/**
 * Ends a command and all it started: TERM, after the grace KILL. Before its start it takes the claim, so that it never starts.
 * After its end it changes nothing. Fails by `command.cancel_denied` where members are left that we may not signal.
 */
export async function cancelCommand(
  pool: SshPool,
  target: SshTarget,
  key: string,
  { graceSeconds = 10, ...options }: MarkerOptions & { graceSeconds?: number } = {},
): Promise<CommandEnd> {
  const wG = Math.max(0, Math.min(300, Math.round(graceSeconds)));
  const words = await lastWords(pool, target, 'cancel', key, { wG }, options);
  const [last] = words;
  if (last?.[0] === 'end') return parseEnd(last.slice(1));
  throw hostProblem(last ?? []);
}

/**
 * Removes the output of ended commands on the host, many in one channel; a tombstone stays so that a delayed start finds it.
 * Only after the result is recorded. Answers which keys are still running.
 */
export async function endCommands(
  pool: SshPool,
  target: SshTarget,
  keys: readonly string[],
  options: MarkerOptions = {},
): Promise<{ busy: string[] }> {
  const busy: string[] = [];
  for (let from = 0; from < keys.length; from += 200) {
    const wL = keys.slice(from, from + 200);
    for (const [word, key] of await lastWords(pool, target, 'end', wL[0] ?? '-', { wL: wL.join(' ') }, options)) {
      if (word === 'busy' && key) busy.push(key);
    }
  }
  return { busy };
}

/** Removes markers older than `olderThanDays` whose command is over. At most once a day and host. */
export async function sweepMarkers(
  pool: SshPool,
  target: SshTarget,
  { olderThanDays = 7, ...options }: MarkerOptions & { olderThanDays?: number } = {},
): Promise<{ removed: number; kept: number }> {
  const words = await lastWords(pool, target, 'sweep', 'sweep', { wA: olderThanDays }, options);
  const sum = (index: number) =>
    words.reduce((total, line) => total + (line[0] === 'swept' ? Number(line[index]) || 0 : 0), 0);
  return { removed: sum(1), kept: sum(2) };
}

/** Runs a verb that only answers in words, and gives its lines. */
async function lastWords(
  pool: SshPool,
  target: SshTarget,
  verb: 'cancel' | 'end' | 'sweep',
  key: string,
  parameters: Record<string, string | number>,
  options: MarkerOptions,
): Promise<string[][]> {
  const lines: string[][] = [];
  const firstWordMs = verb === 'end' ? 30_000 : 330_000; // a cancel speaks after its grace
  const channel = await startProgram(pool, target, { verb, key, parameters, firstWordMs, ...options });
  try {
    for await (const item of channel as AsyncIterable<ProgramItem>) if (item.kind === 'words') lines.push(item.words);
  } finally {
    channel.close();
  }
  return lines;
}
