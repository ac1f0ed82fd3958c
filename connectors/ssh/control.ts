export type ControlItem = { kind: 'bytes'; bytes: Buffer } | { kind: 'words'; words: string[] };

const maxLine = 512;
const maxNoise = 4_096;

/**
 * Takes a stream apart into the command's bytes and the lines `\n<nonce> <words>\n` that are for us. Bytes before the first such
 * line are noise of the login shell. The host is not trusted: a line longer than 512 bytes is an error.
 */
export class ControlScanner {
  readonly #mark: Buffer;
  #rest: Buffer = Buffer.alloc(0);
  #isHeard = false;
  #noise: Buffer = Buffer.alloc(0);

  constructor(nonce: string) {
    this.#mark = Buffer.from(`\n${nonce} `, 'latin1');
  }

  /** What a login script printed, shortened: for diagnostics only, never output. */
  get noise(): Buffer {
    return this.#noise;
  }

  push(chunk: Buffer): ControlItem[] {
    const items: ControlItem[] = [];
    let data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    for (;;) {
      const at = data.indexOf(this.#mark);
      if (at < 0) break;
      const end = data.indexOf(10, at + this.#mark.length);
      if (end < 0) {
        if (data.length - at > maxLine) throw new Error('A control line does not end.');
        this.#take(items, data.subarray(0, at));
        this.#rest = Buffer.from(data.subarray(at));
        return items;
      }
      if (end - at > maxLine) throw new Error('A control line is too long.');
      this.#take(items, data.subarray(0, at));
      this.#isHeard = true;
      const line = data.toString('latin1', at + this.#mark.length, end);
      items.push({ kind: 'words', words: line.split(' ').filter(Boolean) });
      data = data.subarray(end + 1);
    }
    // The end may be the beginning of a mark: held back until more is known.
    const held = this.#partialMark(data);
    this.#take(items, data.subarray(0, data.length - held));
    this.#rest = held > 0 ? Buffer.from(data.subarray(data.length - held)) : Buffer.alloc(0);
    return items;
  }

  /** The stream has ended: what was held back was no mark. */
  flush(): ControlItem[] {
    const items: ControlItem[] = [];
    this.#take(items, this.#rest);
    this.#rest = Buffer.alloc(0);
    return items;
  }

  #take(items: ControlItem[], bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.#isHeard) items.push({ kind: 'bytes', bytes });
    else if (this.#noise.length < maxNoise) this.#noise = Buffer.concat([this.#noise, bytes]).subarray(0, maxNoise);
  }

  #partialMark(data: Buffer): number {
    const longest = Math.min(this.#mark.length - 1, data.length);
    const from = data.lastIndexOf(10);
    if (from < 0 || data.length - from > longest) return 0;
    const tail = data.subarray(from);
    return this.#mark.subarray(0, tail.length).equals(tail) ? tail.length : 0;
  }
}
