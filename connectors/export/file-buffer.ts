import { createHash, type Hash } from 'node:crypto';
import { ByteBuffer } from './byte-buffer.ts';

/** A piece goes out when it has so many bytes. */
const pieceBytes = 262_144;
/** The last bytes wait until it is sure that they are the last of a whole file. */
const heldBytes = 64;

export interface FileBufferOptions {
  /** Bytes at the beginning of the file that are made but not sent. */
  readonly fromByte?: number;
  /** Nothing is sent before `pass` was called. */
  readonly waitsForPass?: boolean;
}

/**
 * The one piece of memory in which a file is made, and its checksum. Writers write at `at`, in room they asked for; whoever
 * sends takes the bytes away, and the same memory is written again. So a file of any size needs as much as its largest row.
 */
export class FileBuffer extends ByteBuffer {
  readonly #hash: Hash = createHash('sha256');
  /** What stands before it was hashed. */
  #hashed = 0;
  /** What stands before it was taken. */
  #taken = 0;
  #unsent: number;
  #isPassing: boolean;
  #gone = 0;

  constructor({ fromByte = 0, waitsForPass = false }: FileBufferOptions = {}) {
    super(pieceBytes);
    this.#unsent = fromByte;
    this.#isPassing = waitsForPass;
  }

  /** Bytes of the whole file so far, those that are not sent included. */
  get size(): number {
    return this.#gone + this.at;
  }

  /** What was written until now is passed over; what comes is sent. */
  pass(): void {
    if (!this.#isPassing) return;
    this.#count();
    this.#gone += this.at;
    this.at = this.#hashed = this.#taken = 0;
    this.#isPassing = false;
  }

  /** The bytes to send now; they are lent until `reclaim`. */
  take(isLast = false): Buffer {
    this.#count();
    const end = isLast ? this.at : Math.max(this.#taken, this.at - heldBytes);
    const skipped = this.#isPassing ? end - this.#taken : Math.min(this.#unsent, end - this.#taken);
    if (!this.#isPassing) this.#unsent -= skipped;
    const piece = this.bytes.subarray(this.#taken + skipped, end);
    this.#taken = end;
    return piece;
  }

  /** What was taken is sent: its room is free. */
  reclaim(): void {
    const held = this.at - this.#taken;
    this.#gone += this.#taken;
    if (this.bytes.length > 8 * pieceBytes && held <= pieceBytes) {
      const usual = Buffer.allocUnsafeSlow(2 * pieceBytes);
      this.bytes.copy(usual, 0, this.#taken, this.at);
      this.bytes = usual;
    } else this.bytes.copyWithin(0, this.#taken, this.at);
    this.at = this.#hashed = held;
    this.#taken = 0;
  }

  #count(): void {
    if (this.#hashed < this.at) this.#hash.update(this.bytes.subarray(this.#hashed, this.at));
    this.#hashed = this.at;
  }

  /** Of all bytes, once the last was written; in lower-case hex. */
  checksum(): string {
    this.#count();
    return this.#hash.digest('hex');
  }
}
