import pg from 'pg';
import type { Log } from './log.ts';

const channel = 'windlass_events';
const logChannel = 'windlass_logs';
const quietMs = 5;
const presenceChannel = 'windlass_presence';
const logQuietMs = 25;

/** The number of this connection's backend, which a notification names as its sender. */
const ownId = (client: pg.Client): number | null => (client as unknown as { processID: number | null }).processID;

export interface Wakeups {
  /** Something was committed here: tell the other processes, at once and then at most once in 5 ms. */
  tell(): void;
  /** A run's log has grown: tell those who show it. */
  tellLog(runId: string): void;
  /** Somebody is there, or has gone: a word for the boards of the other processes, of 8,000 bytes at most. */
  tellPresence(word: string): void;
  close(): Promise<void>;
}

/**
 * Wake-ups between processes over one connection of its own (design §4): NOTIFY inside business transactions would
 * serialise their commits. Lost ones do no harm, for the tail is polled as well.
 * @param url a direct connection, not one through a transaction pooler
 */
export async function connectWakeups(
  url: string,
  {
    onWake,
    onLog,
    onPresence,
    log,
  }: { onWake: () => void; onLog: (runId: string) => void; onPresence?: (word: string) => void; log: Log },
): Promise<Wakeups> {
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let logTimer: NodeJS.Timeout | undefined;
  /** Something was committed since it was told. */
  let isMore = false;
  const grown = new Set<string>();
  let isClosed = false;
  const connect = async (): Promise<void> => {
    if (isClosed) return;
    const next = new pg.Client({
      connectionString: url,
      application_name: 'windlass wake-ups',
      keepAlive: true,
      // What is told never waits for an answer.
      pipeline: true,
    } as pg.ClientConfig);
    next.on('notification', ({ processId, channel: from, payload }) => {
      if (from === logChannel && payload) payload.split(' ').forEach(onLog);
      else if (from === presenceChannel) {
        if (payload && processId !== ownId(next)) onPresence?.(payload);
      }
      // This process has looked already, at its own commit.
      else if (processId !== ownId(next)) onWake();
    });
    next.on('error', () => void next.end().catch(() => {}));
    next.on('end', () => {
      if (client === next) client = undefined;
      if (!isClosed) setTimeout(() => void connect(), 1_000).unref();
    });
    try {
      await next.connect();
      await next.query(`listen ${channel}; listen ${logChannel}; listen ${presenceChannel}`);
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
      if (timer) {
        isMore = true;
        return;
      }
      const send = (): void => {
        isMore = false;
        client?.query(`notify ${channel}`).catch(() => {});
        timer = setTimeout(() => {
          timer = undefined;
          if (isMore) send();
        }, quietMs);
      };
      send();
    },
    tellLog(runId) {
      grown.add(runId);
      logTimer ??= setTimeout(() => {
        logTimer = undefined;
        const runIds = [...grown].slice(0, 200);
        grown.clear();
        client?.query('select pg_notify($1, $2)', [logChannel, runIds.join(' ')]).catch(() => {});
      }, logQuietMs);
    },
    tellPresence(word) {
      client?.query('select pg_notify($1, $2)', [presenceChannel, word]).catch(() => {});
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      clearTimeout(logTimer);
      await client?.end().catch(() => {});
    },
  };
}
