import { QueryFailure, type QueryPosition } from '#contracts/queries/failures.ts';
import { type CellBatch, grown } from '../engines/cell-batch.ts';
import type { Session } from './session.ts';

export interface WireStatement {
  /** A query, or a COPY to STDOUT, whose pieces of data are the only cells then. */
  readonly text: string;
  readonly values?: readonly unknown[];
  readonly positionOf?: (characters: number) => QueryPosition | null;
  /** Columns of the query; 1 for COPY. */
  readonly columns: number;
  /** Rewrites a cell where it lies; four free bytes are before it. @returns where it begins and ends now, in `found` */
  readonly rewrite?: readonly (RewriteCell | undefined)[];
  readonly signal?: AbortSignal | undefined;
}
export type RewriteCell = (bytes: Buffer, from: number, to: number, found: CellPlace) => void;
export interface CellPlace {
  from: number;
  to: number;
}

/** The wire gives 64 kB at a time, and the beginning of a row may be left of the last. */
const usualBytes = 131_072;
/** What one row of cells may be; COPY has no such bound, since a row of it is not held. */
const mostRowBytes = 64 * 1_048_576;
const dataRow = 0x44; // D
const copyData = 0x64; // d
/** All that a server may send to a client that has signed in. */
const known = new Set([...'123ACDEGHIKNRSTVWZcdnstv'].map((letter) => letter.charCodeAt(0)));

/**
 * The rows of one statement as the server sends them, with flat memory: bytes are taken from the connection's socket into
 * one buffer, cells are places in it, and while whoever asked is busy with them nothing more is read, so that the server
 * waits. Only rows are read here; all other messages go on to the client, which knows when the statement ends and how.
 * The statement goes by the extended protocol: one statement, whose values stand beside it.
 */
export class WireRows {
  readonly #session: Session;
  readonly #statement: WireStatement;
  #bytes = Buffer.allocUnsafeSlow(usualBytes);
  #from = 0;
  #to = 0;
  /** Bytes of a piece of COPY data that are yet to come. */
  #pieceLeft = 0;
  #spans: Int32Array<ArrayBuffer>;
  #isLent = false;
  /** What came although the socket was told to wait. */
  #late: Buffer[] = [];
  #wake: (() => void) | null = null;
  #broken: Error | null = null;
  #rowCount: number | null = null;

  constructor(session: Session, statement: WireStatement) {
    this.#session = session;
    this.#statement = statement;
    this.#spans = new Int32Array(2 * statement.columns * 256);
  }

  /** By the server's count; null before the end. */
  get rowCount(): number | null {
    return this.#rowCount;
  }

  /** @throws QueryFailure, never just ends, where the rows broke off */
  async *batches(): AsyncGenerator<CellBatch> {
    const session = this.#session;
    const { socket } = session;
    const { text, values = [], positionOf, columns, signal } = this.#statement;
    const clients = socket.listeners('data') as ((chunk: Buffer) => void)[];
    const listen = (chunk: Buffer): void => this.#listen(chunk);
    for (const client of clients) socket.off('data', client);
    socket.on('data', listen);
    session.lendsChunks(true);
    const pass = (message: Buffer): void => {
      for (const client of clients) client(message);
    };
    let isSettled = false;
    let isWhole = false;
    const end = session.query(text, values, { positionOf, signal }).then(
      ({ rowCount }) => ({ rowCount }),
      (error: unknown) => ({ error }),
    );
    void end.then(() => {
      isSettled = true;
      this.#wake?.();
    });
    try {
      for (;;) {
        const rows = this.#read(pass);
        if (this.#broken) throw this.#broken;
        if (rows > 0) {
          this.#isLent = true;
          yield { bytes: this.#bytes, rows, columns, spans: this.#spans };
          this.#isLent = false;
          this.#tidy();
        } else if (isSettled) break;
        else await this.#more(() => isSettled);
      }
      const ended = await end;
      if ('error' in ended) throw ended.error;
      this.#rowCount = ended.rowCount;
      isWhole = true;
    } finally {
      if (!isWhole) await this.#leave(pass, () => isSettled);
      session.lendsChunks(false);
      socket.off('data', listen);
      for (const client of clients) socket.on('data', client);
      socket.resume();
    }
  }

  /** Stops the statement. A server that waits for its reader does not listen, so what still comes is read and dropped. */
  async #leave(pass: (message: Buffer) => void, isSettled: () => boolean): Promise<void> {
    this.#isLent = false;
    if (isSettled() || this.#broken) return this.#session.destroy();
    const drop = (): void => {
      while (!this.#broken && (this.#read(pass) > 0 || this.#late.length > 0)) {
        const late = this.#late.shift();
        if (late) this.#append(late);
      }
      if (this.#broken) this.#session.destroy();
      else if (!isSettled()) this.#session.socket.resume();
    };
    this.#wake = drop;
    drop();
    await this.#session.cancel();
  }

  /** Waits for bytes, or for the end. */
  async #more(isSettled: () => boolean): Promise<void> {
    const late = this.#late.shift();
    if (late) return this.#append(late);
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (isSettled()) return resolve();
      this.#session.socket.resume();
    });
    this.#wake = null;
  }

  #listen(chunk: Buffer): void {
    this.#session.socket.pause();
    // The chunk is lent, and so is our buffer.
    if (this.#isLent || this.#late.length > 0) this.#late.push(Buffer.from(chunk));
    else this.#append(chunk);
    this.#wake?.();
  }

  #append(chunk: Buffer): void {
    const used = this.#to - this.#from;
    if (this.#bytes.length - this.#to < chunk.length) {
      const size = used + chunk.length;
      if (size <= this.#bytes.length) this.#bytes.copyWithin(0, this.#from, this.#to);
      else {
        const larger = Buffer.allocUnsafeSlow(Math.max(size, 2 * this.#bytes.length));
        this.#bytes.copy(larger, 0, this.#from, this.#to);
        this.#bytes = larger;
      }
      this.#from = 0;
      this.#to = used;
    }
    chunk.copy(this.#bytes, this.#to);
    this.#to += chunk.length;
  }

  /** What was lent is back: room is made, and after a row beyond the usual the buffer is the usual one again. */
  #tidy(): void {
    if (this.#from === this.#to) this.#from = this.#to = 0;
    if (this.#bytes.length <= 8 * usualBytes || this.#to - this.#from > usualBytes) return;
    const usual = Buffer.allocUnsafeSlow(usualBytes);
    this.#to = this.#bytes.copy(usual, 0, this.#from, this.#to);
    this.#from = 0;
    this.#bytes = usual;
  }

  /** Reads all messages that are here, and passes on those that are no rows. @returns how many rows were found */
  #read(pass: (message: Buffer) => void): number {
    const bytes = this.#bytes;
    const to = this.#to;
    let at = this.#from;
    let rows = 0;
    const piece = (from: number, length: number): void => {
      if (length === 0) return;
      if (2 * (rows + 1) > this.#spans.length) this.#spans = grown(this.#spans, 2 * this.#spans.length);
      this.#spans[2 * rows] = from;
      this.#spans[2 * rows + 1] = from + length;
      rows++;
    };
    if (this.#pieceLeft > 0) {
      const here = Math.min(this.#pieceLeft, to - at);
      piece(at, here);
      this.#pieceLeft -= here;
      at += here;
    }
    while (this.#pieceLeft === 0 && to - at >= 5) {
      const code = bytes[at] ?? 0;
      const length = bytes.readUInt32BE(at + 1) + 1;
      const end = at + length;
      if (code === copyData) {
        const here = Math.min(end, to) - at - 5;
        piece(at + 5, here);
        this.#pieceLeft = end - at - 5 - here;
        at += 5 + here;
      } else if (code === dataRow) {
        if (length > mostRowBytes) {
          this.#broken = tooWide(length);
          break;
        }
        if (end > to) break;
        this.#cells(rows, at + 5);
        rows++;
        at = end;
      } else {
        if (!known.has(code)) {
          this.#broken = new Error('The server sent what is none of its messages.');
          break;
        }
        if (end > to) break;
        pass(Buffer.from(bytes.subarray(at, end)));
        at = end;
      }
    }
    this.#from = at;
    return rows;
  }

  #cells(row: number, from: number): void {
    const { columns, rewrite } = this.#statement;
    const bytes = this.#bytes;
    if (2 * (row + 1) * columns > this.#spans.length) this.#spans = grown(this.#spans, 2 * this.#spans.length);
    const spans = this.#spans;
    const count = bytes.readUInt16BE(from);
    let at = from + 2;
    let place = 2 * row * columns;
    for (let column = 0; column < columns; column++, place += 2) {
      const length = column < count ? bytes.readInt32BE(at) : -1;
      if (column < count) at += 4;
      if (length < 0) {
        spans[place] = -1;
        continue;
      }
      const write = rewrite?.[column];
      if (write) {
        found.from = at;
        found.to = at + length;
        write(bytes, at, at + length, found);
        spans[place] = found.from;
        spans[place + 1] = found.to;
      } else {
        spans[place] = at;
        spans[place + 1] = at + length;
      }
      at += length;
    }
  }
}

/** Lent to whoever rewrites a cell: one for all, since there are millions. */
const found: CellPlace = { from: 0, to: 0 };

const tooWide = (bytes: number): QueryFailure =>
  new QueryFailure({
    kind: 'provider',
    code: 'rows_too_wide',
    message: `A row of this result is ${Math.ceil(bytes / 1_048_576)} MB.`,
    hint: 'Ask for less of its wide columns, or take the result as CSV.',
  });
