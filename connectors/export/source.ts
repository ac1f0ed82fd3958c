import type { Readable } from 'node:stream';
import type { Cell, QueryColumn } from '#contracts/queries/engine.ts';

/** Rows of a result, page by page. Whoever reads them ends them: by reading to the end, or by leaving the loop. */
export type Pages = AsyncIterable<readonly (readonly Cell[])[]>;

/** What is exported: cells, or CSV as PostgreSQL wrote it (no line of names, `\n`, null as agreed). */
export type ExportSource =
  | { readonly kind: 'rows'; readonly pages: Pages }
  | { readonly kind: 'csv'; readonly stream: Readable; readonly rowCount: () => number | null };

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
  /** What the format could not hold: sentences. */
  readonly cuts: readonly string[];
}

export interface ExportWork {
  readonly columns: readonly QueryColumn[];
  readonly source: ExportSource;
  readonly about: ExportAbout;
  readonly options: ExportOptions;
  /** Told by each encoder before its last bytes. */
  readonly tell: (counts: { rows: number; cuts?: readonly string[] }) => void;
}

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

/** Rows for formats that need cells. */
export function pagesOf(source: ExportSource): Pages {
  if (source.kind === 'rows') return source.pages;
  throw new Error('This format is made of cells: ask for rows.');
}
