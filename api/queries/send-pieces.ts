import type { ServerResponse } from 'node:http';

/**
 * Sends pieces that are lent: each is with the system before the next is asked for, so that a reader who is slow makes the
 * source wait, and the same memory serves for all. What breaks the pieces breaks the connection, in place of an end.
 * @returns whether all was sent; false where the reader hung up
 * @throws what the pieces throw
 */
export async function sendPieces(
  raw: ServerResponse,
  pieces: AsyncIterable<Buffer>,
  trailers: () => Readonly<Record<string, string>> = () => ({}),
): Promise<boolean> {
  let leave = (): void => undefined;
  raw.on('close', () => leave());
  const taken = (write: (done: (error?: Error | null) => void) => void): Promise<boolean> =>
    new Promise((resolve) => {
      leave = () => resolve(false);
      if (raw.destroyed) resolve(false);
      else write((error) => resolve(!error));
    });
  try {
    for await (const piece of pieces) if (!(await taken((done) => void raw.write(piece, done)))) return false;
  } catch (error) {
    raw.destroy();
    throw error;
  }
  raw.addTrailers(trailers()); // nothing where the answer is not sent in chunks
  return taken((done) => void raw.end(done));
}
