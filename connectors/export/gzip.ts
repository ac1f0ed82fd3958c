import { crc32 } from 'node:zlib';
import { packBlock, release } from './packing.ts';

/** RFC 1952: deflate, no name, no time, made anywhere. */
const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

/** Pieces of a file on their way as gzip, packed off this thread with as much memory as one piece takes. Lent, as they are. */
export async function* gzipOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  let checksum = 0;
  let size = 0;
  for await (const piece of pieces) {
    checksum = crc32(piece, checksum);
    size += piece.length;
    const packed = await packBlock(piece, false);
    yield packed;
    release(packed);
  }
  const end = Buffer.alloc(8);
  end.writeUInt32LE(checksum, 0);
  end.writeUInt32LE(size % 0x1_0000_0000, 4);
  yield Buffer.concat([await packBlock(Buffer.alloc(0), true), end]);
}
