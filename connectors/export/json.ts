import type { Cell, ColumnType, QueryColumn } from '#contracts/queries/engine.ts';
import { linesOf, type Part } from './csv.ts';
import { checkCount, type ExportWork, pagesOf } from './source.ts';

const digits = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
/** A double tells apart any two numbers of so many digits. */
const mostDigits = 15;

/** A number whose every digit a reader keeps; all others are texts, so that none is changed in silence. */
const isExact = (text: string): boolean =>
  digits.test(text) && text.length <= mostDigits + 2 && text.replaceAll(/[-.]/g, '').length <= mostDigits;

/** How a cell becomes JSON: numbers and truth values as such, JSON as it is, all others as texts. */
export function jsonCell(type: ColumnType): (text: string) => string {
  switch (type) {
    case 'integer':
    case 'decimal':
      return (text) => (isExact(text) ? text : JSON.stringify(text));
    case 'boolean':
      return (text) => (text === 'true' || text === 'false' ? text : JSON.stringify(text));
    case 'json':
      return (text) => {
        try {
          // Written again: a line end within it would break JSON lines.
          return JSON.stringify(JSON.parse(text));
        } catch {
          return JSON.stringify(text);
        }
      };
    default:
      return (text) => JSON.stringify(text);
  }
}

function objectWriter(columns: readonly QueryColumn[]): (row: readonly Cell[]) => string {
  const keys = columns.map(({ name }, at) => `${at === 0 ? '{' : ','}${JSON.stringify(name)}:`);
  const writers = columns.map(({ type }) => jsonCell(type));
  return (row) => {
    let text = '';
    for (let at = 0; at < keys.length; at++) {
      const cell = row[at];
      text += keys[at] ?? '';
      text += cell === null || cell === undefined ? 'null' : (writers[at]?.(cell) ?? 'null');
    }
    return text === '' ? '{}' : `${text}}`;
  };
}

/** One object a line. */
export async function* ndjsonOf({ columns, source, about, options, tell }: ExportWork): AsyncGenerator<Part> {
  const write = objectWriter(columns);
  const rows = yield* linesOf(pagesOf(source), (row) => `${write(row)}\n`, options.from ?? 0);
  checkCount(about, rows);
  tell({ rows });
}

/** One array of objects, an object a line. Its last bracket comes when all is there. */
export async function* jsonOf({ columns, source, about, tell }: ExportWork): AsyncGenerator<Part> {
  const write = objectWriter(columns);
  let rows = 0;
  yield { bytes: Buffer.from('['), isSent: true };
  for await (const page of pagesOf(source)) {
    let text = '';
    for (const row of page) text += `${rows++ === 0 ? '\n' : ',\n'}${write(row)}`;
    if (text !== '') yield { bytes: Buffer.from(text), isSent: true };
  }
  checkCount(about, rows);
  tell({ rows });
  yield { bytes: Buffer.from('\n]\n'), isSent: true };
}
