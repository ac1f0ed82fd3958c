import type { Masker } from '#contracts/playbooks/masking.ts';

export interface TextPart {
  text: string;
  fromByte: number;
  toByte: number;
}

/**
 * Turns a stream's bytes into masked text, with the byte offsets that the text stands for: what is held back, an
 * unfinished character or the beginning of a secret, is not counted yet, so that a next attempt reads it again.
 */
export class MaskedText {
  readonly #stream: ReturnType<Masker['stream']>;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #tail: Buffer = Buffer.alloc(0);
  #told: number;
  #read: number;

  constructor(masker: Masker, fromByte: number) {
    this.#stream = masker.stream();
    this.#told = fromByte;
    this.#read = fromByte;
  }

  push(bytes: Buffer): TextPart {
    const all = this.#tail.length > 0 ? Buffer.concat([this.#tail, bytes]) : bytes;
    const whole = all.length - unfinishedBytes(all);
    this.#tail = Buffer.from(all.subarray(whole));
    this.#read += bytes.length;
    return this.#part(this.#stream.push(printable(this.#decoder.decode(all.subarray(0, whole)))));
  }

  /** Bytes that are gone from the host: said in the text, and counted. */
  skip(toByte: number): TextPart {
    const before = this.end();
    const from = this.#told;
    this.#told = toByte;
    this.#read = toByte;
    return { text: `${before.text}\n[${toByte - from} bytes are not kept]\n`, fromByte: before.fromByte, toByte };
  }

  end(): TextPart {
    const rest = this.#decoder.decode(this.#tail);
    this.#tail = Buffer.alloc(0);
    const text = this.#stream.push(printable(rest)) + this.#stream.flush();
    const part = { text, fromByte: this.#told, toByte: this.#read };
    this.#told = this.#read;
    return part;
  }

  #part(text: string): TextPart {
    const held = Buffer.byteLength(this.#stream.held()) + this.#tail.length;
    const toByte = Math.max(this.#told, this.#read - held);
    const part = { text, fromByte: this.#told, toByte };
    this.#told = toByte;
    return part;
  }
}

/** PostgreSQL's text holds no NUL; it is shown as the picture of one. */
const printable = (text: string): string => (text.includes('\0') ? text.replaceAll('\0', '\u2400') : text);

/** Bytes at the end that begin a UTF-8 character and do not finish it. */
function unfinishedBytes(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return back < length ? back : 0;
  }
  return 0;
}
