import { Client } from './client.ts';
import { Interrupted } from './exits.ts';
import { type Scanned, isSet, valueOf, type OptionDef } from './scan-arguments.ts';
import { type Environment, chosenProfile, isOpenToOthers, settingsFile } from './settings.ts';
import { neverPrint, note } from './terminal.ts';

/** What every command takes. */
export const commonOptions: readonly (OptionDef & { readonly about: string })[] = [
  { name: 'profile', about: 'whom to call, where several are kept' },
  { name: 'verbose', isFlag: true, about: 'each call on stderr: method, path, status, time' },
  { name: 'help', isFlag: true, about: 'what the command takes' },
];

/** Opens the API as the command line, the environment and the settings say. @throws UsageError, Refused */
export function openClient(scanned: Scanned, env: Environment): Client {
  const target = chosenProfile(env, valueOf(scanned, 'profile'));
  if (target.apiKey) neverPrint(target.apiKey);
  if (isOpenToOthers(env)) note(`windlass: others may read ${settingsFile(env)}; chmod 600 it.`);
  return new Client({ target, isVerbose: isSet(scanned, 'verbose') });
}

/**
 * Runs work that an interrupt ends: its signal is aborted, and it may clean up. A second interrupt ends the process.
 * @throws Interrupted
 */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const release = onInterrupt(() => stop.abort());
  try {
    return await work(stop.signal);
  } catch (error) {
    if (stop.signal.aborted) throw new Interrupted('Interrupted.');
    throw error;
  } finally {
    release();
    stop.abort(); // what was begun beside it ends with it
  }
}

/** A terminal tells the launcher and the command, and the launcher tells the command again: within so long that is once. */
const sameInterruptMs = 500;

/** Listens for interrupts (Ctrl-C, a polite kill). @returns ends that */
export function onInterrupt(listener: () => void): () => void {
  let last = -Infinity;
  const heard = (): void => {
    const now = performance.now();
    if (now - last < sameInterruptMs) return;
    if (last > -Infinity) process.exit(3); // insisted upon
    last = now;
    listener();
  };
  process.on('SIGINT', heard);
  process.on('SIGTERM', heard);
  return () => {
    process.off('SIGINT', heard);
    process.off('SIGTERM', heard);
  };
}
