import { readFileSync } from 'node:fs';
import { isUserName, quoteWord } from './quote.ts';
import { SshProblem } from './problem.ts';

/** Who runs it: the account that signed in, or another by sudo. */
export interface Sudo {
  user: string;
  /** Where sudo asks for one. */
  password?: string;
}

const partNames = [
  'common',
  'make',
  'supervise',
  'follow',
  'begin',
  'cancel',
  'end',
  'sweep',
  'check',
  'plain',
  'kill',
] as const;
type PartName = (typeof partNames)[number];

const parts = splitParts(readFileSync(new URL('./program.sh', import.meta.url), 'utf8'));

/** Cuts the program at its `#@ name` lines; comments and indentation stay here. */
function splitParts(source: string): Record<PartName, string> {
  const found = new Map<string, string>();
  for (const piece of source.split(/^#@ /m).slice(1)) {
    const [name = '', ...lines] = piece.split('\n');
    const kept = lines.filter((line) => !/^\s*(?:#|$)/.test(line)).map((line) => line.trim().replace(/ # .*$/, ''));
    found.set(name.trim(), `${kept.join('\n')}\n`);
  }
  return Object.fromEntries(
    partNames.map((name) => {
      const text = found.get(name);
      if (text === undefined) throw new Error(`program.sh has no part ${name}.`);
      return [name, text];
    }),
  ) as Record<PartName, string>;
}

const verbs = {
  begin: ['common', 'make', 'supervise', 'follow', 'begin'],
  attach: ['common', 'follow', 'begin'],
  cancel: ['common', 'make', 'cancel'],
  end: ['common', 'end'],
  sweep: ['common', 'sweep'],
  check: ['common', 'make', 'check'],
  plain: ['plain'],
  kill: ['common', 'kill'],
} as const satisfies Record<string, readonly PartName[]>;
export type Verb = keyof typeof verbs;

/** A value of the program: a number goes bare, a text quoted. */
export type Parameters = Readonly<Record<string, string | number>>;

export const isCommandKey = (key: string): boolean => /^[A-Za-z0-9._-]{1,160}$/.test(key) && !/^\.+$/.test(key);

/**
 * The exec string: the same for every verb and safe in any login shell, for it has no newline, backslash or nested quote.
 * Everything else goes over stdin, where `ps` shows nothing.
 */
export function execString(key: string, sudo?: Sudo, shell = '/bin/sh'): string {
  if (!isCommandKey(key)) throw new SshProblem('command.refused', { reason: 'the key has characters we do not use' });
  if (!/^\/[A-Za-z0-9._/-]+$/.test(shell))
    throw new SshProblem('command.refused', { reason: 'the shell is no plain path' });
  const loop = `${shell} -c 'while IFS= read -r s;do case $s in L=*) eval "$s";exit;; esac;done' windlass ${key}`;
  if (!sudo) return `exec ${loop}`;
  if (!isUserName(sudo.user)) throw new SshProblem('command.refused', { reason: 'the user for sudo is no user name' });
  const how = sudo.password === undefined ? '-n' : `-S -p ''`;
  return `sudo ${how} -H -u ${sudo.user} -- ${loop}`;
}

/** What goes over stdin: the password's line where sudo wants one, then a line that takes in the program and runs it. */
export function programBytes(verb: Verb, nonce: string, key: string, parameters: Parameters, sudo?: Sudo): Buffer {
  const values = Object.entries({ wN: nonce, wK: key, ...parameters }).map(
    ([name, value]) => `${name}=${typeof value === 'number' ? String(Math.trunc(value)) : quoteWord(value)}\n`,
  );
  const program = Buffer.from(values.join('') + verbs[verb].map((name) => parts[name]).join(''), 'utf8');
  if (program.includes(0)) throw new SshProblem('command.refused', { reason: 'it holds a NUL character' });
  if (sudo?.password?.startsWith('L=') || /[\n\r\0]/.test(sudo?.password ?? '')) {
    throw new SshProblem('command.refused', { reason: 'this sudo password cannot be given over stdin' });
  }
  const boot = program.length <= 1_500 ? oneLine(program) : byCount(program);
  const password = sudo?.password === undefined ? '' : `${sudo.password}\n`;
  return Buffer.concat([Buffer.from(password, 'utf8'), boot]);
}

/**
 * `dd` takes no more than is missing, so it never eats what follows; a length must count bytes, hence LC_ALL=C (given back to the
 * command). Reading this much by `read`, a byte at a time, took twice as long.
 */
function byCount(program: Buffer): Buffer {
  const boot =
    `L=\${LC_ALL--};LC_ALL=C;n=${program.length};s=;while [ \${#s} -lt $n ];do ` +
    'r=$(dd bs=$((n-${#s})) count=1 2>/dev/null;echo .);[ "$r" = . ]&&exit 1;s=$s${r%.};done;eval "$s"\n';
  return Buffer.concat([Buffer.from(boot, 'utf8'), program]);
}

/** A short program fits into the line itself and needs no process to be read: its newlines are the last character of IFS. */
function oneLine(program: Buffer): Buffer {
  const lines = program.toString('utf8').split('\n').map(quoteWord).join('"$N"');
  return Buffer.from(`L=\${LC_ALL--};LC_ALL=C;N=\${IFS#??};eval ${lines}\n`, 'utf8');
}
