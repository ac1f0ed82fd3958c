import type { Cell } from '#contracts/queries/engine.ts';
import { checkCount, type CsvOptions, type ExportWork, type Pages } from './source.ts';

/** A spreadsheet runs what begins so; a tab or line end before it does not help. */
const formula = /^[=+\-@\t\r]/;
const plainNumber = /^[+-]?\d*\.?\d+(?:[eE][+-]?\d+)?$/;

/** Whether bytes that PostgreSQL wrote are what these options ask for. */
export const isRawFit = ({ lineEnd = '\n', guardsFormulas = false }: CsvOptions): boolean =>
  lineEnd === '\n' && !guardsFormulas;

/** CSV by RFC 4180. What is passed over is made all the same, and counted into the checksum. */
export async function* csvOf(work: ExportWork): AsyncGenerator<Part> {
  const { columns, source, about, options, tell } = work;
  const csv = options.csv ?? {};
  const { lineEnd = '\n', hasBom = false } = csv;
  const from = options.from ?? 0;
  const writeRow = rowWriter(csv);
  const names = rowWriter({ ...csv, guardsFormulas: false })(columns.map(({ name }) => name));
  yield { bytes: Buffer.from(`${hasBom ? '\ufeff' : ''}${names}${lineEnd}`), isSent: from === 0 };
  let rows = 0;
  if (source.kind === 'csv') {
    const skip = new RowSkipper(from);
    for await (const bytes of source.stream as AsyncIterable<Buffer>) {
      const passed = skip.passedIn(bytes);
      if (passed > 0) yield { bytes: bytes.subarray(0, passed), isSent: false };
      if (passed < bytes.length) yield { bytes: bytes.subarray(passed), isSent: true };
    }
    rows = source.rowCount() ?? 0;
  } else {
    rows = yield* linesOf(source.pages, (row) => writeRow(row) + lineEnd, from);
  }
  checkCount(about, rows);
  tell({ rows });
}

/** A page of rows as lines; those before row `from` are passed over. @returns how many rows there were */
export async function* linesOf(
  pages: Pages,
  write: (row: readonly Cell[]) => string,
  from: number,
): AsyncGenerator<Part, number> {
  let rows = 0;
  for await (const page of pages) {
    let passed = '';
    let text = '';
    for (const row of page) {
      const line = write(row);
      if (rows++ < from) passed += line;
      else text += line;
    }
    if (passed !== '') yield { bytes: Buffer.from(passed), isSent: false };
    if (text !== '') yield { bytes: Buffer.from(text), isSent: true };
  }
  return rows;
}

/** A piece of a file; one that is not sent was passed over. */
export interface Part {
  readonly bytes: Buffer;
  readonly isSent: boolean;
}

/** Writes one row without its line end. Exactly PostgreSQL's quoting, so that both ways give one file. */
export function rowWriter(options: CsvOptions): (row: readonly Cell[]) => string {
  const { delimiter = ',', nullText = '', guardsFormulas = false } = options;
  const special = new RegExp(`["\\r\\n${/[\\\]^-]/.test(delimiter) ? '\\' : ''}${delimiter}]`);
  const write = (cell: string): string => {
    const text = guardsFormulas && formula.test(cell) && !plainNumber.test(cell) ? `'${cell}` : cell;
    return special.test(text) || text === nullText ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return (row) => {
    let line = '';
    for (let at = 0; at < row.length; at++) {
      const cell = row[at];
      if (at > 0) line += delimiter;
      line += cell === null || cell === undefined ? nullText : write(cell);
    }
    // The end-of-data mark of COPY, and a lone empty line, would not be read as rows.
    return line === '\\.' ? '"\\."' : line;
  };
}

/** Finds where in a stream of CSV the first rows end: a line end within quotes ends none. */
export class RowSkipper {
  #left: number;
  #isQuoted = false;
  constructor(rows: number) {
    this.#left = rows;
  }

  /** How many bytes of this chunk belong to rows that are passed over. */
  passedIn(bytes: Buffer): number {
    if (this.#left <= 0) return 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === 0x22) this.#isQuoted = !this.#isQuoted;
      else if (byte === 0x0a && !this.#isQuoted && --this.#left === 0) return at + 1;
    }
    return bytes.length;
  }
}
