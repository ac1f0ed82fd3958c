import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { Sha256 } from './sha256.ts';

const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 7)) & 255);
const expected = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('a file’s checksum is that of the standard, at every length about a block and whatever the pieces', () => {
  for (const length of [...Array.from({ length: 200 }, (_, at) => at), 4_096, 100_001]) {
    const bytes = bytesOf(length);
    expect([length, new Sha256().update(bytes).hex()]).toEqual([length, expected(bytes)]);
    for (const piece of [1, 7, 63, 64, 65, 1_000]) {
      const hash = new Sha256();
      for (let at = 0; at < length; at += piece) hash.update(bytes.subarray(at, at + piece));
      expect([length, piece, hash.hex()]).toEqual([length, piece, expected(bytes)]);
      if (length > 5_000) break;
    }
  }
});
