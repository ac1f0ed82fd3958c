import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { QueryPage } from '#contracts/queries/engine.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { pageCursor } from '../engines/page-cursor.ts';
import { untilAborted } from '../http/guarded-request.ts';
import type { PostgresAccess } from './access.ts';
import { rowsExpired } from './failures.ts';
import { type LiveLimits, type LivePage, LiveSession } from './live-session.ts';
import type { PreparedText } from './query-text.ts';

export interface LiveRowsOptions extends Partial<LiveLimits> {
  /** Nobody reads on for so long: the transaction ends. 60 s. */
  readonly idleMs?: number;
  /** A reader that hung up may come back for so long before its query is stopped. 5 s. */
  readonly graceMs?: number;
  /** Open transactions of one connection. 5. */
  readonly mostPerConnection?: number;
  readonly now?: () => number;
}

export interface LiveRead {
  readonly access: PostgresAccess;
  readonly connectionId: string;
  readonly runId: string;
  /** Who reads, by name: told to whoever finds all transactions taken. */
  readonly reader: string;
  /** The run's text, asked for when its rows are first read. */
  readonly load: () => Promise<PreparedText>;
  readonly cursor: string | null;
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

interface Reading {
  readonly id: string;
  readonly runId: string;
  readonly connectionId: string;
  readonly reader: string;
  /** Ends the opening too. */
  readonly stop: AbortController;
  readonly live: Promise<LiveSession>;
  /** Set once it is open. */
  opened: LiveSession | null;
  reads: number;
  timer: NodeJS.Timeout | undefined;
}

const cursors = pageCursor(z.object({ reading: z.uuid(), offset: z.int().nonnegative() }), {
  message: 'This is no cursor of these rows.',
  hint: 'Read the rows from their beginning.',
});

/**
 * The results that are being read through this process, by run and reader: each an open, read-only transaction with a
 * cursor, which ends when all was read, 60 s after the last page, when it is stopped, or with the process. A process of
 * the API has one of these for all connections.
 */
export class LiveRows {
  readonly #idleMs: number;
  readonly #graceMs: number;
  readonly #most: number;
  readonly #now: () => number;
  readonly #limits: LiveLimits;
  readonly #readings = new Map<string, Reading>();

  constructor(options: LiveRowsOptions = {}) {
    const { idleMs = 60_000, graceMs = 5_000, mostPerConnection = 5, now = Date.now } = options;
    this.#idleMs = idleMs;
    this.#graceMs = graceMs;
    this.#most = mostPerConnection;
    this.#now = now;
    this.#limits = {
      mostPageChars: options.mostPageChars ?? 4 * 1_048_576,
      mostPageBytes: options.mostPageBytes ?? 64 * 1_048_576,
      // Longer than ours: it is for a process that died.
      serverIdleMs: options.serverIdleMs ?? idleMs + 30_000,
    };
  }

  /** How many transactions are open on a connection, and for whom. */
  openOn(connectionId: string): readonly { readonly runId: string; readonly reader: string }[] {
    return [...this.#readings.values()]
      .filter((one) => one.connectionId === connectionId && (one.opened?.isOpen ?? true))
      .map(({ runId, reader }) => ({ runId, reader }));
  }

  /**
   * A page: of a new transaction without a cursor, else of the one the cursor came from. The last page can be asked for
   * again by its own cursor; the first one also by none, as long as no further one was read.
   * @throws QueryFailure: `quota` when too many transactions are open, code `rows_expired` when this one has ended
   */
  async read(read: LiveRead): Promise<QueryPage> {
    const { reading, offset } = this.#find(read);
    clearTimeout(reading.timer);
    reading.reads++;
    try {
      const page = reading.live.then((live) => live.page(offset, Math.max(1, Math.trunc(read.limit))));
      page.catch(() => undefined); // where the reader hung up, nobody else hears of it
      return this.#pageOf(reading, await (read.signal ? untilAborted(page, read.signal) : page));
    } finally {
      reading.reads--;
      const isBroken = reading.opened?.isClosed ?? false;
      if (isBroken) this.#forget(reading);
      else if (reading.reads === 0 && this.#readings.has(reading.id))
        this.#endAfter(reading, read.signal?.aborted ? this.#graceMs : this.#idleMs);
    }
  }

  #find(read: LiveRead): { reading: Reading; offset: number } {
    if (read.cursor !== null) {
      const { reading: id, offset } = cursors.read(read.cursor);
      const reading = this.#readings.get(id);
      if (!reading || reading.runId !== read.runId || reading.connectionId !== read.connectionId)
        throw rowsExpired('The transaction that held these rows has ended: nobody read on for a while.');
      return { reading, offset };
    }
    const again = [...this.#readings.values()].find(
      ({ runId, reader, opened }) => runId === read.runId && reader === read.reader && (opened?.isAtStart ?? true),
    );
    return { reading: again ?? this.#open(read), offset: 0 };
  }

  #open({ access, connectionId, runId, reader, load }: LiveRead): Reading {
    const open = this.openOn(connectionId);
    if (open.length >= this.#most) throw tooMany(open);
    const stop = new AbortController();
    const live = load().then((prepared) => LiveSession.open(access, runId, prepared, this.#limits, stop.signal));
    const reading: Reading = {
      id: randomUUID(),
      runId,
      connectionId,
      reader,
      stop,
      live,
      opened: null,
      reads: 0,
      timer: undefined,
    };
    this.#readings.set(reading.id, reading);
    live.then(
      (opened) => {
        reading.opened = opened;
        if (stop.signal.aborted) void opened.close();
      },
      () => this.#forget(reading),
    );
    return reading;
  }

  #pageOf({ id }: Reading, { columns, rows, offset, isLast }: LivePage): QueryPage {
    const end = offset + rows.length;
    return {
      columns,
      rows,
      offset,
      cursor: isLast ? null : cursors.write({ reading: id, offset: end }),
      total: isLast ? end : null,
      expiresAt: new Date(this.#now() + this.#idleMs).toISOString(),
      source: 'live',
    };
  }

  #endAfter(reading: Reading, ms: number): void {
    reading.timer = setTimeout(() => void this.#end(reading, true), ms);
    reading.timer.unref();
  }
  #forget(reading: Reading): void {
    clearTimeout(reading.timer);
    this.#readings.delete(reading.id);
  }
  async #end(reading: Reading, isCancel: boolean): Promise<boolean> {
    this.#forget(reading);
    const { opened } = reading;
    reading.stop.abort(rowsExpired('The query was stopped.'));
    if (!opened) return true; // it was being opened
    return opened.close({ isCancel });
  }

  /** Ends all that one run has open here, stopping what runs. How many transactions that were. */
  async close(runId: string): Promise<number> {
    const own = [...this.#readings.values()].filter((reading) => reading.runId === runId);
    const ended = await Promise.all(own.map((reading) => this.#end(reading, true)));
    return ended.filter(Boolean).length;
  }

  /** Ends everything of a connection: when it is disconnected. */
  async closeConnection(connectionId: string): Promise<void> {
    const own = [...this.#readings.values()].filter((reading) => reading.connectionId === connectionId);
    await Promise.all(own.map((reading) => this.#end(reading, true)));
  }

  /** Ends everything, when the process stops. */
  async end(): Promise<void> {
    await Promise.all([...this.#readings.values()].map((reading) => this.#end(reading, true)));
  }
}

function tooMany(open: readonly { readonly reader: string }[]): QueryFailure {
  const readers = Map.groupBy(open, ({ reader }) => reader);
  const names = [...readers].map(([reader, own]) => (own.length === 1 ? reader : `${reader} (${own.length})`));
  return new QueryFailure({
    kind: 'quota',
    code: 'too_many_open_results',
    message: `${open.length} results are open on this connection, which is all it may have: of ${names.join(', ')}.`,
    hint: 'Close one of them, or wait a minute: a result that nobody reads is closed by itself.',
    retryAfterMs: 10_000,
  });
}
