import { frameReader } from '#contracts/events/frame-reader.ts';
import { until } from './test-app.ts';

export interface SseFrame {
  readonly event: string;
  readonly id: string | undefined;
  /** The frame's JSON; tests read fields by name. */
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly data: any;
}

export interface SseClient {
  /** Frames so far, pings left out. */
  readonly frames: SseFrame[];
  /** The id of the last frame that had one: what a browser would send as `Last-Event-ID`. */
  lastId(): string | undefined;
  /** Whether the server has ended the stream. */
  isEnded(): boolean;
  untilFrame(isWanted: (frame: SseFrame) => boolean): Promise<SseFrame>;
  untilEnd(): Promise<unknown>;
  close(): void;
}

/** Opens a stream of server-sent events, as a machine does: with `Authorization`. @throws where it is refused */
export async function openSse(
  url: string,
  { token, lastId, workspace }: { token: string; lastId?: string | undefined; workspace?: string },
): Promise<SseClient> {
  const closing = new AbortController();
  const answer = await fetch(url, {
    signal: closing.signal,
    headers: {
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
      ...(lastId !== undefined && { 'last-event-id': lastId }),
      ...(workspace !== undefined && { 'x-workspace': workspace }),
    },
  });
  if (!answer.ok || !answer.body)
    throw Object.assign(new Error(`GET ${url} → ${answer.status}`), {
      status: answer.status,
      body: await answer.json(),
    });
  const frames: SseFrame[] = [];
  let isEnded = false;
  const read = async (body: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    const cut = frameReader(({ event, id, data }) => {
      if (event !== 'ping') frames.push({ event, id, data: JSON.parse(data || 'null') });
    });
    for await (const bytes of body) cut(decoder.decode(bytes, { stream: true }));
  };
  // A cut connection is an end like any other: what matters is which frames came before.
  void read(answer.body)
    .catch(() => {})
    .finally(() => (isEnded = true));
  return {
    frames,
    lastId: () => frames.findLast(({ id }) => id !== undefined)?.id,
    isEnded: () => isEnded,
    untilFrame: (isWanted) => until(() => frames.find(isWanted), 10),
    untilEnd: () => until(() => isEnded, 10),
    close: () => closing.abort(),
  };
}
