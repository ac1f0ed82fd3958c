import { checkCount, cellsOf, type CsvOptions, type ExportWork } from './source.ts';
import type { FileBuffer } from './file-buffer.ts';

const quote = 0x22;
const lineFeed = 0x0a;

/** Whether bytes that PostgreSQL wrote are what these options ask for. */
export const isRawFit = ({ lineEnd = '\n', guardsFormulas = false }: CsvOptions): boolean =>
  lineEnd === '\n' && !guardsFormulas;

/** CSV by RFC 4180. What is passed over is made all the same, and counted into the checksum. */
export async function* csvOf(work: ExportWork): AsyncGenerator<void> {
  const { columns, source, about, options, file, tell } = work;
  const csv = options.csv ?? {};
  const { lineEnd = '\n', hasBom = false } = csv;
  const from = options.from ?? 0;
  const writeName = cellWriter({ ...csv, guardsFormulas: false });
  if (hasBom) file.text('\ufeff');
  const begin = file.at;
  for (const [at, { name }] of columns.entries()) {
    if (at > 0) file.text(csv.delimiter ?? ',');
    const bytes = Buffer.from(name);
    writeName(file, bytes, 0, bytes.length);
  }
  guardEndMark(file, begin);
  file.text(lineEnd);
  let rows = 0;
  if (source.kind === 'csv') {
    const skip = new RowSkipper(from);
    for await (const { bytes, spans, rows: pieces } of source.batches)
      for (let at = 0; at < 2 * pieces; at += 2) {
        let begin = spans[at] ?? 0;
        const end = spans[at + 1] ?? 0;
        if (!skip.isDone) {
          const passed = skip.passedIn(bytes, begin, end);
          file.copy(bytes, begin, passed);
          begin = passed;
          if (skip.isDone) file.pass();
        }
        file.copy(bytes, begin, end);
        if (file.isFull) yield;
      }
    rows = source.rowCount() ?? 0;
  } else rows = yield* csvRows(work, from);
  checkCount(about, rows);
  tell({ rows });
}

async function* csvRows(work: ExportWork, from: number): AsyncGenerator<void, number> {
  const { file, options } = work;
  const csv = options.csv ?? {};
  const [delimiter, nullText, lineEnd] = [csv.delimiter ?? ',', csv.nullText ?? '', csv.lineEnd ?? '\n'].map((text) =>
    Buffer.from(text),
  ) as [Buffer, Buffer, Buffer];
  const writeCell = cellWriter(csv);
  let rows = 0;
  for await (const { bytes, spans, rows: count, columns } of cellsOf(work))
    for (let row = 0, at = 0; row < count; row++) {
      const begin = file.at;
      for (let column = 0; column < columns; column++, at += 2) {
        if (column > 0) file.put(delimiter);
        const start = spans[at] ?? -1;
        if (start < 0) file.put(nullText);
        else writeCell(file, bytes, start, spans[at + 1] ?? start);
      }
      guardEndMark(file, begin);
      file.put(lineEnd);
      if (++rows === from) file.pass();
      if (file.isFull) yield;
    }
  return rows;
}

/** The end-of-data mark of COPY would not be read as a row. */
function guardEndMark(file: FileBuffer, begin: number): void {
  if (file.at - begin !== 2 || file.bytes[begin] !== 0x5c || file.bytes[begin + 1] !== 0x2e) return;
  file.at = begin;
  file.text('"\\."');
}

const plainNumber = /^[+-]?\d*\.?\d+(?:[eE][+-]?\d+)?$/;
/** A spreadsheet runs what begins so; a tab or line end before it does not help. */
const formulaBytes = new Set([...'=+-@\t\r'].map((char) => char.charCodeAt(0)));

/** Writes one cell. Exactly PostgreSQL's quoting, so that both ways give one file. */
function cellWriter(options: CsvOptions): (file: FileBuffer, bytes: Buffer, from: number, to: number) => void {
  const { delimiter = ',', nullText = '', guardsFormulas = false } = options;
  const nulls = Buffer.from(nullText);
  const isSpecial = new Uint8Array(256);
  for (const byte of [quote, lineFeed, 0x0d, Buffer.from(delimiter)[0] ?? 0]) isSpecial[byte] = 1;
  const isNullText = (bytes: Buffer, from: number, to: number): boolean =>
    to - from === nulls.length && bytes.compare(nulls, 0, nulls.length, from, to) === 0;
  return (file, bytes, from, to) => {
    // Twice the cell, two quotes and a guard.
    file.need(2 * (to - from) + 3);
    const out = file.bytes;
    const begin = file.at;
    let at = begin;
    const isGuarded =
      guardsFormulas && formulaBytes.has(bytes[from] ?? 0) && !plainNumber.test(bytes.toString('latin1', from, to));
    if (isGuarded) out[at++] = 0x27;
    let isQuoted = !isGuarded && isNullText(bytes, from, to);
    for (let read = from; !isQuoted && read < to; read++) {
      const byte = bytes[read] ?? 0;
      if (isSpecial[byte] === 1) isQuoted = true;
      else out[at++] = byte;
    }
    if (isQuoted) {
      at = begin;
      out[at++] = quote;
      if (isGuarded) out[at++] = 0x27;
      for (let read = from; read < to; read++) {
        const byte = bytes[read] ?? 0;
        if (byte === quote) out[at++] = quote;
        out[at++] = byte;
      }
      out[at++] = quote;
    }
    file.at = at;
  };
}

/** Finds where in a stream of CSV the first rows end: a line end within quotes ends none. */
export class RowSkipper {
  #left: number;
  #isQuoted = false;
  constructor(rows: number) {
    this.#left = rows;
  }

  get isDone(): boolean {
    return this.#left <= 0;
  }

  /** Where in these bytes the rows end that are passed over. */
  passedIn(bytes: Buffer, from: number, to: number): number {
    for (let at = from; at < to && this.#left > 0; at++) {
      const byte = bytes[at];
      if (byte === quote) this.#isQuoted = !this.#isQuoted;
      else if (byte === lineFeed && !this.#isQuoted && --this.#left === 0) return at + 1;
    }
    return this.#left > 0 ? to : from;
  }
}
