import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';

/** Writes a file whole or not at all, readable by its owner alone: a crash leaves the old one or the new one. */
export function writePrivate(path: string, text: string): void {
  const making = `${path}.${process.pid}.new`;
  const file = openSync(making, 'w', 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(making, path);
}

/** The JSON of a file, or undefined when there is none or it is broken: whoever reads it checks the shape. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Opens a server's log for appending; one that has grown beyond 16 MB becomes `.1`. */
export function openLog(path: string): number {
  try {
    if (statSync(path).size > 16 * 1024 * 1024) renameSync(path, `${path}.1`);
  } catch {
    // No log yet.
  }
  return openSync(path, 'a', 0o600);
}
