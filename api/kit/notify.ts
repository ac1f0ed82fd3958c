import pg from 'pg';
import type { Log } from '#system/log.ts';

const channel = 'windlass_events';
const quietMs = 5;

export interface Wakeups {
  /** Something was committed here: tell the other processes, at most once in 5 ms. */
  tell(): void;
  close(): Promise<void>;
}

/**
 * Wake-ups between processes over one connection of its own (design §4): NOTIFY inside business transactions would
 * serialise their commits. Lost ones do no harm, for the tail is polled as well.
 * @param url a direct connection, not one through a transaction pooler
 */
export async function connectWakeups(url: string, onWake: () => void, log: Log): Promise<Wakeups> {
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const connect = async (): Promise<void> => {
    if (isClosed) return;
    const next = new pg.Client({ connectionString: url, application_name: 'windlass wake-ups', keepAlive: true });
    next.on('notification', onWake);
    next.on('error', () => void next.end().catch(() => {}));
    next.on('end', () => {
      if (client === next) client = undefined;
      if (!isClosed) setTimeout(() => void connect(), 1_000).unref();
    });
    try {
      await next.connect();
      await next.query(`listen ${channel}`);
      client = next;
      onWake();
    } catch (error) {
      log.warn({ err: error }, 'no connection for wake-ups; polling goes on');
      await next.end().catch(() => {});
    }
  };
  await connect();
  return {
    tell() {
      timer ??= setTimeout(() => {
        timer = undefined;
        client?.query(`notify ${channel}`).catch(() => {});
      }, quietMs);
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await client?.end().catch(() => {});
    },
  };
}
