import type { ByteBuffer } from './byte-buffer.ts';
import { RowsHash } from './rows-hash.ts';
import { cellsOf, checkCount, type ExportAbout, ExportBroken, type ExportWork } from './source.ts';
import type { CellBatch } from '../engines/cell-batch.ts';
import { mostCellChars, writeEmpty, xlsxCellWriter } from './xlsx-cells.ts';
import {
  aboutStart,
  headRow,
  mostSheetColumns,
  mostSheetRows,
  noteRow,
  sheetEnd,
  sheetName,
  sheetStart,
  workbookParts,
} from './xlsx-parts.ts';
import { ZipWriter } from './zip.ts';

const rowFrom = Buffer.from('<row>');
const rowTo = Buffer.from('</row>');

/**
 * An Excel workbook: as many sheets as the rows need, and a last one, "About", with the query and what became of it. Types
 * are kept as far as Excel has them; what it has not is a text. The zip's directory comes last: a file that broke off
 * has none, and Excel refuses it.
 */
export async function* xlsxOf(work: ExportWork, { mostRows = mostSheetRows } = {}): AsyncGenerator<void> {
  const { columns, about, file, tell } = work;
  if (columns.length > mostSheetColumns)
    throw new ExportBroken(
      'export.too_wide',
      `A sheet has ${mostSheetColumns} columns; this result has ${columns.length}.`,
    );
  const zip = new ZipWriter(file, new Date(about.executedAt));
  let cut = 0;
  const writers = columns.map(({ type }) => xlsxCellWriter(type, () => cut++));
  const writeRow = (out: ByteBuffer, { bytes, spans, columns: width }: CellBatch, row: number): void => {
    out.put(rowFrom);
    for (const [column, write] of writers.entries()) {
      const place = 2 * (row * width + column);
      const from = spans[place] ?? -1;
      if (from < 0) writeEmpty(out);
      else write(out, bytes, from, spans[place + 1] ?? from);
    }
    out.put(rowTo);
  };
  const rows = new RowReader(cellsOf(work));
  const hash = new RowsHash();
  async function* sheet(out: ByteBuffer): AsyncGenerator<void> {
    out.text(sheetStart + headRow(columns.map(({ name }) => name)));
    for (let inSheet = 0; inSheet < mostRows; inSheet++) {
      if (!rows.isHere && !(await rows.more())) break;
      const { batch, at } = rows.take();
      writeRow(out, batch, at);
      hash.add(batch, at);
      if (out.isFull) yield;
    }
    out.text(sheetEnd);
  }
  const names: string[] = [];
  try {
    do {
      names.push(sheetName(about.title, names.length + 1, [...names, 'About']));
      yield* zip.add(`xl/worksheets/sheet${names.length}.xml`, sheet);
    } while (rows.isHere || (await rows.more()));
  } finally {
    await rows.end();
  }
  checkCount(about, rows.count);
  const cuts =
    cut === 0 ? [] : [`${cut} texts were longer than the ${mostCellChars} characters of a cell and were cut.`];
  const notes = notesOf(about, [
    ['Rows', String(rows.count)],
    ['Sheets', String(names.length)],
    ['Rows, SHA-256', hash.digest()],
    ['Cut', cuts.join(' ') || 'Nothing'],
  ]);
  const parts = {
    [`xl/worksheets/sheet${names.length + 1}.xml`]: aboutStart + notes + sheetEnd,
    ...workbookParts([...names, 'About']),
  };
  for (const [name, text] of Object.entries(parts))
    yield* zip.add(name, (out) => {
      out.text(text);
      return [];
    });
  zip.end();
  tell({ rows: rows.count, cuts });
}

function notesOf(about: ExportAbout, counts: readonly (readonly [string, string])[]): string {
  const pieces: string[] = [];
  for (let from = 0; from < about.sql.length; from += mostCellChars)
    pieces.push(about.sql.slice(from, from + mostCellChars));
  const notes: readonly (readonly [string, string])[] = [
    ['Title', about.title],
    ['Connection', about.connection],
    ['Run', about.runId],
    ['Executed at', about.executedAt],
    ['Parameters', JSON.stringify(about.parameters)],
    ...counts,
    ['Times', 'Times with an offset are shown in UTC. Numbers of more than 15 digits are texts.'],
    ...(pieces.length === 0 ? [''] : pieces).map((piece, at) => [at === 0 ? 'Query' : '', piece] as const),
  ];
  return notes.map(([name, text]) => noteRow(name, text.slice(0, mostCellChars))).join('');
}

/** Row by row over batches, for a file that is divided otherwise than they are. */
class RowReader {
  readonly #batches: AsyncIterator<CellBatch>;
  #batch: CellBatch | null = null;
  #at = 0;
  count = 0;
  constructor(batches: AsyncIterable<CellBatch>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  /** The next row needs not be waited for: a promise a row would be the dearest part of the file. */
  get isHere(): boolean {
    return this.#batch !== null && this.#at < this.#batch.rows;
  }
  /** Waits for it; false after the last one. */
  async more(): Promise<boolean> {
    while (!this.isHere) {
      const next = await this.#batches.next();
      if (next.done) return false;
      this.#batch = next.value;
      this.#at = 0;
    }
    return true;
  }
  take(): { batch: CellBatch; at: number } {
    if (!this.#batch) throw new Error('No row is here.');
    this.count++;
    return { batch: this.#batch, at: this.#at++ };
  }
  async end(): Promise<void> {
    await this.#batches.return?.();
  }
}
