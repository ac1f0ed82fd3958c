/** Memory that is written from its beginning. Writers ask for room and then write at `at` by themselves, which is quickest. */
export class ByteBuffer {
  bytes: Buffer<ArrayBuffer>;
  at = 0;
  readonly #full: number;

  /** @param full from how many bytes on it is taken for full: twice as many have room before it grows */
  constructor(full: number) {
    this.#full = full;
    this.bytes = Buffer.allocUnsafeSlow(2 * full);
  }

  get isFull(): boolean {
    return this.at >= this.#full;
  }

  /** Takes what was written away and goes on in other memory. A memory that had to grow is not used again. */
  swap(other: Buffer<ArrayBuffer> | null): Buffer<ArrayBuffer> {
    const written = this.bytes.subarray(0, this.at);
    this.at = 0;
    this.bytes = other?.length === 2 * this.#full ? other : Buffer.allocUnsafeSlow(2 * this.#full);
    return written;
  }

  /** Begins anew, in the same memory unless that has grown beyond `mostKept` bytes. */
  reset(mostKept: number): void {
    this.at = 0;
    if (this.bytes.length > mostKept) this.bytes = Buffer.allocUnsafeSlow(2 * this.#full);
  }

  /** Makes room for so many bytes more. `bytes` may be another memory afterwards. */
  need(count: number): void {
    if (this.bytes.length - this.at >= count) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.at + count, 2 * this.bytes.length));
    this.bytes.copy(larger, 0, 0, this.at);
    // Given back at once: the collector would let tens of megabytes gather.
    this.bytes.buffer.transfer(0);
    this.bytes = larger;
  }

  byte(byte: number): void {
    this.need(1);
    this.bytes[this.at++] = byte;
  }

  text(text: string): void {
    this.need(3 * text.length);
    this.at += this.bytes.write(text, this.at);
  }

  /** A whole number that is not negative, with zeros before it where it has fewer digits. */
  whole(number: number, leastDigits = 1): void {
    let digits = leastDigits;
    while (digits < 16 && number >= 10 ** digits) digits++;
    this.need(digits);
    let rest = number;
    for (let at = this.at + digits - 1; at >= this.at; at--) {
      const next = Math.floor(rest / 10);
      this.bytes[at] = 0x30 + rest - next * 10;
      rest = next;
    }
    this.at += digits;
  }

  /** A few bytes: for so few a loop is quicker than a call. */
  put(few: Uint8Array): void {
    this.range(few, 0, few.length);
  }

  /** The same of a part. */
  range(from: Uint8Array, start: number, end: number): void {
    this.need(end - start);
    const { bytes } = this;
    let { at } = this;
    for (let read = start; read < end; read++) bytes[at++] = from[read] ?? 0;
    this.at = at;
  }

  copy(from: Uint8Array, start: number, end: number): void {
    this.need(end - start);
    this.bytes.set(from.subarray(start, end), this.at);
    this.at += end - start;
  }
}
