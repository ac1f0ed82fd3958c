import ipaddr from 'ipaddr.js';
import type { LookupFunction } from 'node:net';
import { Client, buildConnector } from 'undici';
import type { Address } from './address-guard.ts';

/** Answers every lookup of the connection with what was judged: nobody asks the name server again. */
export const pinned = (addresses: readonly Address[]): LookupFunction =>
  ((_host: string, options: { all?: boolean }, done: (...answer: unknown[]) => void) => {
    const [first] = addresses;
    if (options.all) done(null, [...addresses]);
    else if (first) done(null, first.address, first.family);
    else done(new Error('No address.'));
  }) as LookupFunction;

/** One connection to an address that was judged, for one request at a time. Once closed it is never opened again. */
export interface Connection {
  readonly client: Client;
  readonly origin: string;
  /** Where it really leads, in one spelling; null before it stands. */
  readonly address: () => string | null;
  readonly isOpen: () => boolean;
}

/** An address in one spelling, whoever wrote it. */
const spelled = (address: string): string =>
  ipaddr.isValid(address) ? ipaddr.process(address).toNormalizedString() : address;

/** What a connection fails with that is asked to open again: nothing was sent. */
const closed = (): Error => Object.assign(new Error('The connection was closed.'), { code: 'ECONNRESET' });

/**
 * A connection that is not open yet: its first request opens it.
 * @param isKept it may stay open after its request
 */
export function newConnection(
  origin: string,
  addresses: readonly Address[],
  { timeoutMs, isKept, idleMs }: { timeoutMs: number; isKept: boolean; idleMs: number },
): Connection {
  const connect = buildConnector({
    lookup: pinned(addresses),
    timeout: Math.min(timeoutMs, 10_000),
    allowH2: false,
    autoSelectFamily: true,
  });
  let hasBegun = false;
  let address: string | null = null;
  const client = new Client(origin, {
    connect: (options, done) => {
      // A second time would lead to addresses that were judged for an earlier request.
      if (hasBegun) {
        done(closed(), null);
        return;
      }
      hasBegun = true;
      connect(options, (...answer) => {
        const [, socket] = answer;
        address = socket?.remoteAddress === undefined ? null : spelled(socket.remoteAddress);
        done(...answer);
      });
    },
    allowH2: false,
    // The caller's signal is the one time limit.
    headersTimeout: 0,
    bodyTimeout: 0,
    pipelining: isKept ? 1 : 0,
    // Of a service that says how long it waits, a little less than that is believed.
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: Math.max(idleMs, 30_000),
    keepAliveTimeoutThreshold: 1_500,
    maxHeaderSize: 64 * 1024,
  });
  return { client, origin, address: () => address, isOpen: () => client.stats.connected };
}

/** Not awaited politely: a body that was cut would hold it open. */
export const dropConnection = ({ client }: Connection): void => void client.destroy().catch(() => {});

/**
 * Connections that stay open between the requests of one asker, each used by one request at a time. Which may be used is
 * decided at each request: one that leads to an address which is not permitted now is left alone and closes when it has
 * been idle. Idle ones do not keep the process.
 */
export class KeptConnections {
  readonly #idle: Connection[] = [];
  /** Those whose end is listened for: a connection is kept again and again. */
  readonly #watched = new WeakSet<Connection>();
  readonly #most: number;
  readonly idleMs: number;

  /** @param most idle ones that are kept; `idleMs` for how long, where the service does not say */
  constructor({ most = 10, idleMs = 4_000 }: { most?: number; idleMs?: number } = {}) {
    this.#most = most;
    this.idleMs = idleMs;
  }

  /** How many wait for a request. */
  get idle(): number {
    return this.#idle.length;
  }

  /** An open one to this origin by one of these addresses, the one used last; it is the caller's until given back. */
  take(origin: string, permitted: readonly Address[]): Connection | undefined {
    const may = new Set(permitted.map(({ address }) => spelled(address)));
    const index = this.#idle.findLastIndex(
      (one) => one.origin === origin && one.isOpen() && may.has(one.address() ?? ''),
    );
    return index === -1 ? undefined : this.#idle.splice(index, 1)[0];
  }

  /** Keeps a connection whose answer was read to its end, unless it has been closed or there are enough. */
  keep(connection: Connection): void {
    if (!connection.isOpen()) return dropConnection(connection);
    this.#watch(connection);
    this.#idle.push(connection);
    if (this.#idle.length > this.#most) {
      const [oldest] = this.#idle.splice(0, 1);
      if (oldest) dropConnection(oldest);
    }
  }

  #watch(connection: Connection): void {
    if (this.#watched.has(connection)) return;
    this.#watched.add(connection);
    connection.client.once('disconnect', () => {
      const index = this.#idle.indexOf(connection);
      if (index !== -1) this.#idle.splice(index, 1);
      dropConnection(connection);
    });
  }

  /** Closes what is idle. */
  close(): void {
    for (const connection of this.#idle.splice(0)) dropConnection(connection);
  }
}
