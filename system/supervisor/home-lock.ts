import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isAlive, markOf, type ProcessMark } from '../embedded/processes.ts';
import { StartFailure, reasonOf } from '../start-failure.ts';

const Mark = z.object({ pid: z.number().int(), startedAt: z.string() });

/** Takes the home for this process alone, or says who has it. A lock left by a killed process is taken over. */
export function lockHome(home: string): { release(): void } {
  const folder = join(home, 'run');
  const path = join(folder, 'lock');
  const own = JSON.stringify(markOf(process.pid));
  const making = `${path}.${process.pid}`;
  try {
    makeFolder(folder);
    writeFileSync(making, own, { mode: 0o600 });
  } catch (error) {
    throw new StartFailure(
      `The folder ${home} cannot be used: ${reasonOf(error)}. Set WINDLASS_HOME to one that can be written.`,
      { cause: error },
    );
  }
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      if (tryLink(making, path)) return { release: () => releaseLock(path, own) };
      const text = readText(path);
      const holder = readMark(text);
      if (holder && isAlive(holder)) {
        throw new StartFailure(
          `${home} is in use by the Windlass with process id ${holder.pid}: stop it first, or set WINDLASS_HOME to another folder for a second one.`,
        );
      }
      setAsideStale(path, text);
    }
    throw new StartFailure(`Several processes try to take ${home} at once: start one.`);
  } finally {
    rmSync(making, { force: true });
  }
}

/** Step by step: Node's own `recursive` never returns where a file system refuses new folders by ENOENT, as `/proc` does. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to); // atomic, and fails where one stands
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the stale lock and no other: another start may have put its own there since we looked. */
function setAsideStale(path: string, seen: string | undefined): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return; // gone already
  }
  if (readText(aside) !== seen) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function releaseLock(path: string, own: string): void {
  if (readText(path) === own) rmSync(path, { force: true });
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function readMark(text: string | undefined): ProcessMark | undefined {
  try {
    return Mark.parse(JSON.parse(text ?? ''));
  } catch {
    return undefined;
  }
}
