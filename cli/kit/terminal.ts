import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { text as textOf } from 'node:stream/consumers';
import { Interrupted, UsageError } from './exits.ts';

/** What a key is replaced by, should some text hold it. */
const redacted = '[secret]';
const secrets = new Set<string>();
/** From now on this text is never printed on stderr, whoever says it. */
export const neverPrint = (secret: string): void => void secrets.add(secret);
const withoutSecrets = (text: string): string =>
  [...secrets].reduce((clean, secret) => clean.replaceAll(secret, redacted), text);

/** Somebody looks at the output, so that a table is better than JSON. */
export const isTerminal = (): boolean => process.stdout.isTTY === true;
export const terminalWidth = (): number => process.stdout.columns || 80;

/** Writes to standard output as fast as its reader takes it. */
export async function print(text: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}
export const printJson = (value: unknown): Promise<void> => print(`${JSON.stringify(value, null, 2)}\n`);

/** A line about what goes on, beside the output. */
export const note = (text: string): void => void process.stderr.write(`${withoutSecrets(text)}\n`);

/** All of standard input. */
export const readInput = (): Promise<string> => textOf(process.stdin);

/** Asks a question on the terminal; nothing typed means `preset`. */
export async function ask(question: string, preset = ''): Promise<string> {
  if (!process.stdin.isTTY) throw new UsageError(`There is no terminal to ask on: ${question}`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const closed = once(lines, 'close').then(() => {
    throw new Interrupted('Interrupted.');
  });
  try {
    const answer = await Promise.race([lines.question(`${question}${preset ? ` [${preset}]` : ''}: `), closed]);
    return answer.trim() || preset;
  } finally {
    closed.catch(() => {});
    lines.close();
  }
}

/** Asks for a secret: what is typed is not shown. */
export async function askSecret(question: string): Promise<string> {
  const { stdin } = process;
  if (!stdin.isTTY) throw new UsageError(`There is no terminal to ask on: ${question}`);
  process.stderr.write(`${question}: `);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  let typed = '';
  try {
    for await (const piece of stdin.iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
      for (const sign of piece) {
        if (sign === '\r' || sign === '\n') return typed.trim();
        if (sign === '\u0003' || sign === '\u0004') throw new Interrupted('Interrupted.');
        typed = sign === '\u007F' || sign === '\b' ? typed.slice(0, -1) : typed + sign;
      }
    }
    return typed.trim();
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    process.stderr.write('\n');
  }
}
