/** A record of a result file, and where in the file the next one begins. */
export interface CsvRecord {
  /** Null: nothing stood there. A quoted nothing is the empty text. */
  readonly cells: readonly (string | null)[];
  readonly endByte: number;
}
export interface CsvFormat {
  /** Each one ASCII character. */
  readonly separator: string;
  readonly quote: string;
  readonly escape: string;
}
export const usualCsv: CsvFormat = { separator: ',', quote: '"', escape: '"' };

/** A result file is not what a CSV file is. */
export class CsvError extends Error {
  override name = 'CsvError';
}
const lineFeed = 10;
const carriageReturn = 13;
const mostRecordBytes = 64 * 1_048_576;

/**
 * Reads CSV as it streams in: chunks go in wherever they were cut, whole records come out, each with the byte at which the
 * next begins, so that a reader can come back there. Keeps no more than the record that is not yet whole.
 */
export class CsvReader {
  readonly #separator: number;
  readonly #quote: number;
  readonly #escape: number;
  #pending: Buffer = Buffer.alloc(0);
  /** Where `#pending` begins in the file. */
  #pendingAt: number;
  /** How far `#pending` was looked through, and whether that place is within quotes. */
  #scanned = 0;
  #isQuoted = false;

  constructor(startByte = 0, { separator, quote, escape }: CsvFormat = usualCsv) {
    [this.#separator, this.#quote, this.#escape] = [separator, quote, escape].map((char) => char.charCodeAt(0)) as [
      number,
      number,
      number,
    ];
    this.#pendingAt = startByte;
  }

  /** @throws CsvError for a record longer than any can be */
  *push(chunk: Buffer): Generator<CsvRecord> {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    yield* this.#records(false);
    if (this.#pending.length > mostRecordBytes) throw new CsvError('A record of the result is too long.');
  }
  /** The last record, where no line end follows it. @throws CsvError where it ends within quotes: the file was cut */
  *end(): Generator<CsvRecord> {
    yield* this.#records(true);
    if (this.#isQuoted) throw new CsvError('The result ends in the middle of a value.');
    if (this.#pending.length > 0) yield this.#take(this.#pending.length, this.#pending.length);
  }

  *#records(isEnd: boolean): Generator<CsvRecord> {
    let start = 0;
    let at = this.#scanned;
    const bytes = this.#pending;
    // A byte at the very end may be the first half of a pair: an escape, or a line end of two.
    const last = isEnd ? bytes.length : bytes.length - 1;
    let isQuoted = this.#isQuoted;
    while (at < last) {
      const byte = bytes[at];
      if (isQuoted) {
        if (
          byte === this.#escape &&
          (bytes[at + 1] === this.#quote || (this.#escape !== this.#quote && bytes[at + 1] === this.#escape))
        )
          at += 2;
        else {
          if (byte === this.#quote) isQuoted = false;
          at++;
        }
        continue;
      }
      // Within a value a quote is a character like others.
      if (byte === this.#quote && (at === start || bytes[at - 1] === this.#separator)) isQuoted = true;
      else if (byte === lineFeed || byte === carriageReturn) {
        const next = byte === carriageReturn && bytes[at + 1] === lineFeed ? at + 2 : at + 1;
        const record = bytes.subarray(start, at);
        // An empty line is the record of one column whose value is null.
        yield { cells: this.#cells(record), endByte: this.#pendingAt + next };
        start = at = next;
        continue;
      }
      at++;
    }
    this.#isQuoted = isQuoted;
    this.#pendingAt += start;
    this.#pending = start === 0 ? bytes : bytes.subarray(start);
    this.#scanned = at - start;
  }

  #take(length: number, consumed: number): CsvRecord {
    const record = this.#pending.subarray(0, length);
    this.#pendingAt += consumed;
    this.#pending = Buffer.alloc(0);
    this.#scanned = 0;
    return { cells: this.#cells(record), endByte: this.#pendingAt };
  }

  #cells(record: Buffer): (string | null)[] {
    const cells: (string | null)[] = [];
    for (let at = 0; ;) {
      if (record[at] === this.#quote) {
        const end = this.#endOfQuoted(record, at);
        cells.push(this.#unescape(record.toString('utf8', at + 1, end)));
        at = end + 1;
        if (at < record.length && record[at] !== this.#separator)
          throw new CsvError('Something stands behind a quoted value.');
      } else {
        const separator = record.indexOf(this.#separator, at);
        const end = separator < 0 ? record.length : separator;
        cells.push(end === at ? null : record.toString('utf8', at, end));
        at = end;
      }
      if (at >= record.length) return cells;
      at++;
    }
  }
  #endOfQuoted(record: Buffer, from: number): number {
    for (let at = from + 1; at < record.length; at++) {
      const byte = record[at];
      const next = record[at + 1];
      if (byte === this.#escape && (next === this.#quote || (this.#escape !== this.#quote && next === this.#escape)))
        at++;
      else if (byte === this.#quote) return at;
    }
    throw new CsvError('A quoted value has no end.');
  }
  #unescape(text: string): string {
    const [escape, quote] = [String.fromCharCode(this.#escape), String.fromCharCode(this.#quote)];
    if (!text.includes(escape)) return text;
    const plain = text.replaceAll(escape + quote, escape === quote ? quote : `\u0000${quote}`);
    return escape === quote ? plain : plain.replaceAll(escape + escape, escape).replaceAll(`\u0000${quote}`, quote);
  }
}
