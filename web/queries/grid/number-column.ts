import type { Cell } from '#contracts/queries/engine.ts';
import { type Codec, parsed } from './codecs.ts';

type Values = Int8Array | Int16Array | Int32Array | Float64Array;
/** Widths for whole numbers; the least value of each stands for null, so it is not a number there. */
const widths = [
  { make: Int8Array, least: -128, most: 127 },
  { make: Int16Array, least: -32_768, most: 32_767 },
  { make: Int32Array, least: -2_147_483_648, most: 2_147_483_647 },
] as const;

/**
 * Numbers, instants, days or booleans in the narrowest typed array that holds them all. A text that its number does not
 * give back to the letter (twenty digits, "1e5", "infinity") is kept beside it.
 */
export class NumberColumn {
  readonly kind = 'number';
  readonly codec: Codec;
  length = 0;
  values: Values = new Int8Array(64);
  /** The least value of the present width, which stands for null; NaN does in a Float64Array. */
  #nullValue = -128;
  #width = 0;
  #formats: Uint8Array | null = null;
  #oneFormat = -1;
  /** Texts that the number alone does not tell, by row. */
  readonly exact = new Map<number, string>();
  #exactChars = 0;

  constructor(codec: Codec) {
    this.codec = codec;
  }

  push(cell: Cell): void {
    const row = this.length;
    this.length += 1;
    if (row >= this.values.length) this.#resize(this.#width, row * 2);
    if (cell === null) {
      this.values[row] = this.#nullValue;
      return;
    }
    let format = Math.max(0, this.#oneFormat);
    let value: number;
    if (this.codec.parse(cell)) {
      ({ value, format } = parsed);
    } else {
      value = this.codec.guess(cell);
      this.exact.set(row, cell);
      this.#exactChars += cell.length;
    }
    this.#fit(value);
    this.values[row] = value;
    if (this.#oneFormat === -1) this.#oneFormat = format;
    if (this.#formats === null && format !== this.#oneFormat)
      this.#formats = new Uint8Array(this.values.length).fill(this.#oneFormat, 0, row);
    if (this.#formats) this.#formats[row] = format;
  }

  /** Forgets the rows from this one on. */
  cut(length: number): void {
    this.length = length;
    for (const row of this.exact.keys()) if (row >= length) this.exact.delete(row);
  }
  /** NaN for null and for what is no number. */
  number(row: number): number {
    const value = this.values[row] ?? Number.NaN;
    return value === this.#nullValue ? Number.NaN : value;
  }
  isNull(row: number): boolean {
    const value = this.values[row] ?? Number.NaN;
    return this.#width < widths.length ? value === this.#nullValue : Number.isNaN(value) && !this.exact.has(row);
  }
  text(row: number): Cell {
    if (this.isNull(row)) return null;
    return this.exact.get(row) ?? this.codec.print(this.number(row), this.format(row));
  }
  /** How the value is written: digits of the fraction, for decimals. */
  format(row: number): number {
    return this.#formats ? (this.#formats[row] ?? 0) : Math.max(0, this.#oneFormat);
  }
  get bytes(): number {
    return this.values.byteLength + (this.#formats?.byteLength ?? 0) + this.exact.size * 48 + this.#exactChars;
  }

  /** Widens the array until it holds the value. */
  #fit(value: number): void {
    let width = this.#width;
    const isWhole = Number.isInteger(value) && !Object.is(value, -0);
    if (!isWhole) width = widths.length;
    for (let now = widths[width]; now && (value <= now.least || value > now.most); now = widths[width]) width += 1;
    if (width !== this.#width) this.#resize(width, this.values.length);
  }
  #resize(width: number, size: number): void {
    const [old, oldNull] = [this.values, this.#nullValue];
    const Kind = widths[width]?.make ?? Float64Array;
    const next: Values = new Kind(size);
    if (width === this.#width) next.set(old);
    else {
      this.#nullValue = widths[width]?.least ?? Number.NaN;
      for (let row = 0; row < this.length; row += 1)
        next[row] = old[row] === oldNull ? this.#nullValue : (old[row] ?? 0);
    }
    this.values = next;
    this.#width = width;
    if (this.#formats && this.#formats.length < size) {
      const formats = new Uint8Array(size);
      formats.set(this.#formats);
      this.#formats = formats;
    }
  }
}
