import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const launcher = fileURLToPath(new URL('../../cli/windlass.js', import.meta.url));

export interface CommandEnd {
  readonly code: number | null;
  readonly out: string;
  /** The bytes of standard output. */
  readonly bytes: Buffer;
  readonly err: string;
}
export interface RunningCommand {
  readonly ended: Promise<CommandEnd>;
  /** Standard error so far. */
  readonly said: () => string;
  /** Standard output so far. */
  readonly printed: () => string;
  /** Ctrl-C, as a script sends it. */
  readonly interrupt: () => void;
}
/** A command on a terminal of its own, typed into. */
export interface TypedCommand {
  /** All that the terminal has shown. */
  readonly shown: () => string;
  readonly type: (text: string) => void;
  readonly ended: Promise<number | null>;
}
export interface CommandOptions {
  readonly env?: Record<string, string>;
  readonly input?: string | Buffer;
  /** The Node that starts it. */
  readonly node?: string;
  readonly cwd?: string;
}
/** The command line as a process of its own, with a home of its own: nothing of the tester's settings or environment is in it. */
export interface CommandLine {
  readonly home: string;
  start(args: readonly string[], options?: CommandOptions): RunningCommand;
  /** Runs a command to its end. */
  run(args: readonly string[], options?: CommandOptions): Promise<CommandEnd>;
  /** Starts it on a terminal, by util-linux’s `script`. */
  onTerminal(args: readonly string[], options?: Pick<CommandOptions, 'env'>): TypedCommand;
  close(): void;
}

/** Whether this machine can give a command a terminal. */
export const hasTerminals = process.platform === 'linux' && existsSync('/usr/bin/script');

export function commandLine(always: Record<string, string> = {}): CommandLine {
  const home = mkdtempSync(join(tmpdir(), 'windlass-cli-'));
  const running = new Set<ChildProcess>();
  const ownEnv = (env: Record<string, string>): Record<string, string | undefined> => ({
    PATH: process.env['PATH'],
    HOME: home,
    XDG_CONFIG_HOME: join(home, 'config'),
    ...always,
    ...env,
  });
  const start: CommandLine['start'] = (args, { env = {}, input, node = process.execPath, cwd = home } = {}) => {
    const child = spawn(node, [launcher, ...args], {
      cwd,
      env: ownEnv(env),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    running.add(child);
    child.once('close', () => running.delete(child));
    const out: Buffer[] = [];
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => void out.push(chunk));
    child.stderr.setEncoding('utf8').on('data', (text: string) => void (err += text));
    child.stdin.on('error', () => {}); // it may end before it has read all
    child.stdin.end(input);
    const ended = new Promise<CommandEnd>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        const bytes = Buffer.concat(out);
        resolve({ code, out: bytes.toString('utf8'), bytes, err });
      });
    });
    return {
      ended,
      said: () => err,
      printed: () => Buffer.concat(out).toString('utf8'),
      interrupt: () => void child.kill('SIGINT'),
    };
  };
  return {
    home,
    start,
    run: (args, options) => start(args, options).ended,
    onTerminal: (args, { env = {} } = {}) => {
      const command = [process.execPath, launcher, ...args].map((word) => `'${word}'`).join(' ');
      const child = spawn('/usr/bin/script', ['-qefc', command, '/dev/null'], {
        cwd: home,
        env: { ...ownEnv(env), TERM: 'xterm', SHELL: '/bin/sh' },
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      running.add(child);
      child.once('close', () => running.delete(child));
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (piece: string) => void (text += piece));
      return {
        shown: () => text,
        type: (typed) => void child.stdin.write(typed),
        ended: new Promise((resolve, reject) => void child.once('error', reject).once('close', resolve)),
      };
    },
    close: () => {
      for (const child of running) child.kill('SIGKILL');
      rmSync(home, { recursive: true, force: true });
    },
  };
}
