import { get } from 'node:http';
import { z } from 'zod';
import { type SseFrame, frameReader } from '#contracts/events/frame-reader.ts';
import type { Api } from './api.ts';

const Ended = z.object({ run: z.string(), data: z.object({ status: z.string() }) });

/** Hears `run.ended` on the event stream, as the console and every other client does. */
export interface Endings {
  /** When and how this run ended; resolves at once where it has already. */
  of(runId: string): Promise<{ at: number; status: string }>;
  close(): void;
}

/** Opens one event stream over HTTP with the key of this client. */
export function hearEndings(api: Api): Promise<Endings> {
  const seen = new Map<string, { at: number; status: string }>();
  const waiting = new Map<string, (end: { at: number; status: string }) => void>();
  const hear = (frame: SseFrame): void => {
    const at = performance.now();
    if (frame.event !== 'run.ended') return;
    const { run, data } = Ended.parse(JSON.parse(frame.data));
    const end = { at, status: data.status };
    const tell = waiting.get(run);
    if (tell) {
      waiting.delete(run);
      tell(end);
    } else seen.set(run, end);
  };
  return new Promise((done, fail) => {
    const asking = get(`${api.url}/api/v1/events?types=run.ended`, {
      headers: { ...api.headers, accept: 'text/event-stream' },
      agent: false,
    });
    asking.once('error', fail).once('response', (answer) => {
      if (answer.statusCode !== 200) return fail(new Error(`The event stream answered ${answer.statusCode}.`));
      answer.socket.setNoDelay(true);
      answer.setEncoding('utf8').on('data', frameReader(hear));
      done({
        of: (runId) => {
          const end = seen.get(runId);
          seen.delete(runId);
          return end ? Promise.resolve(end) : new Promise((tell) => waiting.set(runId, tell));
        },
        close: () => asking.destroy(),
      });
    });
  });
}
