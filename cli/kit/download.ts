import { createHash } from 'node:crypto';
import type { Client } from './client.ts';
import { Refused } from './exits.ts';
import { fileTarget, outputTarget } from './files.ts';

/** What was sent, by whoever made it. */
export interface Made {
  readonly bytes?: number | null;
  readonly sha256: string | null;
}

/**
 * Writes an answer's body to a file or to standard output. A file appears under its name only when all has come and is
 * what was sent. @param made asked at the end; null: nobody can tell. @returns how many bytes came
 * @throws Refused, `download.broken` where it broke off, `export.differs` where something else came than was sent
 */
export async function download(
  response: Response,
  path: string | undefined,
  made: () => Promise<Made | null> = async () => null,
): Promise<number> {
  const target = path === undefined || path === '-' ? outputTarget : await fileTarget(path);
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    try {
      for await (const chunk of response.body ?? []) {
        hash.update(chunk);
        bytes += chunk.byteLength;
        await target.write(chunk);
      }
    } catch (error) {
      throw error instanceof TypeError ? broken(bytes) : error;
    }
    const sum = hash.digest('hex');
    const sent = await made();
    if (sent && (sent.sha256 !== sum || (sent.bytes ?? bytes) !== bytes))
      throw new Refused({ code: 'export.differs', message: 'What arrived is not what was sent. Take it again.' });
    await target.keep();
    return bytes;
  } catch (error) {
    await target.drop();
    throw error;
  }
}

const broken = (bytes: number): Refused =>
  new Refused({ code: 'download.broken', message: `It broke off after ${bytes} bytes. Take it again.` });

/** What the server says of an export that has come: nothing is equal to one that broke at its making. @throws Refused */
export const exportEnd = (client: Client, runId: string, exportId: string, signal: AbortSignal): Promise<Made> =>
  client.call('getQueryExport', { params: { id: runId, exportId }, signal });
