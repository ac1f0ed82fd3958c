import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { mebibytes, partBytes } from '#db/playbooks/artifacts.ts';
import { problem } from './problem.ts';

/**
 * Cuts a stream into parts, each written before the next is taken, and says how long it was and what its hash is.
 * @throws `request.too_large` past `most` bytes
 */
export async function writeParts(
  body: Readable,
  most: number,
  write: (part: number, content: Buffer) => Promise<void>,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let [bytes, parts] = [0, 0];
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > most) throw problem('request.too_large', { limit: mebibytes(most) });
    hash.update(chunk);
    rest = Buffer.concat([rest, chunk]);
    // Only whole parts but for the last, so that a part's number tells its offset.
    for (; rest.length >= partBytes; rest = rest.subarray(partBytes)) await write(parts++, rest.subarray(0, partBytes));
  }
  if (rest.length > 0) await write(parts, rest);
  return { bytes, sha256: hash.digest('hex') };
}
