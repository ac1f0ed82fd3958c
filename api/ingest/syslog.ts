import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { readSyslog, splitFrames } from '#contracts/ingest/formats/syslog.ts';
import type { LogEvent } from '#contracts/ingest/log-event.ts';
import type { Db } from '#db/kit/database.ts';
import { inSystem, inTenant } from '#db/kit/in-tenant.ts';
import { countNotWritten } from '#db/logs/log-sources.ts';
import { findLogToken } from '#db/system/log-tokens.ts';
import { hashToken } from '#db/system/tokens.ts';
import type { Log } from '#system/log.ts';
import type { LogTools } from '../kit/tools.ts';

export interface SyslogParts {
  /** `udp://host:port/token` and `tcp://host:port/token`, apart by commas: WINDLASS_SYSLOG. */
  listeners: string;
  db: Db;
  system: Db;
  write: LogTools['write'];
  /** Counts messages that nobody can be told of. */
  onLost: (count: number) => void;
  log: Log;
}
export interface SyslogServer {
  /** Where each listens, in the order of the setting. */
  readonly ports: readonly number[];
  close(): Promise<void>;
}

type Source = { workspaceId: string; sourceId: string; timeZone: string };
/** Datagrams that wait beyond this are lost, for nobody can be asked to wait. */
const mostWaiting = 20_000;
const batch = 1_000;
const attempts = 8;
const sourceKeptMs = 5_000;
const mostConnections = 1_000;

interface Waiting {
  message: Uint8Array;
  atMs: number;
  done?: () => void;
}

/** One listener's way to the database: what came is written in order, tried again while the database is away. */
class Feed {
  readonly #parts: SyslogParts;
  readonly #tokenHash: string;
  #waiting: Waiting[] = [];
  #source: { found: Source | undefined; until: number } = { found: undefined, until: 0 };
  #running: Promise<void> | undefined;
  #lost = 0;
  #isClosing = false;
  readonly #tick: NodeJS.Timeout;

  constructor(parts: SyslogParts, token: string) {
    this.#parts = parts;
    this.#tokenHash = hashToken(token);
    this.#tick = setInterval(() => void this.#tellLost(), 1_000).unref();
  }

  /** Takes messages without a word back; what is too much is counted as lost. */
  offer(messages: readonly Uint8Array[]): void {
    const room = Math.max(0, mostWaiting - this.#waiting.length);
    this.#lose(Math.max(0, messages.length - room));
    this.#add(messages.slice(0, room).map((message) => ({ message, atMs: Date.now() })));
  }

  /** Resolves once they are written, or counted as lost: until then their connection is not read further. */
  async take(messages: readonly Uint8Array[]): Promise<void> {
    await new Promise<void>((done) => {
      const entries = messages.map((message) => ({ message, atMs: Date.now() }));
      this.#add(entries.map((entry, place) => (place === entries.length - 1 ? { ...entry, done } : entry)));
    });
  }

  lost(count: number): void {
    this.#lose(count);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#running;
    clearInterval(this.#tick);
    await this.#tellLost();
  }

  /** Read when its source is known, whose clock it may be written by. */
  #read({ message, atMs }: Waiting): LogEvent {
    return readSyslog(Buffer.from(message).toString('utf8'), this.#source.found?.timeZone ?? 'UTC', atMs);
  }

  #add(entries: Waiting[]): void {
    for (const entry of entries) this.#waiting.push(entry);
    this.#wake();
  }

  #wake(): void {
    if (this.#waiting.length === 0) return;
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined;
      this.#wake();
    });
  }

  async #drain(): Promise<void> {
    await this.#findSource();
    while (this.#waiting.length > 0) {
      const taken = this.#waiting.slice(0, batch);
      const isWritten = await this.#write(taken.map((one) => this.#read(one)));
      this.#waiting = this.#waiting.slice(taken.length);
      if (!isWritten) this.#lose(taken.length);
      for (const { done } of taken) done?.();
    }
  }

  async #write(events: readonly LogEvent[]): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const source = await this.#findSource();
        if (!source) return false;
        await this.#parts.write(source.workspaceId, source.sourceId, events);
        return true;
      } catch (error) {
        if (attempt >= attempts || this.#isClosing) {
          this.#parts.log.warn({ err: error, events: events.length }, 'syslog messages were lost');
          return false;
        }
        await sleep(Math.min(5_000, 100 * 2 ** attempt));
      }
    }
  }

  async #findSource(): Promise<Source | undefined> {
    if (Date.now() < this.#source.until) return this.#source.found;
    try {
      const found = await inSystem(this.#parts.system, (tx) => findLogToken(tx, this.#tokenHash));
      this.#source = { found, until: Date.now() + sourceKeptMs };
    } catch {
      // One that cannot be looked up now stays who it was.
      this.#source = { ...this.#source, until: Date.now() + 500 };
    }
    return this.#source.found;
  }

  #lose(count: number): void {
    if (count === 0) return;
    this.#lost += count;
    this.#parts.onLost(count);
  }

  async #tellLost(): Promise<void> {
    const source = this.#source.found;
    const lost = this.#lost;
    if (lost === 0 || !source) return;
    this.#lost = 0;
    await inTenant(this.#parts.db, source.workspaceId, (tx) => countNotWritten(tx, source.sourceId, { lost })).catch(
      () => void (this.#lost += lost),
    );
  }
}

/** Listens for syslog where the setting says: one message a datagram, counted frames and lines over TCP. */
export async function listenSyslog(parts: SyslogParts): Promise<SyslogServer> {
  const closers: (() => Promise<unknown>)[] = [];
  const ports: number[] = [];
  for (const text of parts.listeners
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)) {
    const { protocol, hostname, port, pathname } = new URL(text);
    const host = hostname.replace(/^\[|\]$/g, '');
    const feed = new Feed(parts, pathname.slice(1));
    const bound =
      protocol === 'udp:'
        ? await listenUdp(feed, host, Number(port))
        : await listenTcp(feed, host, Number(port), parts.log);
    ports.push(bound.port);
    closers.push(async () => {
      await bound.close();
      await feed.close();
    });
  }
  return { ports, close: async () => void (await Promise.all(closers.map((close) => close()))) };
}

interface Bound {
  port: number;
  close: () => Promise<unknown>;
}

async function listenUdp(feed: Feed, host: string, port: number): Promise<Bound> {
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: 4_194_304 });
  socket.on('message', (message) => feed.offer([message]));
  socket.bind(port, host);
  await once(socket, 'listening');
  return { port: socket.address().port, close: () => new Promise<void>((done) => socket.close(() => done())) };
}

async function listenTcp(feed: Feed, host: string, port: number, log: Log): Promise<Bound> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => {});
    void follow(feed, socket).catch((error: unknown) => {
      log.debug({ err: error }, 'a syslog connection ended');
      socket.destroy();
    });
  });
  server.maxConnections = mostConnections;
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        for (const socket of open) socket.destroy();
      }),
  };
}

/** Reads a connection, and no further while what it brought is being written: TCP makes its sender wait. */
async function follow(feed: Feed, socket: Socket): Promise<void> {
  let rest: Uint8Array = new Uint8Array();
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    const split = splitFrames(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]));
    if (!split) {
      // Nobody can tell any more where the next message begins.
      feed.lost(1);
      socket.destroy();
      return;
    }
    rest = split.rest;
    if (split.messages.length > 0) await feed.take(split.messages);
  }
  // A last line without its end is a line; a counted frame that was cut is none.
  if (rest.length > 0) {
    if (rest[0] === 0x3c) await feed.take([rest]);
    else feed.lost(1);
  }
}
