import type { FastifyRequest } from 'fastify';
import { intakeLimits } from '#contracts/ingest/intake.ts';
import { problem } from '../kit/problem.ts';

const mebibytes = (bytes: number): string => `${bytes / 1_048_576} MiB`;

/**
 * Reads a request's body as text. It comes as a stream that the server has unpacked where it was packed; what is too
 * large, before or after, is refused before more of it is held.
 * @param most bytes after unpacking
 * @throws Problem `request.too_large`, `log.unreadable`
 */
export async function readText(request: FastifyRequest, most = intakeLimits.bytes): Promise<string> {
  const isPacked = request.headers['content-encoding'] !== undefined;
  const mostSent = isPacked ? Math.min(most, intakeLimits.packedBytes) : most;
  if (Number(request.headers['content-length'] ?? 0) > mostSent)
    throw problem('request.too_large', { limit: mebibytes(mostSent) });
  if (request.body === undefined || request.body === null) return '';
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > most) throw problem('request.too_large', { limit: mebibytes(most) });
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'FST_CP_ERR_INVALID_CONTENT')
      throw problem('log.unreadable', { why: 'it is not packed as it says.' });
    throw error;
  }
  const [first = Buffer.alloc(0), second] = chunks;
  return (second ? Buffer.concat(chunks) : first).toString('utf8');
}

/** @throws Problem `log.unreadable` */
export function readJsonText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw problem('log.unreadable', { why: 'it is no JSON.' });
  }
}
