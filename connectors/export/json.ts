import type { ColumnType, QueryColumn } from '#contracts/queries/engine.ts';
import type { CellBatch } from '../engines/cell-batch.ts';
import type { ByteBuffer } from './byte-buffer.ts';
import { cellsOf, checkCount, type ExportWork } from './source.ts';

/** A double tells apart any two numbers of so many digits. */
const mostDigits = 15;
const nul = Buffer.from('null');
const yes = Buffer.from('true');
const no = Buffer.from('false');
const zero = 0x30;
const isDigit = (byte: number): boolean => byte >= zero && byte <= 0x39;

/** A number of JSON whose every digit a reader keeps; all others are texts, so that none is changed in silence. */
function isExact(bytes: Buffer, from: number, to: number): boolean {
  let at = from;
  if (bytes[at] === 0x2d) at++;
  const first = at;
  while (at < to && isDigit(bytes[at] ?? 0)) at++;
  const whole = at - first;
  if (whole === 0 || (whole > 1 && bytes[first] === zero)) return false;
  if (at === to) return whole <= mostDigits;
  if (bytes[at] !== 0x2e) return false;
  const point = at++;
  while (at < to && isDigit(bytes[at] ?? 0)) at++;
  return at === to && at > point + 1 && whole + (at - point - 1) <= mostDigits;
}

/** What follows `\` for a byte that cannot stand in a text of JSON; `u` for those that are written as numbers. */
const escapes = new Uint8Array(256);
escapes.fill('u'.charCodeAt(0), 0, 0x20);
for (const [char, escaped] of ['"', '\\\\', '\bb', '\tt', '\nn', '\ff', '\rr'].map((pair) => [pair, pair.at(-1)]))
  escapes[(char ?? '').charCodeAt(0)] = (escaped ?? '').charCodeAt(0);
const hex = Buffer.from('0123456789abcdef');
/** Text is taken in stretches, so that room is asked for by what is there and not for the worst of it all. */
const stretch = 16_384;

/** A text of JSON, in its quotes. */
export function writeText(file: ByteBuffer, bytes: Buffer, from: number, to: number): void {
  file.byte(0x22);
  for (let begin = from; begin < to; begin += stretch) {
    const end = Math.min(to, begin + stretch);
    file.need(6 * (end - begin) + 1);
    const out = file.bytes;
    let at = file.at;
    for (let read = begin; read < end; read++) {
      const byte = bytes[read] ?? 0;
      const escape = escapes[byte] ?? 0;
      if (escape === 0) {
        out[at++] = byte;
        continue;
      }
      out[at++] = 0x5c;
      out[at++] = escape;
      if (escape !== 0x75) continue;
      out[at++] = out[at++] = zero;
      out[at++] = hex[byte >> 4] ?? 0;
      out[at++] = hex[byte & 15] ?? 0;
    }
    file.at = at;
  }
  file.byte(0x22);
}

export function isWord(word: Buffer, bytes: Buffer, from: number, to: number): boolean {
  if (to - from !== word.length) return false;
  for (let at = 0; at < word.length; at++) if (word[at] !== bytes[from + at]) return false;
  return true;
}

type WriteCell = (file: ByteBuffer, bytes: Buffer, from: number, to: number) => void;

/** How a cell becomes JSON: numbers and truth values as such, JSON as it is, all others as texts. */
function cellWriter(type: ColumnType): WriteCell {
  const asIs: WriteCell = (file, bytes, from, to) => file.range(bytes, from, to);
  switch (type) {
    case 'integer':
    case 'decimal':
      return (file, bytes, from, to) => (isExact(bytes, from, to) ? asIs : writeText)(file, bytes, from, to);
    case 'boolean':
      return (file, bytes, from, to) => {
        const isKnown = isWord(yes, bytes, from, to) || isWord(no, bytes, from, to);
        (isKnown ? asIs : writeText)(file, bytes, from, to);
      };
    case 'json':
      return (file, bytes, from, to) => {
        let text: string;
        try {
          // Written again: a line end within it would break JSON lines.
          text = JSON.stringify(JSON.parse(bytes.toString('utf8', from, to)));
        } catch {
          return writeText(file, bytes, from, to);
        }
        file.text(text);
      };
    default:
      return writeText;
  }
}

/** Writes a row of a batch as an object, without a line end. */
function objectWriter(columns: readonly QueryColumn[]): (file: ByteBuffer, batch: CellBatch, row: number) => void {
  const keys = columns.map(({ name }, at) => Buffer.from(`${at === 0 ? '{' : ','}${JSON.stringify(name)}:`));
  const writers = columns.map(({ type }) => cellWriter(type));
  const none = Buffer.from('{');
  return (file, { bytes, spans, columns: width }, row) => {
    for (const [column, write] of writers.entries()) {
      const place = 2 * (row * width + column);
      file.put(keys[column] ?? none);
      const from = spans[place] ?? -1;
      if (from < 0) file.put(nul);
      else write(file, bytes, from, spans[place + 1] ?? from);
    }
    if (writers.length === 0) file.put(none);
    file.byte(0x7d);
  };
}

/** One object a line. */
export async function* ndjsonOf(work: ExportWork): AsyncGenerator<void> {
  const { columns, about, options, file, tell } = work;
  const write = objectWriter(columns);
  let rows = 0;
  for await (const batch of cellsOf(work))
    for (let row = 0; row < batch.rows; row++) {
      write(file, batch, row);
      file.byte(0x0a);
      if (++rows === options.from) file.pass();
      if (file.isFull) yield;
    }
  checkCount(about, rows);
  tell({ rows });
}

const firstLine = Buffer.from('\n');
const nextLine = Buffer.from(',\n');

/** One array of objects, an object a line. Its last bracket comes when all is there. */
export async function* jsonOf(work: ExportWork): AsyncGenerator<void> {
  const { columns, about, file, tell } = work;
  const write = objectWriter(columns);
  let rows = 0;
  file.text('[');
  for await (const batch of cellsOf(work))
    for (let row = 0; row < batch.rows; row++) {
      file.put(rows++ === 0 ? firstLine : nextLine);
      write(file, batch, row);
      if (file.isFull) yield;
    }
  checkCount(about, rows);
  tell({ rows });
  file.text('\n]\n');
}
