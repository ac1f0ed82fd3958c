import type { ColumnType } from '#contracts/queries/engine.ts';
import type { ByteBuffer } from './byte-buffer.ts';
import { isWord } from './json.ts';
import { readTime, type ReadTime } from './times.ts';

/** Characters that Excel takes in a cell. */
export const mostCellChars = 32_767;
/** Numbers of `cellXfs` in the workbook's styles. */
export const cellStyle = { date: 1, timestamp: 2, head: 3, wrap: 4 };

/** XML 1.0 has no way to say these; `_xHHHH_` is Excel's, and what looks like it is none. */
const unsayable =
  // oxlint-disable-next-line no-control-regex -- these are meant
  /[\u0000-\u0008\u000b\u000c\u000d\u000e-\u001f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

export const xmlText = (text: string): string =>
  text
    .replaceAll(unsayable, (char) => `_x${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');

const spaced = /^\s|\s$|\n/;
export function textCell(text: string, styleNumber = 0): string {
  const of = styleNumber === 0 ? '' : ` s="${styleNumber}"`;
  return `<c t="inlineStr"${of}><is><t${spaced.test(text) ? ' xml:space="preserve"' : ''}>${xmlText(text)}</t></is></c>`;
}

/** Days from Excel's day 0 to 1970. */
const daysBefore1970 = 25_569;
/** Excel takes 1900 for a leap year, so that its dates are right from March on. */
const firstSerial = 61;
const dayMicros = 86_400_000_000;
/** A microsecond is more than one of so many parts of a day. */
const partDigits = 11;
const parts = 10 ** partDigits;
const time: ReadTime = { days: 0, micros: 0, offsetMinutes: 0, hasOffset: false };

/** Writes a day as Excel counts it; of a time with an offset that of UTC. False where Excel has no such day. */
function writeSerial(out: ByteBuffer, bytes: Buffer, from: number, to: number): boolean {
  if (!readTime(bytes, from, to, time)) return false;
  const micros = time.micros - time.offsetMinutes * 60_000_000;
  const shift = Math.floor(micros / dayMicros);
  const part = Math.round(((micros - shift * dayMicros) / dayMicros) * parts);
  const day = time.days + daysBefore1970 + shift + (part === parts ? 1 : 0);
  if (day < firstSerial) return false;
  out.whole(day);
  if (part === 0 || part === parts) return true;
  out.byte(0x2e);
  out.whole(part, partDigits);
  return true;
}

const zero = 0x30;
const isDigit = (byte: number): boolean => byte >= zero && byte <= 0x39;

/** A number that a spreadsheet keeps: 15 digits, leading zeros apart, 15 of them after the point at most. */
function isExact(bytes: Buffer, from: number, to: number): boolean {
  let at = from;
  if (bytes[at] === 0x2d) at++;
  let before = 0;
  let after = 0;
  let counted = 0;
  for (; at < to && isDigit(bytes[at] ?? 0); at++, before++) if (counted > 0 || bytes[at] !== zero) counted++;
  if (before === 0 || before > 15) return false;
  if (at === to) return true;
  if (bytes[at++] !== 0x2e) return false;
  for (; at < to && isDigit(bytes[at] ?? 0); at++, after++) if (counted > 0 || bytes[at] !== zero) counted++;
  return at === to && after > 0 && after <= 15 && counted <= 15;
}

/** 0: as it is · 1: `&`, `<`, `>` · 2: perhaps unsayable, so that the text is looked at as a whole. */
const care = new Uint8Array(256);
care.fill(2, 0, 0x20);
care[0x09] = care[0x0a] = 0;
for (const mark of '&<>') care[mark.charCodeAt(0)] = 1;
care[0x5f] = 2; // _x000D_
care[0xef] = 2; // U+FFFE, U+FFFF
const underscore = 0x5f;

const [empty, numberFrom, numberTo, trueCell, falseCell, textFrom, spacedFrom, textTo] = [
  '<c/>',
  '<c><v>',
  '</v></c>',
  '<c t="b"><v>1</v></c>',
  '<c t="b"><v>0</v></c>',
  '<c t="inlineStr"><is><t>',
  '<c t="inlineStr"><is><t xml:space="preserve">',
  '</t></is></c>',
].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];
const [amp, lower, greater] = ['&amp;', '&lt;', '&gt;'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];
const yes = Buffer.from('true');
const no = Buffer.from('false');

type WriteCell = (out: ByteBuffer, bytes: Buffer, from: number, to: number) => void;

/** How cells of a type are written. `onCut` is called for each text that is longer than a cell may be. */
export function xlsxCellWriter(type: ColumnType, onCut: () => void): WriteCell {
  const writeText = textWriter(onCut);
  const timed = (styleNumber: number): WriteCell => {
    const timeFrom = Buffer.from(`<c s="${styleNumber}"><v>`);
    return (out, bytes, from, to) => {
      const begin = out.at;
      out.put(timeFrom);
      if (writeSerial(out, bytes, from, to)) return out.put(numberTo);
      out.at = begin;
      writeText(out, bytes, from, to);
    };
  };
  switch (type) {
    case 'integer':
    case 'decimal':
      return (out, bytes, from, to) => {
        if (!isExact(bytes, from, to)) return writeText(out, bytes, from, to);
        out.put(numberFrom);
        out.range(bytes, from, to);
        out.put(numberTo);
      };
    case 'boolean':
      return (out, bytes, from, to) => {
        if (isWord(yes, bytes, from, to)) out.put(trueCell);
        else if (isWord(no, bytes, from, to)) out.put(falseCell);
        else writeText(out, bytes, from, to);
      };
    case 'date':
      return timed(cellStyle.date);
    case 'timestamp':
      return timed(cellStyle.timestamp);
    default:
      return writeText;
  }
}

/** A cell without a value. */
export const writeEmpty = (out: ByteBuffer): void => out.put(empty);

const isBlank = (byte: number): boolean => byte <= 0x20 || byte >= 0x80;

function textWriter(onCut: () => void): WriteCell {
  const asString: WriteCell = (out, bytes, from, to) => {
    const text = bytes.toString('utf8', from, to);
    if (text.length > mostCellChars) onCut();
    out.text(textCell(text.slice(0, mostCellChars)));
  };
  return (out, bytes, from, to) => {
    if (to - from > mostCellChars) return asString(out, bytes, from, to);
    const begin = out.at;
    // What may be a space of Unicode is taken for one: the attribute does no harm.
    let isSpaced = to > from && (isBlank(bytes[from] ?? 0) || isBlank(bytes[to - 1] ?? 0));
    for (let at = from; !isSpaced && at < to; at++) isSpaced = bytes[at] === 0x0a;
    out.put(isSpaced ? spacedFrom : textFrom);
    out.need(5 * (to - from));
    const { bytes: all } = out;
    let { at } = out;
    for (let read = from; read < to; read++) {
      const byte = bytes[read] ?? 0;
      const how = care[byte] ?? 0;
      if (how === 0 || (byte === underscore && bytes[read + 1] !== 0x78) || (byte === 0xef && bytes[read + 1] !== 0xbf))
        all[at++] = byte;
      else if (how === 1) {
        const name = byte === 0x26 ? amp : byte === 0x3c ? lower : greater;
        for (let char = 0; char < name.length; char++) all[at++] = name[char] ?? 0;
      } else {
        out.at = begin;
        return asString(out, bytes, from, to);
      }
    }
    out.at = at;
    out.put(textTo);
  };
}
