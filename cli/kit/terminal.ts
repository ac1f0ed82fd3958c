import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
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

/** What is typed is shown nowhere. */
const unseen = (): Writable => new Writable({ write: (_piece, _encoding, done) => done() });

/** A line typed on the terminal. Readline wipes its line, so what stands before the cursor is its own prompt. */
async function readLine(question: string, prompt: string, output: NodeJS.WritableStream): Promise<string> {
  if (!process.stdin.isTTY) throw new UsageError(`There is no terminal to ask on: ${question}`);
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  const { promise: closed, reject } = Promise.withResolvers<never>();
  lines.once('close', () => reject(new Interrupted('Interrupted.')));
  try {
    // Ctrl-C rejects, Ctrl-D only closes.
    const typed = lines.question(prompt).catch(() => closed);
    return (await Promise.race([typed, closed])).trim();
  } catch (error) {
    process.stderr.write('\n');
    throw error;
  } finally {
    lines.close();
    closed.catch(() => {});
  }
}

/** Asks a question on the terminal; nothing typed means `preset`. @throws Interrupted */
export async function ask(question: string, preset = ''): Promise<string> {
  const prompt = `${question}${preset ? ` [${preset}]` : ''}: `;
  return (await readLine(question, prompt, process.stderr)) || preset;
}

/** Asks for a secret: what is typed is not shown. @throws Interrupted */
export async function askSecret(question: string): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write(`${question}: `);
  const typed = await readLine(question, '', unseen());
  process.stderr.write('\n');
  return typed;
}
