import { createHash } from 'node:crypto';
import type { CellBatch } from '../engines/cell-batch.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { writeText } from './json.ts';

const nul = Buffer.from('null');

/**
 * A checksum of rows for formats that cannot hold that of the file they are in: SHA-256 of each row as an array of JSON, of
 * texts and null without spaces, with a line feed after it. Whoever reads the rows back can make the same.
 */
export class RowsHash {
  readonly #hash = createHash('sha256');
  readonly #text = new ByteBuffer(65_536);

  add({ bytes, spans, columns }: CellBatch, row: number): void {
    const text = this.#text;
    text.byte(0x5b);
    for (let column = 0; column < columns; column++) {
      if (column > 0) text.byte(0x2c);
      const place = 2 * (row * columns + column);
      const from = spans[place] ?? -1;
      if (from < 0) text.put(nul);
      else writeText(text, bytes, from, spans[place + 1] ?? from);
    }
    text.byte(0x5d);
    text.byte(0x0a);
    if (text.isFull) this.#hash.update(text.swap(text.bytes));
  }

  /** In lower-case hex, once all rows are in. */
  digest(): string {
    return this.#hash.update(this.#text.swap(null)).digest('hex');
  }
}
