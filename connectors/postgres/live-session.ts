import type { Cell, QueryColumn } from '#contracts/queries/engine.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import type { PostgresAccess } from './access.ts';
import { fetchRows, openCursor, runTold } from './check-query.ts';
import { cellReaders, readCells, readColumns, type ReadCell } from './columns.ts';
import { rowsExpired } from './failures.ts';
import type { PreparedText } from './query-text.ts';
import { Session, sessionName } from './session.ts';

export interface LiveLimits {
  /** Characters of cells in one page: then it ends before its limit of rows. */
  readonly mostPageChars: number;
  /** Bytes that may come from the server for one page, whatever its rows hold. */
  readonly mostPageBytes: number;
  /** How long the server keeps a transaction of which nothing was heard. */
  readonly serverIdleMs: number;
}

export interface LivePage {
  readonly columns: readonly QueryColumn[];
  readonly rows: readonly (readonly Cell[])[];
  readonly offset: number;
  readonly isLast: boolean;
}

/** Rows that are fetched first, before it is known how wide they are. */
const firstBatch = 16;

/**
 * One reading of one result, forwards: an open transaction with a cursor, and the last page, so that an answer that was lost
 * can be given again. After the last row the transaction is closed; that page stays.
 */
export class LiveSession {
  readonly #limits: LiveLimits;
  #session: Session | null = null;
  #columns: readonly QueryColumn[] = [];
  #readers: readonly ReadCell[] = [];
  /** The last page, or all rows of EXPLAIN and SHOW. */
  #kept: Cell[][] = [];
  #keptFrom = 0;
  #isExhausted = false;
  #isClosed = false;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(limits: LiveLimits) {
    this.#limits = limits;
  }

  /** @throws QueryFailure */
  static async open(
    access: PostgresAccess,
    runId: string,
    prepared: PreparedText,
    limits: LiveLimits,
    signal: AbortSignal,
  ): Promise<LiveSession> {
    const live = new LiveSession(limits);
    const session = await Session.open(access, {
      name: sessionName(runId),
      idleTimeoutMs: limits.serverIdleMs,
      signal,
    });
    live.#session = session;
    const begin = async (): Promise<void> => {
      if (prepared.kind === 'query') {
        await openCursor(session, prepared);
        live.#describe(await readColumns(session, (await fetchRows(session, 0)).fields));
        return;
      }
      const { rows, fields } = await runTold(session, prepared);
      live.#describe(await readColumns(session, fields));
      live.#kept = readCells([...rows], live.#readers);
      await live.#exhaust();
    };
    // EXPLAIN ANALYZE may take long before there is anything to read.
    const stop = () => void live.close({ isCancel: true });
    signal.addEventListener('abort', stop, { once: true });
    try {
      await live.#bounded(session, begin);
      if (live.#isClosed) throw rowsExpired('The query was stopped.');
      return live;
    } catch (error) {
      await live.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** It holds a transaction at the server. */
  get isOpen(): boolean {
    return this.#session !== null;
  }
  /** Only the first page was read. */
  get isAtStart(): boolean {
    return this.#keptFrom === 0;
  }
  get isClosed(): boolean {
    return this.#isClosed || (this.#session?.isEnded ?? false);
  }

  /** Rows from an offset that lies in the last page or right behind it. One page is read at a time. */
  page(offset: number, limit: number): Promise<LivePage> {
    const page = this.#turn.then(() => this.#read(offset, limit));
    this.#turn = page.catch(() => undefined);
    return page;
  }

  async #read(offset: number, limit: number): Promise<LivePage> {
    if (this.#isClosed) throw rowsExpired('The transaction that held these rows has ended.');
    const end = this.#keptFrom + this.#kept.length;
    if (offset < this.#keptFrom || offset > end)
      throw rowsExpired('These rows were passed: a result is read forwards.');
    if (offset === end && !this.#isExhausted && this.#session) {
      const session = this.#session;
      const rows = await this.#bounded(session, () => this.#fetch(session, limit));
      this.#keptFrom = end;
      this.#kept = rows;
    }
    const from = offset - this.#keptFrom;
    const rows = this.#kept.slice(from, from + limit);
    return {
      columns: this.#columns,
      rows,
      offset,
      isLast: this.#isExhausted && from + rows.length === this.#kept.length,
    };
  }

  async #fetch(session: Session, limit: number): Promise<Cell[][]> {
    const rows: Cell[][] = [];
    let chars = 0;
    let batch = Math.min(limit, firstBatch);
    while (rows.length < limit && chars < this.#limits.mostPageChars) {
      const fetched = await fetchRows(session, batch);
      for (const row of fetched.rows) for (const cell of row) chars += cell?.length ?? 0;
      for (const row of readCells([...fetched.rows], this.#readers)) rows.push(row);
      if (fetched.rows.length < batch) {
        await this.#exhaust();
        break;
      }
      const fit = Math.floor((this.#limits.mostPageChars - chars) / Math.max(1, chars / rows.length));
      batch = Math.min(limit - rows.length, Math.max(1, Math.min(fit, 10_000)));
    }
    return rows;
  }

  /** Ends the connection when a page grows beyond all measure, or the work fails: its transaction is lost then. */
  async #bounded<T>(session: Session, work: () => Promise<T>): Promise<T> {
    const { mostPageBytes } = this.#limits;
    let bytes = 0;
    let isTooWide = false;
    const count = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes <= mostPageBytes) return;
      isTooWide = true;
      session.destroy();
    };
    session.socket.on('data', count);
    try {
      return await work();
    } catch (error) {
      await this.close();
      if (isTooWide)
        throw new QueryFailure(
          {
            kind: 'provider',
            code: 'rows_too_wide',
            message: `A few rows of this result are more than ${Math.round(mostPageBytes / 1_048_576)} MB.`,
            hint: 'Ask for less of the wide columns, or export the result.',
          },
          error,
        );
      throw error;
    } finally {
      session.socket.off('data', count);
    }
  }

  #describe(columns: readonly QueryColumn[]): void {
    this.#columns = columns;
    this.#readers = cellReaders(columns);
  }

  /** All rows are here: the server need not hold its snapshot any longer. */
  async #exhaust(): Promise<void> {
    this.#isExhausted = true;
    const session = this.#session;
    this.#session = null;
    await session?.close();
  }

  /** Stops what runs and ends the transaction. True if there was one. */
  async close({ isCancel = false } = {}): Promise<boolean> {
    const session = this.#session;
    this.#isClosed = true;
    this.#session = null;
    this.#kept = [];
    if (!session) return false;
    if (isCancel) await session.cancel();
    await session.close();
    return true;
  }
}
