import { sql } from 'kysely';
import type { Db } from './database.ts';

/** SQLSTATE classes of a server that is away, starting, stopping, full or overloaded, and of work it gave up on its own. */
const classes = ['08', '40', '53', '57', '58'];
/** A read-only standby during a failover; a transaction past its time; a lock not got in time. */
const states = ['25006', '25P04', '55P03', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOENT'];

/** Whether nothing is wrong with what was asked: the database is away or overloaded, and the same may be asked again. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (
    /timeout exceeded when trying to connect|Connection terminated|not queryable|Client was closed|ECONNREFUSED|the database system is (starting up|shutting down)/.test(
      error.message,
    )
  )
    return true;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return states.includes(code) || (/^[0-9A-Z]{5}$/.test(code) && classes.includes(code.slice(0, 2)));
}

/** Asks the database for the least it can answer. @throws where it does not */
export const askDatabase = async (db: Db): Promise<void> => void (await sql`select 1`.execute(db));

const longestPauseMs = 2_000;

/**
 * Does database work that may be repeated, again and again while the database is away: for work whose failure would be
 * taken for that of a host or another system. Ends early with the signal.
 * @throws whatever else the work throws
 */
export async function untilDatabase<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isDatabaseAway(error) || signal?.aborted) throw error;
      await pause(Math.min(longestPauseMs, 50 * 2 ** Math.min(attempt, 6)), signal);
    }
  }
}

const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((done) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      done();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
