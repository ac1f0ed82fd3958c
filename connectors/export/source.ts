import type { Cell, QueryColumn } from '#contracts/queries/engine.ts';
import { batchesOf, type CellBatch, textRows } from '../engines/cell-batch.ts';
import type { FileBuffer } from './file-buffer.ts';

/** Rows of a result, page by page. Whoever reads them ends them: by reading to the end, or by leaving the loop. */
export type Pages = AsyncIterable<readonly (readonly Cell[])[]>;
export type Batches = AsyncIterable<CellBatch>;

/**
 * What is exported: cells as strings or as bytes, or CSV as PostgreSQL wrote it (no line of names, `\n`, null as agreed),
 * whose pieces may end anywhere.
 */
export type ExportSource = {
  /** Ends it while it is waited for. */
  readonly close?: () => Promise<void>;
} & (
  | { readonly kind: 'rows'; readonly pages: Pages }
  | { readonly kind: 'cells'; readonly batches: Batches }
  | { readonly kind: 'csv'; readonly batches: Batches; readonly rowCount: () => number | null }
);

/** What is told of an export inside the file, where its format has room, else beside it. */
export interface ExportAbout {
  readonly title: string;
  readonly connection: string;
  readonly runId: string;
  /** As the user wrote it. */
  readonly sql: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** ISO 8601. */
  readonly executedAt: string;
  /** Rows that the service said there are; null: it did not. An export of another number is no whole file. */
  readonly expectedRows: number | null;
}

export interface ExportOptions {
  readonly csv?: CsvOptions;
  /** Rows to pass over, for a download that goes on where it broke (csv, ndjson). No line of names then. */
  readonly from?: number;
  /** Bytes to pass over instead, in any format. */
  readonly fromByte?: number;
}
export interface CsvOptions {
  /** A mark by which Excel knows UTF-8. */
  readonly hasBom?: boolean;
  /** One character; `,` unless said. */
  readonly delimiter?: string;
  /** How null is written; nothing unless said, and the empty text as `""` then. */
  readonly nullText?: string;
  /** `\n`, as PostgreSQL and all readers have it; `\r\n` is the letter of RFC 4180. */
  readonly lineEnd?: '\n' | '\r\n';
  /** Puts `'` before texts that a spreadsheet would run (`=1+1`, `@SUM`). It changes the data, so it is off unless asked. */
  readonly guardsFormulas?: boolean;
}

/** Known once the last byte was made. */
export interface ExportSummary {
  /** Of the whole result, those passed over included. */
  readonly rows: number;
  /** Of the bytes of the whole file, those passed over included; in lower-case hex. */
  readonly sha256: string;
  /** Of the whole file, those passed over included. */
  readonly bytes: number;
  /** What the format could not hold: sentences. */
  readonly cuts: readonly string[];
}

export interface ExportWork {
  readonly columns: readonly QueryColumn[];
  readonly source: ExportSource;
  readonly about: ExportAbout;
  readonly options: ExportOptions;
  /** Where the file is written. A writer yields where what it wrote may be taken away. */
  readonly file: FileBuffer;
  /** Told by each writer before its last bytes. */
  readonly tell: (counts: { rows: number; cuts?: readonly string[] }) => void;
}
export type WriteFile = (work: ExportWork) => AsyncGenerator<void>;

/** Why an export was broken off by us. The file is then visibly incomplete. */
export class ExportBroken extends Error {
  override name = 'ExportBroken';
  readonly code: 'export.count_differs' | 'export.value_unfit' | 'export.too_wide';
  constructor(code: ExportBroken['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Nothing that looks whole leaves us unless it is. */
export function checkCount({ expectedRows }: ExportAbout, rows: number): void {
  if (expectedRows !== null && rows !== expectedRows)
    throw new ExportBroken(
      'export.count_differs',
      `The service said there are ${expectedRows} rows and gave ${rows}: the file would not be whole.`,
    );
}

/** Rows for whoever needs them as strings. */
export function pagesOf(source: ExportSource): Pages {
  if (source.kind === 'rows') return source.pages;
  if (source.kind === 'cells') return texts(source.batches);
  throw new Error('This is made of cells: ask for rows.');
}
async function* texts(batches: Batches): AsyncGenerator<Cell[][]> {
  for await (const batch of batches) yield textRows(batch);
}

/** Cells as bytes, for formats that are made of them. */
export function cellsOf({ source, columns }: Pick<ExportWork, 'source' | 'columns'>): Batches {
  if (source.kind === 'cells') return source.batches;
  if (source.kind === 'rows') return batchesOf(source.pages, columns.length);
  throw new Error('This format is made of cells: ask for rows.');
}
