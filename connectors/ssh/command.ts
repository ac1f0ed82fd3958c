import { constants } from 'node:os';
import type { StreamName } from './channel.ts';
import { SshProblem } from './problem.ts';
import { exportLines, isEnvName, quoteWord, quoteWords } from './quote.ts';
import type { Sudo } from './script.sh.ts';

/** What is to run on a host. Secrets belong into `env` or `stdin`: neither is ever in `ps` or on the host's disk. */
export interface CommandText {
  /** A shell command; or, with `script`, nothing. */
  command?: string;
  script?: { body: string; interpreter?: string; args?: readonly string[] };
  env?: Readonly<Record<string, string>>;
  /** Text for its stdin, at most 1 MiB; otherwise stdin is empty. */
  stdin?: string;
  cwd?: string;
  /** Runs the command; `/bin/sh` by default. */
  shell?: string;
  sudo?: Sudo;
}

export interface CommandEnd {
  /** 0–255; null where the command was cancelled or killed without one. */
  exitCode: number | null;
  /** By the convention 128 + n: `exit 143` and a death by TERM look the same in a POSIX shell. */
  signal: string | null;
  isCanceled: boolean;
  /** Bytes that the command wrote. Exact, but "at least" where output was lost. */
  totals: Record<StreamName, number>;
  /** The host's disk was full: part of the output is gone (`command.output_lost`). The exit code counts. */
  isOutputLost: boolean;
  /** A child of the command still held its output 2 s after the end; what it writes later is not followed. */
  isOutputOpen: boolean;
  /** More was written than was delivered (`command.output_truncated`). */
  isTruncated: Record<StreamName, boolean>;
}

export const limits = { textBytes: 65_536, bodyBytes: 1_048_576, stdinBytes: 1_048_576, capBytes: 1_048_576 } as const;

/** What the program on the host needs to run it: `wT` text, `wB` script body, `wP` stdin, `wS` the shell. */
export function commandParameters(text: CommandText, sh = '/bin/sh') {
  for (const name of Object.keys(text.env ?? {})) {
    if (!isEnvName(name)) throw new SshProblem('command.refused', { reason: `${name} is no name of a variable` });
  }
  const shell = text.shell ?? sh;
  const [run, body] = runLine(text, shell);
  const cd = text.cwd === undefined ? '' : `cd -- ${quoteWord(text.cwd)} || exit 1\n`;
  const wT = `${exportLines(text.env ?? {})}${cd}${run}`;
  holdTo('command and environment', wT, limits.textBytes);
  holdTo('script', body, limits.bodyBytes);
  holdTo('stdin', text.stdin ?? '', limits.stdinBytes);
  return { wT, wR: Buffer.byteLength(wT), wB: body, wP: text.stdin ?? '', wS: isPosixShell(shell) ? shell : sh };
}

/** A script, and a command for a shell that is not of POSIX's kind, goes into a file (0600) that is gone after it. */
function runLine({ command, script }: CommandText, shell: string): [line: string, body: string] {
  const file = '"$WINDLASS_SCRIPT"';
  if (script) {
    const interpreter = (script.interpreter ?? '/bin/sh').trim().split(/\s+/);
    return [`exec ${quoteWords(interpreter)} ${file} ${quoteWords(script.args ?? [])}\n`, script.body || '\n'];
  }
  if (command === undefined)
    throw new SshProblem('command.refused', { reason: 'there is neither a command nor a script' });
  if (isPosixShell(shell)) return [`${command}\n`, ''];
  return [`exec ${quoteWord(shell)} ${file}\n`, `${command}\n`];
}

const isPosixShell = (path: string): boolean => /(?:^|\/)(?:sh|dash|bash|ash|ksh93|ksh)$/.test(path);

function holdTo(what: string, text: string, limitBytes: number): void {
  if (Buffer.byteLength(text) > limitBytes) {
    throw new SshProblem('command.refused', { reason: `${what} are longer than ${limitBytes} bytes` });
  }
  if (text.includes('\0')) throw new SshProblem('command.refused', { reason: `${what} hold a NUL character` });
}

/** The name of the signal in an exit code of a shell, for 129 to 192. */
export function signalOf(exitCode: number): string | null {
  if (exitCode < 129 || exitCode > 192) return null;
  const number = exitCode - 128;
  const [name] = Object.entries(constants.signals).find(([, value]) => value === number) ?? [];
  return name ?? `SIG${number}`;
}

/** Reads `x <rc> <out> <err> <ok|lost> <open> .`, strictly: the line is the host's word. */
export function parseEnd(words: readonly string[]): CommandEnd {
  const [x, rc = '', out = '', err = '', lost = '', open = '', dot] = words;
  const isCode = rc === 'canceled' || (/^\d{1,3}$/.test(rc) && Number(rc) <= 255);
  const isTotal = (text: string) => /^\d{1,15}$/.test(text);
  const isWhole = x === 'x' && dot === '.' && words.length === 7 && (lost === 'ok' || lost === 'lost');
  if (!isWhole || !isCode || !isTotal(out) || !isTotal(err) || !/^[01]$/.test(open)) {
    throw new SshProblem('command.outcome_unknown', { reason: 'the end line is torn' });
  }
  const exitCode = rc === 'canceled' ? null : Number(rc);
  return {
    exitCode,
    signal: exitCode === null ? null : signalOf(exitCode),
    isCanceled: exitCode === null,
    totals: { stdout: Number(out), stderr: Number(err) },
    isOutputLost: lost === 'lost',
    isOutputOpen: open === '1',
    isTruncated: { stdout: false, stderr: false },
  };
}

/** Turns a word that says why there is no end into the problem it stands for. */
export function hostProblem(words: readonly string[], facts: { shell?: string } = {}): SshProblem {
  const [kind, word = '', code] = words;
  if (kind === 'lost') {
    const reason = word.replaceAll('-', ' ');
    return new SshProblem(word.startsWith('reboot') ? 'command.host_rebooted' : 'command.outcome_unknown', { reason });
  }
  switch (word) {
    case 'disk_full':
      return new SshProblem('command.disk_full');
    case 'no_state_folder':
      return new SshProblem('command.no_state_folder');
    case 'not_begun':
      return new SshProblem('command.not_begun');
    case 'cancel_denied':
      return new SshProblem('command.cancel_denied');
    case 'no_builtin':
      return new SshProblem('command.shell_missing', { answer: 'its printf is a program, not a part of the shell' });
    case 'other_host':
      return new SshProblem('command.outcome_unknown', { reason: 'the address leads to several machines' });
    case 'not_started':
      return code === '126' || code === '127'
        ? new SshProblem('command.not_startable', { shell: facts.shell ?? '/bin/sh', exitCode: Number(code) })
        : new SshProblem('command.not_begun', { exitCode: Number(code ?? -1) });
    default:
      return new SshProblem('command.outcome_unknown', { reason: `an unknown word: ${word.slice(0, 40)}` });
  }
}

export interface CommandOutcome {
  state: 'succeeded' | 'failed' | 'canceled';
  /** Why it is no success: `command.failed` or `command.canceled`. */
  problem: SshProblem | null;
  /** What a person should know although the exit code counts. */
  warnings: ('command.output_lost' | 'command.output_truncated')[];
}

/** What an end means for one host. That it is unknown, or that the host was not reached, is thrown by who followed it. */
export function outcomeOf(end: CommandEnd, okExitCodes: readonly number[] = [0]): CommandOutcome {
  const warnings: CommandOutcome['warnings'] = [];
  if (end.isOutputLost) warnings.push('command.output_lost');
  if (end.isTruncated.stdout || end.isTruncated.stderr) warnings.push('command.output_truncated');
  if (end.exitCode === null) return { state: 'canceled', problem: new SshProblem('command.canceled'), warnings };
  if (okExitCodes.includes(end.exitCode)) return { state: 'succeeded', problem: null, warnings };
  const facts = { exitCode: end.exitCode, signal: end.signal ?? undefined };
  return { state: 'failed', problem: new SshProblem('command.failed', facts), warnings };
}
