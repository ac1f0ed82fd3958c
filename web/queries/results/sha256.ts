const size = 64;
/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes, and of square roots of 8. */
const [cubes, squares] = rootsOfPrimes();

function rootsOfPrimes(): [Int32Array, Int32Array] {
  const bits = (root: number): number => Math.floor((root - Math.floor(root)) * 2 ** 32) | 0;
  const primes: number[] = [];
  for (let at = 2; primes.length < size; at++) if (primes.every((prime) => at % prime !== 0)) primes.push(at);
  return [
    Int32Array.from(primes, (prime) => bits(Math.cbrt(prime))),
    Int32Array.from(primes.slice(0, 8), (prime) => bits(Math.sqrt(prime))),
  ];
}

const turn = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

/**
 * SHA-256 (FIPS 180-4) of what comes piece by piece. The browser's own digest wants all of it in memory at once, and a file
 * of a million rows does not belong there.
 */
export class Sha256 {
  readonly #state = Int32Array.from(squares);
  readonly #words = new Int32Array(size);
  readonly #rest = new Uint8Array(size);
  #length = 0;

  update(bytes: Uint8Array): this {
    let at = 0;
    const held = this.#length % size;
    this.#length += bytes.length;
    if (held > 0) {
      at = Math.min(size - held, bytes.length);
      this.#rest.set(bytes.subarray(0, at), held);
      if (held + at < size) return this;
      this.#block(this.#rest, 0);
    }
    for (; at + size <= bytes.length; at += size) this.#block(bytes, at);
    this.#rest.set(bytes.subarray(at));
    return this;
  }

  /** In lower-case hex. Nothing can be added afterwards. */
  hex(): string {
    const bits = this.#length * 8;
    const end = new Uint8Array(((this.#length + 8) % size < 8 ? 2 : 1) * size + size);
    const padding = (size + 55 - (this.#length % size)) % size;
    end[0] = 0x80;
    const view = new DataView(end.buffer);
    view.setUint32(1 + padding, Math.floor(bits / 2 ** 32));
    view.setUint32(5 + padding, bits >>> 0);
    this.update(end.subarray(0, 9 + padding));
    return Array.from(this.#state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  #block(bytes: Uint8Array, from: number): void {
    const [w, state] = [this.#words, this.#state];
    for (let at = 0, byte = from; at < 16; at++, byte += 4) {
      w[at] =
        ((bytes[byte] ?? 0) << 24) |
        ((bytes[byte + 1] ?? 0) << 16) |
        ((bytes[byte + 2] ?? 0) << 8) |
        (bytes[byte + 3] ?? 0);
    }
    for (let at = 16; at < size; at++) {
      const early = w[at - 15] ?? 0;
      const late = w[at - 2] ?? 0;
      const small = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
      const large = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
      w[at] = ((w[at - 16] ?? 0) + small + (w[at - 7] ?? 0) + large) | 0;
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
    // One after the other: to swap them by a list would be the dearest part of it.
    for (let at = 0; at < size; at++) {
      const chosen = (e & f) ^ (~e & g);
      const first = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + chosen + (cubes[at] ?? 0) + (w[at] ?? 0)) | 0;
      const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    const ended = [a, b, c, d, e, f, g, h];
    for (let at = 0; at < 8; at++) state[at] = ((state[at] ?? 0) + (ended[at] ?? 0)) | 0;
  }
}
