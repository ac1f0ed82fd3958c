import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Sent } from './client.ts';
import { Refused } from './exits.ts';
import { type Frame, framesOf } from './frames.ts';

/** So often in a row a stream may break soon after its beginning. */
const mostBreaks = 5;
/** What has held so long was a good stream, though nothing came by it. */
const goodMs = 30_000;

/**
 * The frames of a stream until its frame `end`, or for ever. Where it breaks it is opened again after the last frame, so
 * that none is missed and none comes twice. @throws Refused where the server stays away
 */
export async function* followStream(client: Client, id: string, sent: Sent): AsyncGenerator<Frame> {
  let lastId: string | undefined;
  let isFirst = true;
  for (let breaks = 0; ;) {
    const headers: Record<string, string> = { ...sent.headers, accept: 'text/event-stream' };
    if (lastId !== undefined) headers['last-event-id'] = lastId;
    const response = await client.send(id, { ...sent, headers });
    const openedAt = performance.now();
    try {
      for await (const frame of framesOf(response)) {
        lastId = frame.id ?? lastId;
        const isHello = frame.event === 'hello';
        if (!isHello) breaks = 0;
        if (!isHello || isFirst) yield frame;
        if (frame.event === 'end') return;
      }
    } catch (error) {
      // `fetch` throws this where the connection breaks.
      if (sent.signal?.aborted || !(error instanceof TypeError)) throw error;
    }
    isFirst = false;
    if (performance.now() - openedAt > goodMs) breaks = 0;
    if (++breaks > mostBreaks)
      throw new Refused({ code: 'network.unreachable', message: 'The stream breaks off again and again.' });
    await sleep(250 * 2 ** breaks, undefined, { signal: sent.signal });
  }
}
