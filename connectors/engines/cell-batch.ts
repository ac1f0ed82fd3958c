import type { Cell } from '#contracts/queries/engine.ts';

/**
 * Some rows as the bytes they came as, in UTF-8. A million rows of twenty cells are twenty million strings otherwise, which
 * cost more than the work on them. The bytes are lent: they are good until the next batch is asked for.
 */
export interface CellBatch {
  readonly bytes: Buffer;
  readonly rows: number;
  readonly columns: number;
  /** Where each cell begins and ends in `bytes`, row by row; one that begins at −1 is null. */
  readonly spans: Int32Array;
}

/** Rows as strings, batch by batch, for whoever needs few of them or values rather than bytes. */
export function textRows({ bytes, rows, columns, spans }: CellBatch): Cell[][] {
  const all: Cell[][] = [];
  for (let row = 0, at = 0; row < rows; row++) {
    const cells: Cell[] = [];
    for (let column = 0; column < columns; column++, at += 2) {
      const from = spans[at] ?? -1;
      cells.push(from < 0 ? null : bytes.toString('utf8', from, spans[at + 1]));
    }
    all.push(cells);
  }
  return all;
}

/** Strings of services that speak JSON or XML, as batches of about so many bytes. */
const batchBytes = 65_536;

/** Makes batches of pages. Cells beyond the columns are left out, and those that are missing are null. */
export async function* batchesOf(
  pages: AsyncIterable<readonly (readonly Cell[])[]>,
  columns: number,
): AsyncGenerator<CellBatch> {
  let bytes = Buffer.allocUnsafeSlow(2 * batchBytes);
  let spans = new Int32Array(2 * columns * 256);
  let at = 0;
  let rows = 0;
  for await (const page of pages) {
    for (const row of page) {
      if (2 * (rows + 1) * columns > spans.length) spans = grown(spans, 2 * spans.length + 2 * columns);
      for (let column = 0; column < columns; column++) {
        const cell = row[column];
        const place = 2 * (rows * columns + column);
        if (typeof cell !== 'string') {
          spans[place] = -1;
          continue;
        }
        // A unit of UTF-16 is three bytes at most.
        if (bytes.length - at < 3 * cell.length) bytes = extended(bytes, at, 3 * cell.length);
        spans[place] = at;
        at += bytes.write(cell, at);
        spans[place + 1] = at;
      }
      rows++;
      if (at < batchBytes) continue;
      yield { bytes, rows, columns, spans };
      at = rows = 0;
    }
    // What came together goes out together: the next page may take a while.
    if (rows > 0) yield { bytes, rows, columns, spans };
    at = rows = 0;
  }
}

export function grown(spans: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const more = new Int32Array(length);
  more.set(spans);
  return more;
}
function extended(bytes: Buffer, used: number, more: number): Buffer<ArrayBuffer> {
  const all = Buffer.allocUnsafeSlow(Math.max(2 * bytes.length, used + more));
  bytes.copy(all, 0, 0, used);
  return all;
}
