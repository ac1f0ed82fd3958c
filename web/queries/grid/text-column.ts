import type { Cell } from '#contracts/queries/engine.ts';

type Codes = Uint8Array | Uint16Array | Uint32Array;

/**
 * Texts, each different one kept once: a row holds the code of its text, 0 for null. Null is not the empty text. The
 * table that finds a text's code is two typed arrays: a `Map` of a million texts would take ten times their room.
 */
export class TextColumn {
  readonly kind = 'text';
  length = 0;
  codes: Codes = new Uint8Array(64);
  /** By code, from 1; the first stands for null and is no text. */
  readonly texts: string[] = [''];
  #hashes = new Uint32Array(64);
  /** Codes by hash; where the place is taken, the next free one after it. 0 is free. */
  #places = new Uint32Array(128);
  #chars = 0;

  push(cell: Cell): void {
    const row = this.length;
    this.length += 1;
    const code = cell === null ? 0 : this.#codeOf(cell);
    if (row >= this.codes.length) this.#resize(this.codes.length * 2);
    const most = this.codes instanceof Uint8Array ? 255 : this.codes instanceof Uint16Array ? 65_535 : 0xff_ff_ff_ff;
    if (code > most) this.#resize(this.codes.length, code);
    this.codes[row] = code;
  }

  /** Forgets the rows from this one on; their texts stay known. */
  cut(length: number): void {
    this.length = length;
  }

  isNull(row: number): boolean {
    return this.codes[row] === 0;
  }
  text(row: number): Cell {
    const code = this.codes[row];
    return code === undefined || code === 0 ? null : (this.texts[code] ?? null);
  }
  /** The code, in this column, of each text of another; -1 where it is not here. */
  codesOf(other: TextColumn): Int32Array {
    const codes = new Int32Array(other.texts.length);
    for (let code = 1; code < codes.length; code += 1)
      codes[code] = this.#find(other.texts[code] ?? '', other.#hashes[code] ?? 0) || -1;
    return codes;
  }
  get bytes(): number {
    return (
      this.codes.byteLength + this.#hashes.byteLength + this.#places.byteLength + this.#chars + this.texts.length * 20
    );
  }

  #codeOf(text: string): number {
    const hash = hashOf(text);
    const known = this.#find(text, hash);
    if (known > 0) return known;
    const code = this.texts.length;
    if (code * 2 >= this.#places.length) this.#spread();
    this.texts.push(text);
    this.#chars += text.length;
    this.#hashes[code] = hash;
    this.#settle(code, hash);
    return code;
  }
  /** 0 where it is not known. */
  #find(text: string, hash: number): number {
    const last = this.#places.length - 1;
    for (let place = hash & last; ; place = (place + 1) & last) {
      const code = this.#places[place] ?? 0;
      if (code === 0 || (this.#hashes[code] === hash && this.texts[code] === text)) return code;
    }
  }
  #settle(code: number, hash: number): void {
    const last = this.#places.length - 1;
    let place = hash & last;
    while (this.#places[place] !== 0) place = (place + 1) & last;
    this.#places[place] = code;
  }
  #spread(): void {
    const hashes = new Uint32Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    this.#places = new Uint32Array(this.#places.length * 2);
    for (let code = 1; code < this.texts.length; code += 1) this.#settle(code, hashes[code] ?? 0);
  }
  #resize(size: number, code = 0): void {
    const old = this.codes;
    const Kind =
      code > 65_535 || old instanceof Uint32Array
        ? Uint32Array
        : code > 255 || old instanceof Uint16Array
          ? Uint16Array
          : Uint8Array;
    this.codes = new Kind(size);
    this.codes.set(old);
  }
}

/** Of a long text not every character counts. */
function hashOf(text: string): number {
  const { length } = text;
  const step = length <= 64 ? 1 : Math.ceil(length / 64);
  let hash = length;
  for (let at = 0; at < length; at += step) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01_00_01_93);
  // The low bits choose the place, so the high ones are mixed into them.
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c_1b_3c_6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
