import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { z } from 'zod';
import type { Address } from '../http/address-guard.ts';
import { connectTimeoutOf, type PostgresAccess, statementTimeoutOf } from './access.ts';
import { type FailureContext, postgresFailure } from './failures.ts';
import { type OpenSocket, openSocket } from './socket.ts';

/** Cells as the server prints them. */
export interface TextResult {
  readonly rows: readonly (string | null)[][];
  readonly fields: readonly pg.FieldDef[];
  /** By the server's count. */
  readonly rowCount: number | null;
}

export interface SessionOptions {
  /** What the server's administrator sees it as; at most 63 bytes. */
  readonly name?: string;
  readonly signal?: AbortSignal | undefined;
  /** Of one statement; the access' own unless said. */
  readonly statementTimeoutMs?: number;
  /** The server itself ends the transaction when nothing came from us for so long. */
  readonly idleTimeoutMs?: number;
}

const asText: pg.CustomTypesConfig = { getTypeParser: () => (text: unknown) => text };
const BackendKey = z.object({ processID: z.number(), secretKey: z.number() });

/** The name that sessions of one run have at the server, so that any process can find and end them. */
export const sessionName = (runId: string): string => `windlass ${runId}`.slice(0, 63);

/**
 * One connection with one read-only transaction, whose snapshot all its statements see. Whatever it did is rolled back at
 * its end. Values go to the server beside the text; cells come as the server prints them, dates in ISO form.
 */
export class Session {
  readonly client: pg.Client;
  readonly #open: OpenSocket;
  readonly #access: PostgresAccess;
  readonly statementTimeoutMs: number;
  #isCanceled = false;
  #isEnded = false;
  #running: Promise<void> | null = null;

  private constructor(
    access: PostgresAccess,
    open: OpenSocket,
    { name = 'windlass', statementTimeoutMs }: SessionOptions,
  ) {
    this.#access = access;
    this.#open = open;
    this.statementTimeoutMs = statementTimeoutMs ?? statementTimeoutOf(access);
    const { host, port, user, database, password } = access.target;
    const { socket } = open;
    this.client = new pg.Client({
      host,
      port,
      user,
      database,
      password: () => password.reveal(),
      application_name: name,
      connectionTimeoutMillis: connectTimeoutOf(access),
      ssl: false, // the socket is encrypted already, or must not be
      types: asText,
      stream: () => Object.assign(socket, { connect: () => (process.nextTick(() => socket.emit('connect')), socket) }),
    });
    // A connection that breaks while nothing is asked of it: the next statement tells.
    this.client.on('error', () => (this.#isEnded = true));
    this.client.on('end', () => (this.#isEnded = true));
  }

  /** @throws QueryFailure */
  static async open(access: PostgresAccess, options: SessionOptions = {}): Promise<Session> {
    const { signal, idleTimeoutMs = 60_000 } = options;
    const session = new Session(access, await openSocket(access, signal), options);
    const stop = () => session.destroy();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await session.client.connect();
      await session.client.query(
        [
          'begin transaction isolation level repeatable read read only',
          `set local statement_timeout = ${Math.ceil(session.statementTimeoutMs)}`,
          `set local idle_in_transaction_session_timeout = ${Math.ceil(idleTimeoutMs)}`,
          "set local datestyle = 'ISO, YMD'",
          "set local intervalstyle = 'postgres'",
          "set local bytea_output = 'hex'",
          "set local client_encoding = 'UTF8'",
          // How a literal is read depends on these: see query-text.ts.
          'set local standard_conforming_strings = on',
          "set local backslash_quote = 'safe_encoding'",
          'set local extra_float_digits = 1',
        ].join('; '),
      );
      return session;
    } catch (error) {
      session.destroy();
      signal?.throwIfAborted();
      throw postgresFailure(error);
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  get socket(): OpenSocket['socket'] {
    return this.#open.socket;
  }
  /** Whether chunks of the socket are lent for the time of their event, instead of given. */
  lendsChunks(isLent: boolean): void {
    this.#open.lends(isLent);
  }
  get address(): Address {
    return this.#open.address;
  }
  get isEnded(): boolean {
    return this.#isEnded;
  }
  get isCanceled(): boolean {
    return this.#isCanceled;
  }

  /**
   * Runs one statement by the extended protocol, in which the server refuses a second one.
   * @throws QueryFailure
   */
  async query(
    text: string,
    values: readonly unknown[] = [],
    { positionOf, signal }: Pick<FailureContext, 'positionOf'> & { signal?: AbortSignal | undefined } = {},
  ): Promise<TextResult> {
    const beganAt = performance.now();
    const stop = () => void this.cancel();
    signal?.throwIfAborted();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const asked = { text, values: [...values], rowMode: 'array' as const, queryMode: 'extended' };
      const { rows, fields, rowCount } = await this.running(this.client.query<(string | null)[]>(asked));
      return { rows, fields, rowCount };
    } catch (error) {
      signal?.throwIfAborted();
      throw this.failureOf(error, performance.now() - beganAt, positionOf);
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  failureOf(error: unknown, tookMs?: number, positionOf?: FailureContext['positionOf']): Error {
    // What is neither the server's nor the network's is a mistake of ours and keeps its face.
    if (error instanceof TypeError || error instanceof RangeError) return error;
    return postgresFailure(error, {
      isCanceled: this.#isCanceled,
      limitMs: this.statementTimeoutMs,
      tookMs,
      positionOf,
    });
  }

  /**
   * Asks the server to stop the statement that runs, on a connection of its own; again where the question came before the
   * statement. The transaction is of no use afterwards.
   */
  async cancel(): Promise<void> {
    if (this.#isEnded) return;
    this.#isCanceled = true;
    for (let tries = 0; tries < 5 && this.#running && !this.#isEnded; tries++) {
      const running = this.#running;
      await this.#askToStop();
      await Promise.race([running, wait(100 * 2 ** tries, undefined, { ref: false })]);
    }
  }

  /** What runs now, for `cancel`; `query` says so by itself. */
  async running<T>(statement: Promise<T>): Promise<T> {
    const settled = statement.then(
      () => undefined,
      () => undefined,
    );
    this.#running = settled;
    try {
      return await statement;
    } finally {
      if (this.#running === settled) this.#running = null;
    }
  }

  async #askToStop(): Promise<void> {
    const key = BackendKey.safeParse({ ...this.client });
    if (!key.success) return this.destroy();
    const request = Buffer.alloc(16);
    request.writeInt32BE(16, 0);
    request.writeInt32BE(80_877_102, 4);
    request.writeInt32BE(key.data.processID, 8);
    request.writeInt32BE(key.data.secretKey, 12);
    try {
      const { socket } = await openSocket(this.#access, undefined, this.#open.address);
      // The server does what it is asked and hangs up, without a word.
      await new Promise<void>((resolve) => {
        socket.on('error', () => resolve());
        socket.on('close', () => resolve());
        socket.resume();
        socket.end(request);
      });
    } catch {
      this.destroy(); // the server notices the lost connection when it next writes to it
    }
  }

  /** Ends transaction and connection in good order; by force where that takes longer than a second. */
  async close(): Promise<void> {
    if (this.#isEnded) return this.destroy();
    const force = setTimeout(() => this.destroy(), 1_000);
    await this.client.end().catch(() => undefined);
    clearTimeout(force);
    this.destroy();
  }

  destroy(): void {
    this.#isEnded = true;
    this.#open.socket.destroy();
  }
}

/** Opens a session for one piece of work, and ends it whatever comes of it. */
export async function inSession<T>(
  access: PostgresAccess,
  options: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await Session.open(access, options);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}
