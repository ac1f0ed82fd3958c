/** Turns a stream's chunks into text; a character cut by a chunk's end waits for its rest. Bytes that are no UTF-8 become U+FFFD. */
export class StreamText {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  push(bytes: Uint8Array): string {
    return this.#decoder.decode(bytes, { stream: true });
  }

  /** What is left at the end of the stream. */
  end(): string {
    return this.#decoder.decode();
  }
}
