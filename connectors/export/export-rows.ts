import { Readable } from 'node:stream';
import type { ExportFormat } from '#contracts/queries/export-formats.ts';
import { csvOf, isRawFit } from './csv.ts';
import { FileBuffer } from './file-buffer.ts';
import { jsonOf, ndjsonOf } from './json.ts';
import { parquetOf } from './parquet.ts';
import type { ExportOptions, ExportSummary, ExportWork, WriteFile } from './source.ts';
import { xlsxOf } from './xlsx.ts';

export interface ExportRequest extends Omit<ExportWork, 'tell' | 'options' | 'file'> {
  readonly format: ExportFormat;
  readonly options?: ExportOptions;
}
/** A file that is being made: read it by one of the two ways. */
export interface Export {
  /** Piece by piece. Each is lent until the next is asked for: then its memory is written again. */
  readonly pieces: () => AsyncGenerator<Buffer>;
  /** The same as a stream, whose chunks are the reader's own. It fails, and never ends, where the file would not be whole. */
  readonly stream: Readable;
  /** Null until the last byte was made. */
  readonly summary: () => ExportSummary | null;
}

const writers: Readonly<Record<ExportFormat, WriteFile>> = {
  csv: csvOf,
  json: jsonOf,
  ndjson: ndjsonOf,
  xlsx: (work) => xlsxOf(work),
  parquet: parquetOf,
};
/** Those that can begin at a row. */
export const resumableByRow: ReadonlySet<ExportFormat> = new Set<ExportFormat>(['csv', 'ndjson']);

/** Whether CSV of PostgreSQL's own making serves: then ask the engine for that, else for rows. */
export const takesRawCsv = (format: ExportFormat, options: ExportOptions = {}): boolean =>
  format === 'csv' && isRawFit(options.csv ?? {});

/**
 * Makes a file of a result: rows are asked for as fast as the reader takes bytes, and nothing is held but what is at hand.
 * With `from` (csv, ndjson) or `fromByte` what is before is made but not sent, so that the bytes are the tail of the whole
 * file, and the checksum is that of the whole file: a download that was put together of two parts can be checked, also
 * where the result was read anew and may have changed. The same rows make the same bytes, in every format.
 */
export function exportRows(request: ExportRequest): Export {
  const { format, options = {}, source } = request;
  const { from = 0, fromByte = 0 } = options;
  if (from > 0 && !resumableByRow.has(format)) throw new Error(`${format} cannot begin at a row.`);
  let summary: ExportSummary | null = null;
  const pieces = async function* (): AsyncGenerator<Buffer> {
    const file = new FileBuffer({ fromByte, waitsForPass: from > 0 });
    let counts: { rows: number; cuts?: readonly string[] } = { rows: 0 };
    for await (const _ of writers[format]({ ...request, options, file, tell: (told) => (counts = told) })) {
      const piece = file.take();
      if (piece.length > 0) yield piece;
      file.reclaim();
    }
    summary = { rows: counts.rows, cuts: counts.cuts ?? [], bytes: file.size, sha256: file.checksum() };
    const last = file.take(true);
    if (last.length > 0) yield last;
  };
  const owned = async function* (): AsyncGenerator<Buffer> {
    for await (const piece of pieces()) yield Buffer.from(piece);
  };
  let stream: Readable | undefined;
  const open = (): Readable => {
    const opened = Readable.from(owned(), { objectMode: false, highWaterMark: 262_144 });
    // A reader that leaves while rows are awaited: the source must hear of it now, not at its next rows.
    opened.once('close', () => void source.close?.());
    return opened;
  };
  return {
    pieces,
    get stream() {
      return (stream ??= open());
    },
    summary: () => summary,
  };
}
