import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** One exact process: pids are reused, a pid together with its start time is not. */
export interface ProcessMark {
  readonly pid: number;
  readonly startedAt: string;
}

let bootId: string | undefined;
const readBootId = (): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  } catch {
    return 'boot';
  }
};

/** When a process started, in a form only good for comparison; undefined when it is gone (a zombie is gone). */
function startOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The name in parentheses may hold blanks and parentheses itself: the fields start after the last one.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${(bootId ??= readBootId())}:${fields[19]}`;
    } catch {
      return undefined;
    }
  }
  try {
    const [state = '', ...start] = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    return state === '' || state.startsWith('Z') ? undefined : start.join(' ');
  } catch {
    return undefined;
  }
}

/** The mark of a living process, or undefined. */
export function markOf(pid: number | undefined): ProcessMark | undefined {
  if (pid === undefined || !Number.isInteger(pid) || pid <= 0) return undefined;
  const startedAt = startOf(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Whether exactly this process still lives. */
export const isAlive = (mark: ProcessMark): boolean => startOf(mark.pid) === mark.startedAt;

/** The command line of a process, '' when unknown. */
export function commandLineOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

/** Sends a signal to exactly this process; does nothing when it is gone. */
export function signalProcess(mark: ProcessMark, signal: NodeJS.Signals): void {
  if (!isAlive(mark)) return;
  try {
    process.kill(mark.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Resolves once the process is gone (true) or the time is over (false). */
export async function waitGone(mark: ProcessMark, limitMs: number): Promise<boolean> {
  const end = Date.now() + limitMs;
  while (isAlive(mark)) {
    if (Date.now() >= end) return false;
    await sleep(15);
  }
  return true;
}

/** Ends exactly this process: each signal in turn, with the time it is given; the last resort is SIGKILL. */
export async function endProcess(
  mark: ProcessMark,
  steps: readonly (readonly [NodeJS.Signals, number])[],
): Promise<void> {
  for (const [signal, limitMs] of steps) {
    signalProcess(mark, signal);
    if (await waitGone(mark, limitMs)) return;
  }
  signalProcess(mark, 'SIGKILL');
  await waitGone(mark, 5_000);
}

/** Resolves when the process ends, also when it is not our child. */
export async function whenGone(mark: ProcessMark, signal: AbortSignal): Promise<undefined> {
  while (isAlive(mark)) await sleep(250, undefined, { signal, ref: false });
  return undefined;
}

/** Why a port cannot be listened on (`EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES` …); undefined where it can. */
export const whyNotFree = (port: number, host = '127.0.0.1'): Promise<string | undefined> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(undefined)));
  });

/** Whether a port can be listened on. */
export const isPortFree = async (port: number, host?: string): Promise<boolean> =>
  (await whyNotFree(port, host)) === undefined;

/** A port the operating system says is free now. */
export const freePort = (host = '127.0.0.1'): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ port: 0, host }, () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
