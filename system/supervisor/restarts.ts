import { appendFileSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** One part of the installation that ended by itself and was started again: the event `system.restarted`. */
export const Restart = z.object({
  at: z.string(),
  /** `postgres`, `temporal`, `app` or `work`. */
  what: z.string(),
  /** How it ended. */
  reason: z.string(),
  /** How often in a row. */
  attempt: z.number().int(),
});
export type Restart = z.infer<typeof Restart>;

const fileOf = (home: string): string => join(home, 'run', 'restarts.ndjson');

/** Notes a restart for the app, which may be the very thing that is down. */
export const noteRestart = (home: string, restart: Restart): void =>
  appendFileSync(fileOf(home), `${JSON.stringify(restart)}\n`, { mode: 0o600 });

/** Hands the noted restarts to `save` and forgets them once it has resolved: at least once each. Call it at start and now and then. */
export async function deliverRestarts(home: string, save: (restarts: Restart[]) => Promise<void>): Promise<number> {
  const taking = `${fileOf(home)}.taking`;
  if (!existsSync(taking)) {
    if (!existsSync(fileOf(home))) return 0;
    renameSync(fileOf(home), taking);
  }
  const restarts = readFileSync(taking, 'utf8')
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => parseLine(line));
  if (restarts.length > 0) await save(restarts);
  rmSync(taking, { force: true });
  return restarts.length;
}

/** A line cut by a crash is left out. */
function parseLine(line: string): Restart[] {
  try {
    return [Restart.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}
