import { crc32 } from 'node:zlib';
import { ByteBuffer } from './byte-buffer.ts';
import type { FileBuffer } from './file-buffer.ts';
import { blockBytes, packBlock, release } from './packing.ts';

const most32 = 0xffff_ffff;
const utf8Names = 0x0800;
const sizesFollow = 0x0008;
const deflated = 8;
/** Versions a reader needs: 2.0 for deflate, 4.5 for sizes beyond 4 GB. */
const plainVersion = 20;
const largeVersion = 45;

interface Entry {
  readonly name: Buffer;
  readonly offset: number;
  checksum: number;
  packed: number;
  size: number;
}

/**
 * A zip as a stream (PKWARE APPNOTE 6.3.10): files one after the other, their sizes behind them, the directory last. A zip
 * that broke off has none and is refused by readers. The same content gives the same bytes.
 */
export class ZipWriter {
  readonly #file: FileBuffer;
  readonly #entries: Entry[] = [];
  readonly #time: number;
  readonly #date: number;
  /** Of two pieces of memory one is written while the other is packed. */
  readonly #content = new ByteBuffer(blockBytes);
  #other: Buffer<ArrayBuffer> | null = null;

  constructor(file: FileBuffer, modifiedAt: Date) {
    this.#file = file;
    const year = Math.min(2107, Math.max(1980, modifiedAt.getUTCFullYear()));
    this.#date = ((year - 1980) << 9) | ((modifiedAt.getUTCMonth() + 1) << 5) | modifiedAt.getUTCDate();
    this.#time =
      (modifiedAt.getUTCHours() << 11) | (modifiedAt.getUTCMinutes() << 5) | (modifiedAt.getUTCSeconds() >> 1);
  }

  /** Adds a file. `write` fills the buffer that it is given, and yields where that is full. */
  async *add(name: string, write: (content: ByteBuffer) => AsyncIterable<void> | Iterable<void>): AsyncGenerator<void> {
    const entry: Entry = { name: Buffer.from(name), offset: this.#file.size, checksum: 0, packed: 0, size: 0 };
    this.#entries.push(entry);
    this.#localHeader(entry);
    const content = this.#content;
    const packing: Promise<Buffer>[] = [];
    const take = async (): Promise<void> => {
      const packed = await packing.pop();
      if (!packed) return;
      entry.packed += packed.length;
      this.#file.copy(packed, 0, packed.length);
      release(packed);
    };
    const pack = (isLast: boolean): void => {
      const block = content.swap(this.#other);
      this.#other = Buffer.from(block.buffer);
      entry.checksum = crc32(block, entry.checksum);
      entry.size += block.length;
      packing.push(packBlock(block, isLast));
    };
    try {
      for await (const _ of write(content)) {
        await take();
        pack(false);
        if (this.#file.isFull) yield;
      }
      await take();
      pack(true);
      await take();
    } finally {
      await Promise.allSettled(packing);
    }
    this.#sizes(entry);
    if (this.#file.isFull) yield;
  }

  #localHeader({ name }: Entry): void {
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(plainVersion, 4);
    head.writeUInt16LE(utf8Names | sizesFollow, 6);
    head.writeUInt16LE(deflated, 8);
    head.writeUInt16LE(this.#time, 10);
    head.writeUInt16LE(this.#date, 12);
    head.writeUInt16LE(name.length, 26);
    this.#file.put(head);
    this.#file.put(name);
  }

  #sizes(entry: Entry): void {
    const isLarge = entry.packed > most32 || entry.size > most32;
    const sizes = Buffer.alloc(isLarge ? 24 : 16);
    sizes.writeUInt32LE(0x08074b50, 0);
    sizes.writeUInt32LE(entry.checksum, 4);
    if (isLarge) {
      sizes.writeBigUInt64LE(BigInt(entry.packed), 8);
      sizes.writeBigUInt64LE(BigInt(entry.size), 16);
    } else {
      sizes.writeUInt32LE(entry.packed, 8);
      sizes.writeUInt32LE(entry.size, 12);
    }
    this.#file.put(sizes);
  }

  /** Writes the directory: the file is whole then. */
  end(): void {
    const from = this.#file.size;
    for (const entry of this.#entries) this.#directoryEntry(entry);
    const size = this.#file.size - from;
    if (from + size > most32) {
      const large = Buffer.alloc(76);
      large.writeUInt32LE(0x06064b50, 0);
      large.writeBigUInt64LE(44n, 4);
      large.writeUInt16LE(largeVersion, 12);
      large.writeUInt16LE(largeVersion, 14);
      large.writeBigUInt64LE(BigInt(this.#entries.length), 24);
      large.writeBigUInt64LE(BigInt(this.#entries.length), 32);
      large.writeBigUInt64LE(BigInt(size), 40);
      large.writeBigUInt64LE(BigInt(from), 48);
      large.writeUInt32LE(0x07064b50, 56);
      large.writeBigUInt64LE(BigInt(from + size), 64);
      large.writeUInt32LE(1, 72);
      this.#file.put(large);
    }
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(this.#entries.length, 8);
    end.writeUInt16LE(this.#entries.length, 10);
    end.writeUInt32LE(size, 12);
    end.writeUInt32LE(Math.min(from, most32), 16);
    this.#file.put(end);
  }

  #directoryEntry({ name, offset, checksum, packed, size }: Entry): void {
    const isLarge = packed > most32 || size > most32 || offset > most32;
    const extra = Buffer.alloc(isLarge ? 28 : 0);
    if (isLarge) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      extra.writeBigUInt64LE(BigInt(size), 4);
      extra.writeBigUInt64LE(BigInt(packed), 12);
      extra.writeBigUInt64LE(BigInt(offset), 20);
    }
    const head = Buffer.alloc(46);
    head.writeUInt32LE(0x02014b50, 0);
    head.writeUInt16LE(isLarge ? largeVersion : plainVersion, 4);
    head.writeUInt16LE(isLarge ? largeVersion : plainVersion, 6);
    head.writeUInt16LE(utf8Names | sizesFollow, 8);
    head.writeUInt16LE(deflated, 10);
    head.writeUInt16LE(this.#time, 12);
    head.writeUInt16LE(this.#date, 14);
    head.writeUInt32LE(checksum, 16);
    head.writeUInt32LE(isLarge ? most32 : packed, 20);
    head.writeUInt32LE(isLarge ? most32 : size, 24);
    head.writeUInt16LE(name.length, 28);
    head.writeUInt16LE(extra.length, 30);
    head.writeUInt32LE(isLarge ? most32 : offset, 42);
    this.#file.put(head);
    this.#file.put(name);
    this.#file.put(extra);
  }
}
