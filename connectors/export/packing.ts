import { promisify } from 'node:util';
import { constants, deflateRaw } from 'node:zlib';

const deflate = promisify(deflateRaw);
/** Fast rather than small: the level costs a core more than it saves on the wire. */
const level = 1;
/** What is packed at a time. */
export const blockBytes = 262_144;

/** How a block is packed: into one piece of memory, so that it can be given back as a whole. */
export const packingOf = (block: Uint8Array): { level: number; chunkSize: number } => ({
  level,
  chunkSize: block.length + (block.length >> 8) + 1_024,
});

/**
 * Packs a block so that what was packed can stand one after the other as one stream of deflate. Blocks know nothing of each
 * other, so that one is packed, off this thread, while the next is written.
 */
export function packBlock(block: Uint8Array, isLast: boolean): Promise<Buffer> {
  return deflate(block, {
    ...packingOf(block),
    finishFlush: isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
  });
}

/**
 * Gives the memory of a packed block back at once. The collector would come by when tens of megabytes have gathered: it sees
 * the small handle and not what hangs on it.
 */
export function release(packed: Buffer): void {
  // Small buffers share their memory with others.
  if (packed.buffer instanceof ArrayBuffer && packed.buffer.byteLength > Buffer.poolSize) packed.buffer.transfer(0);
}
