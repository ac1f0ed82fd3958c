import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ExportFormat } from '#contracts/queries/export-formats.ts';
import { csvOf, isRawFit, type Part } from './csv.ts';
import { jsonOf, ndjsonOf } from './json.ts';
import { parquetOf } from './parquet.ts';
import type { ExportOptions, ExportSummary, ExportWork } from './source.ts';
import { xlsxOf } from './xlsx.ts';

export interface ExportRequest extends Omit<ExportWork, 'tell' | 'options'> {
  readonly format: ExportFormat;
  readonly options?: ExportOptions;
}
export interface Export {
  /** The file. It fails, and never ends, where the rows broke off or are not as many as were said. */
  readonly stream: Readable;
  /** Null until the last byte was made. */
  readonly summary: () => ExportSummary | null;
}

const encoders: Readonly<Record<ExportFormat, (work: ExportWork) => AsyncGenerator<Part>>> = {
  csv: csvOf,
  json: jsonOf,
  ndjson: ndjsonOf,
  xlsx: (work) => xlsxOf(work),
  parquet: parquetOf,
};
/** Those that can begin at a row. */
const resumable = new Set<ExportFormat>(['csv', 'ndjson']);

/** Whether CSV of PostgreSQL's own making serves: then ask the engine for that, else for rows. */
export const takesRawCsv = (format: ExportFormat, options: ExportOptions = {}): boolean =>
  format === 'csv' && isRawFit(options.csv ?? {});

/**
 * Makes a file of a result as a stream: pages are asked for as fast as the reader takes bytes, and nothing is held but the
 * page at hand. With `from` (csv, ndjson) the rows before it are made but not sent, so that the bytes are the tail of the
 * whole file, and the checksum is that of the whole file: a download that was put together of two parts can be checked,
 * also where the result was read anew and may have changed.
 */
export function exportRows(request: ExportRequest): Export {
  const { format, options = {}, source } = request;
  if ((options.from ?? 0) > 0 && !resumable.has(format)) throw new Error(`${format} cannot begin at a row.`);
  let summary: ExportSummary | null = null;
  const parts = async function* (): AsyncGenerator<Buffer> {
    const hash = createHash('sha256');
    let counts: { rows: number; cuts?: readonly string[] } = { rows: 0 };
    // The last piece waits until it is sure that it is the last of a whole file.
    let held: Buffer | undefined;
    for await (const { bytes, isSent } of encoders[format]({ ...request, options, tell: (told) => (counts = told) })) {
      hash.update(bytes);
      if (!isSent) continue;
      if (held) yield held;
      held = bytes;
    }
    summary = { rows: counts.rows, cuts: counts.cuts ?? [], sha256: hash.digest('hex') };
    if (held) yield held;
  };
  const stream = Readable.from(parts(), { objectMode: false, highWaterMark: 262_144 });
  // A reader that leaves while a chunk is awaited: the source must hear of it now, not at its next chunk.
  stream.once('close', () => {
    if (source.kind === 'csv') source.stream.destroy();
  });
  return { stream, summary: () => summary };
}
