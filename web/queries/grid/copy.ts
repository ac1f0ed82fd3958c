import type { Cell, QueryColumn } from '#contracts/queries/engine.ts';
import { rowAt, type ResultTable, type RowOrder } from './result-table.ts';

export const copyFormats = ['tsv', 'csv', 'json', 'markdown'] as const;
export type CopyFormat = (typeof copyFormats)[number];

/** A clipboard holds no result: so many characters are copied, and what was cut is said. */
export const COPY_CHARS = 8_000_000;

export interface CopyRange {
  /** Places in the order, end not included. */
  fromRow: number;
  toRow: number;
  columns: readonly number[];
  format: CopyFormat;
  withHead: boolean;
}
export interface Copied {
  text: string;
  rows: number;
  /** Rows that were asked for; more than `rows` where the text was cut. */
  asked: number;
}

/** The selected cells as text. Values are the service's own, to the letter; null is not the empty text where a format can tell. */
export function copyCells(table: ResultTable, order: RowOrder, range: CopyRange, limit = COPY_CHARS): Copied {
  const end = Math.min(range.toRow, order?.length ?? table.rowCount);
  const asked = Math.max(0, end - range.fromRow);
  const columns = range.columns.flatMap((at) => table.columns[at] ?? []);
  const write = writers[range.format];
  const lines: string[] = [];
  if (range.withHead || range.format === 'markdown') lines.push(...write.head(columns));
  let length = lines.reduce((sum, line) => sum + line.length + 1, 0);
  let rows = 0;
  for (let at = range.fromRow; at < end; at += 1) {
    const row = rowAt(order, at);
    const line = write.row(
      range.columns.map((column) => table.text(row, column)),
      columns,
    );
    if (length + line.length > limit && rows > 0) break;
    length += line.length + 1;
    lines.push(line);
    rows += 1;
  }
  return { text: write.whole(lines), rows, asked };
}

interface Writer {
  head: (columns: readonly QueryColumn[]) => string[];
  row: (cells: readonly Cell[], columns: readonly QueryColumn[]) => string;
  whole: (lines: readonly string[]) => string;
}
/** Quoted where it must be; null is nothing, the empty text is two quotes. */
const quoted = (text: Cell, mustQuote: RegExp): string =>
  text === null ? '' : text === '' || mustQuote.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
const separated = (separator: string, mustQuote: RegExp): Writer => ({
  head: (columns) => [columns.map(({ name }) => quoted(name, mustQuote)).join(separator)],
  row: (cells) => cells.map((cell) => quoted(cell, mustQuote)).join(separator),
  whole: (lines) => lines.join('\n'),
});
const markdownCell = (text: string): string =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll('|', String.raw`\|`)
    .replaceAll(/\r?\n/g, '<br>');

const writers: Readonly<Record<CopyFormat, Writer>> = {
  tsv: separated('\t', /[\t\r\n"]/),
  csv: separated(',', /[,\r\n"]/),
  json: {
    head: () => [],
    row: (cells, columns) =>
      `  {${columns.map(({ name, type }, at) => `${JSON.stringify(name)}: ${jsonCell(cells[at] ?? null, type)}`).join(', ')}}`,
    whole: (lines) => (lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n]`),
  },
  markdown: {
    head: (columns) => [
      `| ${columns.map(({ name }) => markdownCell(name)).join(' | ')} |`,
      `| ${columns.map(({ type }) => (type === 'integer' || type === 'decimal' ? '---:' : '---')).join(' | ')} |`,
    ],
    row: (cells) => `| ${cells.map((cell) => (cell === null ? '*null*' : markdownCell(cell))).join(' | ')} |`,
    whole: (lines) => lines.join('\n'),
  },
};

/** Numbers with all their digits, as JSON allows any; a JSON cell as the value it is, where it is one. */
function jsonCell(text: Cell, type: QueryColumn['type']): string {
  if (text === null) return 'null';
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text;
  if ((type === 'integer' || type === 'decimal') && /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return text;
  if (type === 'json') {
    try {
      JSON.parse(text);
      return text.replaceAll(/[\r\n]+/g, ' ');
    } catch {
      return JSON.stringify(text);
    }
  }
  return JSON.stringify(text);
}
