import { setTimeout as wait } from 'node:timers/promises';
import { startProgram, type ProgramChannel, type StreamName } from './channel.ts';
import { commandParameters, type CommandText } from './command.ts';
import type { SshTarget } from './connect.ts';
import type { SshPool } from './pool.ts';
import { SshProblem } from './problem.ts';

export interface PlainOptions {
  /** Live output, in the order of each stream. */
  onOutput?: (stream: StreamName, bytes: Buffer) => void;
  /** Past it output is counted, not delivered. */
  capBytes?: number;
  /** Then the command is killed and `command.timed_out` thrown. */
  timeoutMs?: number;
  /** Kills the command: TERM to its process group, KILL after `graceSeconds`. */
  signal?: AbortSignal;
  graceSeconds?: number;
  /** Bytes for its stdin, any; `stdin` of the text is for texts. */
  stdinBytes?: Buffer | AsyncIterable<Buffer>;
  sh?: string;
  firstWordMs?: number;
}

export interface PlainEnd {
  exitCode: number | null;
  signal: string | null;
  totals: Record<StreamName, number>;
}

/**
 * Runs a command that is not durable: it lives and ends with its channel. The text still travels over stdin, so neither it nor
 * its environment is in `ps`. A lost connection is `ssh.connection_lost`, and nobody knows what became of the command.
 */
export async function runPlain(
  pool: SshPool,
  target: SshTarget,
  text: CommandText,
  options: PlainOptions = {},
): Promise<PlainEnd> {
  const { wT, wB, wP, wS } = commandParameters(text, options.sh);
  const stop = new AbortController();
  const timeout =
    options.timeoutMs === undefined ? undefined : setTimeout(() => stop.abort('timeout'), options.timeoutMs);
  const abort = () => stop.abort('abort');
  options.signal?.throwIfAborted();
  options.signal?.addEventListener('abort', abort, { once: true });
  // The login's shell runs our program; with another shell asked for, that one runs the command.
  const isOther = wS !== (options.sh ?? '/bin/sh');
  const channel = await startProgram(pool, target, {
    verb: 'plain',
    key: 'plain',
    parameters: { wT, wB },
    sudo: text.sudo,
    sh: isOther && text.shell ? text.shell : options.sh,
    firstWordMs: options.firstWordMs,
  }).catch((error: unknown) => {
    clearTimeout(timeout);
    options.signal?.removeEventListener('abort', abort);
    throw error;
  });
  let pid = 0;
  let killed: Promise<void> | undefined;
  const kill = () => {
    killed ??= killGroup(pool, target, channel, () => pid, text, options);
  };
  if (stop.signal.aborted) kill(); // it was stopped while the channel was being opened
  else stop.signal.addEventListener('abort', kill, { once: true });
  const totals = { stdout: 0, stderr: 0 };
  const capBytes = options.capBytes ?? Infinity;
  try {
    const items = channel[Symbol.asyncIterator]();
    let next = await items.next();
    for (; !next.done; next = await items.next()) {
      const item = next.value;
      if (item.kind === 'words') {
        if (item.stream === 'stderr' && item.words[0] === 'begun') {
          pid = Number(item.words[1]) || 0;
          void feed(channel, options.stdinBytes ?? Buffer.from(wP));
        }
        continue;
      }
      const before = totals[item.stream];
      totals[item.stream] += item.bytes.length;
      if (before < capBytes) options.onOutput?.(item.stream, item.bytes.subarray(0, capBytes - before));
    }
    await killed;
    throwIfStopped(stop.signal, options);
    const { code, signal } = next.value;
    return { exitCode: code, signal: signal === null ? null : `SIG${signal.replace(/^SIG/, '')}`, totals };
  } catch (error) {
    throwIfStopped(stop.signal, options);
    throw error;
  } finally {
    clearTimeout(timeout);
    options.signal?.removeEventListener('abort', abort);
    channel.close();
  }
}

/** What we ended ourselves did not fail by itself. */
function throwIfStopped(stop: AbortSignal, { timeoutMs, signal }: PlainOptions): void {
  if (stop.reason === 'timeout') throw new SshProblem('command.timed_out', { limitMs: timeoutMs });
  signal?.throwIfAborted();
}

/** What `runPlain` wrote, as text; at most 1 MiB of each stream. For short questions to a host. */
export async function readPlain(
  pool: SshPool,
  target: SshTarget,
  text: CommandText,
  options: Omit<PlainOptions, 'onOutput'> = {},
): Promise<PlainEnd & { stdout: string; stderr: string }> {
  const chunks: Record<StreamName, Buffer[]> = { stdout: [], stderr: [] };
  const onOutput = (stream: StreamName, bytes: Buffer) => void chunks[stream].push(bytes);
  const end = await runPlain(pool, target, text, { capBytes: 1_048_576, ...options, onOutput });
  return { ...end, stdout: Buffer.concat(chunks.stdout).toString(), stderr: Buffer.concat(chunks.stderr).toString() };
}

async function feed(channel: ProgramChannel, input: Buffer | AsyncIterable<Buffer>): Promise<void> {
  try {
    if (Buffer.isBuffer(input)) await channel.send(input);
    else for await (const bytes of input) await channel.send(bytes);
  } finally {
    channel.endInput();
  }
}

/**
 * By a second channel, for sshd may not signal what sudo started as somebody else. What has not begun is waited for a while, or it
 * might begin after we have turned away.
 */
async function killGroup(
  pool: SshPool,
  target: SshTarget,
  channel: ProgramChannel,
  pidOf: () => number,
  { sudo }: CommandText,
  { graceSeconds = 10, sh }: PlainOptions,
): Promise<void> {
  for (let look = 0; pidOf() <= 1 && look < 100 && channel.isOpen; look++) await wait(50);
  const pid = pidOf();
  if (pid <= 1) return channel.close(true);
  try {
    const killer = await startProgram(pool, target, {
      verb: 'kill',
      key: 'kill',
      parameters: { wQ: pid, wG: graceSeconds },
      sudo,
      sh,
      firstWordMs: (graceSeconds + 15) * 1_000,
    });
    for await (const item of killer) if (item.kind === 'words' && item.words[0] === 'done') break;
    killer.close();
  } finally {
    channel.close();
  }
}
