import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import yazl from 'yazl';
import type { Cell } from '#contracts/queries/engine.ts';
import type { Part } from './csv.ts';
import { checkCount, ExportBroken, type ExportWork, pagesOf } from './source.ts';
import {
  aboutStart,
  cellWriter,
  headRow,
  mostCellChars,
  mostSheetColumns,
  mostSheetRows,
  noteRow,
  sheetEnd,
  sheetName,
  sheetStart,
  workbookParts,
} from './xlsx-parts.ts';

/** Fast rather than small: the level costs a core more than it saves on the wire. */
const zipped = { compressionLevel: 1 } as const;
const chunkChars = 131_072;

/**
 * An Excel workbook: as many sheets as the rows need, and a last one, "About", with the query and what became of it. Types
 * are kept as far as Excel has them; what it has not is a text. The zip's directory comes last: a file that broke off
 * has none, and Excel refuses it.
 */
export async function* xlsxOf(work: ExportWork, { mostRows = mostSheetRows } = {}): AsyncGenerator<Part> {
  if (work.columns.length > mostSheetColumns)
    throw new ExportBroken(
      'export.too_wide',
      `A sheet has ${mostSheetColumns} columns; this result has ${work.columns.length}.`,
    );
  const zip = new yazl.ZipFile();
  const output = zip.outputStream as Readable;
  const fail = (error: unknown): void =>
    void output.destroy(error instanceof Error ? error : new Error('The export broke.'));
  zip.on('error', fail);
  output.setMaxListeners(0); // one for each sheet
  const writing = writeSheets(work, mostRows, (name, body) => addPart(zip, name, body)).then((parts) => {
    for (const [name, text] of Object.entries(parts)) zip.addBuffer(Buffer.from(text), name, zipped);
    zip.end();
  }, fail);
  try {
    for await (const bytes of output as AsyncIterable<Buffer>) yield { bytes, isSent: true };
    await writing;
  } finally {
    output.destroy(); // where the reader left: the part that waits for room in it ends as well
  }
}

/** Adds a file of the zip and waits until all of it was taken. */
function addPart(zip: yazl.ZipFile, name: string, body: AsyncGenerator<string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = Readable.from(body, { objectMode: false });
    stream.once('end', resolve);
    stream.once('error', reject);
    zip.outputStream.once('close', () => stream.destroy(new Error('Nobody takes the file any more.')));
    zip.addReadStream(stream, name, zipped);
  });
}

async function writeSheets(
  { columns, source, about, tell }: ExportWork,
  mostRows: number,
  add: (name: string, body: AsyncGenerator<string>) => Promise<void>,
): Promise<Readonly<Record<string, string>>> {
  let cut = 0;
  const writers = columns.map(({ type }) => cellWriter(type, () => cut++));
  const writeRow = (row: readonly Cell[]): string => {
    let text = '<row>';
    for (let at = 0; at < writers.length; at++) text += writers[at]?.(row[at] ?? null) ?? '';
    return `${text}</row>`;
  };
  const hash = createHash('sha256');
  const pages = pagesOf(source)[Symbol.asyncIterator]();
  let page: readonly (readonly Cell[])[] = [];
  let at = 0;
  let rows = 0;
  /** Makes sure that a next row is there. */
  const more = async (): Promise<boolean> => {
    while (at >= page.length) {
      const next = await pages.next();
      if (next.done) return false;
      page = next.value;
      at = 0;
      let lines = '';
      for (const row of page) lines += `${JSON.stringify(row)}\n`;
      hash.update(lines);
    }
    return true;
  };
  async function* sheet(): AsyncGenerator<string> {
    let text = sheetStart + headRow(columns.map(({ name }) => name));
    for (let inSheet = 0; inSheet < mostRows; inSheet++) {
      // Only asked where a page has ended: a promise a row would be the dearest part of this.
      if (at >= page.length && !(await more())) break;
      const row = page[at++];
      if (row) text += writeRow(row);
      rows++;
      if (text.length < chunkChars) continue;
      yield text;
      text = '';
    }
    yield text + sheetEnd;
  }
  const names: string[] = [];
  try {
    do {
      names.push(sheetName(about.title, names.length + 1, [...names, 'About']));
      await add(`xl/worksheets/sheet${names.length}.xml`, sheet());
    } while (await more());
  } finally {
    await pages.return?.();
  }
  checkCount(about, rows);
  const cuts =
    cut === 0 ? [] : [`${cut} texts were longer than the ${mostCellChars} characters of a cell and were cut.`];
  const notes: readonly (readonly [string, string])[] = [
    ['Title', about.title],
    ['Connection', about.connection],
    ['Run', about.runId],
    ['Executed at', about.executedAt],
    ['Parameters', JSON.stringify(about.parameters)],
    ['Rows', String(rows)],
    ['Sheets', String(names.length)],
    ['Rows, SHA-256', hash.digest('hex')],
    ['Cut', cuts.join(' ') || 'Nothing'],
    ['Times', 'Times with an offset are shown in UTC. Numbers of more than 15 digits are texts.'],
    ...inPieces(about.sql).map((piece, number) => [number === 0 ? 'Query' : '', piece] as const),
  ];
  async function* aboutSheet(): AsyncGenerator<string> {
    yield aboutStart + notes.map(([name, text]) => noteRow(name, text.slice(0, mostCellChars))).join('') + sheetEnd;
  }
  await add(`xl/worksheets/sheet${names.length + 1}.xml`, aboutSheet());
  tell({ rows, cuts });
  return workbookParts([...names, 'About']);
}

function inPieces(text: string): string[] {
  const pieces: string[] = [];
  for (let from = 0; from < text.length; from += mostCellChars) pieces.push(text.slice(from, from + mostCellChars));
  return pieces.length === 0 ? [''] : pieces;
}
