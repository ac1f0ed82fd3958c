import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Sent } from './client.ts';
import { Refused, isAway } from './exits.ts';
import { type Frame, framesOf } from './frames.ts';

/** So long a server may be away, or break every stream at its beginning, before it is given up. */
const patienceMs = 5 * 60_000;
/** What has held so long was a good stream, though nothing came by it. */
const goodMs = 30_000;
const mostWaitMs = 5_000;

/**
 * The frames of a stream until its frame `end`, or for ever. Where it breaks it is opened again after the last frame, so
 * that none is missed and none comes twice. @throws Refused where it is refused, or the server stays away
 */
export async function* followStream(client: Client, id: string, sent: Sent): AsyncGenerator<Frame> {
  let lastId: string | undefined;
  let isFirst = true;
  let goodAt = performance.now();
  for (let breaks = 0; ; breaks++) {
    const headers: Record<string, string> = { ...sent.headers, accept: 'text/event-stream' };
    if (lastId !== undefined) headers['last-event-id'] = lastId;
    const openedAt = performance.now();
    try {
      const response = await client.send(id, { ...sent, headers });
      for await (const frame of framesOf(response)) {
        lastId = frame.id ?? lastId;
        const isHello = frame.event === 'hello';
        if (!isHello || isFirst) yield frame;
        if (frame.event === 'end') return;
        isFirst = false;
        if (isHello) continue;
        goodAt = performance.now();
        breaks = 0;
      }
    } catch (error) {
      // `fetch` throws a TypeError where the connection breaks.
      if (sent.signal?.aborted || (!(error instanceof TypeError) && !(isAway(error) && !isFirst))) throw error;
    }
    if (performance.now() - openedAt > goodMs) goodAt = performance.now();
    if (performance.now() - goodAt > patienceMs)
      throw new Refused({ code: 'network.unreachable', message: 'The stream breaks off again and again.' });
    await sleep(Math.min(250 * 2 ** breaks, mostWaitMs), undefined, { signal: sent.signal });
  }
}
