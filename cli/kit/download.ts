import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Sent } from './client.ts';
import { Refused } from './exits.ts';
import { fileTarget, outputTarget } from './files.ts';
import { note } from './terminal.ts';

/** What was sent, by whoever made it. */
export interface Made {
  readonly bytes?: number | null;
  readonly sha256: string | null;
}

/** A file on its way. */
export interface Opened {
  readonly response: Response;
  /** Asked at the end; null: nobody can tell. */
  readonly made?: () => Promise<Made | null>;
}

/** So often a file is taken up where it broke off. */
const mostResumed = 3;

/**
 * Writes an answer's body to a file or to standard output. A file appears under its name only when all has come and is
 * what was sent. @param goOn opens the rest, from a byte on, where it broke off before it @returns how many bytes came
 * @throws Refused, `download.broken` where it broke off, `export.differs` where something else came than was sent
 */
export async function download(
  first: Opened,
  path: string | undefined,
  goOn?: (fromByte: number) => Promise<Opened>,
): Promise<number> {
  const target = path === undefined || path === '-' ? outputTarget : await fileTarget(path);
  const hash = createHash('sha256');
  let bytes = 0;
  const take = async (response: Response): Promise<boolean> => {
    try {
      for await (const chunk of response.body ?? []) {
        hash.update(chunk);
        bytes += chunk.byteLength;
        await target.write(chunk);
      }
      return true;
    } catch (error) {
      if (error instanceof TypeError) return false; // the connection
      throw error;
    }
  };
  try {
    let opened = first;
    for (let resumed = 0; !(await take(opened.response)); resumed++) {
      if (!goOn || resumed === mostResumed)
        throw new Refused({ code: 'download.broken', message: `It broke off after ${bytes} bytes. Take it again.` });
      note(`It broke off after ${bytes} bytes, and is taken up from there.`);
      await sleep(250 * 2 ** resumed);
      opened = await goOn(bytes).catch((error: unknown) => {
        if (!(error instanceof Refused)) throw error;
        const { code, message } = error;
        throw new Refused({ code: 'download.broken', message: `It broke off after ${bytes} bytes, and the rest is not to be had: ${code}: ${message}` }); // prettier-ignore
      });
    }
    const sum = hash.digest('hex');
    const sent = (await opened.made?.()) ?? null;
    if (sent && (sent.sha256 !== sum || (sent.bytes ?? bytes) !== bytes))
      throw new Refused({ code: 'export.differs', message: 'What arrived is not what was sent. Take it again.' });
    await target.keep();
    return bytes;
  } catch (error) {
    await target.drop();
    throw error;
  }
}

/**
 * Opens the file of a run's rows, from a byte on: each time it is made anew, and at the end what came of all times is held
 * against the last. What the server says of an export that has come: nothing is equal to one that broke at its making.
 */
export const exportOpener =
  (client: Client, sent: Sent, exportId: string = randomUUID()) =>
  async (fromByte: number): Promise<Opened> => {
    const ofThis = fromByte === 0 ? exportId : randomUUID();
    const query = { ...sent.query, exportId: ofThis, ...(fromByte > 0 && { fromByte }) };
    const { signal } = sent;
    return {
      response: await client.send('exportQueryRows', { ...sent, query }),
      made: () =>
        client.call('getQueryExport', {
          params: { id: String(sent.params?.['id']), exportId: ofThis },
          ...(signal && { signal }),
        }),
    };
  };
