import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import {
  connect,
  isSameKey,
  type ConnectOptions,
  type PinnedKey,
  type SshConnection,
  type SshTarget,
} from './connect.ts';
import { SshProblem } from './problem.ts';

export interface PoolOptions extends ConnectOptions {
  /** `MaxSessions` is 10 by default; two are left for a cancel and a check. */
  channelsPerConnection?: number;
  connectionsPerServer?: number;
  /** Over all servers; beyond it idle ones are closed, then work waits. */
  maxConnections?: number;
  idleMs?: number;
}

/** A place on a connection: one channel may be opened, then it is given back. */
export interface Lease {
  readonly connection: SshConnection;
  readonly client: Client;
  release: () => void;
  /** Gives it back and notes that the server allows fewer channels than we thought. False: not even this one, alone. */
  refused: () => boolean;
}

interface Entry {
  server: string;
  /** The key it was opened for; none: its first use was trusted. */
  pinned: PinnedKey | null | undefined;
  connection?: SshConnection;
  opening: Promise<SshConnection>;
  channels: number;
  idle?: NodeJS.Timeout;
  /** The server refused a channel though we counted one free: never more than this on it. */
  ceiling: number;
}

interface Waiter {
  server: string;
  wake: () => void;
}

/** On each connection for what must not wait behind the commands it is to end. */
const spareChannels = 2;

/** Keeps connections open between commands. What differs in server, login, pinned key or way there never shares one. */
export class SshPool {
  readonly #options: Required<
    Pick<PoolOptions, 'channelsPerConnection' | 'connectionsPerServer' | 'maxConnections' | 'idleMs'>
  > &
    PoolOptions;
  readonly #entries = new Set<Entry>();
  readonly #waiters = new Set<Waiter>();
  #isClosed = false;

  constructor(options: PoolOptions = {}) {
    this.#options = {
      channelsPerConnection: 8,
      connectionsPerServer: 4,
      maxConnections: 500,
      idleMs: 60_000,
      ...options,
    };
  }

  /** Open connections and channels in use, for metrics. */
  get size(): { connections: number; channels: number; waiting: number } {
    const channels = [...this.#entries].reduce((sum, entry) => sum + entry.channels, 0);
    return { connections: this.#entries.size, channels, waiting: this.#waiters.size };
  }

  /** A place for one channel, on an open connection where there is one. Waits while all are taken. Fails as `connect`. Urgent is a cancel. */
  async lease(target: SshTarget, signal?: AbortSignal, isUrgent = false): Promise<Lease> {
    const server = serverKey(target);
    for (;;) {
      signal?.throwIfAborted();
      if (this.#isClosed) throw new SshProblem('ssh.connection_lost', { host: target.host, reason: 'shutting down' });
      const entry = this.#free(server, target, isUrgent ? spareChannels : 0) ?? this.#open(server, target);
      if (entry) {
        entry.channels++;
        clearTimeout(entry.idle);
        try {
          const connection = entry.connection ?? (await entry.opening);
          return this.#leaseOf(entry, connection);
        } catch (error) {
          this.#give(entry);
          throw error;
        }
      }
      await this.#wait(server, signal);
    }
  }

  /** Ends idle connections at once and the others when their channels are done, or after `graceMs`. */
  async close(graceMs = 5_000): Promise<void> {
    this.#isClosed = true;
    this.#waiters.forEach((waiter) => waiter.wake());
    const ends = [...this.#entries].map(async (entry) => {
      const connection = await entry.opening.catch(() => undefined);
      if (entry.channels === 0) connection?.end();
      await connection?.ended;
    });
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#entries.forEach((entry) => entry.connection?.client.destroy());
        resolve();
      }, graceMs);
    });
    await Promise.race([Promise.all(ends), grace]);
    clearTimeout(timer);
  }

  #free(server: string, target: SshTarget, spare: number): Entry | undefined {
    let best: Entry | undefined;
    for (const entry of this.#entries) {
      if (entry.server !== server || entry.channels >= entry.ceiling + spare || !fits(entry, target.hostKey)) continue;
      if (entry.connection && !entry.connection.isOpen()) continue;
      if (!best || entry.channels < best.channels) best = entry;
    }
    return best;
  }

  #open(server: string, target: SshTarget): Entry | undefined {
    const own = [...this.#entries].filter((entry) => entry.server === server).length;
    if (own >= this.#options.connectionsPerServer) return undefined;
    if (this.#entries.size >= this.#options.maxConnections && !this.#closeOneIdle()) return undefined;
    const opening = connect(target, this.#options, (jump, host, port) => this.#jump(jump, host, port));
    const entry: Entry = {
      server,
      pinned: target.hostKey,
      opening,
      channels: 0,
      ceiling: this.#options.channelsPerConnection,
    };
    this.#entries.add(entry);
    opening.then(
      (connection) => {
        entry.connection = connection;
        this.#wake(server); // who names the key that was seen just now fits too
        void connection.ended.then(() => this.#drop(entry));
      },
      () => this.#drop(entry),
    );
    return entry;
  }

  /** A way through a jump host holds a place on the connection to it until the stream closes. */
  async #jump(jump: SshTarget, host: string, port: number): Promise<Duplex> {
    const lease = await this.lease(jump);
    return new Promise((resolve, reject) => {
      lease.client.forwardOut('127.0.0.1', 0, host, port, (error, stream) => {
        if (error) {
          lease.release();
          reject(
            new SshProblem('ssh.unreachable', { host, port, reason: `the jump host says: ${error.message}` }, error),
          );
          return;
        }
        stream.on('close', () => lease.release());
        resolve(stream);
      });
    });
  }

  #leaseOf(entry: Entry, connection: SshConnection): Lease {
    let isGiven = false;
    const release = () => {
      if (isGiven) return;
      isGiven = true;
      this.#give(entry);
    };
    const refused = () => {
      const isAlone = entry.channels <= 1;
      if (!isAlone) entry.ceiling = Math.max(1, Math.min(entry.ceiling, entry.channels - 1));
      release();
      return !isAlone;
    };
    return { connection, client: connection.client, release, refused };
  }

  #give(entry: Entry): void {
    entry.channels--;
    if (entry.channels === 0 && entry.connection) {
      if (this.#isClosed) entry.connection.end();
      clearTimeout(entry.idle);
      entry.idle = setTimeout(() => entry.connection?.end(), this.#options.idleMs).unref();
    }
    this.#wake(entry.server);
  }

  #drop(entry: Entry): void {
    clearTimeout(entry.idle);
    this.#entries.delete(entry);
    this.#wake(entry.server);
  }

  #closeOneIdle(): boolean {
    for (const entry of this.#entries) {
      if (entry.channels > 0 || !entry.connection) continue;
      entry.connection.end();
      this.#drop(entry);
      return true;
    }
    return false;
  }

  #wait(server: string, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        server,
        wake: () => {
          this.#waiters.delete(waiter);
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      const abort = () => {
        this.#waiters.delete(waiter);
        reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  /** First those of the same server; a place among all connections helps any. Who cannot use it waits again. */
  #wake(server: string): void {
    for (const waiter of this.#waiters) if (waiter.server === server) return waiter.wake();
    const [first] = this.#waiters;
    first?.wake();
  }
}

/**
 * Whether a connection serves one who names this key. A connection whose first use was trusted also serves those who have pinned
 * since what it showed; one who names none shares only with his like, so that no question about trust is left out.
 */
function fits({ pinned, connection }: Entry, wanted: PinnedKey | null | undefined): boolean {
  if (!wanted) return !pinned;
  return connection ? isSameKey(wanted, connection.hostKey) : !!pinned && isSameKey(wanted, pinned);
}

/** The name under which connections are shared. Secrets enter as a hash: a rotated key gets a new connection. */
function serverKey({ host, port, login, jump, scope }: SshTarget): string {
  const way = jump ? [serverKey(jump), jump.hostKey?.fingerprint ?? ''] : [];
  return createHash('sha256')
    .update(JSON.stringify([host, port, login, scope ?? '', way]))
    .digest('base64');
}
